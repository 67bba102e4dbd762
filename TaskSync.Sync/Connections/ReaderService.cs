using Microsoft.Extensions.Logging;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Connections;

/// <summary>Sets an org's reader up and takes it away, for admins alone.</summary>
public sealed partial class ReaderService(ReaderStore store, SalesforceGrants grants, ReaderRoster roster, SyncDoorbell doorbell, ILogger<ReaderService> logger)
{
    /// <summary>Takes the user who signed in in the browser as the reader of their org, in place of the one it had.</summary>
    public async Task<ConnectResult> ConnectAsync(Actor admin, TokenGrant grant, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        return grant.RefreshToken is null
            ? await RefuseAsync(grant, new ConnectResult.Refused(ConnectRefusal.NoRefreshToken, SalesforceErrors.Explain(FailureCodes.NoRefreshToken, null)))
            : await ConnectAsync(admin.Id, grant, ReaderSignIn.Browser, sealedKey: null, cancellationToken);
    }

    /// <summary>Signs in as this user with a certificate (JWT bearer flow) and takes it as the reader of its org.</summary>
    /// <param name="admin">Who asks.</param>
    /// <param name="username">The integration user's.</param>
    /// <param name="privateKey">PEM, kept encrypted; null to use the key of the configuration.</param>
    /// <param name="cancellationToken">Stops before anything is stored.</param>
    public async Task<ConnectResult> ConnectAsync(Actor admin, string username, string? privateKey, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        try
        {
            var grant = await grants.AssertAsync(username.Trim(), privateKey, cancellationToken);
            return await ConnectAsync(admin.Id, grant, ReaderSignIn.Certificate, privateKey is null ? null : grants.Seal(privateKey), cancellationToken);
        }
        catch (SalesforceCallException e)
        {
            return new ConnectResult.Failed(e.Failure);
        }
    }

    /// <summary>Why this text cannot be the private key of a reader, null when it can.</summary>
    public static string? WhyNoKey(string pem) => Assertion.WhyNoKey(pem);

    /// <summary>Has the reader examined now, whether it serves or stands by.</summary>
    public async Task ExamineAsync(Actor admin, Guid readerId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await store.AskForExaminationAsync(readerId, cancellationToken);
        doorbell.Ring(readerId, readChanges: true);
    }

    /// <summary>Everybody of the org reads alone from where the reader has got; its grant is revoked and its key forgotten.</summary>
    public async Task RemoveAsync(Actor admin, Guid readerId, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        if (await store.RemoveAsync(readerId, cancellationToken) is var (organization, token))
        {
            LogRemoved(admin.Id, readerId);
            await grants.RevokeAsync(token);
            await roster.RingAloneAsync(organization, cancellationToken);
        }
    }

    private async Task<ConnectResult> ConnectAsync(Guid adminId, TokenGrant grant, ReaderSignIn signIn, string? sealedKey, CancellationToken cancellationToken)
    {
        SalesforceIdentity identity;
        try
        {
            identity = await grants.IdentifyAsync(grant, cancellationToken);
        }
        catch (SalesforceCallException e)
        {
            return new ConnectResult.Failed(e.Failure);
        }

        var id = Guid.CreateVersion7();
        var (refusal, formerToken) = await store.ReplaceAsync(id, new NewReader(adminId, grant, identity, grants.Seal(grant), signIn, sealedKey), cancellationToken);
        if (refusal is not null)
        {
            return await RefuseAsync(grant, refusal);
        }

        LogSetUp(adminId, id, signIn);
        await grants.RevokeAsync(formerToken);
        doorbell.Ring(id, readChanges: true);
        return new ConnectResult.Connected(id, SyncTurnedOff: false, SchemaFailure: null);
    }

    private async Task<ConnectResult> RefuseAsync(TokenGrant grant, ConnectResult.Refused refusal)
    {
        await grants.RevokeAsync(grant);
        return refusal;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} set up reader {ReaderId}, signing in by {SignIn}.")]
    private partial void LogSetUp(Guid adminId, Guid readerId, ReaderSignIn signIn);

    [LoggerMessage(Level = LogLevel.Information, Message = "Admin {AdminId} took reader {ReaderId} away.")]
    private partial void LogRemoved(Guid adminId, Guid readerId);
}
