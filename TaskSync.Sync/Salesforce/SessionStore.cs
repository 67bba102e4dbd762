using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce;

/// <summary>The columns of connections that sign-ins live in. While a sign-in is renewed the place of the access token holds the lease (<see cref="RefreshLease"/>).</summary>
internal sealed class SessionStore(IDbContextFactory<TaskSyncDb> databases, TokenVault vault, IOptions<SalesforceOptions> options)
{
    /// <summary>The connection as its caller has just read it, else as it is stored.</summary>
    /// <exception cref="SalesforceCallException">NOT_CONNECTED: it is not active.</exception>
    public Task<SessionRow> OfAsync(Caller caller, CancellationToken cancellationToken) => caller.JustRead?.TakeSession() is { } c
        ? Task.FromResult(new SessionRow(c.Id, c.Kind, c.Username, c.PersonId, c.OrganizationId, c.UserId, c.InstanceUrl, c.AccessToken, c.RefreshToken, c.State, c.StateReason))
        : ReadAsync(caller.ConnectionId, cancellationToken);

    /// <summary>The connection as it is stored.</summary>
    /// <exception cref="SalesforceCallException">NOT_CONNECTED: it is not active.</exception>
    public async Task<SessionRow> ReadAsync(Guid connectionId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.Connections.Where(c => c.Id == connectionId)
            .Select(c => new SessionRow(c.Id, c.Kind, c.Username, c.PersonId, c.OrganizationId, c.UserId, c.InstanceUrl, c.AccessToken, c.RefreshToken, c.State, c.StateReason))
            .SingleOrDefaultAsync(cancellationToken);
        return row is { State: ConnectionState.Active } ? row : throw new SalesforceCallException(
            new CallFailure(FailureClass.Auth, FailureCodes.NotConnected, row?.StateReason ?? "TaskSync is not connected with Salesforce.", HttpStatus: null, NotApplied: true));
    }

    /// <summary>
    /// Null when the column holds a lease, nothing, or something sealed with lost keys, or when the stored address is none that a token may be sent to
    /// any more (the login host was changed): then a refresh is due.
    /// </summary>
    public SalesforceSession? SessionOf(SessionRow row) =>
        !RefreshLease.Is(row.AccessToken) && SalesforceHosts.IsAcceptable(row.InstanceUrl, options.Value.LoginUrl) && vault.TryOpen(row.AccessToken, out var token)
            ? new SalesforceSession(row.Id, row.OrganizationId, row.UserId, row.InstanceUrl, token, row.AccessToken!)
            : null;

    /// <summary>Takes the right to renew the sign-in, unless somebody changed the row since it was read.</summary>
    public async Task<bool> LeaseAsync(SessionRow row, string lease)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        return await db.Connections
            .Where(c => c.Id == row.Id && c.State == ConnectionState.Active && c.AccessToken == row.AccessToken && c.RefreshToken == row.RefreshToken)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.AccessToken, lease)) == 1;
    }

    /// <summary>Ends a lease with these tokens; false when it is not held any more.</summary>
    public async Task<bool> ReplaceAsync(Guid connectionId, string lease, string? accessToken, string? refreshToken, string instanceUrl)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        return await db.Connections
            .Where(c => c.Id == connectionId && c.AccessToken == lease)
            .ExecuteUpdateAsync(set => set
                .SetProperty(c => c.AccessToken, accessToken)
                .SetProperty(c => c.RefreshToken, refreshToken)
                .SetProperty(c => c.InstanceUrl, instanceUrl)) == 1;
    }
}
