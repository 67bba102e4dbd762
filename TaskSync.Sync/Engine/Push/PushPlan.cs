using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Sync.Engine.Push;

/// <summary>What a plan is made from.</summary>
internal sealed record PlanInput(IReadOnlyList<DueTask> Due, LookedUp LookedUp, FreshRows Read);

/// <summary>Step four of a push: plans each due task from what is here now, and stores the attempts before anything is sent.</summary>
public sealed class PushPlan(IDbContextFactory<TaskSyncDb> databases, TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>A call takes at most this long: a sender past it does not send, a successor waits for it.</summary>
    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(30);

    /// <summary>The planner's word for one task.</summary>
    internal PushStep Step(PushTurn turn, TaskLink link, FreshRows read, KeyLookUp lookUp) =>
        PushPlanner.Next(link.Counterpart(), OurTask.Of(link.Task!), read.RowOf(link), lookUp, Terms(turn) with { IsUnread = read.IsUnread, IsAsked = read.IsAsked(link) });

    /// <summary>Stores the attempts of all that is to be sent, in one transaction.</summary>
    internal async Task<IReadOnlyList<PlannedWrite>> StoreAsync(PushTurn turn, PlanInput input, CancellationToken cancellationToken)
    {
        var stored = await databases.CommitAsync(turn.Context.Fence, async db =>
        {
            var draft = new PlanDraft(db, turn, time.GetUtcNow(), options.Value.UnknownOutcomeWait) { ReadAt = input.Read.At };
            foreach (var due in await StillDueAsync(db, input, cancellationToken))
            {
                draft.Add(due, input.Read.RowOf(due.Link), Step(turn, due.Link, input.Read, input.LookedUp.Of(due.Link.TaskId)));
            }

            await draft.BrakeAsync(cancellationToken);
            await ProblemBook.SettleAsync(db, [turn.Context.Person.Id], cancellationToken);
            return draft;
        }, cancellationToken);
        turn.Result.Failed += stored.Asked;
        turn.Result.Settled += stored.Settled;
        return stored.Writes;
    }

    /// <summary>What somebody has postponed, parked or settled meanwhile is no longer due.</summary>
    private async Task<List<DueTask>> StillDueAsync(TaskSyncDb db, PlanInput input, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ids = input.Due.Select(d => d.Link.TaskId).ToList();
        var links = await db.Links.Include(l => l.Task).Where(l => ids.Contains(l.TaskId)).ToDictionaryAsync(l => l.TaskId, cancellationToken);
        var pending = await PendingWrites.OfAsync(db, links.Values, cancellationToken);
        return
        [
            .. input.Due.Where(d => links.ContainsKey(d.Link.TaskId)).Select(d => new DueTask(links[d.Link.TaskId], pending.GetValueOrDefault(d.Link.TaskId)))
                .Where(d => d.Pending is null ? d.Link.UnknownUntil <= now : d.Pending.ProblemId is null && d.Pending.DueAt <= now),
        ];
    }

    private PushTerms Terms(PushTurn turn) =>
        new(turn.Context.Schema, turn.Context.Judge(time.GetUtcNow(), options.Value.UnknownOutcomeWait), CallTime, turn.Pulse.PolledAt);

    /// <summary>The plan of one round while it is being made, inside one unit of work.</summary>
    private sealed class PlanDraft(TaskSyncDb db, PushTurn turn, DateTimeOffset now, TimeSpan landsWithin)
    {
        private readonly List<(DueTask Due, PlannedWrite Write)> _deletions = [];

        public List<PlannedWrite> Writes { get; } = [];

        /// <summary>When the rows were read.</summary>
        public required DateTimeOffset ReadAt { get; init; }

        /// <summary>Questions that only a person can answer.</summary>
        public int Asked { get; private set; }

        /// <summary>Tasks for which this round decided something: sent, postponed, asked about or done.</summary>
        public int Settled { get; private set; }

        public void Add(DueTask due, RemoteTask? row, PushStep step)
        {
            Settled += step is PushStep.Skip or PushStep.LookUp or PushStep.Send ? 0 : 1;
            switch (step)
            {
                case PushStep.Send send:
                    Plan(due, row, send.Attempt);
                    break;
                case PushStep.Wait wait when due.Pending is not null:
                    due.Pending.DueAt = wait.Until;
                    break;
                case PushStep.Ask ask when due.Pending is not null:
                    Asked++;
                    Ask(due.Pending, ask.Question);
                    break;
                case PushStep.Settled settled:
                    settled.After.StoreIn(due.Link, landsWithin);
                    if (due.Pending is not null)
                    {
                        db.PendingWrites.Remove(due.Pending);
                    }

                    break;
            }
        }

        /// <summary>The delete brake (S10): too many at once wait for the rep's word, everything else goes on.</summary>
        public async Task BrakeAsync(CancellationToken cancellationToken)
        {
            if (_deletions.Count == 0)
            {
                return;
            }

            var held = await HeldDeletions.OfAsync(db, turn.Context.ConnectionId, cancellationToken);
            foreach (var (due, write) in _deletions.Where(d => !held.Contains(d.Write.TaskId)))
            {
                Take(due, write);
            }

            var waiting = _deletions.Where(d => held.Contains(d.Write.TaskId)).Select(d => d.Due.Pending).OfType<PendingWrite>().ToList();
            Settled += waiting.Count;
            await DeleteQuestions.AskAsync(db, turn.Context.Person, waiting, now, cancellationToken);
        }

        private void Plan(DueTask due, RemoteTask? row, WriteAttempt attempt)
        {
            var task = due.Link.Task!;
            var write = new PlannedWrite(task.Id, due.Link.SalesforceId, due.Link.Key, attempt) { IsInBin = row is not null, Lock = task.WhatId ?? task.WhoId ?? "", Refusals = due.Pending?.Refusals ?? 0 };
            if (attempt.Kind == WriteKind.Delete)
            {
                // Somebody may have changed or reassigned it since the read.
                _deletions.Add((due, write with { SendBy = ReadAt + PushReader.Fresh }));
                return;
            }

            Take(due, write);
        }

        /// <summary>It will be sent: the attempt is remembered first.</summary>
        private void Take(DueTask due, PlannedWrite write)
        {
            if (due.Pending is null)
            {
                db.PendingWrites.Add(new PendingWrite { TaskId = write.TaskId, ConnectionId = turn.Context.ConnectionId, QueuedAt = now, DueAt = now });
            }

            due.Link.Counterpart().Sent(write.Attempt).StoreIn(due.Link, landsWithin);
            Writes.Add(write);
        }

        private void Ask(PendingWrite pending, PushQuestion question)
        {
            var (code, message) = question == PushQuestion.OutcomeUnknown
                ? (ProblemCodes.OutcomeUnknown, "The answer to the create was lost, and this org has no field to look the task up by.")
                : (ProblemCodes.AmbiguousMatch, "Salesforce shows a task that bears our key, but somebody else created it.");
            OutcomeRecorder.Park(db, turn.Context, pending, new Salesforce.SalesforceError(code, message, []), now);
        }
    }
}
