using System.Diagnostics;
using TaskSync.Sync.Model;
using static TaskSync.Sync.Reconciliation.SideState;
using static TaskSync.Sync.Reconciliation.SyncAction;

namespace TaskSync.Sync.Reconciliation;

/// <summary>Decides what to do with one task. Pure: no clock, no I/O, no logger, so each cell is one test.</summary>
public static class Reconciler
{
    private enum Change
    {
        Same,
        Edited,
        Gone,
    }

    /// <summary>The decision table of docs/sync-algorithm.md; docs/rules/staying-in-step.md has the cases and their reasons.</summary>
    public static SyncAction Plan(TaskTriple task, ConflictPolicy policy) =>
        (ChangeOn(task.Local, task.Base), ChangeOn(task.Remote, task.Base)) switch
        {
            (Change.Same, Change.Same) => Settle(task, policy),
            (Change.Same, Change.Edited) => task.Local is Live ? Settle(task, policy) : Appears(task, policy),
            (Change.Same, Change.Gone) => task.Local is Live ? new DeleteLocal(LosesEdit: false) : new InStep(null),
            (Change.Edited, Change.Same) => task.Base switch
            {
                Live => Settle(task, policy),
                Gone => new RestoreRemote(),
                _ => new CreateRemote(),
            },
            (Change.Edited, Change.Edited) => Settle(task, policy),
            (Change.Edited, Change.Gone) => policy.EditHereDeletedThere(EditedAt(task), ((Gone)task.Remote).At),
            (Change.Gone, Change.Same) => task.Base is Live ? new DeleteRemote(LosesEdit: false) : new Forget(),
            (Change.Gone, Change.Edited) => policy.DeletedHereEditThere(((Gone)task.Local).At, ((Live)task.Remote).Edited.Newest),
            (Change.Gone, Change.Gone) => new Forget(),
            _ => throw new UnreachableException(),
        };

    /// <summary>Absent is no news. Against a base that is gone, a live side has been restored.</summary>
    private static Change ChangeOn(SideState side, SideState @base) => (side, @base) switch
    {
        (Live live, Live agreed) => live.Values.DifferencesFrom(agreed.Values) == TaskFields.None ? Change.Same : Change.Edited,
        (Live, _) => Change.Edited,
        (Gone, Gone) => Change.Same,
        (Gone, _) => Change.Gone,
        _ => Change.Same,
    };

    /// <summary>Live in Salesforce and not here. Removed here after both had agreed that it is gone, it had been restored and deleted once more: the newer action counts.</summary>
    private static SyncAction Appears(TaskTriple task, ConflictPolicy policy) => (task.Base, task.Local) switch
    {
        (Gone agreed, Gone here) when here.At > agreed.At => policy.DeletedHereEditThere(here.At, ((Live)task.Remote).Edited.Newest),
        (Gone, _) => new RestoreLocal(),
        _ => new CreateLocal(),
    };

    private static SyncAction Settle(TaskTriple task, ConflictPolicy policy)
    {
        var agreed = task.Base switch
        {
            Live known => known.Values,
            Gone { Before: { } before } => before,
            _ => TaskValues.Unknown,
        };
        if (task.Local is not Live local)
        {
            return new InStep(null);
        }

        if (task.Remote is not Live remote)
        {
            // No news from Salesforce: what differs from the base is ours to send.
            var ours = local.Values.DifferencesFrom(agreed);
            return ours == TaskFields.None ? new InStep(null) : new WriteRemote(new Merge(TaskValues.Unknown, ours, agreed, []));
        }

        var merge = ThreeWayMerge.Merge(agreed, local, remote, policy);
        return (merge.Local.Known, merge.Push) switch
        {
            (TaskFields.None, TaskFields.None) => new InStep(task.Base is Live && merge.Base.Equals(agreed) ? null : merge.Base),
            (_, TaskFields.None) => new WriteLocal(merge),
            (TaskFields.None, _) => new WriteRemote(merge),
            _ => new WriteBoth(merge),
        };
    }

    /// <summary>When the person last changed one of the fields that differ from the base.</summary>
    private static DateTimeOffset? EditedAt(TaskTriple task)
    {
        var local = (Live)task.Local;
        var changed = task.Base is Live agreed ? local.Values.DifferencesFrom(agreed.Values) : TaskFields.All;
        return changed.Each().Select(field => local.Edited[field]).Max();
    }
}
