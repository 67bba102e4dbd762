using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>Merges field by field against the base. Pure. Values decide, never stamps: that is what makes our own echo invisible (S6).</summary>
public static class ThreeWayMerge
{
    /// <summary>Only fields that both sides know are looked at; the base keeps what it knew of the others.</summary>
    public static Merge Merge(TaskValues @base, SideState.Live local, SideState.Live remote, ConflictPolicy policy)
    {
        var take = TaskValues.Unknown;
        var push = TaskFields.None;
        var agreed = @base;
        List<FieldConflict>? conflicts = null;

        foreach (var field in (local.Values.Known & remote.Values.Known).Each())
        {
            var (ours, theirs, known) = (local.Values[field], remote.Values[field], @base.Known.Holds(field));
            if (TaskValues.SameText(ours, theirs))
            {
                if (!known || !TaskValues.SameText(@base[field], theirs))
                {
                    agreed = agreed.With(field, theirs);
                }

                continue;
            }

            // Against a field that the base does not know, what is not empty counts as changed.
            var changedHere = !TaskValues.SameText(ours, @base[field]);
            var changedThere = !TaskValues.SameText(theirs, @base[field]);
            var winner = (changedHere, changedThere) switch
            {
                (true, false) => TaskSide.TaskSync,
                (false, true) => TaskSide.Salesforce,
                _ => policy.Winner(local.Edited[field], remote.Edited[field]),
            };

            if (changedHere && changedThere)
            {
                (conflicts ??= []).Add(new FieldConflict(field, ours, theirs, winner));
            }

            // Salesforce's value has been seen and dealt with either way; what differs from it now is ours to send.
            agreed = changedThere || !known ? agreed.With(field, theirs) : agreed;
            (take, push) = winner == TaskSide.Salesforce ? (take.With(field, theirs), push) : (take, push | field.AsSet());
        }

        return new Merge(take, push, agreed, conflicts ?? []);
    }
}
