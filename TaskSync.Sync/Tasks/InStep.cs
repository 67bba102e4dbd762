using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>As of when a rep's two sides were in step. Pure.</summary>
internal static class InStep
{
    /// <summary>For who reads alone their own last success; for a follower the reader's, unless it has trouble of its own, and no later than what could have been sent and was not.</summary>
    /// <param name="connection">The rep's.</param>
    /// <param name="readerSucceededAt">When the org's reader last had read everything (UTC); null when it does not read for this connection.</param>
    /// <param name="writeDueAt">When the first of what waits to be sent is, or was, due (UTC); null when nothing waits.</param>
    /// <returns>UTC; null when never.</returns>
    public static DateTimeOffset? AsOf(Connection connection, DateTimeOffset? readerSucceededAt, DateTimeOffset? writeDueAt)
    {
        if (readerSucceededAt is not { } read || connection is not { BackOffUntil: null, FailingSince: null })
        {
            return connection.LastSuccessAt;
        }

        var asOf = writeDueAt < read ? writeDueAt.Value : read;
        return connection.LastSuccessAt > asOf ? connection.LastSuccessAt : asOf;
    }
}
