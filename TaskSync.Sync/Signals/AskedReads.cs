using System.Collections.Concurrent;

namespace TaskSync.Sync.Signals;

/// <summary>What became of "Sync now", or of a page that was opened.</summary>
public enum AskedRead
{
    /// <summary>There is nothing to look at: sync is off, or there is no such person.</summary>
    Off,

    /// <summary>The engine looks now.</summary>
    Looking,

    /// <summary>Somebody asked a moment ago: that look counts for both.</summary>
    JustLooked,
}

/// <summary>
/// Reads that people ask for: "Sync now", whoever presses it, and opening a page. Each is a call to Salesforce, so one connection is looked at once
/// in a few seconds, however many ask.
/// </summary>
public sealed class AskedReads(SyncDoorbell doorbell, TimeProvider time)
{
    /// <summary>The time between two looks that somebody asked for.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _askedAt = new();

    /// <summary>The rep opened a page: what it shows should be fresh, and from now on changes are read as often as for an open page.</summary>
    public void Arrive(Guid connectionId)
    {
        if (Ask(connectionId) == AskedRead.JustLooked)
        {
            doorbell.Ring(connectionId);
        }
    }

    /// <summary>Another instance asked.</summary>
    internal void Hear(Guid connectionId) => _askedAt[connectionId] = time.GetUtcNow();

    /// <summary>Has a connection looked at now, unless it just was.</summary>
    public AskedRead Ask(Guid connectionId)
    {
        var now = time.GetUtcNow();
        while (true)
        {
            if (!_askedAt.TryGetValue(connectionId, out var before))
            {
                if (!_askedAt.TryAdd(connectionId, now))
                {
                    continue;
                }
            }
            else if (now - before < Interval)
            {
                return AskedRead.JustLooked;
            }
            else if (!_askedAt.TryUpdate(connectionId, now, before))
            {
                continue;
            }

            doorbell.Ring(connectionId, readChanges: true);
            return AskedRead.Looking;
        }
    }
}
