using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Push;

/// <summary>Records what became of writes. A confirmed write moves the base to the values sent, field by field, never to values read back.</summary>
public sealed class OutcomeRecorder(IDbContextFactory<TaskSyncDb> databases, TimeProvider time, BackOff backOff, ChangeFeed feed)
{
    /// <summary>How often an undelete that meets another task with its key is tried again before the rep is asked.</summary>
    private const int MostDuplicates = 5;

    /// <summary>Outcomes in the order of the writes: <see cref="WriteOutcome"/> or <see cref="UndeleteOutcome"/>.</summary>
    internal async Task RecordAsync(SyncContext context, IReadOnlyList<PlannedWrite> writes, IReadOnlyList<object> outcomes, PushResult result, CancellationToken cancellationToken)
    {
        var byTask = writes.Zip(outcomes).ToDictionary(pair => pair.First.TaskId, pair => pair);
        var taken = await LinkedToOthersAsync(context, [.. outcomes.OfType<WriteOutcome.Duplicate>().Select(d => d.ExistingId)], cancellationToken);
        await ChangeAsync(context, byTask.Keys, (db, pending) =>
        {
            var (write, outcome) = byTask[pending.TaskId];
            Drop(pending, write);
            if (pending.Link!.SalesforceId != write.SalesforceId)
            {
                // Somebody else saw the row before its answer came here, or the link has moved on to a later one: this is of the past.
                return;
            }

            if (outcome is WriteOutcome.Written or WriteOutcome.Duplicate or WriteOutcome.Gone or UndeleteOutcome.Restored)
            {
                pending.Link!.WrittenAt = time.GetUtcNow();
            }

            if (outcome is WriteOutcome.Written)
            {
                OlderIsPast(context, pending.Link!, write.Attempt);
            }

            switch (outcome)
            {
                case WriteOutcome.Written written:
                    result.Sent++;
                    Written(db, context, pending, write, written);
                    break;
                case WriteOutcome.Duplicate duplicate:
                    // Our key is taken: an earlier attempt had been applied. Which one, the next read shows.
                    result.Sent++;
                    var earlier = pending.Attempts.FirstOrDefault(a => a.Kind == WriteKind.Create) ?? write.Attempt;
                    pending.Link!.SalesforceId = duplicate.ExistingId;
                    Agree(pending.Link, earlier.Values);
                    Due(pending);
                    if (taken.Contains(duplicate.ExistingId))
                    {
                        // And before we learned of it somebody gave the task to another rep, in whose list it is (S7).
                        new LocalList(db, context, time.GetUtcNow(), result.Applied).Close(pending.Link, LinkState.Reassigned, null);
                        db.PendingWrites.Remove(pending);
                    }

                    break;
                case WriteOutcome.Gone when write.Attempt.Kind == WriteKind.Delete:
                    result.Sent++;
                    Deleted(db, pending);
                    break;
                case WriteOutcome.Gone:
                    // Deleted there between our read and our write: the next read says so, and S4 decides.
                    Due(pending);
                    break;
                case WriteOutcome.Deferred:
                    PutOff(pending);
                    break;
                case WriteOutcome.Rejected rejected:
                    result.Failed++;
                    Park(db, context, pending, rejected.Error);
                    break;
                case UndeleteOutcome.Restored:
                    result.Sent++;
                    Undeleted(db, context, pending);
                    break;
                case UndeleteOutcome.Refused { Error.Code: ErrorCodes.DuplicateValue } when pending.Failures < MostDuplicates:
                    // Another task bears its key: a create of ours that hung was carried out after all. The next read shows it.
                    PutOff(pending);
                    break;
                case UndeleteOutcome.Refused refused when write.IsInBin:
                    result.Failed++;
                    Park(db, context, pending, refused.Error);
                    break;
                case UndeleteOutcome.Refused:
                    CreateAnew(db, context, pending);
                    break;
            }
        }, cancellationToken);
    }

    /// <summary>The whole call failed. Known not applied: the attempt never happened. Otherwise it stays, of unknown outcome.</summary>
    internal Task CallFailedAsync(SyncContext context, IReadOnlyList<PlannedWrite> writes, CallFailure failure, CancellationToken cancellationToken)
    {
        var byTask = writes.ToDictionary(w => w.TaskId);
        return ChangeAsync(context, byTask.Keys, (_, pending) =>
        {
            if (failure.NotApplied)
            {
                Drop(pending, byTask[pending.TaskId]);
            }

            pending.Failures++;
        }, cancellationToken);
    }

