using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Connections;

/// <summary>A reader to store.</summary>
/// <param name="AdminId">Who set it up.</param>
/// <param name="Grant">What it signed in with.</param>
/// <param name="Identity">Whom it signed in as.</param>
/// <param name="Tokens">The tokens, encrypted.</param>
/// <param name="SignIn">How it signs in.</param>
/// <param name="SealedKey">Its private key, encrypted; null for none of its own.</param>
public sealed record NewReader(Guid AdminId, TokenGrant Grant, SalesforceIdentity Identity, SealedTokens Tokens, ReaderSignIn SignIn, string? SealedKey);

/// <summary>Stores the readers of orgs. Makes no call to Salesforce.</summary>
public sealed class ReaderStore(IDbContextFactory<TaskSyncDb> databases, ConnectionRules rules, TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>Puts a reader in the place of the one that the org had, unless the rules forbid the org.</summary>
    /// <returns>Why not, or the sealed token of the former reader.</returns>
    public Task<(ConnectResult.Refused? Refusal, string? FormerToken)> ReplaceAsync(Guid id, NewReader reader, CancellationToken cancellationToken) =>
        databases.SerializeAsync<(ConnectResult.Refused? Refusal, string? FormerToken)>(
            async db =>
            {
                if (await rules.WhyNotOrganizationAsync(db, reader.Identity, cancellationToken) is { } refusal)
                {
                    return (refusal, null);
                }

                string? formerToken = null;
                if (await db.Readers.Include(r => r.Connection).FirstOrDefaultAsync(r => r.OrganizationId == reader.Identity.OrganizationId, cancellationToken) is { } former)
                {
                    formerToken = await TakeAwayAsync(db, former, cancellationToken);

                    // The database allows one active reader per user: the old one ends before the new one begins.
                    await db.SaveChangesAsync(cancellationToken);
                }

                Add(db, id, reader);
                return (null, formerToken);
            },
            cancellationToken);

    /// <summary>Has the reader examined by its next cycle.</summary>
    public async Task AskForExaminationAsync(Guid readerId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Readers.Where(r => r.ConnectionId == readerId).ExecuteUpdateAsync(set => set.SetProperty(r => r.CheckedAt, (DateTimeOffset?)null), cancellationToken);
        await db.Connections.Where(c => c.Id == readerId).ExecuteUpdateAsync(set => set.SetProperty(c => c.BackOffUntil, (DateTimeOffset?)null), cancellationToken);
    }

    /// <summary>Takes a reader away: everybody of its org reads alone from where it has got.</summary>
    /// <returns>The org and the sealed token to revoke; null when there is no such reader.</returns>
    public Task<(string OrganizationId, string? Token)?> RemoveAsync(Guid readerId, CancellationToken cancellationToken) =>
        databases.TransactAsync<(string OrganizationId, string? Token)?>(
            async db => await db.Readers.Include(r => r.Connection).FirstOrDefaultAsync(r => r.ConnectionId == readerId, cancellationToken) is { } reader
                ? (reader.OrganizationId, await TakeAwayAsync(db, reader, cancellationToken))
                : null,
            cancellationToken);

    private void Add(TaskSyncDb db, Guid id, NewReader reader)
    {
        var (adminId, grant, identity, tokens, signIn, sealedKey) = reader;
        var now = time.GetUtcNow();
        db.Connections.Add(new Connection
        {
            Id = id,
            Kind = ConnectionKind.Reader,
            PersonId = adminId,
            Shard = Shards.Of(id, options.Value.Shards),
            OrganizationId = identity.OrganizationId,
            UserId = identity.UserId,
            Username = identity.Username,
            DisplayName = identity.DisplayName,
            OrganizationName = identity.OrganizationName,
            IsSandbox = identity.IsSandbox,
            InstanceUrl = grant.InstanceUrl,
            AccessToken = tokens.Access,
            RefreshToken = tokens.Refresh,
            ConnectedAt = now,
        });
        db.Readers.Add(new OrgReader
        {
            ConnectionId = id,
            OrganizationId = identity.OrganizationId,
            SignIn = signIn,
            SealedKey = sealedKey,
            StateReason = "It was set up just now and has not been examined yet.",
            StateSince = now,
        });
    }

    /// <returns>The sealed token to revoke.</returns>
    private static async Task<string?> TakeAwayAsync(TaskSyncDb db, OrgReader reader, CancellationToken cancellationToken)
    {
        await Following.LeaveAsync(db, reader.OrganizationId, null, cancellationToken);
        var connection = reader.Connection!;
        var token = connection.RefreshToken ?? connection.AccessToken;
        connection.State = ConnectionState.Disconnected;
        (connection.AccessToken, connection.RefreshToken) = (null, null);
        db.Readers.Remove(reader);
        return token;
    }
}
