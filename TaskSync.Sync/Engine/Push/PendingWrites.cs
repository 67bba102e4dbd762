using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Push;

/// <summary>Puts tasks on, and takes them off, the list of what is to be sent. Always inside the caller's unit of work.</summary>
public static class PendingWrites
{
    /// <summary>The task is to be looked at for sending, not before <paramref name="dueAt"/>. An edit is also a way out of a problem.</summary>
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
            await ResolveProblemsAsync(db, link.TaskId, cancellationToken);
            pending.ProblemId = null;
            pending.Failures = 0;
        }
    }

    /// <summary>Nothing is to be sent for these tasks any more; their open problems are over.</summary>
    public static async Task RemoveAsync(TaskSyncDb db, IReadOnlyCollection<Guid> taskIds, CancellationToken cancellationToken)
    {
        foreach (var pending in await db.PendingWrites.Where(p => taskIds.Contains(p.TaskId)).ToListAsync(cancellationToken))
        {
            await RemoveAsync(db, pending, cancellationToken);
        }
    }

    /// <summary>Nothing is to be sent for this task any more; its open problem is over.</summary>
    public static async Task RemoveAsync(TaskSyncDb db, PendingWrite pending, CancellationToken cancellationToken)
    {
        db.PendingWrites.Remove(pending);
        if (pending.ProblemId is not null)
        {
            await ResolveProblemsAsync(db, pending.TaskId, cancellationToken);
        }
    }

    private static async Task ResolveProblemsAsync(TaskSyncDb db, Guid taskId, CancellationToken cancellationToken)
    {
        foreach (var problem in await db.Problems.Where(p => p.TaskId == taskId && p.State != ProblemState.Resolved).ToListAsync(cancellationToken))
        {
            problem.State = ProblemState.Resolved;
        }
    }
}
