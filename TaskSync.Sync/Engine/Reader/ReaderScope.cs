using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>What one cycle of an org's reader works with, read at its start. The entities are detached: facts, not to be saved.</summary>
public sealed record ReaderScope(OrgReader Reader, Connection Connection, Fence Fence, ClockOffset Clocks, Caller Caller)
{
    /// <summary>What the API budget allows.</summary>
    public required ApiPace Pace { get; init; }

    public Guid Id => Reader.ConnectionId;

    public string OrganizationId => Reader.OrganizationId;

    /// <summary>Our instant in Salesforce's time; the same when the offset is unknown.</summary>
    public DateTimeOffset ToSalesforce(DateTimeOffset ours) => ours + (Clocks.OffsetOf(Reader.OrganizationId) ?? TimeSpan.Zero);
}

/// <summary>What the engine knows of a reader beyond the database, all of it dispensable.</summary>
internal sealed class ReaderPulse
{
    private Fence? _fence;

    /// <summary>Called at the start of a round. Somebody else had the shard meanwhile, or the database is another one: what is known counts no more.</summary>
    /// <returns>Whether that is so.</returns>
    public bool Hold(Fence fence)
    {
        var isAnother = _fence is { } held && held != fence;
        if (isAnother)
        {
            (NextPollAt, FastReached, HeartbeatAt, Roster) = (default, default, default, -1);
            Witnesses.Clear();
        }

        _fence = fence;
        return isAnother;
    }

    /// <summary>What the last cycle worked under; null before the first.</summary>
    public Fence? Fence => _fence;

    public DateTimeOffset NextPollAt { get; set; }

    /// <summary>When a reader that stands by is examined next.</summary>
    public DateTimeOffset NextExaminationAt { get; set; }

    /// <summary>How far the fast poll has read; ahead of the stored cursor while nothing happens. Holds for <see cref="Roster"/> only.</summary>
    public DateTimeOffset FastReached { get; set; }

    public long Roster { get; set; } = -1;

    public DateTimeOffset HeartbeatAt { get; set; }

    public int Failures { get; set; }

    /// <summary>Cycles in a row that failed for a reason of our own.</summary>
    public int Faults { get; set; }

    public DateTimeOffset? FailingSince { get; set; }

    /// <summary>Linked tasks that every poll asks for as well, to see that the reader still sees them: Salesforce id and whose.</summary>
    public Dictionary<string, Guid> Witnesses { get; } = [];

    /// <summary>Polls since the witnesses were chosen.</summary>
    public int WitnessAge { get; set; }
}
