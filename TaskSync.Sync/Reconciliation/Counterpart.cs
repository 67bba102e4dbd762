using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>
/// All that is known of a task's other side: its id and key, what was last agreed, which of our requests may still land, the newest sight of it.
/// Immutable and pure. "Whose doing is this?" is answered here and nowhere else. What a row tells is in <c>Counterpart.Sight.cs</c>, what an answer tells in
/// <c>Counterpart.Answers.cs</c>.
/// </summary>
public sealed partial record Counterpart
{
    /// <summary>The idempotency key of the create (S5).</summary>
    public required string Key { get; init; }

    /// <summary>18 characters; null until a create is known to have been applied.</summary>
    public string? SalesforceId { get; init; }

    /// <summary>Whether the two sides are still one task.</summary>
    public LinkState State { get; init; }

    /// <summary>The values both sides last agreed on; null before the first agreement.</summary>
    public TaskValues? Agreed { get; init; }

    /// <summary>What both sides last agreed on is that the task is deleted.</summary>
    public bool AgreedGone { get; init; }

    /// <summary>When the deletion was confirmed (our clock, UTC).</summary>
    public DateTimeOffset? GoneAt { get; init; }

    /// <summary>SystemModstamp of the newest observation that changed something; older ones are dropped.</summary>
    public DateTimeOffset? NewestSeen { get; init; }

    /// <summary>When a write of ours was last confirmed, or its row given up (our clock, UTC).</summary>
    public DateTimeOffset? WrittenAt { get; init; }

    /// <summary>Fields that are no longer written because Salesforce keeps changing them back (S6).</summary>
    public TaskFields Blocked { get; init; }

    /// <summary>Requests of unknown outcome, the oldest first. Each may have landed, or may land until its time is over.</summary>
    public IReadOnlyList<WriteAttempt> Attempts { get; init; } = [];

    /// <summary>What was last agreed, for the planner. Without an id there is nothing in Salesforce to have agreed on.</summary>
    public SideState Base =>
        SalesforceId is null ? SideState.Absent
        : AgreedGone ? GoneSince(GoneAt)
        : Agreed is null ? SideState.Absent
        : new SideState.Live(Agreed);

    /// <summary>What is here, for the planner: what the organization cannot hold is left out, what may not be written counts as unchanged.</summary>
    public SideState LocalOf(OurTask ours, OrgSchema schema) =>
        ours.RemovedAt is { } removedAt ? new SideState.Gone(removedAt) : new SideState.Live(ComparableOf(ours, schema), ours.Edited);

    /// <summary>
    /// An edit or a create can do without a read of its own. Not so a deletion or a restore (S10, S4), nor a task that was linked before both sides ever agreed:
    /// nobody knows what would be overwritten.
    /// </summary>
    public bool CanBeWrittenUnread(OurTask ours) => !AgreedGone && ours.RemovedAt is null && (SalesforceId is null || Agreed is not null);

    /// <summary>The values here that take part in a comparison, whether or not the task was removed.</summary>
    public TaskValues ComparableOf(OurTask ours, OrgSchema schema)
    {
        var values = ours.Values.Only(schema.Holdable(ours.Values));
        return Agreed is null ? values : values.Overlay(Agreed.Only(values.Known & (Blocked | ~schema.Updateable)));
    }

    /// <summary>What a create sends: all values that the organization can hold and this user may set.</summary>
    public static TaskValues CreateValues(OurTask ours, OrgSchema schema) => ours.Values.Only(schema.Holdable(ours.Values) & schema.Createable);

    /// <summary>Until this instant (our clock, UTC) one of our requests may still land; null when none may.</summary>
    public DateTimeOffset? OpenUntil(TimeSpan landsWithin) => Attempts.Count == 0 ? null : Attempts.Max(a => a.SentAt) + landsWithin;

    /// <summary>A request of ours may be under way now: its answer is still to come.</summary>
    public bool IsInFlight(DateTimeOffset now) => Attempts.Any(a => a.Deadline > now);

    /// <summary>Until when (our clock, UTC) a change or deletion of the row may still be sent by whoever stored it; null when none may.</summary>
    public DateTimeOffset? InFlightUntil(DateTimeOffset now) => Attempts.Where(a => a.Kind != WriteKind.Create && a.Deadline > now).Max(a => (DateTimeOffset?)a.Deadline);

    /// <summary>Gone since then, with what had been agreed on before.</summary>
    private SideState.Gone GoneSince(DateTimeOffset? at) => new(at, Agreed);

    /// <summary>A read later than any of our requests could arrive has shown nothing of them: they never landed.</summary>
    public Counterpart Forgetting(Clocks clocks) => this with { Attempts = [.. Attempts.Where(a => a.SentAt + clocks.LandsWithin > clocks.Now)] };

    /// <summary>Moves the base, if it moved. An echo of what both agree on already leaves no trace (S6).</summary>
    private Counterpart Agree(TaskValues? agreed, RemoteTask row) => agreed is null || (agreed.Equals(Agreed ?? TaskValues.Unknown) && !AgreedGone)
        ? this
        : this with { Agreed = agreed, AgreedGone = false, GoneAt = null, NewestSeen = row.SystemModstamp };

    /// <summary>Both sides agree that the task is gone, as a row showed it.</summary>
    private Counterpart AgreeGone(RemoteTask row, DateTimeOffset at) => this with { AgreedGone = true, GoneAt = at, NewestSeen = row.SystemModstamp };

    /// <summary>What is known after an action was carried out here.</summary>
    /// <param name="taken">The observation that led to it.</param>
    /// <param name="row">The row.</param>
    /// <param name="readable">The row's values that the rep may see.</param>
    /// <param name="unseen">For a deletion, on either side: the merge that takes in what was edited there before it; null otherwise.</param>
    /// <param name="now">Our clock, UTC.</param>
    public static Counterpart After(Observation.Taken taken, RemoteTask row, TaskValues readable, Merge? unseen, DateTimeOffset now)
    {
        var counterpart = taken.After;
        var shown = unseen is not null ? counterpart with { Agreed = unseen.Base } : counterpart.Agreed is null ? counterpart : counterpart with { Agreed = taken.Agreed };
        return taken.Action switch
        {
            SyncAction.InStep when unseen is not null => unseen.Base.Equals(counterpart.Agreed) ? counterpart : shown.AgreeGone(row, counterpart.GoneAt ?? now),
            SyncAction.InStep inStep => counterpart.Agree(inStep.Base ?? (taken.Triple.Base as SideState.Live)?.Values, row),
            SyncAction.WriteLocal write => counterpart.Agree(write.Merge.Base, row),
            SyncAction.WriteBoth write => counterpart.Agree(write.Merge.Base, row),
            SyncAction.WriteRemote write => counterpart.Agree(write.Merge.Base, row),
            SyncAction.RestoreLocal => counterpart with
            {
                Agreed = (counterpart.Agreed ?? TaskValues.Unknown).Overlay(readable),
                AgreedGone = false,
                GoneAt = null,
                NewestSeen = row.SystemModstamp,
            },
            SyncAction.DeleteLocal => shown.AgreeGone(row, now),
            SyncAction.DeleteRemote => counterpart.Agree(unseen?.Base, row),
            SyncAction.RestoreRemote or SyncAction.Forget => shown.AgreeGone(row, counterpart.GoneAt ?? now),
            _ => throw new InvalidOperationException($"{taken.Action.GetType().Name} does not follow from an observation of a linked task."),
        };
    }
}
