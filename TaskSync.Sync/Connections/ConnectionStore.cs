using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Connections;

/// <summary>What connecting changed.</summary>
/// <param name="ConnectionId">The connection in use now.</param>
/// <param name="SyncTurnedOff">It is another Salesforce user than before.</param>
/// <param name="TokensToRevoke">Sealed tokens that are of no use any more.</param>
public sealed record ConnectionChange(Guid ConnectionId, bool SyncTurnedOff, IReadOnlyList<string> TokensToRevoke);

/// <summary>Stores who is connected as whom, with the rules of F9. No call to Salesforce: everybody else who connects would wait for it.</summary>
public sealed class ConnectionStore(IDbContextFactory<TaskSyncDb> databases, ConnectionRules rules, TimeProvider time, IOptions<SyncOptions> options)
{
    private const string Parked = "You are connected to Salesforce as somebody else now.";

    /// <summary>Connects the person, unless the rules speak against it.</summary>
    /// <exception cref="InvalidOperationException">There is no such person.</exception>
    public async Task<(ConnectResult.Refused? Refusal, ConnectionChange? Change)> ConnectAsync(
        Guid personId, TokenGrant grant, SalesforceIdentity identity, SealedTokens tokens, CancellationToken cancellationToken) => await SaveAsync(async db =>
    {
        var refusal = await rules.WhyNotAsync(db, personId, identity, cancellationToken);
        return (refusal, refusal is null ? await TakeAsync(db, personId, new Granted(grant, identity, tokens), cancellationToken) : null);
    });

    /// <summary>Unticks sync and forgets the tokens.</summary>
    /// <returns>The sealed token to revoke; null when there is none.</returns>
    public Task<string?> DisconnectAsync(Guid personId, CancellationToken cancellationToken) => SaveAsync(db => DisconnectAsync(db, personId, cancellationToken));

    /// <summary>The same, and nobody connects or signs in as this person until <see cref="Person.RemovedAt"/> is taken away.</summary>
    /// <returns>Whether there is such a person, and the sealed token to revoke.</returns>
    public Task<(bool Known, string? Token)> RemoveAsync(Guid personId, CancellationToken cancellationToken) => SaveAsync(async db =>
    {
        var token = await DisconnectAsync(db, personId, cancellationToken);
        if (await db.People.SingleOrDefaultAsync(p => p.Id == personId, cancellationToken) is not { } person)
        {
            return (false, token);
        }

        person.RemovedAt ??= time.GetUtcNow();
        return (true, token);
    });

    private static async Task<string?> DisconnectAsync(TaskSyncDb db, Guid personId, CancellationToken cancellationToken)
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
    }

    private async Task<ConnectionChange> TakeAsync(TaskSyncDb db, Guid personId, Granted granted, CancellationToken cancellationToken)
    {
        var (grant, identity, tokens) = granted;
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
        connection.FailingSince = null;
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
        return new ConnectionChange(connection.Id, isAnother, oldTokens);
    }

    private static Task<Guid?> CurrentOfAsync(TaskSyncDb db, Guid personId, CancellationToken cancellationToken) =>
        db.People.Where(p => p.Id == personId).Select(p => p.ConnectionId).SingleOrDefaultAsync(cancellationToken);

    private Connection New(Guid personId, TokenGrant grant, SalesforceIdentity identity)
    {
        var id = NewId.Next();
        return new Connection
        {
            Id = id,
            PersonId = personId,
            Shard = Shards.Of(id, options.Value.Shards),
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

    /// <summary>As if one after the other: who is first decides which organization is the one, and who has a Salesforce user. Nobody who leaves the page stops it half way.</summary>
    private Task<T> SaveAsync<T>(Func<TaskSyncDb, Task<T>> changeAsync) => databases.SerializeAsync(changeAsync, CancellationToken.None);

    private sealed record Granted(TokenGrant Grant, SalesforceIdentity Identity, SealedTokens Tokens);
}
