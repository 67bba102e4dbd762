using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>A part of a view: which tasks belong to it, and in which order.</summary>
internal sealed record Section(
    string Title, Expression<Func<TaskItem, bool>> Filter, Func<ViewCounts, int> Count, DateOnly? Date = null, bool ByDay = false, bool NewestFirst = false)
{
    /// <summary>Thousands of subjects are compared a dozen times each: once they are keys, that is a comparison of bytes.</summary>
    private static readonly Comparer<SortKey> Alphabet = Comparer<SortKey>.Create(SortKey.Compare);

    /// <summary>At most two: with the rep and the counts that makes four queries, and one more for each long part.</summary>
    public static IReadOnlyList<Section> Of(TaskView view, DateOnly today)
    {
        var (tomorrow, nextWeek) = (today.AddDays(1), today.AddDays(7));

        // Compared with a parameter, because NOT "IsCompleted" would keep SQLite from using the rest of the index.
        var (open, done) = (false, true);
        var completed = new Section("Completed", t => t.IsCompleted == done, c => c.Completed, NewestFirst: true);
        return view switch
        {
            TaskView.Overdue => [new("Overdue", t => t.IsCompleted == open && t.DueDate < today, c => c.Overdue)],
            TaskView.Next7Days => [new("Next 7 days", t => t.IsCompleted == open && t.DueDate >= today && t.DueDate < nextWeek, c => c.Next7Days, ByDay: true)],
            TaskView.NoDate => [new("No due date", t => t.IsCompleted == open && t.DueDate == null, c => c.NoDate)],
            TaskView.Completed => [completed],
            TaskView.All => [new("Open", t => t.IsCompleted == open, c => c.Open), completed],
            _ =>
            [
                new("Today", t => t.IsCompleted == open && t.DueDate == today, c => c.Today, today),
                new("Tomorrow", t => t.IsCompleted == open && t.DueDate == tomorrow, c => c.Tomorrow, tomorrow),
            ],
        };
    }

    /// <summary>All rows, with one query.</summary>
    public async Task<IEnumerable<TaskGroup>> ReadAllAsync(TaskSyncDb db, IQueryable<TaskItem> tasks, Rep rep, DateOnly today, CancellationToken cancellationToken)
    {
        var rows = await tasks.Where(Filter).Select(Row(db)).ToListAsync(cancellationToken);
        var places = Sorted(rows.Select(row => new Place(row.Id, row.Revision, row.DueDate, row.ReminderAt, row.Priority, row.Subject, row.CompletedAt)), rep.Schema);
        return Groups(places, Shown(rows, rep, today));
    }

    /// <summary>The order of all tasks, and the first rows: two queries, however many there are.</summary>
    public async Task<IEnumerable<TaskGroup>> ReadFirstAsync(TaskSyncDb db, IQueryable<TaskItem> tasks, Rep rep, DateOnly today, CancellationToken cancellationToken)
    {
        var places = Sorted(
            await tasks.Where(Filter).Select(t => new Place(t.Id, t.Revision, t.DueDate, t.ReminderAt, t.Priority, t.Subject, t.CompletedAt)).ToListAsync(cancellationToken), rep.Schema);
        var first = Groups(places, []).SelectMany(group => group.Tasks.Take(group.Count <= CommandCenterQuery.InFull ? group.Count : CommandCenterQuery.FirstRows)).Select(task => task.Id).ToList();
        return Groups(places, (await RowsAsync(db, first, rep, today, cancellationToken)).ToDictionary(row => row.Id));
    }

    /// <summary>The rep's rows of these tasks, in no order.</summary>
    public static async Task<IReadOnlyList<TaskRow>> RowsAsync(TaskSyncDb db, IReadOnlyCollection<Guid> ids, Rep rep, DateOnly today, CancellationToken cancellationToken)
    {
        // Whose they are is not asked in SQL: SQLite would go through all tasks of the rep instead of looking up these.
        var rows = await db.Tasks.AsNoTracking().Where(t => ids.Contains(t.Id) && t.RemovedAt == null).Select(Row(db)).ToListAsync(cancellationToken);
        return [.. rows.Where(row => row.PersonId == rep.Person.Id).Select(row => row.Show(rep, today))];
    }

    /// <summary>By day, then reminder (none last), priority, subject; completed ones by when they were completed, the latest first.</summary>
    private List<Place> Sorted(IEnumerable<Place> places, OrgSchema schema)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        var sorted = NewestFirst
            ? places.OrderByDescending(place => place.CompletedAt ?? DateTimeOffset.MinValue).ThenByDescending(place => place.Id)
            : places.OrderBy(place => place.DueDate ?? DateOnly.MaxValue)
                .ThenBy(place => place.ReminderAt ?? DateTimeOffset.MaxValue)
                .ThenBy(place => ranks.TryGetValue(place.Priority, out var rank) ? rank : ranks[place.Priority] = schema.PriorityRank(place.Priority))
                .ThenBy(place => CultureInfo.InvariantCulture.CompareInfo.GetSortKey(TaskTitle.Of(place.Subject), CompareOptions.IgnoreCase), Alphabet)
                .ThenBy(place => place.Id);
        return [.. sorted];
    }

    private IEnumerable<TaskGroup> Groups(List<Place> places, Dictionary<Guid, TaskRow> rows) => ByDay
        ? places.GroupBy(place => place.DueDate!.Value).Select(day => Group(day.Key.ToString("ddd d MMM", CultureInfo.InvariantCulture), day.Key, day, rows))
        : [Group(Title, Date, places, rows)];

    private TaskGroup Group(string title, DateOnly? date, IEnumerable<Place> places, Dictionary<Guid, TaskRow> rows)
    {
        ListedTask[] tasks = [.. places.Select(place => new ListedTask(place.Id, place.Revision))];
        return new TaskGroup(title, date, tasks, [.. tasks.Select(task => rows.GetValueOrDefault(task.Id)).OfType<TaskRow>()], NewestFirst);
    }

    private static Dictionary<Guid, TaskRow> Shown(IEnumerable<RowData> rows, Rep rep, DateOnly today) => rows.Select(row => row.Show(rep, today)).ToDictionary(row => row.Id);

    private static Expression<Func<TaskItem, RowData>> Row(TaskSyncDb db) => task => new RowData(
        task.Id, task.PersonId, task.Subject, task.DueDate, task.Priority, task.Status, task.IsCompleted, task.CompletedAt, task.Type, task.ReminderAt,
        task.WhoId, task.WhoName, task.WhatId, task.WhatName, task.Revision,
        new RowSync(
            (LinkState?)task.Link!.State,
            (Guid?)task.Link.ConnectionId,
            task.Link.SalesforceId,
            db.PendingWrites.Any(w => w.TaskId == task.Id),
            db.PendingWrites.Any(w => w.TaskId == task.Id && w.ProblemId != null),
            db.Problems.Any(p => p.TaskId == task.Id && p.State == ProblemState.Open),
            db.Conflicts.Any(c => c.TaskId == task.Id && c.SettledAt == null)));

    /// <summary>What decides about a task's place.</summary>
    private sealed record Place(Guid Id, long Revision, DateOnly? DueDate, DateTimeOffset? ReminderAt, string Priority, string? Subject, DateTimeOffset? CompletedAt);

    /// <summary>The columns of a row as read.</summary>
    private sealed record RowData(
        Guid Id, Guid PersonId, string? Subject, DateOnly? DueDate, string Priority, string Status, bool IsCompleted, DateTimeOffset? CompletedAt, string? Type,
        DateTimeOffset? ReminderAt, string? WhoId, string? WhoName, string? WhatId, string? WhatName, long Revision, RowSync Sync)
    {
        public TaskRow Show(Rep rep, DateOnly today)
        {
            var state = Sync.State(rep.Connection?.Id);

            // Ids of another org mean other records here.
            var isElsewhere = Sync.ConnectionId is { } connection && connection != rep.Connection?.Id;
            return new TaskRow
            {
                Id = Id,
                Title = TaskTitle.Of(Subject),
                DueDate = DueDate,
                IsOverdue = !IsCompleted && DueDate < today,
                Priority = Priority,
                IsHighPriority = rep.Schema.Priorities.Any(p => p.IsHigh && p.Value == Priority),
                Status = Status,
                IsCompleted = IsCompleted,
                CompletedAt = CompletedAt,
                Type = Type,
                ReminderAt = ReminderAt,
                WhoName = WhoName,
                WhoUrl = isElsewhere ? null : rep.Url(WhoId),
                WhatName = WhatName,
                WhatUrl = isElsewhere ? null : rep.Url(WhatId),
                SyncState = state,
                Revision = Revision,
                SalesforceUrl = state == RowSyncState.OnlyHere ? null : rep.Url(Sync.SalesforceId),
            };
        }
    }
}
