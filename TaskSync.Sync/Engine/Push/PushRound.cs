using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Sync.Engine.Push;

/// <summary>A task that is to be looked at for sending.</summary>
/// <param name="Link">With its task.</param>
/// <param name="Pending">What waits; null when only a request of unknown outcome has to be looked after.</param>
internal sealed record DueTask(TaskLink Link, PendingWrite? Pending);

/// <summary>What is due, as much as one call takes, and which rows come after that.</summary>
internal sealed record DueTasks(IReadOnlyList<DueTask> Due, IReadOnlyList<WantedRow> Next);

/// <summary>One round of sending, shared by its steps.</summary>
/// <param name="Context">The cycle.</param>
/// <param name="Pulse">Says how far changes were read.</param>
internal sealed record PushTurn(SyncContext Context, ConnectionPulse Pulse)
{
    /// <summary>What was done is added here by each step that committed something.</summary>
    public PushResult Result { get; } = new();

    /// <summary>Changes are to be read in the last call as well.</summary>
    public bool PollIsDue { get; init; }

    /// <summary>Calls are scarce: plain edits and creates are sent without a call of their own to read first.</summary>
    public bool IsScarce { get; init; }
}

/// <summary>One write that was planned and stored as an attempt.</summary>
public sealed record PlannedWrite(Guid TaskId, string? SalesforceId, string Key, WriteAttempt Attempt)
{
    /// <summary>For an undelete: the row was just seen in the recycle bin.</summary>
    public bool IsInBin { get; init; }

    /// <summary>What Salesforce locks while it writes the task: the record it is related to, else the person; empty for neither.</summary>
    public string Lock { get; init; } = "";

    /// <summary>It is not sent later than this (our clock, UTC): a successor takes the attempt for ended then, and a deletion needs a read that is just made.</summary>
    public DateTimeOffset SendBy { get; init; } = Attempt.Deadline;

    /// <summary>How often it was refused in a row, as far as anybody can tell.</summary>
    public int Refusals { get; init; }
}

/// <summary>
/// Where a task is pushed. The steps of a round, in order: what is due, look up creates without an answer, read the rows about to be written, plan and store
/// the attempts, send them, record the answers.
/// </summary>
public sealed class PushRound(DueWrites writes, CreateLookUp lookUps, PushReader reader, PushPlan plan, PushSender sender)
{
    /// <summary>Pushes one round of what is due. Nothing due costs two reads of an index.</summary>
    internal async Task<PushResult> RunAsync(PushTurn turn, CancellationToken cancellationToken)
    {
        var ahead = turn.Pulse.Ahead;
        turn.Pulse.Ahead = null;
        var (due, next) = await writes.DueAsync(turn, cancellationToken);
        turn.Result.LookedAt = due.Count;
        if (due.Count == 0)
        {
            return turn.Result;
        }

        var found = await lookUps.FindAsync(turn, due, cancellationToken);
        var read = await reader.ReadAsync(turn, new DueTasks([.. due.Where(d => !found.Waiting.Contains(d.Link.TaskId))], next), ahead, cancellationToken);
        var batch = await plan.StoreAsync(turn, new PlanInput(due, found, read), cancellationToken);
        turn.Result.HasMore = next.Count > 0;
        turn.Pulse.Ahead = await sender.SendAsync(turn, batch, read, next, cancellationToken);
        return turn.Result;
    }
}
