using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Reads the Command Center in a fixed number of SQL queries, however many tasks there are.</summary>
public sealed class CommandCenterQuery(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock)
{
    /// <summary>A group of up to so many tasks is shown in full.</summary>
    public const int InFull = 100;

    /// <summary>Of a longer one so many are shown at first: more than a screen holds.</summary>
    public const int FirstRows = 25;

    /// <summary>Null when there is no such person.</summary>
    public async Task<CommandCenter?> LoadAsync(Guid personId, TaskView view, string? search, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.LoadRepAsync(personId, cancellationToken) is not { } rep)
        {
            return null;
        }

        var time = rep.Time(clock.GetUtcNow());
        search = TaskSearch.Clean(search);
        var tasks = await db.Tasks.AsNoTracking()
            .Where(t => t.PersonId == personId && t.RemovedAt == null)
            .SearchAsync(db, search, cancellationToken);

        var counts = await CountAsync(tasks, time.Today, cancellationToken);
        var groups = new List<TaskGroup>();
        foreach (var section in Section.Of(view, time.Today))
        {
            groups.AddRange(section.Count(counts) <= InFull
                ? await section.ReadAllAsync(db, tasks, rep, time.Today, cancellationToken)
                : await section.ReadFirstAsync(db, tasks, rep, time.Today, cancellationToken));
        }

        return new CommandCenter(time, view, search, groups, counts, rep.Person.ShortcutsEnabled);
    }

    /// <summary>The rows of these tasks, in no order; without those that are gone or somebody else's.</summary>
    public async Task<IReadOnlyList<TaskRow>> RowsAsync(Guid personId, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.LoadRepAsync(personId, cancellationToken) is { } rep
            ? await Section.RowsAsync(db, ids, rep, rep.Time(clock.GetUtcNow()).Today, cancellationToken)
            : [];
    }

    private static async Task<ViewCounts> CountAsync(IQueryable<TaskItem> tasks, DateOnly today, CancellationToken cancellationToken)
    {
        var (tomorrow, nextWeek) = (today.AddDays(1), today.AddDays(7));
        return await tasks.GroupBy(_ => 1).Select(all => new ViewCounts(
            all.Count(t => !t.IsCompleted && t.DueDate == today),
            all.Count(t => !t.IsCompleted && t.DueDate == tomorrow),
            all.Count(t => !t.IsCompleted && t.DueDate < today),
            all.Count(t => !t.IsCompleted && t.DueDate >= today && t.DueDate < nextWeek),
            all.Count(t => !t.IsCompleted && t.DueDate == null),
            all.Count(t => t.IsCompleted),
            all.Count(t => !t.IsCompleted))).SingleOrDefaultAsync(cancellationToken) ?? new ViewCounts(0, 0, 0, 0, 0, 0, 0);
    }
}