    /// <summary>Salesforce refused the request that held this write alone.</summary>
    internal Task RefusedAsync(SyncContext context, PlannedWrite write, SalesforceError error, CancellationToken cancellationToken) =>
        ChangeAsync(context, [write.TaskId], (db, pending) =>
        {
            Drop(pending, write);
            Park(db, context, pending, error);
        }, cancellationToken);

    /// <summary>Nothing was sent: sync was switched off, or the deadline had passed.</summary>
    internal Task NotSentAsync(SyncContext context, IReadOnlyList<PlannedWrite> writes, CancellationToken cancellationToken)
    {
        var byTask = writes.ToDictionary(w => w.TaskId);
        return ChangeAsync(context, byTask.Keys, (_, pending) => Drop(pending, byTask[pending.TaskId]), cancellationToken);
    }

    /// <summary>Looks at the task again at this instant, not before.</summary>
    internal Task PostponeAsync(SyncContext context, Guid taskId, DateTimeOffset until, CancellationToken cancellationToken) =>
        ChangeAsync(context, [taskId], (_, pending) => pending.DueAt = until, cancellationToken);

    /// <summary>Makes a problem of it: one bad task never holds up the others (S9).</summary>
    internal Task ParkAsync(SyncContext context, Guid taskId, SalesforceError error, CancellationToken cancellationToken) =>
        ChangeAsync(context, [taskId], (db, pending) => Park(db, context, pending, error), cancellationToken);

    internal async Task<bool> HasSalesforceIdAsync(Guid taskId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Links.AnyAsync(l => l.TaskId == taskId && l.SalesforceId != null, cancellationToken);
    }

