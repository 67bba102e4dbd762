using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Push;

/// <summary>
/// Sends what is due, one round at a time: clears up attempts of unknown outcome, reads the rows about to be written, plans, stores the attempts, and has
/// them sent.
/// </summary>
public sealed class Pusher(
    IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ObservationApplier applier, SyncContexts contexts, OutcomeRecorder recorder, PushReader reader, PushSender sender,
    TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>A call takes at most this long: a sender past it does not send, a successor waits for it (product.md section 6).</summary>
    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(30);

    /// <summary>How soon a create that cannot be looked up, but may be seen by any read, is thought about again.</summary>
    internal static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    /// <summary>Where changes are not read by the connection itself nobody can say when they last were: then the rep is asked so long after a create can no longer arrive.</summary>
    private static readonly TimeSpan LongestUnread = TimeSpan.FromHours(1);

    /// <summary>Pushes one round of what is due. Nothing due costs one read of an index.</summary>
    /// <param name="context">The cycle.</param>
    /// <param name="pulse">Keeps what was read ahead for the next round.</param>
    /// <param name="pollIsDue">Changes are to be read as well, in the same call where that can be.</param>
    /// <param name="isScarce">Calls are scarce: plain edits and creates are sent without a call of their own to read first.</param>
    /// <param name="cancellationToken">Stops between calls; what was answered is recorded all the same.</param>
    internal async Task<PushResult> PushAsync(SyncContext context, ConnectionPulse pulse, bool pollIsDue, bool isScarce, CancellationToken cancellationToken)
    {
        var result = new PushResult();
        var ahead = pulse.Ahead;
        pulse.Ahead = null;
        var round = await RoundAsync(context, pulse, cancellationToken);
        var due = round.Due;
        result.LookedAt = due.Count;
        if (due.Count == 0)
        {
            return result;
        }

        await ClearUpCreatesAsync(context, pulse, due, result, cancellationToken);
        var read = isScarce && PushReader.CanDoWithout(due, options.Value.UseComposite) ? FreshRows.Unread(time.GetUtcNow())
            : await reader.ReadAsync(context, due, round.Next, ahead, result, cancellationToken);
        var batch = await PlanAsync(context, due, read, cancellationToken);
        result.HasMore = round.Next.Count > 0;
        pulse.Ahead = await sender.SendAsync(context, batch, read, round.Next, pollIsDue && !result.HasMore ? pulse : null, result, cancellationToken);
        return result;
    }

    /// <summary>What is due, the oldest first: as much as one call takes, and which rows come after that.</summary>
    private async Task<PushRound> RoundAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var size = PushSender.RoundSize(options.Value.UseComposite, pulse);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var all = db.PendingWrites.AsNoTracking()
            .Where(p => p.ConnectionId == context.ConnectionId && p.ProblemId == null && p.DueAt <= now)
            .OrderBy(p => p.DueAt).ThenBy(p => p.TaskId);
        var due = await all.Include(p => p.Link!.Task).Take(size).ToListAsync(cancellationToken);
        var next = due.Count < size ? [] : await all.Skip(size).Take(PushReader.LookAhead(options.Value.UseComposite, size)).Where(p => p.Link!.SalesforceId != null)
            .Select(p => new WantedRow(p.Link!.SalesforceId!, p.Link.AgreedGone)).ToListAsync(cancellationToken);
        return new PushRound(due, next);
    }

    /// <summary>Creates whose outcome is unknown are looked up by key before anything else (S5).</summary>
    private async Task ClearUpCreatesAsync(SyncContext context, ConnectionPulse pulse, List<PendingWrite> due, PushResult result, CancellationToken cancellationToken)
    {
        var unknown = due.Where(p => p.Link!.SalesforceId is null && p.Attempts.Any(a => a.Kind == WriteKind.Create)).ToList();
        if (unknown.Count == 0)
        {
            return;
        }

        var now = time.GetUtcNow();
        var running = unknown.Where(p => p.Attempts.Max(a => a.Deadline) > now).ToList();
        foreach (var pending in running)
        {
            await recorder.PostponeAsync(context, pending.TaskId, pending.Attempts.Max(a => a.Deadline), cancellationToken);
        }

        due.RemoveAll(running.Contains);
        var lookup = unknown.Except(running).ToList();
        if (lookup.Count == 0)
        {
            return;
        }

        // A key can be looked up only where it was written. A read may still show the task, and it is known by its values then.
        var blind = lookup.Where(p => p.Attempts.Any(a => a.IsBlind(context.Schema.Key))).ToList();
        foreach (var pending in blind)
        {
            // Before the rep is asked a read has to have shown that it is not there: Salesforce may have been away all the time.
            var known = KnownFrom(pending);
            if (pulse.PolledAt < known && now < known + LongestUnread)
            {
                await recorder.PostponeAsync(context, pending.TaskId, now + LookAgain, cancellationToken);
                continue;
            }

            await recorder.ParkAsync(context, pending.TaskId, new SalesforceError(ProblemCodes.OutcomeUnknown, "The answer to the create was lost, and this org has no field to look the task up by.", []), cancellationToken);
            result.Failed++;
        }

        due.RemoveAll(blind.Contains);
        lookup.RemoveAll(blind.Contains);
        if (lookup.Count == 0)
        {
            return;
        }

        await contexts.DemandAsync(context, cancellationToken);
        var found = await api.TasksByKeyAsync(context.ConnectionId, ApiPurpose.Read, context.Schema.Key, [.. lookup.Select(p => p.Link!.Key)], cancellationToken);
        result.Applied.Add(await applier.ApplyAsync(context, found, ApplyMode.Continuous, readById: true, cancellationToken: cancellationToken));
        foreach (var pending in lookup)
        {
            await DecideCreateAsync(context, pending, found, due, result, cancellationToken);
        }
    }

    private async Task DecideCreateAsync(
        SyncContext context, PendingWrite pending, IReadOnlyList<RemoteTask> found, List<PendingWrite> due, PushResult result, CancellationToken cancellationToken)
    {
        if (found.Any(row => row.Key == pending.Link!.Key))
        {
            if (!await recorder.HasSalesforceIdAsync(pending.TaskId, cancellationToken))
            {
                await recorder.ParkAsync(context, pending.TaskId, new SalesforceError(ProblemCodes.AmbiguousMatch, "Salesforce shows a task that bears our key, but somebody else created it.", []), cancellationToken);
                due.Remove(pending);
                result.Failed++;
            }

            return;
        }

        // A unique key makes Salesforce itself refuse a second insert; without it the first request may still be running there.
        // A task that was removed here meanwhile is not inserted again either: it waits until its create can no longer land.
        var again = KnownFrom(pending);
        var protectedByKey = context.Schema.Key == KeyPlace.KeyField && pending.Link!.Task!.RemovedAt is null;
        if (!protectedByKey && again > time.GetUtcNow())
        {
            await recorder.PostponeAsync(context, pending.TaskId, again, cancellationToken);
            due.Remove(pending);
        }
    }

    /// <summary>Plans each due task from what is here now, and stores the attempts before anything is sent.</summary>
    private Task<PushBatch> PlanAsync(SyncContext context, List<PendingWrite> due, FreshRows read, CancellationToken cancellationToken) => databases.CommitAsync(context.Fence, async db =>
    {
        var batch = new PushBatch();
        var now = time.GetUtcNow();
        var taskIds = due.Select(p => p.TaskId).ToList();
        var planner = new LocalList(db, context, now, new ApplyResult());
        var deletions = new List<(PendingWrite Pending, PlannedWrite Write)>();
        foreach (var pending in await db.PendingWrites.Include(p => p.Link!.Task).Where(p => taskIds.Contains(p.TaskId) && p.ProblemId == null && p.DueAt <= now).ToListAsync(cancellationToken))
        {
            var link = pending.Link!;
            var row = link.SalesforceId is null ? null : read.Rows.GetValueOrDefault(link.SalesforceId);
            if (link.State != LinkState.Open || (link.SalesforceId is not null && row is null && !link.AgreedGone && !read.IsUnread))
            {
                if (link.State != LinkState.Open)
                {
                    await PendingWrites.RemoveAsync(db, pending, cancellationToken);
                }

                continue;
            }

            if (read.IsUnread && (link.AgreedGone || link.Task!.RemovedAt is not null))
            {
                // Deleted here this very moment: the next round reads the row first.
                continue;
            }

            var write = Plan(context, planner, pending, row, now);
            if (write is null)
            {
                await LetGoAsync(db, pending, now, cancellationToken);
            }
            else if (write.Attempt.Kind == WriteKind.Undelete)
            {
                if (row is not null)
                {
                    planner.MergeDeleted(link, row);
                }

                batch.Take(pending, write);
            }
            else if (write.Attempt.Kind == WriteKind.Delete)
            {
                deletions.Add((pending, write));
            }
            else
            {
                batch.Take(pending, write);
            }
        }

        // The delete brake (S10): too many at once wait for the rep's word, everything else goes on.
        var held = deletions.Count == 0 ? new HashSet<Guid>() : await HeldDeletions.OfAsync(db, context.ConnectionId, cancellationToken);
        foreach (var (pending, write) in deletions.Where(d => !held.Contains(d.Pending.TaskId)))
        {
            batch.Take(pending, write);
        }

        await DeleteQuestions.AskAsync(db, context, [.. deletions.Select(d => d.Pending).Where(p => held.Contains(p.TaskId))], now, cancellationToken);
        return batch;
    }, cancellationToken);

    /// <summary>What to send for one task; null for nothing. The preview asks it too.</summary>
    internal static PlannedWrite? Plan(SyncContext context, LocalList planner, PendingWrite pending, RemoteTask? row, DateTimeOffset now)
    {
        var link = pending.Link!;
        var remote = row is null || row.IsDeleted ? SideState.Absent : planner.ValuesOf(row);
        return Reconciler.Plan(new TaskTriple(LocalList.BaseOf(link), planner.LocalOf(link), remote), context.Policy(deletionBeatsEdit: false)) switch
        {
            SyncAction.CreateRemote => planner.CreateFor(link, now + CallTime, now),
            SyncAction.WriteRemote write => planner.UpdateFor(link, write.Merge.Push, now + CallTime, now),
            SyncAction.WriteBoth write => planner.UpdateFor(link, write.Merge.Push, now + CallTime, now),
            SyncAction.DeleteRemote when row is { IsDeleted: false } => new PlannedWrite(
                link.TaskId, link.SalesforceId, link.Key, new WriteAttempt(WriteKind.Delete, TaskValues.Unknown, link.Task!.Revision, now, now + CallTime)),
            SyncAction.RestoreRemote => new PlannedWrite(
                link.TaskId, link.SalesforceId, link.Key, new WriteAttempt(WriteKind.Undelete, TaskValues.Unknown, link.Task!.Revision, now, now + CallTime))
            { IsInBin = row is not null },
            _ => null,
        };
    }

    /// <summary>From then on no attempt can still land.</summary>
    private DateTimeOffset KnownFrom(PendingWrite pending) => pending.Attempts.Max(a => a.SentAt) + options.Value.UnknownOutcomeWait;

    /// <summary>Nothing to send. A task whose attempts may still land stays under watch until they no longer can.</summary>
    private async Task LetGoAsync(TaskSyncDb db, PendingWrite pending, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var watchUntil = pending.Attempts.Count == 0 ? now : KnownFrom(pending);
        if (watchUntil > now)
        {
            (pending.DueAt, pending.IsWatch) = (watchUntil, true);
            return;
        }

        var link = pending.Link!;
        if (link.Task!.RemovedAt is not null && link.SalesforceId is null)
        {
            // Made and removed before it was ever sent: both sides agree that it is not there.
            link.AgreedGone = true;
            link.GoneConfirmedAt = now;
        }

        await PendingWrites.RemoveAsync(db, pending, cancellationToken);
    }

    private sealed record PushRound(List<PendingWrite> Due, IReadOnlyList<WantedRow> Next);
}

/// <summary>One write that was planned and stored as an attempt.</summary>
public sealed record PlannedWrite(Guid TaskId, string? SalesforceId, string Key, WriteAttempt Attempt)
{
    /// <summary>For an undelete: the row was just seen in the recycle bin.</summary>
    public bool IsInBin { get; init; }

    /// <summary>What Salesforce locks while it writes the task: the record it is related to, else the person; empty for neither.</summary>
    public string Lock { get; init; } = "";

    /// <summary>How often in a row it could not be sent.</summary>
    public int Failures { get; init; }
}

internal sealed class PushBatch
{
    public List<PlannedWrite> Writes { get; } = [];

    /// <summary>It will be sent: the attempt is remembered first.</summary>
    public void Take(PendingWrite pending, PlannedWrite write)
    {
        pending.Attempts = [.. pending.Attempts, write.Attempt];
        Writes.Add(write with { Lock = pending.Link!.Task!.WhatId ?? pending.Link.Task.WhoId ?? "", Failures = pending.Failures });
    }
}
