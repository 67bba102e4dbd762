using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>Decides between two values or two actions that cannot both stand. Pure.</summary>
/// <param name="Kind">The rep's choice for fields.</param>
/// <param name="ClockOffset">Salesforce's clock minus ours; null when unknown, and then Salesforce wins (S3).</param>
/// <param name="DeletionBeatsEdit">At catch-up a deletion in Salesforce also beats an edit made here while sync was off (F6).</param>
public sealed record ConflictPolicy(ConflictPolicyKind Kind, TimeSpan? ClockOffset, bool DeletionBeatsEdit = false)
{
    /// <summary>Two edits closer than this cannot be told apart: Salesforce keeps whole seconds (S3).</summary>
    public static readonly TimeSpan TooClose = TimeSpan.FromSeconds(2);

    /// <summary>Who wins a field that both sides changed (S3).</summary>
    public TaskSide Winner(DateTimeOffset? editedHere, DateTimeOffset? editedThere) => Kind switch
    {
        ConflictPolicyKind.SalesforceWins => TaskSide.Salesforce,
        ConflictPolicyKind.TaskSyncWins => TaskSide.TaskSync,
        _ => Newer(editedHere, editedThere),
    };

    /// <summary>Edited here, deleted there: the newer action wins, the loser stays restorable (S4).</summary>
    public SyncAction EditHereDeletedThere(DateTimeOffset? editedHere, DateTimeOffset? deletedThere) =>
        DeletionBeatsEdit || Newer(editedHere, deletedThere) == TaskSide.Salesforce
            ? new SyncAction.DeleteLocal(LosesEdit: true)
            : new SyncAction.RestoreRemote();

    /// <summary>Deleted here, edited there (S4).</summary>
    public SyncAction DeletedHereEditThere(DateTimeOffset? deletedHere, DateTimeOffset? editedThere) =>
        Newer(deletedHere, editedThere) == TaskSide.Salesforce
            ? new SyncAction.RestoreLocal()
            : new SyncAction.DeleteRemote(LosesEdit: true);

    private TaskSide Newer(DateTimeOffset? here, DateTimeOffset? there) =>
        here is { } ours && there is { } theirs && ClockOffset is { } offset && ours + offset - theirs > TooClose
            ? TaskSide.TaskSync
            : TaskSide.Salesforce;
}
