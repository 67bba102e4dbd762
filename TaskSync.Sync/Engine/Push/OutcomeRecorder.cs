using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Push;

/// <summary>What became of one planned write.</summary>
/// <param name="Write">The write.</param>
/// <param name="Answer">What is known.</param>
/// <param name="Error">Salesforce's words, where it refused.</param>
internal sealed record Outcome(PlannedWrite Write, Answer Answer, SalesforceError? Error = null);

/// <summary>Last step of a push: records what became of writes. A confirmed write moves the base to the values sent, never to values read back.</summary>
public sealed class OutcomeRecorder(IDbContextFactory<TaskSyncDb> databases, TimeProvider time, BackOff backOff, ChangeFeed feed, IOptions<SyncOptions> options)
{
    /// <summary>How often an undelete that meets another task with its key is tried again before the rep is asked.</summary>
    private const int MostDuplicates = 5;

    /// <summary>Records answers; what was achieved is counted when it is stored.</summary>
    internal async Task RecordAsync(PushTurn turn, IReadOnlyList<Outcome> outcomes)
    {
        if (outcomes.Count == 0)
        {
            return;
        }

        // Not cancellable: what Salesforce has answered cannot be had again.
        var tally = await databases.CommitAsync(turn.Context.Fence, async db =>
        {
            var recorded = await RecordAsync(db, turn.Context, outcomes);
            await ProblemBook.SettleAsync(db, [turn.Context.Person.Id], CancellationToken.None);
            return recorded;
        }, CancellationToken.None);
        turn.Result.Add(tally);
        feed.Publish(turn.Context.Person.Id);
    }

    /// <summary>The whole call failed. Known not applied: the attempts never happened. Otherwise they stay, of unknown outcome.</summary>
    internal Task CallFailedAsync(PushTurn turn, IReadOnlyList<PlannedWrite> writes, CallFailure failure) =>
        RecordAsync(turn, [.. writes.Select(w => new Outcome(w, failure.NotApplied ? new Answer.NotSent() : new Answer.Unknown()))]);

    /// <summary>Nothing was sent: sync was switched off, or the deadline had passed.</summary>
    internal Task NotSentAsync(PushTurn turn, IReadOnlyList<PlannedWrite> writes) => RecordAsync(turn, [.. writes.Select(w => new Outcome(w, new Answer.NotSent()))]);