    /// <summary>Which of these Salesforce tasks have an open link in somebody else's list.</summary>
    private async Task<HashSet<string>> LinkedToOthersAsync(SyncContext context, IReadOnlyCollection<string> salesforceIds, CancellationToken cancellationToken)
    {
        if (salesforceIds.Count == 0)
        {
            return [];
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return [.. await db.Links
            .Where(l => l.OrganizationId == context.Connection.OrganizationId && salesforceIds.Contains(l.SalesforceId!) && l.State == LinkState.Open && l.ConnectionId != context.ConnectionId)
            .Select(l => l.SalesforceId!).ToListAsync(cancellationToken)];
    }

    private static void Drop(PendingWrite pending, PlannedWrite write) =>
        pending.Attempts = [.. pending.Attempts.Where(a => a.Kind != write.Attempt.Kind || a.SentAt != write.Attempt.SentAt)];

    private void Written(TaskSyncDb db, SyncContext context, PendingWrite pending, PlannedWrite write, WriteOutcome.Written written)
    {
        var (link, attempt) = (pending.Link!, write.Attempt);
        switch (attempt.Kind)
        {
            case WriteKind.Create:
                link.SalesforceId = written.Id;
                var leftOut = attempt.Values.Known.Each().Where(f => attempt.Values[f] is not null && !written.Sent.Holds(f));
                Agree(link, leftOut.Aggregate(attempt.Values, (values, field) => values.Without(field.AsSet())));
                pending.Attempts = [];
                break;
            case WriteKind.Update:
                var sent = attempt.Values.Only(written.Sent);
                link.PushMemoryJson = PushMemory.FromJson(link.PushMemoryJson).Pushed(link.Base, sent, time.GetUtcNow()).ToJson();
                link.Base = link.Base.Overlay(sent);
                break;
            case WriteKind.Delete:
                Deleted(db, pending);
                return;
        }

        History(db, context, pending, HistoryKind.Sent, "Sent to Salesforce.");
        Confirm(db, pending, attempt.Revision);
    }

    /// <summary>Salesforce confirmed a write of ours: what a page shows that was read before it, and may be applied after it, is past.</summary>
    private static void OlderIsPast(SyncContext context, TaskLink link, WriteAttempt attempt)
    {
        // Its servers' clocks differ a little from each other.
        if (context.Offset is { } offset && attempt.SentAt + offset - ConflictPolicy.TooClose is var past && (link.ObservedModstamp is null || link.ObservedModstamp < past))
        {
            link.ObservedModstamp = past;
        }
    }

    /// <summary>It is there, with the values sent. A removal before that was agreed on with nobody.</summary>
    private static void Agree(TaskLink link, TaskValues sent)
    {
        link.Base = sent;
        link.AgreedGone = false;
        link.GoneConfirmedAt = null;
    }

    /// <summary>Looked at again at once, unless an undo bar has begun meanwhile (S2).</summary>
    private void Due(PendingWrite pending) => DueNotBefore(pending, time.GetUtcNow());

    /// <summary>Salesforce could not just now.</summary>
    private void PutOff(PendingWrite pending)
    {
        pending.Failures++;
        DueNotBefore(pending, time.GetUtcNow() + backOff.After(pending.Failures));
    }

    private static void DueNotBefore(PendingWrite pending, DateTimeOffset due) => pending.DueAt = pending.DueAt > due ? pending.DueAt : due;

    /// <summary>Done, unless the task was edited while the request was under way: that edit stays to be sent.</summary>
    private void Confirm(TaskSyncDb db, PendingWrite pending, long sentRevision)
    {
        pending.Failures = 0;
        if (pending.Link!.Task!.Revision == sentRevision && pending.Attempts.Count == 0)
        {
            db.PendingWrites.Remove(pending);
        }
        else
        {
            Due(pending);
        }
    }

    private void Deleted(TaskSyncDb db, PendingWrite pending)
    {
        var link = pending.Link!;
        link.AgreedGone = true;
        link.GoneConfirmedAt = time.GetUtcNow();
        if (link.Task!.RemovedAt is not null && pending.Attempts.Count == 0)
        {
            db.PendingWrites.Remove(pending);
        }
        else
        {
            // Restored here while the deletion was under way: the next plan takes it out of the recycle bin. Or an older attempt may still land.
            Due(pending);
        }
    }

    private void Undeleted(TaskSyncDb db, SyncContext context, PendingWrite pending)
    {
        pending.Link!.AgreedGone = false;
        pending.Link.GoneConfirmedAt = null;
        pending.Failures = 0;
        Due(pending);
        History(db, context, pending, HistoryKind.Restored, "Restored from Salesforce's recycle bin.");
    }

    /// <summary>The recycle bin no longer has it: the task is created anew, with a new id, and its history says so.</summary>
    private void CreateAnew(TaskSyncDb db, SyncContext context, PendingWrite pending)
    {
        var link = pending.Link!;
        link.SalesforceId = null;
        if (context.Schema.Key != KeyPlace.KeyField)
        {
            // Where it is unique the key stays: should a create of ours that hung still be carried out, it is this task's and no second one.
            link.Key = TaskKey.New();
        }

        link.BaseJson = null;
        link.AgreedGone = false;
        link.GoneConfirmedAt = null;
        link.ObservedModstamp = null;
        pending.Attempts = [];
        Due(pending);
        History(db, context, pending, HistoryKind.Restored, "Salesforce's recycle bin no longer had this task, so it is created there anew.");
    }

    private void Park(TaskSyncDb db, SyncContext context, PendingWrite pending, SalesforceError error)
    {
        var now = time.GetUtcNow();
        var problem = new Problem
        {
            PersonId = context.Person.Id,
            ConnectionId = context.ConnectionId,
            TaskId = pending.TaskId,
            Code = error.Code,
            Message = error.Message,
            FirstSeenAt = now,
            LastSeenAt = now,
        };
        db.Problems.Add(problem);
        pending.ProblemId = problem.Id;
    }

    private void History(TaskSyncDb db, SyncContext context, PendingWrite pending, HistoryKind kind, string note) => db.History.Add(new HistoryEntry
    {
        TaskId = pending.TaskId,
        PersonId = context.Person.Id,
        At = time.GetUtcNow(),
        Side = TaskSide.TaskSync,
        Kind = kind,
        Note = note,
    });

    private async Task ChangeAsync(SyncContext context, IEnumerable<Guid> taskIds, Action<TaskSyncDb, PendingWrite> change, CancellationToken cancellationToken)
    {
        var ids = taskIds.ToList();
        await databases.CommitAsync(context.Fence, async db =>
        {
            foreach (var pending in await db.PendingWrites.Include(p => p.Link!.Task).Where(p => ids.Contains(p.TaskId)).ToListAsync(cancellationToken))
            {
                change(db, pending);
            }
        }, cancellationToken);
        feed.Publish(context.Person.Id);
    }
}
