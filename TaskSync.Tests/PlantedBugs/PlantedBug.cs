using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Engine.Push;
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
        new("a create of unknown outcome is repeated without waiting", Engine + "Push/Pusher.cs", "if (!protectedByKey && again > time.GetUtcNow())", "if (!protectedByKey && again > DateTimeOffset.MaxValue)"),
        new("a create whose request may still run is looked up at once", Engine + "Push/Pusher.cs", "p.Attempts.Max(a => a.Deadline) > now", "p.Attempts.Max(a => a.Deadline) > DateTimeOffset.MaxValue"),
        new("every failed call counts as not applied", Engine + "Push/OutcomeRecorder.cs", "            if (failure.NotApplied)\n", "            if (failure.Code.Length >= 0)\n"),
        new("absent from an answer is deleted", Engine + "Check/LinkVerifier.cs", "await LoseAsync(context, lost, cancellationToken);",
            "rows.AddRange(lost.Select(id => new RemoteTask { Id = id, Values = TaskValues.Unknown, OwnerId = context.Connection.UserId, IsDeleted = true, CreatedDate = DateTimeOffset.UtcNow, CreatedById = id, LastModifiedDate = DateTimeOffset.UtcNow, SystemModstamp = DateTimeOffset.MaxValue }));"),
        new("the cursor moves before the last page is in", Engine + "Pull/ChangePoller.cs", "last ? advance : null", "page.NextPage is null || page.Tasks.Count > 0 ? advance : null"),
        new("the sweep goes on from now instead of from latestDateCovered", Engine + "Check/CompletenessSweep.cs", "StoreAsync(context, cursor, updated.LatestDateCovered, deletedUpTo, cancellationToken)", "StoreAsync(context, cursor, end, end, cancellationToken)"),
        new("a confirmed push moves the base to what is here now", Engine + "Push/OutcomeRecorder.cs", "link.Base = link.Base.Overlay(sent);", "link.Base = link.Base.Overlay(link.Task!.Values.Only(sent.Known));"),
        new("a confirmed push forgets an edit made meanwhile", Engine + "Push/OutcomeRecorder.cs", "pending.Link!.Task!.Revision == sentRevision && pending.Attempts.Count == 0", "pending.Link!.Task!.Revision >= sentRevision && pending.Attempts.Count == 0"),
        new("an older observation is applied", Engine + "Pull/ObservationBatch.cs", "            _result.ReadAgain.Add(row.Id);\n        }\n\n        return true;\n", "            _result.ReadAgain.Add(row.Id);\n        }\n\n        return row.SystemModstamp == newest;\n"),
        new("somebody else's task stays linked after a reassignment", Engine + "Pull/ObservationBatch.cs", "if (!row.IsDeleted && row.OwnerId != _context.Connection.UserId)\n", "if (!row.IsDeleted && row.OwnerId.Length == 0)\n"),
        new("anybody's row may enter", Reconciliation + "ImportPlanner.cs", "row.OwnerId == userId", "userId.Length > 0"),
        new("a row enters by the stamp that system jobs move", Engine + "Pull/ObservationBatch.cs", "new EntryFacts(row.OwnerId, row.LastModifiedDate,", "new EntryFacts(row.OwnerId, row.SystemModstamp,"),
        new("a cloned CallObject is adopted, whoever made the clone", Engine + "Pull/ObservationBatch.cs", "row.CreatedById != _context.Connection.UserId ||", "row.CreatedById.Length == 0 ||"),
        new("a create that nothing can be looked up by is not known by its values", Engine + "Pull/ObservationBatch.cs", "FindLink(row) ?? FindBlind(row)", "FindLink(row)"),
        new("what was deleted when it was no longer shown stays", Engine + "Pull/ObservationBatch.cs", "row.IsDeleted && (link.State == LinkState.Reassigned || ", "row.IsDeleted && (link.State != LinkState.Open || "),
        new("an instance that lost its shard goes on committing", "TaskSync.Sync/Data/ShardFences.cs", "        if (held != 1)\n", "        if (held < 0)\n"),
        new("unticking does not stop the next call", Engine + "SyncContexts.cs", "person => person.Id == personId && person.SyncEnabled && person.ConnectionId == connectionId && person.PausedAt == null\n                && db.Connections.Any", "person => person.Id == personId\n                && db.Connections.Any"),
        new("a conflict keeps only the winner", Engine + "Pull/LocalList.cs", "foreach (var conflict in merge.Conflicts)", "foreach (var conflict in merge.Conflicts.Take(0))"),
        new("our own write whose answer was lost is taken for a foreign edit", Reconciliation + "AttemptRecognition.cs", "foreach (var attempt in attempts)", "foreach (var attempt in attempts.Take(0))"),
        new("the offset of the clocks is taken the wrong way round", Reconciliation + "ConflictPolicy.cs", "ours + offset - theirs > TooClose", "ours - offset - theirs > TooClose"),
        new("at catch-up an edit made while sync was off beats the deletion", Reconciliation + "ConflictPolicy.cs", "DeletionBeatsEdit || Newer(editedHere, deletedThere)", "Newer(editedHere, deletedThere)"),
        new("a deletion made here does not travel", Reconciliation + "Reconciler.cs", "task.Base is Live ? new DeleteRemote(LosesEdit: false) : new Forget()", "new Forget()"),
        new("what was deleted in Salesforce is created there again", Reconciliation + "Reconciler.cs", "task.Local is Live ? new DeleteLocal(LosesEdit: false) : new InStep(null)", "task.Local is Live ? new RestoreRemote() : new InStep(null)"),
        new("a hidden field counts as empty", Reconciliation + "ThreeWayMerge.cs", "(local.Values.Known & remote.Values.Known).Each()", "local.Values.Known.Each()"),
        new("the delete brake never holds", Reconciliation + "DeleteBrake.cs", "count > MostTasks &&", "count > MostTasks * 1000 &&"),
        new("a task made while sync was off is sent", "TaskSync.Sync/Tasks/TaskService.cs", "work.Rep.IsSyncing ? TaskOrigin.HereWhileOn : TaskOrigin.HereWhileOff", "TaskOrigin.HereWhileOn"),
        new("instants go into queries in local time", "TaskSync.Sync/Salesforce/Soql.cs", "instant.UtcDateTime.ToString(", "instant.ToOffset(TimeSpan.FromHours(1)).DateTime.ToString("),
    ];

    /// <summary>How often the place that the bug changes is there: once, or the list is out of date.</summary>
    public int Places => Repo.Read(File).Split(Find).Length - 1;
}
