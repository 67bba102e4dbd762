using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Tests.Reconciliation;

/// <summary>Short words for the states of a side, and a model of two sides that carries out a planned action.</summary>
internal static class Sides
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    /// <summary>How many random states a property is tried on; TASKSYNC_ITERATIONS says it for all, fewer for Stryker, more for a long run.</summary>
    public static int Times(int usual) => int.TryParse(Environment.GetEnvironmentVariable("TASKSYNC_ITERATIONS"), out var all) ? all : usual;

    public static TaskValues Values(string? subject = "Call Ana", string? priority = "Normal", string? due = "2026-03-05") => TaskValues.Unknown
        .With(TaskField.Subject, subject).With(TaskField.Priority, priority).With(TaskField.DueDate, due);

    public static SideState Live(TaskValues values, DateTimeOffset? editedAt = null) =>
        new SideState.Live(values, editedAt is { } at ? FieldTimes.None.Stamp(TaskFields.All, at) : FieldTimes.None);

    public static SideState Gone(DateTimeOffset? at = null) => new SideState.Gone(at);

    public static ConflictPolicy Policy(ConflictPolicyKind kind = ConflictPolicyKind.NewestWins, TimeSpan? offset = null, bool offsetUnknown = false, bool deletionBeatsEdit = false) =>
        new(kind, offsetUnknown ? null : offset ?? TimeSpan.Zero, deletionBeatsEdit);

    /// <summary>Carries the action out on both sides at once, as the appliers do over time.</summary>
    public static TaskTriple After(TaskTriple task, SyncAction action)
    {
        var (local, remote) = ((task.Local as SideState.Live)?.Values, (task.Remote as SideState.Live)?.Values);
        return action switch
        {
            SyncAction.InStep inStep => task with { Base = inStep.Base is null ? task.Base : Live(inStep.Base) },
            SyncAction.WriteLocal write => Merged(write.Merge),
            SyncAction.WriteRemote write => Merged(write.Merge),
            SyncAction.WriteBoth write => Merged(write.Merge),
            SyncAction.CreateLocal or SyncAction.RestoreLocal => new TaskTriple(Live(remote!), Live(remote!), Live(remote!)),
            SyncAction.CreateRemote or SyncAction.RestoreRemote => new TaskTriple(Live(local!), Live(local!), Live(local!)),
            SyncAction.DeleteLocal or SyncAction.DeleteRemote => new TaskTriple(Gone(), Gone(), Gone()),
            SyncAction.Forget => new TaskTriple(Gone(), Gone(), task.Remote is SideState.Live ? task.Remote : Gone()),
            _ => throw new InvalidOperationException(action.ToString()),
        };

        TaskTriple Merged(Merge merge)
        {
            var ours = local!.Overlay(merge.Local);
            var sent = ours.Only(merge.Push);
            var theirs = (remote ?? ((SideState.Live)task.Base).Values).Overlay(sent);
            return new TaskTriple(Live(merge.Base.Overlay(sent)), Live(ours), Live(theirs));
        }
    }
}