    /// <summary>What Salesforce said of one row, as an answer.</summary>
    internal static Outcome Of(PlannedWrite write, WriteOutcome outcome) => outcome switch
    {
        WriteOutcome.Written written => new Outcome(write, new Answer.Written(written.Id, written.Sent)),
        WriteOutcome.Duplicate duplicate => new Outcome(write, new Answer.Duplicate(duplicate.ExistingId)),
        WriteOutcome.Gone gone => new Outcome(write, new Answer.Gone(), gone.Error),
        WriteOutcome.Deferred => new Outcome(write, new Answer.Busy()),
        WriteOutcome.Unanswered => new Outcome(write, new Answer.Unknown()),
        WriteOutcome.Rejected rejected => new Outcome(write, new Answer.Refused(), rejected.Error),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    /// <summary>What Salesforce said of one undelete, as an answer.</summary>
    internal static Outcome Of(PlannedWrite write, UndeleteOutcome outcome) => outcome switch
    {
        UndeleteOutcome.Restored => new Outcome(write, new Answer.Restored()),
        UndeleteOutcome.Gone gone => new Outcome(write, new Answer.NotRestorable(IsKeyUnique: false), gone.Error),
        UndeleteOutcome.Deferred => new Outcome(write, new Answer.Busy()),
        UndeleteOutcome.Refused refused => new Outcome(write, new Answer.Refused(), refused.Error),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    /// <summary>Makes a problem of it: one bad task never holds up the others (S9).</summary>
    internal static void Park(TaskSyncDb db, SyncContext context, PendingWrite pending, SalesforceError error, DateTimeOffset now)
    {
        ProblemBook.Park(db, pending, new Problem
        {
            PersonId = context.Person.Id,
            ConnectionId = context.ConnectionId,
            TaskId = pending.TaskId,
            Code = error.Code,
            Message = error.Message,
            FirstSeenAt = now,
            LastSeenAt = now,
        });
    }

    private async Task<PushTally> RecordAsync(TaskSyncDb db, SyncContext context, IReadOnlyList<Outcome> outcomes)
    {
        var tally = new PushTally();
        var ids = outcomes.Select(o => o.Write.TaskId).ToList();
        var links = await db.Links.Include(l => l.Task).Where(l => ids.Contains(l.TaskId)).ToDictionaryAsync(l => l.TaskId);
        var pending = await PendingWrites.OfAsync(db, links.Values, CancellationToken.None);
        var others = await LinkedToOthersAsync(db, context, [.. outcomes.Select(o => o.Answer).OfType<Answer.Duplicate>().Select(d => d.ExistingId)]);
        foreach (var outcome in outcomes.Where(o => links.ContainsKey(o.Write.TaskId)))
        {
            var link = links[outcome.Write.TaskId];
            if (outcome.Answer is not Answer.Unknown && (link.SalesforceId != outcome.Write.SalesforceId || !pending.ContainsKey(link.TaskId)))
            {
                // Somebody else saw the row before its answer came here, or the link has moved on to a later one: this is of the past.
                link.Counterpart().Without(outcome.Write.Attempt).StoreIn(link, options.Value.UnknownOutcomeWait);
            }
            else if (pending.TryGetValue(link.TaskId, out var waiting))
            {
                Take(new Record(db, context, link, waiting, tally), outcome);
                if (outcome.Answer is Answer.Duplicate duplicate && others.Contains(duplicate.ExistingId))
                {
                    // Before we learned of it somebody gave the task to another rep, in whose list it is (S7).
                    new LocalList(db, context, Judge(context), tally.Applied).Close(link, waiting, LinkState.Reassigned, null);
                }
            }
        }

        return tally;
    }

    private void Take(Record record, Outcome outcome)
    {
        var (link, pending, attempt) = (record.Link, record.Pending, outcome.Write.Attempt);
        var answer = Meant(outcome, record);
        var before = link.Base;
        var (after, next) = link.Counterpart().Answered(attempt, answer, OurTask.Of(link.Task!), Judge(record.Context).Clocks, pending.Refusals);
        after.StoreIn(link, options.Value.UnknownOutcomeWait);
        if (answer is Answer.Written written && attempt.Kind == WriteKind.Update)
        {
            link.PushMemoryJson = PushMemory.FromJson(link.PushMemoryJson).Pushed(before, attempt.Values.Only(written.Sent), time.GetUtcNow()).ToJson();
        }

        record.Tally.Count(answer, next);
        Remember(record, answer, attempt.Kind);
        pending.Refusals += outcome.Answer is Answer.Gone or Answer.Doubted or Answer.NotRestorable ? 1 : 0;
        Follow(record, next, outcome.Error);
    }

    /// <summary>An undelete that finds nothing to restore means different things.</summary>
    private static Answer Meant(Outcome outcome, Record record) => (outcome.Answer, outcome.Error) switch
    {
        // Another task bears its key: a create of ours that hung was carried out after all. The next read shows it.
        (Answer.NotRestorable, { Code: ErrorCodes.DuplicateValue }) when record.Pending.Refusals < MostDuplicates => new Answer.Busy(),
        (Answer.NotRestorable, _) when outcome.Write.IsInBin => new Answer.Refused(),
        (Answer.NotRestorable, _) => new Answer.NotRestorable(record.Context.Schema.Key == KeyPlace.KeyField),
        _ => outcome.Answer,
    };

    private void Follow(Record record, NextStep next, SalesforceError? error)
    {
        var (pending, now) = (record.Pending, time.GetUtcNow());
        switch (next)
        {
            case NextStep.Done:
                if (record.Link.AgreedGone)
                {
                    ProblemBook.Unblock(record.Link);
                }

                record.Db.PendingWrites.Remove(pending);
                break;
            case NextStep.Again:
                // At once, unless an undo bar has begun meanwhile (S2).
                (pending.Failures, pending.Refusals, pending.DueAt) = (0, 0, pending.DueAt > now ? pending.DueAt : now);
                break;
            case NextStep.Later:
                pending.Failures++;
                var due = now + backOff.After(pending.Failures);
                pending.DueAt = pending.DueAt > due ? pending.DueAt : due;
                break;
            case NextStep.AsItStands:
                pending.Failures++;
                break;
            case NextStep.Ask:
                (pending.Failures, pending.Refusals) = (0, 0);
                Park(record.Db, record.Context, pending, error!, now);
                break;
        }
    }

    private void Remember(Record record, Answer answer, WriteKind kind)
    {
        (HistoryKind Kind, string Note)? line = answer switch
        {
            Answer.Written when kind != WriteKind.Delete => (HistoryKind.Sent, "Sent to Salesforce."),
            Answer.Restored => (HistoryKind.Restored, "Restored from Salesforce's recycle bin."),
            Answer.NotRestorable => (HistoryKind.Restored, "Salesforce's recycle bin no longer had this task, so it is created there anew."),
            _ => null,
        };
        if (line is { } told)
        {
            record.Db.History.Add(new HistoryEntry
            {
                TaskId = record.Pending.TaskId,
                PersonId = record.Context.Person.Id,
                At = time.GetUtcNow(),
                Side = TaskSide.TaskSync,
                Kind = told.Kind,
                Note = told.Note,
            });
        }
    }

    /// <summary>Which of these Salesforce tasks have an open link in somebody else's list.</summary>
    private static async Task<HashSet<string>> LinkedToOthersAsync(TaskSyncDb db, SyncContext context, IReadOnlyCollection<string> salesforceIds) =>
        salesforceIds.Count == 0 ? [] : [.. await db.Links
            .Where(l => l.OrganizationId == context.Connection.OrganizationId && salesforceIds.Contains(l.SalesforceId!) && l.State == LinkState.Open && l.ConnectionId != context.ConnectionId)
            .Select(l => l.SalesforceId!).ToListAsync()];

    private Judge Judge(SyncContext context) => context.Judge(time.GetUtcNow(), options.Value.UnknownOutcomeWait);

    /// <summary>One row that is being recorded.</summary>
    private sealed record Record(TaskSyncDb Db, SyncContext Context, TaskLink Link, PendingWrite Pending, PushTally Tally);
}
