using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>One task as three sides know it: what was last agreed, what is here, what Salesforce shows.</summary>
public sealed record TaskTriple(SideState Base, SideState Local, SideState Remote);

/// <summary>What one side knows of a task.</summary>
public abstract record SideState
{
    private SideState()
    {
    }

    /// <summary>There is no news: never agreed, not here, or not in this read. Never a reason to delete.</summary>
    public static SideState Absent { get; } = new Nothing();

    /// <summary>The task exists with these values.</summary>
    /// <param name="Values">A field missing from them is unknown and takes no part.</param>
    /// <param name="Edited">When each field was edited (UTC, that side's clock), as far as known.</param>
    public sealed record Live(TaskValues Values, FieldTimes Edited) : SideState
    {
        public Live(TaskValues values)
            : this(values, FieldTimes.None)
        {
        }
    }

    /// <summary>The task is <em>known</em> to be deleted: in Salesforce by IsDeleted or getDeleted, here by the person.</summary>
    /// <param name="At">When (UTC, that side's clock), null when unknown.</param>
    /// <param name="Before">For the base: what both had agreed on before; null when unknown. What comes back on both sides is merged against it.</param>
    public sealed record Gone(DateTimeOffset? At, TaskValues? Before = null) : SideState;

    private sealed record Nothing : SideState;
}
