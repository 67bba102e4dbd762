using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Check;

/// <summary>
/// Keeps the history of tasks in the list from growing for ever: lines that are old, and lines beyond the most that a task may have, go.
/// The newest of each task stay, and so do those of conflicts that nobody has decided (S3). Deleted tasks are <see cref="Retention"/>'s.
/// </summary>
public sealed class HistoryRetention(IDbContextFactory<TaskSyncDb> databases, TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>Lines of each task that stay, however old they are.</summary>
    public const int NewestKept = 20;

    private const int TasksAtOnce = 200;

    /// <summary>Lines that go in one statement: the database is free for others between them.</summary>
    internal const int LinesAtOnce = 500;

    /// <summary>Deletes what is due, a bounded batch after the other. Returns how many lines went.</summary>
    public async Task<int> TrimAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - options.Value.HistoryTime;
        var (trimmed, last) = (0, Guid.Empty);
        while (true)
        {
            var tasks = await NextAsync(last, cancellationToken);
            foreach (var task in await LongAsync(tasks, cancellationToken))
            {
                trimmed += await DeleteAsync(db => Newest(db, task).Skip(options.Value.HistoryPerTask), cancellationToken);
                trimmed += await DeleteAsync(db => Newest(db, task).Skip(NewestKept).Where(h => h.At < before), cancellationToken);
            }

            if (tasks.Count < TasksAtOnce)
            {
                return trimmed;
            }

            last = tasks[^1];
        }
    }

    private async Task<List<Guid>> NextAsync(Guid last, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Tasks.Where(t => t.Id > last && t.RemovedAt == null).OrderBy(t => t.Id).Take(TasksAtOnce).Select(t => t.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Those that have more lines than stay in any case. Answered from the index of the history by task and time.</summary>
    private async Task<List<Guid>> LongAsync(List<Guid> tasks, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.History.Where(h => tasks.Contains(h.TaskId)).GroupBy(h => h.TaskId).Where(lines => lines.Count() > NewestKept).Select(lines => lines.Key).ToListAsync(cancellationToken);
    }

    private static IQueryable<HistoryEntry> Newest(TaskSyncDb db, Guid task) => db.History.Where(h => h.TaskId == task).OrderByDescending(h => h.At).ThenByDescending(h => h.Order);

    private async Task<int> DeleteAsync(Func<TaskSyncDb, IQueryable<HistoryEntry>> which, CancellationToken cancellationToken)
    {
        for (var all = 0; ;)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var count = await which(db)
                .Where(h => h.Kind != HistoryKind.Conflict || !db.Conflicts.Any(c => c.TaskId == h.TaskId && c.SettledAt == null && c.At == h.At))
                .OrderBy(h => h.At).ThenBy(h => h.Order).Take(LinesAtOnce).ExecuteDeleteAsync(cancellationToken);
            all += count;
            if (count < LinesAtOnce)
            {
                return all;
            }
        }
    }
}
