namespace TaskSync.Sync.Model;

/// <summary>
/// Says that a linked task has to be looked at for sending. At most one per task: ten edits while Salesforce is away are one call.
/// What is to be sent is not stored here but planned when it is sent, from the task, its base and a fresh read.
/// </summary>
public sealed class PendingWrite
{
    /// <summary>The task, and the key.</summary>
    public Guid TaskId { get; init; }

    public Guid ConnectionId { get; init; }

    /// <summary>Since when something has been waiting (UTC).</summary>
    public DateTimeOffset QueuedAt { get; init; }

    /// <summary>Not before this instant (UTC): the undo bar, a back-off, or the wait after an unknown outcome.</summary>
    public DateTimeOffset DueAt { get; set; }

    /// <summary>Failures in a row, for the back-off.</summary>
    public int Failures { get; set; }

    /// <summary>Answers since the last progress that refused it, as far as anybody can tell. Outages and row locks are none.</summary>
    public int Refusals { get; set; }

    /// <summary>Set when a person is needed first (S9); nothing is sent until it is cleared.</summary>
    public Guid? ProblemId { get; set; }

    /// <summary>Concurrency token.</summary>
    public long Version { get; set; }

    public TaskLink? Link { get; init; }
}
