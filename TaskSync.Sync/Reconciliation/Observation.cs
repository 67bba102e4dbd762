using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>What a row tells about one counterpart. A closed set.</summary>
public abstract record Observation
{
    private Observation()
    {
    }

    /// <summary>The row is not this task, or is somebody else's business.</summary>
    public sealed record NotOurs : Observation;

    /// <summary>The row is older than what is known.</summary>
    public sealed record Old : Observation;

    /// <summary>Only another read by id can tell which of two states is the newer.</summary>
    /// <param name="Ids">Salesforce ids, 18 characters.</param>
    public sealed record ReadAgain(IReadOnlyList<string> Ids) : Observation;

    /// <summary>Somebody else owns the Salesforce task now (S7).</summary>
    public sealed record Reassigned(Counterpart After) : Observation;

    /// <summary>The row counts.</summary>
    /// <param name="After">The counterpart with what the row settles: its id, its link, attempts that have landed.</param>
    /// <param name="Triple">The three sides, the base being what the row means.</param>
    /// <param name="Action">What the planner makes of them.</param>
    public sealed record Taken(Counterpart After, TaskTriple Triple, SyncAction Action) : Observation
    {
        /// <summary>What was last agreed on, as far as this row is concerned, and be it before the task was gone.</summary>
        public TaskValues Agreed => Triple.Base switch
        {
            SideState.Live live => live.Values,
            SideState.Gone { Before: { } before } => before,
            _ => TaskValues.Unknown,
        };

        /// <summary>The row is a create of ours whose id was not known.</summary>
        public bool IsAdopted { get; init; }

        /// <summary>The row bears a key that was never sent as far as this database knows: it was restored from a backup.</summary>
        public bool IsForgotten { get; init; }

        /// <summary>The task had been hidden from the rep, or somebody else's, and both sides know it again.</summary>
        public bool IsShownAgain { get; init; }
    }
}
