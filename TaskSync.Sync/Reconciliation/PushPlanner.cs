using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>What is to be done about one pending write. A closed set.</summary>
public abstract record PushStep
{
    private PushStep()
    {
    }

    /// <summary>Send this request.</summary>
    /// <param name="Attempt">What to send; remembered before it is sent.</param>
    public sealed record Send(WriteAttempt Attempt) : PushStep;

    /// <summary>Think about it again from this instant on (our clock, UTC).</summary>
    public sealed record Wait(DateTimeOffset Until) : PushStep;

    /// <summary>Look the create up by its key first (S5).</summary>
    public sealed record LookUp : PushStep;

    /// <summary>Only a person can tell.</summary>
    /// <param name="Question">What is not known.</param>
    public sealed record Ask(PushQuestion Question) : PushStep;

    /// <summary>Nothing is left to be sent.</summary>
    public sealed record Settled(Counterpart After) : PushStep;

    /// <summary>The row was not read in this round.</summary>
    public sealed record Skip : PushStep;
}

/// <summary>What only a person who looks into Salesforce can tell.</summary>
public enum PushQuestion
{
    /// <summary>The answer to a create was lost, and there is no key to look it up by.</summary>
    OutcomeUnknown,

    /// <summary>A task bears our key, and somebody else made it.</summary>
    AmbiguousMatch,
}

/// <summary>What a look-up by key found.</summary>
public enum KeyLookUp
{
    /// <summary>Nobody looked yet.</summary>
    NotDone,

    /// <summary>No task bears the key.</summary>
    Nothing,

    /// <summary>A task bears the key, and it is not our create.</summary>
    SomebodyElses,
}

/// <summary>What a push knows when it plans.</summary>
/// <param name="Schema">What may be written.</param>
/// <param name="Judge">The clocks and the rep's policy.</param>
/// <param name="CallTime">A sender past it does not send; a successor waits for it.</param>
/// <param name="PolledAt">When changes were last read (our clock, UTC).</param>
public sealed record PushTerms(OrgSchema Schema, Judge Judge, TimeSpan CallTime, DateTimeOffset PolledAt)
{
    /// <summary>Plain edits and creates go out without a read of their own; the call that writes the rows reads them.</summary>
    public bool IsUnread { get; init; }

    /// <summary>The row was asked for, so where none was shown there is none. False for one that somebody else linked meanwhile.</summary>
    public bool IsAsked { get; init; } = true;
}

/// <summary>Plans what to send for one task. Pure. It never sends a create while an earlier one may still land.</summary>
public static class PushPlanner
{
    /// <summary>How soon a create that cannot be looked up, but may be seen by any read, is thought about again.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    /// <summary>Where the connection itself reads no changes nobody can say when they last were: then the rep is asked so long after a create can no longer arrive.</summary>
    private static readonly TimeSpan LongestUnread = TimeSpan.FromHours(1);

    /// <summary>The next step for one task.</summary>
    /// <param name="counterpart">What is known of the other side.</param>
    /// <param name="ours">The task here.</param>
    /// <param name="row">The row as just read; null when it was not, or there is none.</param>
    /// <param name="lookUp">What a look-up of the key found.</param>
    /// <param name="terms">What the push knows.</param>
    public static PushStep Next(Counterpart counterpart, OurTask ours, RemoteTask? row, KeyLookUp lookUp, PushTerms terms)
    {
        if (counterpart.State != LinkState.Open)
        {
            return new PushStep.Settled(counterpart);
        }

        if (counterpart.SalesforceId is null && counterpart.HasCreate && OpenCreate(counterpart, ours, lookUp, terms) is { } first)
        {
            return first;
        }

        if (counterpart.SalesforceId is not null && counterpart.InFlightUntil(terms.Judge.Clocks.Now) is { } running)
        {
            // Another instance may be sending it this moment, one that was stopped or cut off. What Salesforce has then decides what is left to send.
            return new PushStep.Wait(running);
        }

        var isUnread = terms.IsUnread && counterpart.CanBeWrittenUnread(ours);
        return counterpart.SalesforceId is not null && row is null && !(counterpart.AgreedGone && terms.IsAsked) && !isUnread ? new PushStep.Skip()
            : terms.IsUnread && !isUnread ? new PushStep.Skip()
            : Planned(counterpart, ours, row, terms);
    }

