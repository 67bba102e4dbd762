using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>How saving one task ended. A closed set: switch over it.</summary>
public abstract record TaskResult
{
    private TaskResult()
    {
    }

    /// <summary>Stored. Also when nothing had to change.</summary>
    public sealed record Saved(Guid Id, long Revision) : TaskResult;

    /// <summary>Nothing was stored: these values cannot be.</summary>
    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : TaskResult;

    /// <summary>No such task, or somebody else's: both answer alike.</summary>
    public sealed record NotFound : TaskResult;

    /// <summary>The task left the list meanwhile; restore it first. What was typed is not stored.</summary>
    public sealed record Removed(Removal Why) : TaskResult;

    /// <summary>Not possible, with the reason in words for the person.</summary>
    public sealed record Refused(string Reason) : TaskResult;
}

/// <summary>How an action on several tasks ended. Ids that are unknown, somebody else's, or need no change are skipped alike.</summary>
/// <param name="Done">The tasks that changed.</param>
/// <param name="Skipped">How many ids were left as they are.</param>
/// <param name="Undo">Takes the action back; null when nothing changed or it cannot be taken back.</param>
public sealed record BulkResult(IReadOnlyList<Guid> Done, int Skipped, UndoToken? Undo);

/// <summary>What <see cref="TaskService.UndoAsync"/> needs to take an action back. Kept by the page for as long as it likes.</summary>
public sealed record UndoToken(UndoKind Kind, IReadOnlyList<UndoStep> Steps)
{
    /// <summary>For <see cref="TaskService.ReleaseAsync"/> when the undo bar ends.</summary>
    public IReadOnlyList<Guid> TaskIds => [.. Steps.Select(step => step.TaskId)];
}

/// <summary>One task's part of an undo.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Before">The values to set back.</param>
/// <param name="After">The values that the action wrote: a field that was changed again since is left alone.</param>
/// <param name="CompletedAt">When the task had been completed before the action, null when it was open.</param>
public sealed record UndoStep(Guid TaskId, TaskValues Before, TaskValues After, DateTimeOffset? CompletedAt);

public enum UndoKind
{
    Completed,
    Reopened,
    Deleted,
    Rescheduled,
}
