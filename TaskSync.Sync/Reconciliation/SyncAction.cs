using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>What is to be done with one task. A closed set; the appliers are the only ones who write.</summary>
public abstract record SyncAction
{
    private SyncAction()
    {
    }

    /// <summary>Nothing to do on either side. The base may move to what both turned out to agree on.</summary>
    public sealed record InStep(TaskValues? Base) : SyncAction;

    /// <summary>Take Salesforce's values here.</summary>
    public sealed record WriteLocal(Merge Merge) : SyncAction;

    /// <summary>Send our values.</summary>
    public sealed record WriteRemote(Merge Merge) : SyncAction;

    /// <summary>Different fields changed on both sides: both survive.</summary>
    public sealed record WriteBoth(Merge Merge) : SyncAction;

    /// <summary>A Salesforce task without a counterpart here.</summary>
    public sealed record CreateLocal : SyncAction;

    /// <summary>A task that was never sent.</summary>
    public sealed record CreateRemote : SyncAction;

    /// <summary>Deleted in Salesforce: remove it here. <see cref="LosesEdit"/> when an edit made here loses to it.</summary>
    public sealed record DeleteLocal(bool LosesEdit) : SyncAction;

    /// <summary>Deleted here: delete it in Salesforce. <see cref="LosesEdit"/> when an edit made there loses to it.</summary>
    public sealed record DeleteRemote(bool LosesEdit) : SyncAction;

    /// <summary>Salesforce has it (again), and that is newer than our removal.</summary>
    public sealed record RestoreLocal : SyncAction;

    /// <summary>We have it (again), and that is newer than Salesforce's deletion.</summary>
    public sealed record RestoreRemote : SyncAction;

    /// <summary>Gone on both sides, or removed before it was ever sent: only the tombstone stays.</summary>
    public sealed record Forget : SyncAction;
}

/// <summary>The outcome of a three-way merge.</summary>
/// <param name="Local">Values to take here (the fields in it, nothing else).</param>
/// <param name="Push">Fields whose value here is to be sent.</param>
/// <param name="Base">The new base, all its fields.</param>
/// <param name="Conflicts">Fields changed on both sides to different values.</param>
public sealed record Merge(TaskValues Local, TaskFields Push, TaskValues Base, IReadOnlyList<FieldConflict> Conflicts);

/// <summary>One field, two values, one winner; the loser is kept in the history (S3).</summary>
public sealed record FieldConflict(TaskField Field, string? Ours, string? Theirs, TaskSide Winner);
