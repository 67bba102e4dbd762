using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;

namespace TaskSync.Sync.Engine;

/// <summary>Puts tasks on the list of what is to be sent. Always inside the caller's unit of work.</summary>
public static class PendingWrites
{
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
