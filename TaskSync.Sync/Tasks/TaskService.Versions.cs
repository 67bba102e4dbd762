using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Going back: undo, the other value of a conflict, an earlier version.</summary>
public sealed partial class TaskService
{
    /// <summary>Takes an action back. A field that was changed again since is left alone. Within the undo time nothing is ever sent.</summary>
    public Task<BulkResult> UndoAsync(Guid personId, UndoToken undo, CancellationToken cancellationToken)
    {
        var steps = undo.Steps.ToDictionary(step => step.TaskId);
        return EachAsync(personId, undo.TaskIds, undo: null, async (work, task) =>
        {
            var step = steps[task.Id];
            if (!(undo.Kind == UndoKind.Deleted ? UndoRemoval(work, task) : UndoChange(work, task, step)))
            {
                return null;
            }

            await work.QueueOrForgetAsync(task);
            return step;
        }, cancellationToken);
    }

    /// <summary>Takes the value that lost a conflict instead, on both sides.</summary>
    public Task<TaskResult> TakeOtherValueAsync(Guid personId, Guid conflictId, CancellationToken cancellationToken) =>
        SettleAsync(personId, conflictId, async (work, task, conflict) =>
        {
            var loser = conflict.Winner == TaskSide.TaskSync ? conflict.TheirValue : conflict.OurValue;
            if (loser is null && conflict.Field.Entry().IsNeverEmpty)
            {
                return new TaskResult.Refused($"The other value of {conflict.Field.DisplayName()} is empty, which a task cannot have.");
            }

            return await SetBackAsync(work, task, TaskValues.Unknown.With(conflict.Field, loser), "Took the other value of a conflict.");
        }, cancellationToken);

    /// <summary>The person has looked at a conflict and leaves it as it is.</summary>
    public Task<TaskResult> KeepValueAsync(Guid personId, Guid conflictId, CancellationToken cancellationToken) =>
        SettleAsync(personId, conflictId, action: null, cancellationToken);

    /// <summary>Puts back the values that a history line replaced.</summary>
    public Task<TaskResult> RestoreVersionAsync(Guid personId, Guid taskId, Guid historyId, CancellationToken cancellationToken) => SaveAsync(personId, async work =>
    {
        if (await work.LoadAsync(taskId) is not { } task
            || await work.Db.History.AsNoTracking().SingleOrDefaultAsync(h => h.Id == historyId && h.TaskId == taskId && h.PersonId == personId) is not { } line)
        {
            return () => new TaskResult.NotFound();
        }

        if (task.Removal is { } removal)
        {
            return () => new TaskResult.Removed(removal);
        }

        var values = EarlierValues(line);
        if (values.Known == TaskFields.None)
        {
            return () => new TaskResult.Refused("This line replaced no values.");
        }

        var refusal = await SetBackAsync(work, task, values, "Put back an earlier version.");
        return () => refusal ?? new TaskResult.Saved(task.Id, task.Revision);
    }, cancellationToken);

    /// <summary>What a history line replaced, without what a task cannot have.</summary>
    internal static TaskValues EarlierValues(HistoryEntry line) => line.Changes
        .Where(change => change.Before is not null || !change.Field.Entry().IsNeverEmpty)
        .Aggregate(TaskValues.Unknown, (values, change) => values.With(change.Field, change.Before));

    private static bool UndoRemoval(TaskWork work, TaskItem task)
    {
        if (task.Removal != Removal.DeletedHere)
        {
            return false;
        }

        work.PutBack(task, "Undone.");
        return true;
    }

    private static bool UndoChange(TaskWork work, TaskItem task, UndoStep step)
    {
        // Only what still is as the action left it: anything else is somebody's later decision.
        var untouched = step.After.Known & ~task.Values.DifferencesFrom(step.After);
        if (task.RemovedAt is not null || work.Change(task, step.Before.Only(untouched), "Undone.") == TaskFields.None)
        {
            return false;
        }

        task.CompletedAt = task.IsCompleted ? step.CompletedAt ?? task.CompletedAt : null;
        return true;
    }

    /// <summary>Marks a conflict as looked at, after an action on its task if there is one.</summary>
    private Task<TaskResult> SettleAsync(Guid personId, Guid conflictId, Func<TaskWork, TaskItem, Conflict, Task<TaskResult?>>? action, CancellationToken cancellationToken) =>
        SaveAsync(personId, async work =>
        {
            if (await work.Db.Conflicts.SingleOrDefaultAsync(c => c.Id == conflictId && c.PersonId == personId) is not { } conflict
                || await work.LoadAsync(conflict.TaskId) is not { } task)
            {
                return () => new TaskResult.NotFound();
            }

            if (action is not null && task.Removal is { } removal)
            {
                return () => new TaskResult.Removed(removal);
            }

            if (action is not null && conflict.SettledAt is null && await action(work, task, conflict) is { } refusal)
            {
                return () => refusal;
            }

            conflict.SettledAt ??= work.Now;
            return () => new TaskResult.Saved(task.Id, task.Revision);
        }, cancellationToken);

    /// <summary>Applies earlier values, with the names of records as far as this person's list knows them.</summary>
    /// <returns>Why they cannot be applied, null when they are.</returns>
    private static async Task<TaskResult?> SetBackAsync(TaskWork work, TaskItem task, TaskValues values, string note)
    {
        // An earlier person and a later record may not go together.
        var draft = new TaskDraft { Values = task.Values.Overlay(values) };
        if (TaskRules.Check(draft, work.Schema, values.Known & (TaskFields.Person | TaskFields.RelatedTo)) is { Count: > 0 } errors)
        {
            return new TaskResult.Refused(string.Join(' ', errors.Select(error => error.Message)));
        }

        var changed = await ApplyAsync(work, task, values, note);
        if (changed.Holds(TaskField.Person) && task.WhoId is { } who)
        {
            task.WhoName = await work.Db.Tasks.Where(t => t.PersonId == task.PersonId && t.WhoId == who && t.WhoName != null).Select(t => t.WhoName).FirstOrDefaultAsync();
        }

        if (changed.Holds(TaskField.RelatedTo) && task.WhatId is { } what)
        {
            task.WhatName = await work.Db.Tasks.Where(t => t.PersonId == task.PersonId && t.WhatId == what && t.WhatName != null).Select(t => t.WhatName).FirstOrDefaultAsync();
        }

        return null;
    }
}
