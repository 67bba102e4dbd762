using System.Globalization;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Reads the Command Center in a fixed number of SQL queries, however many tasks there are.</summary>
public sealed class CommandCenterQuery(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock)
{
    /// <summary>How many rows of a group are shown in full; further ones are counted.</summary>
    public const int MaxRows = 500;

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
            var rows = await section.ReadAsync(db, tasks, rep, time.Today, cancellationToken);

            // Only what was cut off is more: a task may have left between the counting and this.
            groups.AddRange(Group(section, rows, rows.Count < MaxRows ? 0 : Math.Max(0, section.Count(counts) - rows.Count)));
        }

        return new CommandCenter(time, view, search, groups, counts, TaskForm.Of(rep.Schema, rep.CanCall), rep.Person.ShortcutsEnabled);
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

    private static List<TaskGroup> Group(Section section, IReadOnlyList<TaskRow> rows, int more)
    {
        if (!section.ByDay)
        {
            return [new TaskGroup(section.Title, section.Date, rows, more)];
        }

        var days = rows.GroupBy(row => row.DueDate!.Value)
            .Select(day => new TaskGroup(day.Key.ToString("ddd d MMM", CultureInfo.InvariantCulture), day.Key, [.. day], More: 0))
            .ToList();
        if (more > 0)
        {
            days[^1] = days[^1] with { More = more };
        }

        return days;
    }
}
