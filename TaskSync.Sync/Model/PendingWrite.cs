using System.Text.Json;

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

    /// <summary>Set when a person is needed first (S9); nothing is sent until it is cleared.</summary>
    public Guid? ProblemId { get; set; }

    /// <summary>Nothing is left to be sent: an older attempt of unknown outcome is watched until it can no longer land. To people the task is in step.</summary>
    public bool IsWatch { get; set; }

    /// <summary>Attempts of unknown outcome, oldest first, as JSON; null mostly.</summary>
    public string? AttemptsJson { get; set; }

    /// <summary>Concurrency token.</summary>
    public long Version { get; set; }

    public TaskLink? Link { get; init; }

    public IReadOnlyList<WriteAttempt> Attempts
    {
        get => AttemptsJson is null ? [] : JsonSerializer.Deserialize<List<WriteAttempt>>(AttemptsJson)!;
        set => AttemptsJson = value.Count == 0 ? null : JsonSerializer.Serialize(value);
    }
}

/// <summary>One request that was, or may have been, sent. Stored before it is sent.</summary>
/// <param name="Kind">What was asked for.</param>
/// <param name="Values">The values sent: all of them for a create, the changed ones for an update, none for a delete or an undelete.</param>
/// <param name="Revision">The task's revision that was sent.</param>
/// <param name="SentAt">By our clock, UTC.</param>
/// <param name="Deadline">A sender past it does not send; a successor waits for it (UTC).</param>
/// <param name="Key">Where a create wrote its key: only there can it be looked up.</param>
public sealed record WriteAttempt(WriteKind Kind, TaskValues Values, long Revision, DateTimeOffset SentAt, DateTimeOffset Deadline, KeyPlace Key = KeyPlace.None)
{
    /// <summary>A create whose task cannot be looked up: the organization has, or had, no place for its key.</summary>
    public bool IsBlind(KeyPlace place) => Kind == WriteKind.Create && (Key == KeyPlace.None || Key != place);
}

public enum WriteKind
{
    Create,
    Update,
    Delete,

    /// <summary>Taken out of the recycle bin.</summary>
    Undelete,
}