    /// <summary>What has to come before a create whose earlier attempt has no answer (S5); null when it may be sent again.</summary>
    private static PushStep? OpenCreate(Counterpart counterpart, OurTask ours, KeyLookUp lookUp, PushTerms terms)
    {
        var now = terms.Judge.Clocks.Now;
        var running = counterpart.Attempts.Max(a => a.Deadline);
        if (running > now)
        {
            return new PushStep.Wait(running);
        }

        // From then on no attempt can still land.
        var known = counterpart.OpenUntil(terms.Judge.Clocks.LandsWithin)!.Value;
        if (counterpart.Attempts.Any(a => a.IsBlind(terms.Schema.Key)))
        {
            // Before the rep is asked a read has to have shown that it is not there: Salesforce may have been away all the time.
            return terms.PolledAt < known && now < known + LongestUnread ? new PushStep.Wait(now + LookAgain) : new PushStep.Ask(PushQuestion.OutcomeUnknown);
        }

        // A unique key makes Salesforce itself refuse a second insert; without it the first request may still be running there.
        // A task that was removed here meanwhile is not inserted again either: it waits until its create can no longer land.
        var isProtected = terms.Schema.Key == KeyPlace.KeyField && ours.RemovedAt is null;
        return lookUp switch
        {
            KeyLookUp.NotDone => new PushStep.LookUp(),
            KeyLookUp.SomebodyElses => new PushStep.Ask(PushQuestion.AmbiguousMatch),
            _ => !isProtected && known > now ? new PushStep.Wait(known) : null,
        };
    }

    private static PushStep Planned(Counterpart counterpart, OurTask ours, RemoteTask? row, PushTerms terms)
    {
        var remote = row is null || row.IsDeleted ? SideState.Absent : new SideState.Live(row.Values.Only(terms.Schema.Readable), FieldTimes.None.Stamp(TaskFields.All, row.LastModifiedDate));
        var action = Reconciler.Plan(new TaskTriple(counterpart.Base, counterpart.LocalOf(ours, terms.Schema), remote), terms.Judge.Policy);
        WriteAttempt? attempt = action switch
        {
            SyncAction.CreateRemote => Attempt(WriteKind.Create, Counterpart.CreateValues(ours, terms.Schema), ours, terms) with { Key = terms.Schema.Key },
            SyncAction.WriteRemote write => Update(counterpart, ours, write.Merge, terms),
            SyncAction.WriteBoth write => Update(counterpart, ours, write.Merge, terms),
            SyncAction.DeleteRemote when row is { IsDeleted: false } => Attempt(WriteKind.Delete, TaskValues.Unknown, ours, terms),
            SyncAction.RestoreRemote => Attempt(WriteKind.Undelete, TaskValues.Unknown, ours, terms),
            _ => null,
        };
        return attempt is not null ? new PushStep.Send(attempt) : new PushStep.Settled(LetGo(counterpart, ours, row, terms.Judge.Clocks));
    }

    /// <summary>Made and removed before it was ever sent: both sides agree that it is not there. What a read later than any request shows nothing of never landed.</summary>
    private static Counterpart LetGo(Counterpart counterpart, OurTask ours, RemoteTask? row, Clocks clocks)
    {
        var after = row is null && counterpart.SalesforceId is not null && !counterpart.AgreedGone ? counterpart : counterpart.Forgetting(clocks);
        return ours.RemovedAt is not null && after.SalesforceId is null ? after with { AgreedGone = true, GoneAt = clocks.Now } : after;
    }

    /// <summary>The update of the fields that may be written; null when none is left.</summary>
    private static WriteAttempt? Update(Counterpart counterpart, OurTask ours, Merge merge, PushTerms terms)
    {
        var values = ours.Values.Only(merge.Push & terms.Schema.Updateable & ~counterpart.Blocked);
        return values.Known == TaskFields.None ? null : Attempt(WriteKind.Update, values, ours, terms);
    }

    private static WriteAttempt Attempt(WriteKind kind, TaskValues values, OurTask ours, PushTerms terms) =>
        new(kind, values, ours.Revision, terms.Judge.Clocks.Now, terms.Judge.Clocks.Now + terms.CallTime);
}
