using TaskSync.Tests.Repository;

namespace TaskSync.Tests.PlantedBugs;

/// <summary>A change of the product that breaks one rule of safety. The suite is worth something only if it notices each of them.</summary>
/// <param name="Name">What is wrong then.</param>
/// <param name="File">Where, from the root of the repository.</param>
/// <param name="Find">Stands there exactly once.</param>
/// <param name="Replace">What the bug puts in its place.</param>
public sealed record PlantedBug(string Name, string File, string Find, string Replace)
{
    private const string Engine = "TaskSync.Sync/Engine/";
    private const string Reconciliation = "TaskSync.Sync/Reconciliation/";

    public static IReadOnlyList<PlantedBug> All { get; } =
    [
        new("the overlap of polls is dropped", Engine + "Pull/ChangePoller.cs", "await ReachedAsync(context, pulse, cancellationToken) - options.Value.Overlap", "await ReachedAsync(context, pulse, cancellationToken)"),
        new("the cursor moves before the last page is in", Engine + "Pull/ChangePoller.cs", "last && total.ReadAgain.Count == 0 ? advance : null", "page.NextPage is null || page.Tasks.Count > 0 ? advance : null"),
        new("the sweep goes on from now instead of from latestDateCovered", Engine + "Check/CompletenessSweep.cs", "StoreAsync(context, cursor, updated.LatestDateCovered, deletedUpTo, cancellationToken)", "StoreAsync(context, cursor, end, end, cancellationToken)"),
        new("absent from an answer is deleted", Engine + "Check/LinkVerifier.cs", "await LoseAsync(context, lost, cancellationToken);",
            "rows = [.. rows, .. lost.Select(id => new RemoteTask { Id = id, Values = TaskValues.Unknown, OwnerId = context.Connection.UserId, IsDeleted = true, CreatedDate = DateTimeOffset.MaxValue, CreatedById = id, LastModifiedDate = DateTimeOffset.MaxValue, SystemModstamp = DateTimeOffset.MaxValue })];"),
        new("a row enters by the stamp that system jobs move", Reconciliation + "Reading.cs", "new EntryFacts(row.OwnerId, row.LastModifiedDate,", "new EntryFacts(row.OwnerId, row.SystemModstamp,"),
        new("anybody's row may enter", Reconciliation + "ImportPlanner.cs", "row.OwnerId == userId", "userId.Length > 0"),
        new("a value that the organization cannot hold is compared with it", Reconciliation + "Counterpart.cs", "var values = ours.Values.Only(schema.Holdable(ours.Values));", "var values = ours.Values;"),

        new("a create of unknown outcome is repeated without waiting", Reconciliation + "PushPlanner.cs", "!isProtected && known > now ? new PushStep.Wait(known) : null", "!isProtected && known > DateTimeOffset.MaxValue ? new PushStep.Wait(known) : null"),
        new("a create is planned while an earlier one is under way", Reconciliation + "PushPlanner.cs", "if (running > now)", "if (running > DateTimeOffset.MaxValue)"),
        new("a create that was never looked up is sent again", Reconciliation + "PushPlanner.cs", "KeyLookUp.NotDone => new PushStep.LookUp()", "KeyLookUp.NotDone => null"),
        new("the rep is not asked about a create that no key can be looked up for", Reconciliation + "PushPlanner.cs", "if (counterpart.Attempts.Any(a => a.IsBlind(terms.Schema.Key)))", "if (counterpart.Attempts.Any(a => a.IsBlind(terms.Schema.Key) && a.SentAt > now))"),
        new("a deletion is sent without having seen the row", Reconciliation + "PushPlanner.cs", "var isUnread = terms.IsUnread && counterpart.CanBeWrittenUnread(ours);", "var isUnread = terms.IsUnread && !counterpart.AgreedGone;"),
        new("requests can land no longer than their answer takes", Reconciliation + "Counterpart.cs", "Attempts.Max(a => a.SentAt) + landsWithin;", "Attempts.Max(a => a.Deadline);"),
        new("a request that may still land is forgotten", Reconciliation + "Counterpart.cs", "a.SentAt + clocks.LandsWithin > clocks.Now", "a.Deadline > clocks.Now"),

        new("every failed call counts as not applied", Engine + "Push/OutcomeRecorder.cs", "failure.NotApplied ? new Answer.NotSent()", "failure.Code.Length >= 0 ? new Answer.NotSent()"),
        new("an unknown outcome drops its attempt", Reconciliation + "Counterpart.Answers.cs", "return (Ended(attempt, clocks.Now), NextStep.AsItStands);", "return (Without(attempt), NextStep.AsItStands);"),
        new("gone is believed from an error code and planned anew at once", Reconciliation + "Counterpart.Answers.cs", "Answer.Gone => (known, refusals + 1 >= MostFruitless ? NextStep.Ask : NextStep.Later)", "Answer.Gone => (known with { AgreedGone = true, GoneAt = clocks.Now }, NextStep.Again)"),
        new("an outage counts as a refusal", Engine + "Push/OutcomeRecorder.cs", "outcome.Answer is Answer.Gone or Answer.Doubted or Answer.NotRestorable ? 1 : 0", "1"),
        new("a linked pair is written before anybody read it", Reconciliation + "Counterpart.cs", "(SalesforceId is null || Agreed is not null)", "true"),
        new("an error code that says gone is tried again at once, for ever", Reconciliation + "Counterpart.Answers.cs", "refusals + 1 >= MostFruitless ? NextStep.Ask : NextStep.Later", "refusals + 1 >= MostFruitless * 1000 ? NextStep.Ask : NextStep.Again"),
        new("a confirmed push moves the base to what is here now", Reconciliation + "Counterpart.Answers.cs", "Overlay(attempt.Values.Only(written.Sent))", "Overlay(ours.Values.Only(written.Sent))"),
        new("a confirmed push forgets an edit made meanwhile", Reconciliation + "Counterpart.Answers.cs", "ours.Revision == attempt.Revision ? NextStep.Done", "ours.Revision >= attempt.Revision ? NextStep.Done"),
        new("a restore made while the deletion was under way is forgotten", Reconciliation + "Counterpart.Answers.cs", "ours.RemovedAt is null ? NextStep.Again : NextStep.Done", "NextStep.Done"),
        new("a taken key forgets what the first create sent", Reconciliation + "Counterpart.Answers.cs", "Agreed = Attempts.FirstOrDefault(a => a.Kind == WriteKind.Create)?.Values,", "Agreed = null,"),
        new("of a create that is forgotten nothing is known to be ours", Reconciliation + "Counterpart.Sight.cs", "row.Key == Key && IsAsCreated(row)", "row.Key == Key && row.CreatedById.Length == 0"),
        new("a write that is under way is taken off the list by a read", Engine + "Pull/LocalList.cs", "if (pending is not null && !link.Counterpart().IsInFlight(now))", "if (pending is not null)"),

        new("an older observation is applied", Reconciliation + "Counterpart.Sight.cs", "row.SystemModstamp == newest && differs ? new Observation.ReadAgain([row.Id]) : new Observation.Old()", "row.SystemModstamp == newest && differs ? new Observation.ReadAgain([row.Id]) : differs ? null : new Observation.Old()"),
        new("a page that our own write overtook is applied", Reconciliation + "Counterpart.Sight.cs", "=> WrittenAt > reading.BeganAt ||", "=> WrittenAt > DateTimeOffset.MaxValue ||"),
        new("a page brings back what both sides agreed is gone", Reconciliation + "Counterpart.Sight.cs", "if (AgreedGone && State == LinkState.Open && !row.IsDeleted && !reading.IsPresent)", "if (AgreedGone && State == LinkState.Open && !row.IsDeleted && reading.Rows.Count == 0)"),
        new("somebody else's task stays linked after a reassignment", Reconciliation + "Counterpart.Sight.cs", "        if (!row.IsDeleted && row.OwnerId != reading.UserId)\n", "        if (!row.IsDeleted && row.OwnerId.Length == 0)\n"),
        new("a cloned CallObject is adopted, whoever made the clone", Reconciliation + "Counterpart.Sight.cs", "(row.CreatedById != reading.UserId ||", "(row.CreatedById.Length == 0 ||"),
        new("a create that nothing can be looked up by is not known by its values", Reconciliation + "Counterpart.Sight.cs", "SalesforceId is null && reading.IsUnkeyed(row)", "SalesforceId is not null && reading.IsUnkeyed(row)"),
        new("what was deleted when it was no longer shown stays", Reconciliation + "Counterpart.Sight.cs", "row.IsDeleted && (State == LinkState.Reassigned || isOpenElsewhere)", "row.IsDeleted && (State != LinkState.Open || isOpenElsewhere)"),
        new("what somebody undeletes after our deletion is deleted again", Reconciliation + "Counterpart.Sight.cs", "return IsTheirUndelete(row, ours, clocks) ? shown", "return IsTheirUndelete(row, ours, clocks) && AgreedGone ? shown"),
        new("our own deletion is taken for theirs", Reconciliation + "Counterpart.Sight.cs", "IsOurDeletion(row, ours, clocks) ?", "IsOurDeletion(row, ours, clocks) && AgreedGone ?"),
        new("our own write whose answer was lost is taken for a foreign edit", Reconciliation + "AttemptRecognition.cs", "foreach (var attempt in attempts)", "foreach (var attempt in attempts.Take(0))"),

        new("the offset of the clocks is taken the wrong way round", Reconciliation + "ConflictPolicy.cs", "ours + offset - theirs > TooClose", "ours - offset - theirs > TooClose"),
        new("at catch-up an edit made while sync was off beats the deletion", Reconciliation + "ConflictPolicy.cs", "DeletionBeatsEdit || Newer(editedHere, deletedThere)", "Newer(editedHere, deletedThere)"),
        new("a deletion made here does not travel", Reconciliation + "Reconciler.cs", "task.Base is Live ? new DeleteRemote(LosesEdit: false) : new Forget()", "new Forget()"),
        new("what was deleted in Salesforce is created there again", Reconciliation + "Reconciler.cs", "task.Local is Live ? new DeleteLocal(LosesEdit: false) : new InStep(null)", "task.Local is Live ? new RestoreRemote() : new InStep(null)"),
        new("a hidden field counts as empty", Reconciliation + "ThreeWayMerge.cs", "(local.Values.Known & remote.Values.Known).Each()", "local.Values.Known.Each()"),
        new("a conflict keeps only the winner", Engine + "Pull/LocalList.cs", "foreach (var conflict in merge.Conflicts)", "foreach (var conflict in merge.Conflicts.Take(0))"),
        new("the delete brake never holds", Reconciliation + "DeleteBrake.cs", "count > MostTasks &&", "count > MostTasks * 1000 &&"),

        new("an instance that lost its shard goes on committing", "TaskSync.Sync/Data/ShardFences.cs", "        if (held != 1)\n", "        if (held < 0)\n"),
        new("a lost race counts as saved", "TaskSync.Sync/Data/UnitOfWork.cs", "// Somebody else was faster: again from the start.", "return result;"),
        new("one row that cannot be stored stops its whole batch", "TaskSync.Sync/Data/UnitOfWork.cs", "some.Count > 1 && DatabaseFailures.IsOfARow(e)", "some.Count > 100_000 && DatabaseFailures.IsOfARow(e)"),
        new("a record for which Salesforce refuses a call is not looked for", Engine + "Push/BatchSender.cs", "else if (writes.Count > 1 && mayBeOfRow == true)", "else if (writes.Count > 100_000 && mayBeOfRow == true)"),
        new("the end of one problem ends all of them", "TaskSync.Sync/Problems/ProblemBook.cs", "&& !db.PendingWrites.Any(w => w.ConnectionId == p.ConnectionId && w.ProblemId == p.Id)", "&& true"),
        new("unticking does not stop the next call", Engine + "SyncContexts.cs", "person => person.Id == personId && person.SyncEnabled && person.ConnectionId == connectionId && person.PausedAt == null\n                && db.Connections.Any", "person => person.Id == personId\n                && db.Connections.Any"),
        new("a task made while sync was off is sent", "TaskSync.Sync/Tasks/TaskService.cs", "work.Rep.IsSyncing ? TaskOrigin.HereWhileOn : TaskOrigin.HereWhileOff", "TaskOrigin.HereWhileOn"),
        new("a subject keeps the blanks that Salesforce cuts off", "TaskSync.Sync/Model/Texts.cs", "NullIfEmpty(WithoutControls(text.ReplaceLineEndings(\" \"), keep: \"\").Trim())", "NullIfEmpty(WithoutControls(text.ReplaceLineEndings(\" \"), keep: \"\"))"),
        new("instants go into queries in local time", "TaskSync.Sync/Salesforce/Soql.cs", "instant.UtcDateTime.ToString(", "instant.ToOffset(TimeSpan.FromHours(1)).DateTime.ToString("),
    ];

    /// <summary>How often the place that the bug changes is there: once, or the list is out of date.</summary>
    public int Places => Repo.Read(File).Split(Find).Length - 1;
}
