using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Salesforce;

/// <summary>Marks connections whose sign-in Salesforce no longer accepts, and tells the pages.</summary>
internal sealed partial class ConnectionStates(IDbContextFactory<TaskSyncDb> databases, ChangeFeed feed, TimeProvider time, ILogger<ConnectionStates> logger)
{
    /// <summary>Sets NeedsReconnect on an active connection.</summary>
    /// <param name="connectionId">Which one.</param>
    /// <param name="reason">Plain words for the rep.</param>
    /// <param name="code">For the log.</param>
    /// <param name="ifTokenIs">Only while the stored access token is this one: a sign-in that was renewed meanwhile is left alone. Null for any.</param>
    /// <returns>False when the connection is not active, or was renewed meanwhile.</returns>
    public async Task<bool> MarkNeedsReconnectAsync(Guid connectionId, string reason, string code, string? ifTokenIs)
    {
        var now = time.GetUtcNow();

        // Not cancellable: what was learnt here would be lost, and the next call would only learn it again.
        var person = await databases.TransactAsync(
            async db =>
            {
                var connection = db.Connections.Where(c => c.Id == connectionId && c.State == ConnectionState.Active && (ifTokenIs == null || c.AccessToken == ifTokenIs));
                if (await connection.Select(c => new { c.PersonId, c.OrganizationId }).SingleOrDefaultAsync() is not { } known)
                {
                    return (Guid?)null;
                }

                // While it cannot be written to nobody reads for it: the reader would pass it by.
                await Following.LeaveAsync(db, known.OrganizationId, [connectionId], CancellationToken.None);
                var changed = await connection.ExecuteUpdateAsync(
                    set => set.SetProperty(c => c.State, ConnectionState.NeedsReconnect).SetProperty(c => c.StateReason, reason).SetProperty(c => c.FailingSince, c => c.FailingSince ?? now));
                return changed == 0 ? null : known.PersonId;
            },
            CancellationToken.None);
        if (person is not { } personId)
        {
            return false;
        }

        LogNeedsReconnect(logger, connectionId, code);
        feed.Publish(personId);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId} needs to be reconnected: {Code}")]
    private static partial void LogNeedsReconnect(ILogger logger, Guid connectionId, string code);
}
