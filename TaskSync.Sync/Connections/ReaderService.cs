using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Connections;

/// <summary>Sets an org's reader up and takes it away. The page checks that an admin asks.</summary>
public sealed partial class ReaderService(
    IDbContextFactory<TaskSyncDb> databases, SalesforceOAuth oauth, ReaderKeys keys, ReaderRoster roster, TokenVault vault, SyncDoorbell doorbell,
    IOptions<SalesforceOptions> options, TimeProvider time, ILogger<ReaderService> logger)
{
    private readonly ConnectionRules _rules = new(options);

    /// <summary>Takes the user who signed in in the browser as the reader of their org, in place of the one it had.</summary>
    public Task<ConnectResult> ConnectAsync(Guid adminId, TokenGrant grant, CancellationToken cancellationToken) => grant.RefreshToken is null
        ? RefuseAsync(grant, new ConnectResult.Refused(ConnectRefusal.NoRefreshToken, SalesforceErrors.Explain(FailureCodes.NoRefreshToken, null)))
        : ConnectAsync(adminId, grant, ReaderSignIn.Browser, sealedKey: null, cancellationToken);

    /// <summary>Signs in as this user with a certificate (JWT bearer flow) and takes it as the reader of its org.</summary>
    /// <param name="adminId">Who asks.</param>
    /// <param name="username">The integration user's.</param>
    /// <param name="privateKey">PEM, kept encrypted; null to use the key of the configuration.</param>
    /// <param name="cancellationToken">Stops before anything is stored.</param>
    public async Task<ConnectResult> ConnectAsync(Guid adminId, string username, string? privateKey, CancellationToken cancellationToken)
    {
        try
        {
            var grant = await oauth.AssertAsync(username.Trim(), privateKey ?? keys.Configured(), cancellationToken);
            return await ConnectAsync(adminId, grant, ReaderSignIn.Certificate, privateKey is null ? null : vault.Seal(privateKey), cancellationToken);
        }
        catch (SalesforceCallException e)
        {
            return new ConnectResult.Failed(e.Failure);
        }
    }

    /// <summary>Why this text cannot be the private key of a reader, null when it can.</summary>
    public static string? WhyNoKey(string pem) => Assertion.WhyNoKey(pem);

    /// <summary>Has the reader examined now, whether it serves or stands by.</summary>
    public async Task ExamineAsync(Guid readerId, CancellationToken cancellationToken)
    {
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            await db.Readers.Where(r => r.ConnectionId == readerId).ExecuteUpdateAsync(set => set.SetProperty(r => r.CheckedAt, (DateTimeOffset?)null), cancellationToken);
            await db.Connections.Where(c => c.Id == readerId).ExecuteUpdateAsync(set => set.SetProperty(c => c.BackOffUntil, (DateTimeOffset?)null), cancellationToken);
        }

        doorbell.Ring(readerId, readChanges: true);
    }

    /// <summary>Everybody of the org reads alone from where the reader has got; its grant is revoked and its key forgotten.</summary>
    public async Task RemoveAsync(Guid readerId, CancellationToken cancellationToken)
    {
        string? token = null;
        string? organization = null;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            if (await db.Readers.Include(r => r.Connection).FirstOrDefaultAsync(r => r.ConnectionId == readerId, cancellationToken) is { } reader)
            {
                (token, organization) = (await TakeAwayAsync(db, reader, cancellationToken), reader.OrganizationId);
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
        }

        if (organization is not null)
        {
            LogRemoved(readerId);
            await RevokeAsync(token);
            await roster.RingAllAsync(organization, cancellationToken);
        }
    }

    private async Task<ConnectResult> ConnectAsync(Guid adminId, TokenGrant grant, ReaderSignIn signIn, string? sealedKey, CancellationToken cancellationToken)
    {
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

        // Sealed before the transaction: the first use of the key ring writes to the database as well.
        var tokens = (Access: vault.Seal(grant.AccessToken), Refresh: grant.RefreshToken is { } refresh ? vault.Seal(refresh) : null);
        var id = Guid.CreateVersion7();
        var (refusal, formerToken) = await ReplaceAsync(identity, db => Add(db, id, adminId, grant, identity, tokens, signIn, sealedKey), cancellationToken);
        if (refusal is not null)
        {
            return await RefuseAsync(grant, refusal);
        }

        LogSetUp(id, signIn);
        await RevokeAsync(formerToken);
        doorbell.Ring(id, readChanges: true);
        return new ConnectResult.Connected(id, SyncTurnedOff: false, SchemaFailure: null);
    }

    /// <summary>Puts a reader in the place of the one that the org had, unless the rules forbid the org. Without a call to Salesforce in between.</summary>
    /// <returns>Why not, or the sealed token of the former reader.</returns>
    private async Task<(ConnectResult.Refused? Refusal, string? FormerToken)> ReplaceAsync(SalesforceIdentity identity, Action<TaskSyncDb> add, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, cancellationToken);
        if (await _rules.WhyNotOrganizationAsync(db, identity, cancellationToken) is { } refusal)
        {
            return (refusal, null);
        }

        string? formerToken = null;
        if (await db.Readers.Include(r => r.Connection).FirstOrDefaultAsync(r => r.OrganizationId == identity.OrganizationId, cancellationToken) is { } former)
        {
            formerToken = await TakeAwayAsync(db, former, cancellationToken);

            // The database allows one active reader per user: the old one ends before the new one begins.
            await db.SaveChangesAsync(cancellationToken);
        }

        add(db);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (null, formerToken);
    }

    private void Add(
        TaskSyncDb db, Guid id, Guid adminId, TokenGrant grant, SalesforceIdentity identity, (string Access, string? Refresh) tokens, ReaderSignIn signIn, string? sealedKey)
    {
        var now = time.GetUtcNow();
        db.Connections.Add(new Connection
        {
            Id = id,
            Kind = ConnectionKind.Reader,
            PersonId = adminId,
            Shard = Shards.Of(id),
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
        await ReaderRoster.LeaveAsync(db, reader.OrganizationId, null, cancellationToken);
        var connection = reader.Connection!;
        var token = connection.RefreshToken ?? connection.AccessToken;
        connection.State = ConnectionState.Disconnected;
        (connection.AccessToken, connection.RefreshToken) = (null, null);
        db.Readers.Remove(reader);
        return token;
    }

    private async Task<ConnectResult> RefuseAsync(TokenGrant grant, ConnectResult.Refused refusal)
    {
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

    private async Task RevokeOpenAsync(string token)
    {
        try
        {
            await oauth.RevokeAsync(token, CancellationToken.None);
        }
        catch (SalesforceCallException)
        {
            // As well as can be; logged where it failed.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Reader {ReaderId} was set up, signing in by {SignIn}")]
    private partial void LogSetUp(Guid readerId, ReaderSignIn signIn);

    [LoggerMessage(Level = LogLevel.Information, Message = "Reader {ReaderId} was taken away")]
    private partial void LogRemoved(Guid readerId);
}
