namespace TaskSync.Sync.Salesforce;

/// <summary>Connects people with Salesforce users (F9).</summary>
public sealed class ConnectionService
{
    /// <summary>Connects the person as the user who granted, or says why not.</summary>
    public Task<ConnectResult> ConnectAsync(Guid personId, TokenGrant grant, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Unticks, forgets the tokens and revokes the grant; links are kept. Does nothing without a connection.</summary>
    public Task DisconnectAsync(Guid personId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Salesforce no longer accepts the sign-in: changes wait until the rep reconnects.</summary>
    /// <param name="connectionId">An active connection; others are left as they are.</param>
    /// <param name="reason">Plain words for the rep.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task MarkNeedsReconnectAsync(Guid connectionId, string reason, CancellationToken cancellationToken) => throw new NotImplementedException();
}
