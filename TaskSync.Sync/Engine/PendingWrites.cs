using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;

namespace TaskSync.Sync.Engine;

/// <summary>Puts tasks on the list of what is to be sent. Always inside the caller's unit of work.</summary>
public static class PendingWrites
{
    /// <summary>
    /// What waits to be sent for tasks that were just read. Whoever decides that nothing is left takes the write away, and an edit goes with it that was made between the
    /// two reads: the write already tells of it, the task that was read does not. A server shows each statement another moment.
    /// </summary>
    /// <param name="db">The caller's unit of work.</param>
    /// <param name="links">With their tasks, as they were read.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="DbUpdateConcurrencyException">A task was edited meanwhile: the unit of work does everything anew.</exception>
    public static async Task<Dictionary<Guid, PendingWrite>> OfAsync(TaskSyncDb db, IReadOnlyCollection<TaskLink> links, CancellationToken cancellationToken)
    {
        if (links.Count == 0)
        {
            return [];
        }

        var revisions = links.DistinctBy(l => l.TaskId).ToDictionary(l => l.TaskId, l => l.Task!.Revision);
        var ids = revisions.Keys.ToList();
        var found = await db.PendingWrites.Where(p => ids.Contains(p.TaskId)).Select(p => new { Write = p, p.Link!.Task!.Revision }).ToListAsync(cancellationToken);
        return found.TrueForAll(pair => pair.Revision == revisions[pair.Write.TaskId])
            ? found.ToDictionary(pair => pair.Write.TaskId, pair => pair.Write)
            : throw new DbUpdateConcurrencyException("A task was edited while it was looked at.");
    }

    /// <summary>The task is to be looked at for sending, not before <paramref name="dueAt"/>. If its write was held by a problem, that question is answered.</summary>
    public static async Task AskAsync(TaskSyncDb db, TaskLink link, DateTimeOffset now, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        var pending = await db.PendingWrites.FindAsync([link.TaskId], cancellationToken);
        if (pending is null || db.Entry(pending).State == EntityState.Deleted)
        {
            db.PendingWrites.Add(new PendingWrite { TaskId = link.TaskId, ConnectionId = link.ConnectionId, QueuedAt = now, DueAt = dueAt });
            return;
        }

        pending.DueAt = dueAt;
        if (pending.ProblemId is not null)
        {
            ProblemBook.Release(pending);
        }
    }
}
