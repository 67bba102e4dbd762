#pragma warning disable CS9113 // to be filled in
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;

namespace TaskSync.Sync.Tasks;

/// <summary>
/// Everything a person does to tasks. Each method takes the person first and sees that person's tasks only: an unknown id and another's id answer alike.
/// The task, its history line and its pending write are stored together. Once begun, a save is not cancelled by leaving the page (S2).
/// </summary>
public sealed class TaskService(
    IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, SyncDoorbell doorbell, ChangeFeed feed, IOptions<SyncOptions> options)
{
    /// <summary>For how long a removed task can be restored (F6, S10).</summary>
    public static readonly TimeSpan RestoreTime = TimeSpan.FromDays(15);

    public Task<TaskResult> CreateAsync(Guid personId, TaskDraft draft, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Applies only the fields in which <paramref name="edited"/> differs from <paramref name="loaded"/> (what the form showed), so that a change that came in meanwhile elsewhere survives.</summary>
    public Task<TaskResult> EditAsync(Guid personId, Guid taskId, TaskDraft loaded, TaskDraft edited, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Completes open tasks with the org's closed status. Sent when the undo bar ends: call <see cref="ReleaseAsync"/> then.</summary>
    public Task<BulkResult> CompleteAsync(Guid personId, IReadOnlyCollection<Guid> taskIds, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Reopens completed tasks with the org's default open status.</summary>
    public Task<BulkResult> ReopenAsync(Guid personId, IReadOnlyCollection<Guid> taskIds, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Takes tasks off the list. Sent when the undo bar ends: call <see cref="ReleaseAsync"/> then.</summary>
    public Task<BulkResult> DeleteAsync(Guid personId, IReadOnlyCollection<Guid> taskIds, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Brings removed tasks back, on both sides: those deleted here or in Salesforce in the last 15 days.</summary>
    public Task<BulkResult> RestoreAsync(Guid personId, IReadOnlyCollection<Guid> taskIds, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Sets the due date of open tasks, or clears it with null.</summary>
    public Task<BulkResult> RescheduleAsync(Guid personId, IReadOnlyCollection<Guid> taskIds, DateOnly? due, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The undo bar ended or the page is being left: what waits for it goes out now.</summary>
    public Task ReleaseAsync(Guid personId, IReadOnlyCollection<Guid> taskIds) => throw new NotImplementedException();

    /// <summary>Takes an action back. A field that was changed again since is left alone. Within the undo time nothing is ever sent.</summary>
    public Task<BulkResult> UndoAsync(Guid personId, UndoToken undo, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Sends one local task to Salesforce: the exception to F5, only while sync is on.</summary>
    public Task<TaskResult> SendToSalesforceAsync(Guid personId, Guid taskId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Takes the value that lost a conflict instead, on both sides.</summary>
    public Task<TaskResult> TakeOtherValueAsync(Guid personId, Guid conflictId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The person has looked at a conflict and leaves it as it is.</summary>
    public Task<TaskResult> KeepValueAsync(Guid personId, Guid conflictId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Puts back the values that a history line replaced.</summary>
    public Task<TaskResult> RestoreVersionAsync(Guid personId, Guid taskId, Guid historyId, CancellationToken cancellationToken) => throw new NotImplementedException();
}
