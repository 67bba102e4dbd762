using Microsoft.Extensions.Logging;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Connections;

/// <summary>Connects people with Salesforce users and keeps the rules of F9: allowed organizations, one person per Salesforce user, old links parked.</summary>
public sealed partial class ConnectionService(ConnectionStore store, SalesforceGrants grants, SalesforceApi api, ApiCallCounter counter, ChangeFeed feed, ILogger<ConnectionService> logger)
{
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
            identity = await grants.IdentifyAsync(grant, cancellationToken);
        }
        catch (SalesforceCallException e)
        {
            return new ConnectResult.Failed(e.Failure);
        }

        return await StoreAsync(personId, grant, identity, cancellationToken);
    }

    /// <summary>Unticks, forgets the tokens and revokes the grant; links are kept. Never blocked by Salesforce; does nothing without a connection.</summary>
    /// <returns>False when Salesforce did not take the grant back.</returns>
    public async Task<bool> DisconnectAsync(Guid personId, CancellationToken cancellationToken)
    {
        var refreshToken = await store.DisconnectAsync(personId, cancellationToken);
        feed.Publish(personId);
        return await grants.RevokeAsync(refreshToken);
    }

    /// <summary>Takes a person out: disconnects, and nobody connects or signs in as them until they are let in again. Whoever calls has asked who asks.</summary>
    /// <returns>False when there is no such person.</returns>
    internal async Task<bool> RemoveAsync(Guid personId, CancellationToken cancellationToken)
    {
        var (known, refreshToken) = await store.RemoveAsync(personId, cancellationToken);
        feed.Publish(personId);
        await grants.RevokeAsync(refreshToken);
        return known;
    }

    private async Task<ConnectResult> StoreAsync(Guid personId, TokenGrant grant, SalesforceIdentity identity, CancellationToken cancellationToken)
    {
        var (refusal, change) = await store.ConnectAsync(personId, grant, identity, grants.Seal(grant), cancellationToken);
        if (refusal is not null)
        {
            return await RefuseAsync(grant, refusal);
        }

        counter.Count(change!.ConnectionId, identity.OrganizationId, ApiPurpose.Connect);
        LogConnected(change.ConnectionId, change.SyncTurnedOff);
        foreach (var token in change.TokensToRevoke)
        {
            await grants.RevokeAsync(token);
        }

        var failure = await ReadSchemaAsync(change.ConnectionId, cancellationToken);
        feed.Publish(personId);
        return new ConnectResult.Connected(change.ConnectionId, change.SyncTurnedOff, failure);
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
        LogRefused(refusal.Reason);
        await grants.RevokeAsync(grant);
        return refusal;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connection {ConnectionId} is active; sync turned off because it is another Salesforce user: {TurnedOff}")]
    private partial void LogConnected(Guid connectionId, bool turnedOff);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A Salesforce connection was refused: {Reason}")]
    private partial void LogRefused(ConnectRefusal reason);
}
