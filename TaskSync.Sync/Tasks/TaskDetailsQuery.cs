using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Reads one task for its dialog.</summary>
public sealed class TaskDetailsQuery(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock)
{
    private const int MaxHistory = 200;

    /// <summary>Null when there is no such task, or it is somebody else's. Removed tasks are found.</summary>
    public async Task<TaskDetails?> LoadAsync(Guid personId, Guid taskId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.LoadRepAsync(personId, cancellationToken) is not { } rep
            || await db.Tasks.AsNoTracking().Include(t => t.Link).SingleOrDefaultAsync(t => t.Id == taskId && t.PersonId == personId, cancellationToken) is not { } task)
        {
            return null;
        }

        var time = rep.Time(clock.GetUtcNow());
        var story = await StoryAsync(db, taskId, cancellationToken);
        var words = await db.WordsAsync(personId, time.Zone, Ids(task, story.History, story.Conflicts), cancellationToken);
        return Details(rep, task, story, time, words);
    }

    private static async Task<Story> StoryAsync(TaskSyncDb db, Guid taskId, CancellationToken cancellationToken) => new(
        await db.PendingWrites.AsNoTracking().SingleOrDefaultAsync(w => w.TaskId == taskId, cancellationToken),
        await db.History.AsNoTracking().Where(h => h.TaskId == taskId).OrderByDescending(h => h.At).ThenByDescending(h => h.Order).Take(MaxHistory).ToListAsync(cancellationToken),
        await db.Conflicts.AsNoTracking().Where(c => c.TaskId == taskId && c.SettledAt == null).OrderByDescending(c => c.At).ToListAsync(cancellationToken),
        await db.Problems.AsNoTracking()
            .Where(p => p.TaskId == taskId && p.State != ProblemState.Resolved).OrderBy(p => p.State).ThenByDescending(p => p.LastSeenAt).ToListAsync(cancellationToken),
        await db.Control.AsNoTracking().SingleOrDefaultAsync(cancellationToken));

    private static TaskDetails Details(Rep rep, TaskItem task, Story story, RepTime time, FieldWords words)
    {
        var (write, history, conflicts, problems, control) = story;
        var title = TaskTitle.Of(task.Subject);
        var sync = new RowSync(task.Link?.State, task.Link?.ConnectionId, task.Link?.SalesforceId, write is not null, write?.ProblemId is not null,
            problems.Any(p => p.State == ProblemState.Open), conflicts.Count > 0);
        var state = sync.State(rep.Connection?.Id);
        var isElsewhere = task.Link is { } link && link.ConnectionId != rep.Connection?.Id;
        return new TaskDetails
        {
            Id = task.Id,
            Draft = TaskDraft.Of(task),
            Revision = task.Revision,
            Title = title,
            IsCompleted = task.IsCompleted,
            CompletedAt = task.CompletedAt,
            Removal = task.Removal,
            SyncState = state,
            SalesforceUrl = state == RowSyncState.OnlyHere ? null : rep.Url(task.Link?.SalesforceId),
            WhoUrl = isElsewhere ? null : rep.Url(task.WhoId),
            WhatUrl = isElsewhere ? null : rep.Url(task.WhatId),
            CanSendToSalesforce = rep.IsSyncing && task is { Link: null, RemovedAt: null },
            Form = TaskForm.Of(rep.Schema, rep.CanCall),
            Time = time,
            History = [.. history.Select(entry => HistoryWords.Line(entry, words))],
            Why = WhyRules.Explain(new WhyFacts(task, task.Link, write, problems.FirstOrDefault(p => p.Id == write?.ProblemId), rep, control, time)),
            Conflicts = [.. conflicts.Select(conflict => Cards.Of(conflict, title, words))],
            Problems = [.. problems.Select(problem => Cards.Of(problem, title))],
        };
    }

    /// <summary>What the form of a new task offers.</summary>
    public async Task<TaskForm> FormAsync(Guid personId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rep = await db.LoadRepAsync(personId, cancellationToken);
        return TaskForm.Of(rep?.Schema ?? OrgSchema.Default, rep?.CanCall == true, isNew: true);
    }

    private static IEnumerable<string?> Ids(TaskItem task, IEnumerable<HistoryEntry> history, IEnumerable<Conflict> conflicts) =>
    [
        task.WhoId, task.WhatId,
        .. history.SelectMany(h => h.Changes).Where(c => c.Field.Entry().Kind == FieldKind.Record).SelectMany(c => new[] { c.Before, c.After }),
        .. conflicts.Where(c => c.Field.Entry().Kind == FieldKind.Record).SelectMany(c => new[] { c.OurValue, c.TheirValue }),
    ];

    private sealed record Story(PendingWrite? Write, List<HistoryEntry> History, List<Conflict> Conflicts, List<Problem> Problems, SyncControl? Control);
}
