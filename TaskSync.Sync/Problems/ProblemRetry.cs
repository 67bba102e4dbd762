using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Problems;

/// <summary>What a retry set free, to be told to engine and pages after the commit.</summary>
internal sealed record Retried(int Problems, IReadOnlyCollection<Guid> People, IReadOnlyCollection<Guid> Connections)
{
    public void Announce(SyncDoorbell doorbell, ChangeFeed feed)
    {
        foreach (var connectionId in Connections)
        {
            doorbell.Ring(connectionId);
        }

        foreach (var personId in People)
        {
            feed.Publish(personId);
        }
    }
}

/// <summary>Sets free what problems hold up: their writes are due now, their blocked fields are written again, their rows are read again.</summary>
internal static class ProblemRetry
{
    /// <summary>
    /// Whether only somebody who looks into Salesforce can tell if a create arrived (S5). Retrying such a problem says "it is not there";
    /// an edit, or an admin's Retry all, says nothing of the kind.
    /// </summary>
    public static bool NeedsALook(string code) => code is ProblemCodes.OutcomeUnknown or ProblemCodes.AmbiguousMatch;

    /// <summary>Whether retrying is an answer that only the rep can give.</summary>
    public static bool IsForTheRep(string code) => NeedsALook(code) || code == ProblemCodes.ManyDeleted;

    /// <summary>Retries the problems in one transaction.</summary>
    public static async Task<Retried> RunAsync(
        IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, Func<TaskSyncDb, IQueryable<Problem>> which, CancellationToken cancellationToken)
    {
        return await databases.TransactAsync(
            async db =>
            {
                var problems = await which(db).ToListAsync(cancellationToken);
                var connections = new HashSet<Guid>();
                foreach (var problem in problems.Where(p => p.State != ProblemState.Resolved))
                {
                    await FreeAsync(db, problem, clock.GetUtcNow(), connections, cancellationToken);
                }

                List<Guid> people = [.. problems.Select(p => p.PersonId).Distinct()];
                await ProblemBook.SettleAsync(db, people, cancellationToken);
                return new Retried(problems.Count, people, connections);
            },
            cancellationToken);
    }

    /// <summary>An audit of these connections is due at once, also where one runs that began before.</summary>
    public static Task AskForAuditAsync(IQueryable<SyncCursor> cursors, CancellationToken cancellationToken) =>
        cursors.Where(c => c.AuditAsked == null || c.AuditAsked == AuditReason.AskedBegun)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.AuditAsked, AuditReason.Asked), cancellationToken);

    private static async Task FreeAsync(TaskSyncDb db, Problem problem, DateTimeOffset now, HashSet<Guid> connections, CancellationToken cancellationToken)
    {
        connections.Add(problem.ConnectionId);
        if (problem.Code == ProblemCodes.ManyDeleted)
        {
            await DeleteQuestions.AllowAsync(db, problem.Id, cancellationToken);
        }

        if (problem.Code == ProblemCodes.RowSetAside)
        {
            // Nothing here can be set free: it is the audit that reads such a row again.
            await AskForAuditAsync(db.Cursors.Where(c => c.ConnectionId == problem.ConnectionId), cancellationToken);
        }

        foreach (var write in await db.PendingWrites.Where(w => w.ConnectionId == problem.ConnectionId && w.ProblemId == problem.Id).ToListAsync(cancellationToken))
        {
            ProblemBook.Release(write);
            write.DueAt = now;
            if (NeedsALook(problem.Code))
            {
                await BeginAnewAsync(db, write, cancellationToken);
            }
        }

        if (problem is { Code: ProblemCodes.KeepsChangingBack, TaskId: { } taskId } && await db.Links.SingleOrDefaultAsync(l => l.TaskId == taskId, cancellationToken) is { } link)
        {
            ProblemBook.Unblock(link);
            await PushAsync(db, link, now, cancellationToken);
        }
    }

    /// <summary>The fields that are free now are sent, at once or together with what another problem of the task holds.</summary>
    private static async Task PushAsync(TaskSyncDb db, TaskLink link, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var write = await db.PendingWrites.FindAsync([link.TaskId], cancellationToken);
        if (write is null)
        {
            db.PendingWrites.Add(new PendingWrite { TaskId = link.TaskId, ConnectionId = link.ConnectionId, QueuedAt = now, DueAt = now });
        }
        else if (write.ProblemId is null)
        {
            write.DueAt = now;
        }
    }

    private static async Task BeginAnewAsync(TaskSyncDb db, PendingWrite write, CancellationToken cancellationToken)
    {
        if (await db.Links.SingleOrDefaultAsync(l => l.TaskId == write.TaskId && l.SalesforceId == null, cancellationToken) is { } link)
        {
            // No attempt is left that could land.
            link.Counterpart().BegunAnew().StoreIn(link, TimeSpan.Zero);
        }
    }
}
