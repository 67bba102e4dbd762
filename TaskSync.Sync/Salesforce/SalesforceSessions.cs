using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;

namespace TaskSync.Sync.Salesforce;

/// <summary>
/// The current token of each connection. A refresh happens once, whoever asks: threads of one server wait at a gate, other servers at a
/// <see cref="RefreshLease"/> in the database. A rotated refresh token is stored before the new access token is handed out.
/// </summary>
internal sealed partial class SalesforceSessions(
    SessionStore store, SalesforceGrants grants, ConnectionStates states, TimeProvider time, IOptions<SalesforceOptions> options, ILogger<SalesforceSessions> logger)
{
    /// <summary>An address that answers no more is asked about once in so long, per connection: an outage looks the same.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(1);

    /// <summary>How often renewed tokens are stored before the failure is told. Without them the person would have to connect again.</summary>
    private const int StoreTries = 4;

    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _gates = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _addressAskedAt = new();

    /// <summary>The token to use now; refreshed when there is none.</summary>
    /// <exception cref="SalesforceCallException">NOT_CONNECTED, or why the refresh failed. Nothing was sent for the caller: NotApplied.</exception>
    public async Task<SalesforceSession> CurrentAsync(Caller caller, CancellationToken cancellationToken)
    {
        var row = await store.OfAsync(caller, cancellationToken);
        return store.SessionOf(row) ?? await RenewAsync(caller.ConnectionId, usedToken: null, () => true, cancellationToken);
    }

    /// <summary>A token other than the one that Salesforce just refused: somebody else's refresh if there was one, else a new one.</summary>
    public Task<SalesforceSession> AfterRefusalAsync(SalesforceSession refused, CancellationToken cancellationToken) =>
        RenewAsync(refused.ConnectionId, refused.SealedToken, () => true, cancellationToken);

    /// <summary>
    /// A session at another address than the one that just failed: an org moves, and only a refresh tells where to (Salesforce help, "OAuth 2.0 Refresh Token Flow").
    /// </summary>
    /// <returns>Null when the address is the same as before, or cannot be asked for now: then the failure is what it looked like.</returns>
    public async Task<SalesforceSession?> AfterMoveAsync(SalesforceSession old, CallFailure failure, CancellationToken cancellationToken)
    {
        if (failure.HttpStatus is null && old.InstanceUrl == options.Value.LoginUrl.TrimEnd('/'))
        {
            // The token endpoint is at the very address that does not answer.
            return null;
        }

        try
        {
            var now = await RenewAsync(old.ConnectionId, old.SealedToken, () => MayAskForAddress(old.ConnectionId), cancellationToken);
            return now.InstanceUrl == old.InstanceUrl ? null : now;
        }
        catch (SalesforceCallException)
        {
            // Says nothing of the call that failed, which may have been applied.
            return null;
        }
    }

    /// <param name="connectionId">Whose.</param>
    /// <param name="usedToken">The sealed token that was used in vain; null for none.</param>
    /// <param name="mayRefresh">Asked when nobody else has renewed it; false hands out the stored session as it is.</param>
    /// <param name="cancellationToken">Stops waiting for others' refreshes.</param>
    private async Task<SalesforceSession> RenewAsync(Guid connectionId, string? usedToken, Func<bool> mayRefresh, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(connectionId, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                var row = await store.ReadAsync(connectionId, cancellationToken);
                if (RefreshLease.IsRunning(row.AccessToken, time.GetUtcNow()))
                {
                    await Task.Delay(RefreshLease.Wait, time, cancellationToken);
                    continue;
                }

                if (store.SessionOf(row) is { } stored && (row.AccessToken != usedToken || !mayRefresh()))
                {
                    return stored;
                }

                var lease = RefreshLease.Take(time.GetUtcNow());
                if (await store.LeaseAsync(row, lease))
                {
                    // From here on nothing is cancelled: a rotated refresh token that nobody stores would cut the connection.
                    return await RefreshAsync(row, lease);
                }
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<SalesforceSession> RefreshAsync(SessionRow row, string lease)
    {
        var grant = await AskAsync(row, lease);

        // From here on the stored refresh token may be used up: whatever fails, the old one is not put back.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StoreAsync(row, lease, grant);
            }
            catch (Exception e) when (attempt < StoreTries && DatabaseFailures.TroubleOf(e) is not null)
            {
                LogStoredInVain(logger, row.Id, DatabaseFailures.KindOf(e));
            }
        }
    }

    /// <summary>Asks Salesforce. Where that fails the lease ends, and the stored tokens stay.</summary>
    private async Task<TokenGrant> AskAsync(SessionRow row, string lease)
    {
        try
        {
            var grant = await grants.RenewAsync(row);
            return grant.OrganizationId == row.OrganizationId && grant.UserId == row.UserId ? grant
                : throw Failed(FailureCodes.WrongSalesforceUser, "The renewed sign-in belongs to another Salesforce user or organization.");
        }
        catch (SalesforceCallException e) when (e.Failure is { Class: FailureClass.Auth } failure)
        {
            await states.MarkNeedsReconnectAsync(row.Id, SalesforceErrors.Explain(failure.Code, failure.Message), failure.Code, ifTokenIs: lease);
            throw new SalesforceCallException(failure with { NotApplied = true }, e);
        }
        catch (SalesforceCallException e)
        {
            await store.ReplaceAsync(row.Id, lease, row.AccessToken, row.RefreshToken, row.InstanceUrl);
            throw new SalesforceCallException(e.Failure with { NotApplied = true }, e);
        }
        catch
        {
            await store.ReplaceAsync(row.Id, lease, row.AccessToken, row.RefreshToken, row.InstanceUrl);
            throw;
        }
    }

    private async Task<SalesforceSession> StoreAsync(SessionRow row, string lease, TokenGrant grant)
    {
        var tokens = grants.Seal(grant);
        if (await store.ReplaceAsync(row.Id, lease, tokens.Access, tokens.Refresh ?? row.RefreshToken, grant.InstanceUrl))
        {
            LogRefreshed(logger, row.Id, grant.RefreshToken is not null);
            return new SalesforceSession(row.Id, row.OrganizationId, row.UserId, grant.InstanceUrl, grant.AccessToken, tokens.Access);
        }

        // Reconnected, disconnected or taken over while Salesforce was answering: what is stored now decides, and what was rotated is nobody's.
        if (grant.RefreshToken is not null)
        {
            await grants.RevokeAsync(grant);
        }

        var now = await store.ReadAsync(row.Id, CancellationToken.None);
        return store.SessionOf(now) ?? throw Failed(FailureCodes.NotConnected, "The connection changed while its sign-in was renewed.", FailureClass.Intermittent);
    }

    /// <summary>Only the bearer of the gate asks.</summary>
    private bool MayAskForAddress(Guid connectionId)
    {
        var now = time.GetUtcNow();
        if (_addressAskedAt.TryGetValue(connectionId, out var askedAt) && now < askedAt + AskAgain)
        {
            return false;
        }

        _addressAskedAt[connectionId] = now;
        return true;
    }

    private static SalesforceCallException Failed(string code, string message, FailureClass failureClass = FailureClass.Auth) =>
        new(new CallFailure(failureClass, code, message, HttpStatus: null, NotApplied: true));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The renewed sign-in of connection {ConnectionId} could not be stored ({Kind}) and is stored again")]
    private static partial void LogStoredInVain(ILogger logger, Guid connectionId, string kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sign-in of connection {ConnectionId} renewed, refresh token rotated: {Rotated}")]
    private static partial void LogRefreshed(ILogger logger, Guid connectionId, bool rotated);
}
