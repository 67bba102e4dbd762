using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>A part of a view that is read with one query: the best of its rows, in order.</summary>
internal sealed record Section(
    string Title, Expression<Func<TaskItem, bool>> Filter, Func<ViewCounts, int> Count, DateOnly? Date = null, bool ByDay = false, bool NewestFirst = false)
{
    /// <summary>At most two: with the rep and the counts that makes four queries.</summary>
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

    /// <summary>The first rows in order: by day, then reminder (none last), priority, subject; completed ones by when they were completed, the latest first.</summary>
    public async Task<IReadOnlyList<TaskRow>> ReadAsync(TaskSyncDb db, IQueryable<TaskItem> tasks, Rep rep, DateOnly today, CancellationToken cancellationToken)
    {
        var schema = rep.Schema;
        var wanted = tasks.Where(Filter);
        var ordered = NewestFirst
            ? wanted.OrderBy(t => t.CompletedAt == null).ThenByDescending(t => t.CompletedAt).ThenByDescending(t => t.Id)
            : wanted.OrderBy(t => t.DueDate == null).ThenBy(t => t.DueDate)
                .ThenBy(t => t.ReminderAt == null).ThenBy(t => t.ReminderAt).ThenBy(PriorityRank(schema)).ThenBy(t => t.Subject).ThenBy(t => t.Id);

        var rows = await ordered.Take(CommandCenterQuery.MaxRows).Select(Row(db)).ToListAsync(cancellationToken);
        var shown = rows.Select(row => row.Show(rep, today));
        return NewestFirst
            ? [.. shown]
            : [.. shown
                .OrderBy(row => row.DueDate ?? DateOnly.MaxValue)
                .ThenBy(row => row.ReminderAt ?? DateTimeOffset.MaxValue)
                .ThenBy(row => schema.PriorityRank(row.Priority))
                .ThenBy(row => row.Title, StringComparer.InvariantCultureIgnoreCase)];
    }

    /// <summary>The org's order of priorities as SQL, so that the right rows are cut off when there are too many.</summary>
    private static Expression<Func<TaskItem, int>> PriorityRank(OrgSchema schema)
    {
        var task = Expression.Parameter(typeof(TaskItem), "task");
        var priority = Expression.Property(task, nameof(TaskItem.Priority));
        var rank = schema.Priorities.Select(p => p.Value).Distinct().Aggregate<string, Expression>(
            Expression.Constant(int.MaxValue),
            (others, value) => Expression.Condition(Expression.Equal(priority, Expression.Constant(value)), Expression.Constant(schema.PriorityRank(value)), others));
        return Expression.Lambda<Func<TaskItem, int>>(rank, task);
    }

    private static Expression<Func<TaskItem, RowData>> Row(TaskSyncDb db) => task => new RowData(
        task.Id, task.Subject, task.DueDate, task.Priority, task.Status, task.IsCompleted, task.CompletedAt, task.Type, task.ReminderAt,
        task.WhoId, task.WhoName, task.WhatId, task.WhatName, task.Revision,
        new RowSync(
            (LinkState?)task.Link!.State,
            (Guid?)task.Link.ConnectionId,
            task.Link.SalesforceId,
            db.PendingWrites.Any(w => w.TaskId == task.Id),
            db.PendingWrites.Any(w => w.TaskId == task.Id && w.ProblemId != null),
            db.Problems.Any(p => p.TaskId == task.Id && p.State == ProblemState.Open),
            db.Conflicts.Any(c => c.TaskId == task.Id && c.SettledAt == null)));

    /// <summary>The columns of a row as read.</summary>
    private sealed record RowData(
        Guid Id, string? Subject, DateOnly? DueDate, string Priority, string Status, bool IsCompleted, DateTimeOffset? CompletedAt, string? Type,
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
