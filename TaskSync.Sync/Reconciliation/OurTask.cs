using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>The task as it is here.</summary>
/// <param name="Values">Every field is known.</param>
/// <param name="Edited">When each field was last edited here (our clock, UTC).</param>
/// <param name="RemovedAt">When the task left the list (our clock, UTC); null while it is in it.</param>
/// <param name="Revision">Counts the changes made here.</param>
public sealed record OurTask(TaskValues Values, FieldTimes Edited, DateTimeOffset? RemovedAt, long Revision)
{
    /// <summary>The task of an entity.</summary>
    public static OurTask Of(TaskItem task) => new(task.Values, task.EditTimes, task.RemovedAt, task.Revision);
}
