using TaskSync.Sync.Data;

namespace TaskSync.Sync.Engine;

/// <summary>
/// What the engine knows of a connection beyond the database, all of it dispensable: after a restart it is worked out anew.
/// Keeping it in memory is what lets an idle poll write nothing.
/// </summary>
internal sealed class ConnectionPulse
{
    private Fence? _fence;
    private int _entered;

    /// <summary>One cycle of a connection at a time, whatever fails. False when one is under way.</summary>
    public bool TryEnter() => Interlocked.CompareExchange(ref _entered, 1, 0) == 0;

    /// <summary>The cycle has ended.</summary>
    public void Leave() => Volatile.Write(ref _entered, 0);

    /// <summary>What the last cycle worked under; null before the first.</summary>
    public Fence? Fence => _fence;

    /// <summary>What was done last in this cycle; null at its start. A duty of the agenda.</summary>
    public object? Last { get; set; }

    /// <summary>Duties in a row that brought no progress.</summary>
    public int Fruitless { get; set; }

    /// <summary>Called at the start of a round. Somebody else had the shard meanwhile, or the database is another one: what is known counts no more.</summary>
    public void Hold(Fence fence)
    {
        if (_fence is { } held && held != fence)
        {
            (NextPollAt, FastReached, HeartbeatAt, Ahead) = (default, default, default, null);
        }

        _fence = fence;
    }

    /// <summary>When to read changes next, as far as the budget allows; long past when somebody asked for it.</summary>
    public DateTimeOffset NextPollAt { get; set; }

    /// <summary>When changes were last read.</summary>
    public DateTimeOffset PolledAt { get; set; }

    /// <summary>When something was last sent.</summary>
    public DateTimeOffset PushedAt { get; set; }

    /// <summary>The last call, of either kind.</summary>
    public DateTimeOffset CalledAt => PolledAt > PushedAt ? PolledAt : PushedAt;

    /// <summary>How far the fast poll has read, in Salesforce's time; ahead of the stored cursor while nothing happens.</summary>
    public DateTimeOffset FastReached { get; set; }

    /// <summary>Rows that the last call of a push read for the next one; null when there are none, or another read came between.</summary>
    public FreshRows? Ahead { get; set; }

    /// <summary>The next page of an import, read while the one before is stored; null when none is, or another duty came between. An import that waits for others reads none: each is some megabytes.</summary>
    public PageAhead? PageAhead { get; set; }

    /// <summary>The page that was read ahead is not wanted. Its read has ended when this returns.</summary>
    public async Task DropPageAsync()
    {
        if (PageAhead is { } page)
        {
            PageAhead = null;
            await page.DropAsync();
        }
    }

    /// <summary>Others wait for their turn: what could be done ahead for this connection is left.</summary>
    public bool IsCrowded { get; set; }

    /// <summary>The last Salesforce id that a sweep has looked at; null when the next one begins with the first. A restart begins anew.</summary>
    public string? VerifiedUpTo { get; set; }

    /// <summary>When the first write is due, as the last cycle saw it (UTC); null when nothing waited.</summary>
    public DateTimeOffset? WriteDueAt { get; set; }

    /// <summary>When the heartbeat was last written.</summary>
    public DateTimeOffset HeartbeatAt { get; set; }

    /// <summary>Whole-call failures in a row.</summary>
    public int Failures { get; set; }

    /// <summary>Cycles that failed for a reason of our own, since everything that was due was done.</summary>
    public int Faults { get; set; }
}
