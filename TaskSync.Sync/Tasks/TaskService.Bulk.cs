using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Tasks;

/// <summary>Actions on one or many tasks: one transaction, one undo.</summary>
public sealed partial class TaskService
{
    /// <summary>Completes open tasks with the org's closed status. Sent when the undo bar ends: call <see cref="ReleaseAsync"/> then.</summary>
    public Task<BulkResult> CompleteAsync(Guid personId, IReadOnlyCollection<Guid> taskIds, CancellationToken cancellationToken) =>
        SetAsync(personId, taskIds, UndoKind.Completed, (work, task) => task.IsCompleted ? null : Status(work.Schema.ClosedStatus), cancellationToken);

    /// <summary>Reopens completed tasks with the org's default open status.</summary>
    public Task<BulkResult> ReopenAsync(Guid personId, IReadOnlyCollection<Guid> taskIds, CancellationToken cancellationToken) =>
        SetAsync(personId, taskIds, UndoKind.Reopened, (work, task) => task.IsCompleted ? Status(work.Schema.OpenStatus) : null, cancellationToken);

    /// <summary>Sets the due date, or clears it with null; the reminder stays where it is. Sent at once. A date that Salesforce cannot hold changes nothing.</summary>
    public Task<BulkResult> RescheduleAsync(Guid personId, IReadOnlyCollection<Guid> taskIds, DateOnly? due, CancellationToken cancellationToken) =>
        SetAsync(personId, taskIds, UndoKind.Rescheduled, (_, _) => due is { } day && (day < SalesforceLimits.FirstDate || day > SalesforceLimits.LastDate)
            ? null : TaskValues.Unknown.With(TaskField.DueDate, TaskValues.Text(due)), cancellationToken);

    /// <summary>Takes tasks off the list. Sent when the undo bar ends: call <see cref="ReleaseAsync"/> then.</summary>
    public Task<BulkResult> DeleteAsync(Guid personId, IReadOnlyCollection<Guid> taskIds, CancellationToken cancellationToken) =>
        EachAsync(personId, taskIds, UndoKind.Deleted, async (work, task) =>
        {
            if (task.RemovedAt is not null)
            {
                return null;
            }

            work.Remove(task);
            await work.QueueAsync(task, afterUndoTime: true);
            return new UndoStep(task.Id, TaskValues.Unknown, TaskValues.Unknown, task.CompletedAt);
        }, cancellationToken);

    /// <summary>Brings removed tasks back, on both sides: those deleted here or in Salesforce in the last 15 days, and those that Salesforce still has.</summary>
    public Task<BulkResult> RestoreAsync(Guid personId, IReadOnlyCollection<Guid> taskIds, CancellationToken cancellationToken) =>
        EachAsync(personId, taskIds, undo: null, async (work, task) =>
        {
            if (task is not { RemovedAt: not null, Removal: Removal.DeletedHere or Removal.DeletedInSalesforce } || RestorableUntil(task) <= work.Now)
            {
                return null;
            }

            work.PutBack(task);
            await work.QueueOrForgetAsync(task);
            return new UndoStep(task.Id, TaskValues.Unknown, TaskValues.Unknown, task.CompletedAt);
        }, cancellationToken);

    /// <summary>The other answer to the question of the delete brake (S10): all tasks that wait for it come back.</summary>
    public async Task<BulkResult> RestoreHeldAsync(Guid personId, Guid problemId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var held = await db.PendingWrites.Where(p => p.ProblemId == problemId && p.Link!.Task!.PersonId == personId && p.Link.Task.RemovedAt != null)
            .Select(p => p.TaskId).ToListAsync(cancellationToken);
        return await RestoreAsync(personId, held, cancellationToken);
    }

    /// <summary>Until when a removed task can be restored (UTC). Retention counts from Salesforce's confirmation; what Salesforce still has can always be restored (S4).</summary>
    internal static DateTimeOffset RestorableUntil(TaskItem task) => task.Link switch
    {
        { State: LinkState.Open, SalesforceId: not null, AgreedGone: false } when task.Removal == Removal.DeletedHere => DateTimeOffset.MaxValue,
        { GoneConfirmedAt: { } confirmed } when confirmed > task.RemovedAt => confirmed + SalesforceLimits.RecycleBin,
        _ => task.RemovedAt!.Value + SalesforceLimits.RecycleBin,
    };

    /// <summary>The undo bar ended or the page is being left: what waits for it goes out now.</summary>
    public Task ReleaseAsync(Guid personId, IReadOnlyCollection<Guid> taskIds) => RunAsync<bool>(personId, async work =>
    {
        foreach (var task in await work.LoadAsync(taskIds))
        {
            work.Release(task);
        }

        return () => true;
    }, () => false, CancellationToken.None);

    /// <summary>Sets values of tasks that are in the list; null from <paramref name="wanted"/> leaves a task alone.</summary>
    private Task<BulkResult> SetAsync(
        Guid personId, IReadOnlyCollection<Guid> taskIds, UndoKind undo, Func<TaskWork, TaskItem, TaskValues?> wanted, CancellationToken cancellationToken) =>
        EachAsync(personId, taskIds, undo, async (work, task) =>
        {
            if (task.RemovedAt is not null || wanted(work, task) is not { } values)
            {
                return null;
            }

            var (before, completedAt) = (task.Values, task.CompletedAt);
            var changed = work.Change(task, values);
            if (changed == TaskFields.None)
            {
                return null;
            }

            await work.QueueAsync(task, afterUndoTime: undo == UndoKind.Completed);
            return new UndoStep(task.Id, before.Only(changed), values.Only(changed), completedAt);
        }, cancellationToken);

    /// <summary>Does the same to each of the person's tasks among the ids, in one transaction.</summary>
    private Task<BulkResult> EachAsync(
        Guid personId, IReadOnlyCollection<Guid> taskIds, UndoKind? undo, Func<TaskWork, TaskItem, Task<UndoStep?>> action, CancellationToken cancellationToken)
    {
        var asked = taskIds.Distinct().Count();
        return RunAsync<BulkResult>(personId, async work =>
        {
            var steps = new List<UndoStep>(asked);
            foreach (var task in await work.LoadAsync(taskIds))
            {
                if (await action(work, task) is { } step)
                {
                    steps.Add(step);
                }
            }

            var token = undo is { } kind && steps.Count > 0 ? new UndoToken(kind, steps) : null;
            return () => new BulkResult([.. steps.Select(step => step.TaskId)], asked - steps.Count, token);
        }, () => new BulkResult([], asked, null), cancellationToken);
    }

    private static TaskValues Status(string status) => TaskValues.Unknown.With(TaskField.Status, status);
}
