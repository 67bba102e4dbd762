using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Connections;

/// <summary>Connects people with Salesforce users and keeps the rules of F9: allowed organizations, one person per Salesforce user, old links parked.</summary>
public sealed partial class ConnectionService(
    IDbContextFactory<TaskSyncDb> databases,
    SalesforceOAuth oauth,
    SalesforceApi api,
    ApiCallCounter counter,
    TokenVault vault,
    ChangeFeed feed,
    IOptions<SalesforceOptions> options,
    TimeProvider time,
    ILogger<ConnectionService> logger)
{
    private const string Parked = "You are connected to Salesforce as somebody else now.";
    private readonly ConnectionRules _rules = new(options);

    /// <summary>Connects the person as the user who granted. The same user again revives the old connection; another user parks it and unticks sync.</summary>
    /// <exception cref="InvalidOperationException">There is no such person.</exception>
    public async Task<ConnectResult> ConnectAsync(Guid personId, TokenGrant grant, CancellationToken cancellationToken)
    {
        if (grant.RefreshToken is null)
        {
            return await RefuseAsync(grant, new ConnectResult.Refused(ConnectRefusal.NoRefreshToken, SalesforceErrors.Explain(FailureCodes.NoRefreshToken, null)));
        }

        SalesforceIdentity identity;
        try
        {
            identity = await oauth.IdentifyAsync(grant, cancellationToken);
        }
        catch (SalesforceCallException e)
        {
            // Nobody keeps the tokens: they would stay good in Salesforce.
            await RevokeOpenAsync(grant.RefreshToken ?? grant.AccessToken);
            return new ConnectResult.Failed(e.Failure);
        }

        return await StoreAsync(personId, grant, identity, cancellationToken);
    }

    /// <summary>Unticks, forgets the tokens and revokes the grant; links are kept. Never blocked by Salesforce; does nothing without a connection.</summary>
    public async Task DisconnectAsync(Guid personId, CancellationToken cancellationToken)
    {
        var refreshToken = await SaveAsync(async db =>
        {
            if (await CurrentOfAsync(db, personId, cancellationToken) is not { } connectionId)
            {
                return null;
            }

            await SyncSwitch.StopAsync(db, personId, cancellationToken);
            var connection = await db.Connections.SingleAsync(c => c.Id == connectionId, cancellationToken);
            var token = connection.RefreshToken;
            Forget(connection, ConnectionState.Disconnected, reason: null);
            return token;
        });
        feed.Publish(personId);
        await RevokeAsync(refreshToken);
    }

    private async Task<ConnectResult> StoreAsync(Guid personId, TokenGrant grant, SalesforceIdentity identity, CancellationToken cancellationToken)
    {
        // Sealed before the transaction: the first use of the key ring writes to the database as well.
        var tokens = (vault.Seal(grant.AccessToken), vault.Seal(grant.RefreshToken!));
        ConnectResult.Refused? refusal = null;
        var change = await SaveAsync(async db =>
        {
            refusal = await _rules.WhyNotAsync(db, personId, identity, cancellationToken);
            return refusal is null ? await ApplyAsync(db, personId, grant, identity, tokens, cancellationToken) : null;
        });
        if (change is null)
        {
            return await RefuseAsync(grant, refusal!);
        }

        counter.Count(change.ConnectionId, ApiPurpose.Connect);
        LogConnected(logger, change.ConnectionId, change.SyncTurnedOff);
        foreach (var token in change.TokensToRevoke)
        {
            await RevokeAsync(token);
        }

        var failure = await ReadSchemaAsync(change.ConnectionId, cancellationToken);
        feed.Publish(personId);
        return new ConnectResult.Connected(change.ConnectionId, change.SyncTurnedOff, failure);
    }

    private async Task<Change> ApplyAsync(
        TaskSyncDb db, Guid personId, TokenGrant grant, SalesforceIdentity identity, (string Access, string Refresh) tokens, CancellationToken cancellationToken)
    {
        var before = await CurrentOfAsync(db, personId, cancellationToken);
        var all = await db.Connections.Where(c => c.PersonId == personId && c.Kind == ConnectionKind.Rep).ToListAsync(cancellationToken);
        var connection = all.SingleOrDefault(c => c.OrganizationId == identity.OrganizationId && c.UserId == identity.UserId);
        var others = all.Where(c => c != connection && c.State != ConnectionState.Parked).ToList();
        var oldTokens = others.Select(c => c.RefreshToken).OfType<string>().ToList();
        if (connection is null)
        {
            connection = New(personId, grant, identity);
            db.Connections.Add(connection);
        }

        others.ForEach(other => Forget(other, ConnectionState.Parked, Parked));

        connection.AccessToken = tokens.Access;
        connection.RefreshToken = tokens.Refresh;
        connection.InstanceUrl = grant.InstanceUrl;
        connection.State = ConnectionState.Active;
        connection.StateReason = null;
        connection.BackOffUntil = null;
        connection.BackOffReason = null;
        connection.Username = identity.Username;
        connection.DisplayName = identity.DisplayName;
        connection.OrganizationName = identity.OrganizationName;
        connection.IsSandbox = identity.IsSandbox;
        connection.UserTimeZone = identity.TimeZone;
        connection.ConnectedAt = time.GetUtcNow();

        var isAnother = before is not null && before != connection.Id;
        if (isAnother)
        {
            await SyncSwitch.StopAsync(db, personId, cancellationToken);
        }

        var person = await db.People.SingleOrDefaultAsync(p => p.Id == personId, cancellationToken)
            ?? throw new InvalidOperationException("There is no such person.");
        person.ConnectionId = connection.Id;
        return new Change(connection.Id, isAnother, oldTokens);
    }

    private static Task<Guid?> CurrentOfAsync(TaskSyncDb db, Guid personId, CancellationToken cancellationToken) =>
        db.People.Where(p => p.Id == personId).Select(p => p.ConnectionId).SingleOrDefaultAsync(cancellationToken);

    private static Connection New(Guid personId, TokenGrant grant, SalesforceIdentity identity)
    {
        var id = NewId.Next();
        return new Connection
        {
            Id = id,
            PersonId = personId,
            Shard = Shards.Of(id),
            OrganizationId = identity.OrganizationId,
            UserId = identity.UserId,
            Username = identity.Username,
            DisplayName = identity.DisplayName,
            OrganizationName = identity.OrganizationName,
            InstanceUrl = grant.InstanceUrl,
        };
    }

    private static void Forget(Connection connection, ConnectionState state, string? reason)
    {
        connection.State = state;
        connection.StateReason = reason;
        connection.AccessToken = null;
        connection.RefreshToken = null;
    }

    /// <summary>
    /// All or nothing, and as if one after the other: who is first decides which organization is the one, and who has a Salesforce user. Done again
    /// when somebody else saved the same rows in between. No call to Salesforce belongs in here: everybody else who connects would wait for it.
    /// </summary>
    private async Task<T> SaveAsync<T>(Func<TaskSyncDb, Task<T>> changeAsync)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
            await using var transaction = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, CancellationToken.None);
            var result = await changeAsync(db);
            try
            {
                await db.SaveChangesAsync(CancellationToken.None);
                await transaction.CommitAsync(CancellationToken.None);
                return result;
            }
            catch (Exception e) when (attempt < 10 && UnitOfWork.IsRace(e))
            {
                // Read again.
            }
        }
    }

    private async Task<CallFailure?> ReadSchemaAsync(Guid connectionId, CancellationToken cancellationToken)
    {
        try
        {
            await api.ReadSchemaAsync(Caller.Unasked(connectionId), cancellationToken);
            return null;
        }
        catch (SalesforceCallException e)
        {
            return e.Failure;
        }
    }

    private async Task<ConnectResult> RefuseAsync(TokenGrant grant, ConnectResult.Refused refusal)
    {
        LogRefused(logger, refusal.Reason);
        await RevokeOpenAsync(grant.RefreshToken ?? grant.AccessToken);
        return refusal;
    }

    private async Task RevokeAsync(string? sealedToken)
    {
        if (vault.TryOpen(sealedToken, out var token))
        {
            await RevokeOpenAsync(token);
        }
    }

    /// <summary>As well as can be: a grant that could not be revoked is of no use to us any more either.</summary>
    private async Task RevokeOpenAsync(string token)
    {
        try
        {
            await oauth.RevokeAsync(token, CancellationToken.None);
        }
        catch (SalesforceCallException e)
        {
            LogNotRevoked(logger, e.Failure.Code);
        }
    }

    private sealed record Change(Guid ConnectionId, bool SyncTurnedOff, IReadOnlyList<string> TokensToRevoke);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connection {ConnectionId} is active; sync turned off because it is another Salesforce user: {TurnedOff}")]
    private static partial void LogConnected(ILogger logger, Guid connectionId, bool turnedOff);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A Salesforce connection was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, ConnectRefusal reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "A Salesforce grant could not be revoked: {Code}")]
    private static partial void LogNotRevoked(ILogger logger, string code);
}
