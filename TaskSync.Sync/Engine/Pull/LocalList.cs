using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>Carries out planned actions on our side, inside one unit of work: the task, its link, its history and what is left to send.</summary>
internal sealed class LocalList(TaskSyncDb db, SyncContext context, DateTimeOffset now, ApplyResult result)
{
    /// <summary>Our side for the planner: what the org cannot hold is left out, what we may not write counts as unchanged.</summary>
    public SideState LocalOf(TaskLink link)
    {
        var task = link.Task!;
        return task.RemovedAt is not null ? new SideState.Gone(task.RemovedAt) : ValuesOf(link);
    }

    /// <summary>A row's values for the planner, as far as the rep may see them, each as of the row's last edit: which field that changed Salesforce does not say.</summary>
    public SideState.Live ValuesOf(RemoteTask row) => new SideState.Live(row.Values.Only(context.Schema.Readable), FieldTimes.None.Stamp(TaskFields.All, row.LastModifiedDate));

    /// <summary>What was last agreed, for the planner. Without an id there is nothing in Salesforce to have agreed on, not even after a removal before it was ever sent.</summary>
    public static SideState BaseOf(TaskLink link) =>
        link.SalesforceId is null ? SideState.Absent
        : link.AgreedGone ? GoneSince(link, link.GoneConfirmedAt)
        : link.BaseJson is null ? SideState.Absent
        : new SideState.Live(link.Base);

    /// <summary>Gone since then, with what had been agreed on before.</summary>
    public static SideState GoneSince(TaskLink link, DateTimeOffset? at) => new SideState.Gone(at, link.BaseJson is null ? null : link.Base);

    public async Task ApplyAsync(SyncAction action, TaskLink link, PendingWrite? pending, RemoteTask row, TaskValues? recognised, CancellationToken cancellationToken)
    {
        var push = false;
        switch (action)
        {
            case SyncAction.InStep inStep:
                Agree(link, inStep.Base ?? recognised, row);
                break;
            case SyncAction.WriteLocal write:
                Take(write.Merge, link, row);
                break;
            case SyncAction.WriteBoth write:
                Take(write.Merge, link, row);
                push = true;
                break;
            case SyncAction.WriteRemote write:
                RecordConflicts(write.Merge, link, row);
                Agree(link, write.Merge.Base, row);
                push = true;
                break;
            case SyncAction.RestoreLocal:
                Restore(link, row);
                break;
            case SyncAction.DeleteLocal delete:
                Remove(link, row, delete.LosesEdit);
                break;
            case SyncAction.DeleteRemote delete:
                if (delete.LosesEdit)
                {
                    Note(link, HistoryKind.Conflict, row, "Edited in Salesforce, but you deleted it later: the deletion counts.",
                        Changes(link.Base, row.Values, row.Values.DifferencesFrom(link.Base)));
                }

                Agree(link, TakeUnseen(link, row).Base, row);
                push = true;
                break;
            case SyncAction.RestoreRemote:
                link.AgreedGone = true;
                link.GoneConfirmedAt ??= now;
                link.ObservedModstamp = row.SystemModstamp;
                push = true;
                break;
            case SyncAction.Forget:
                link.AgreedGone = true;
                link.GoneConfirmedAt ??= now;
                break;
            default:
                // CreateLocal and CreateRemote need no link to plan against.
                throw new InvalidOperationException($"{action.GetType().Name} does not follow from an observation of a linked task.");
        }

        await SettlePendingAsync(link, pending, push, cancellationToken);
    }

    /// <summary>A Salesforce task that has no counterpart here comes in.</summary>
    /// <param name="row">What was read.</param>
    /// <param name="keepKey">It bears a key of ours that no link here has: from now on one does.</param>
    /// <returns>The new task's link.</returns>
    public TaskLink Enter(RemoteTask row, bool keepKey)
    {
        var task = new TaskItem { PersonId = context.Person.Id, Origin = TaskOrigin.Salesforce, CreatedAt = row.CreatedDate, UpdatedAt = now, Revision = 1 };
        var values = row.Values.Only(context.Schema.Readable);
        task.Take(values);
        TakeDerived(task, row);
        db.Tasks.Add(task);
        var link = new TaskLink
        {
            TaskId = task.Id,
            ConnectionId = context.ConnectionId,
            OrganizationId = context.Connection.OrganizationId,
            SalesforceId = row.Id,
            Key = keepKey ? row.Key! : TaskKey.New(),
            Base = values,
            ObservedModstamp = row.SystemModstamp,
        };
        db.Links.Add(link);
        AddHistory(task.Id, HistoryKind.CameIn, row, null, []);
        result.Created++;
        result.People.Add(context.Person.Id);
        return link;
    }

    /// <summary>Closes a link because somebody else owns the Salesforce task now, or holds the connection. Nothing is written to Salesforce (S7).</summary>
    public async Task CloseAsync(TaskLink link, PendingWrite? pending, LinkState state, RemoteTask row, CancellationToken cancellationToken)
    {
        Close(link, state, row);
        if (pending is not null)
        {
            await PendingWrites.RemoveAsync(db, pending, cancellationToken);
        }
    }

    /// <summary>The same without what waits to be sent, which the caller takes care of.</summary>
    /// <param name="link">The link.</param>
    /// <param name="state">Why it closes.</param>
    /// <param name="row">What was read; null when only Salesforce's refusal told of it.</param>
    public void Close(TaskLink link, LinkState state, RemoteTask? row)
    {
        var task = link.Task!;
        link.State = state;
        link.ObservedModstamp = row?.SystemModstamp ?? link.ObservedModstamp;
        var unsent = task.Values.DifferencesFrom(link.Base);
        if (state == LinkState.Reassigned && task.RemovedAt is null)
        {
            task.RemovedAt = now;
            task.Removal = Removal.Reassigned;
            task.UpdatedAt = now;
            result.Deleted++;
        }

        var note = state == LinkState.Reassigned ? "Reassigned in Salesforce: somebody else owns this task now." : "Another person in TaskSync is connected as this Salesforce user now.";
        db.History.Add(new HistoryEntry
        {
            TaskId = task.Id,
            PersonId = task.PersonId,
            At = now,
            Side = TaskSide.Salesforce,
            Kind = state == LinkState.Reassigned ? HistoryKind.Reassigned : HistoryKind.Lost,
            Actor = row?.LastModifiedByName,
            Note = unsent == TaskFields.None ? note : note + " Your changes that had not been sent are kept here.",
            Changes = Changes(link.Base, task.Values, unsent),
        });
        result.People.Add(task.PersonId);
    }

    /// <summary>The task is visible, or ours, again: its link is taken up where it was left.</summary>
    public void Reopen(TaskLink link, RemoteTask row)
    {
        var task = link.Task!;
        if (link.State == LinkState.Reassigned)
        {
            // What was here is past: the task comes back as Salesforce has it.
            link.AgreedGone = true;
            task.RemovedAt ??= now;
            link.GoneConfirmedAt = task.RemovedAt;
        }
        else if (task.RemovedAt is null)
        {
            // Deleted here when it was no longer shown, and restored since: Salesforce never heard of either.
            link.AgreedGone = false;
            link.GoneConfirmedAt = null;
        }

        link.State = LinkState.Open;
        result.People.Add(context.Person.Id);
    }

    /// <summary>A row bears the key of one of our creates: it is that create. The base becomes the values sent, those that the row shows if several were.</summary>
    public void Adopt(TaskLink link, PendingWrite pending, RemoteTask row)
    {
        link.SalesforceId = row.Id;
        var sent = pending.Attempts.FirstOrDefault(a => a.Kind == WriteKind.Create) ?? CreateFor(link, now, now).Attempt!;
        link.Base = AttemptRecognition.Absorb(sent.Values, pending.Attempts, row.Values);
        link.AgreedGone = false;
        link.GoneConfirmedAt = null;
        pending.Attempts = [];
        AddHistory(link.TaskId, HistoryKind.Sent, null, "Sent to Salesforce.", []);
        result.Updated++;
        result.People.Add(context.Person.Id);
    }

    /// <summary>A task that both sides agree is gone was created once more by a request of ours that had hung. As it was created nobody wants it; edited since, somebody does (S4).</summary>
    public void AdoptLate(TaskLink link, RemoteTask row)
    {
        link.SalesforceId = row.Id;
        link.ObservedModstamp = null;
        if (row.LastModifiedDate - row.CreatedDate <= ConflictPolicy.TooClose)
        {
            link.Base = link.Base.Overlay(row.Values.Only(context.Schema.Readable & link.Base.Known));
            link.AgreedGone = false;
            link.GoneConfirmedAt = null;
        }
    }

    /// <summary>
    /// Before a row is taken out of the recycle bin: what had been edited there before it was deleted is merged as of then. Afterwards its stamp is that of our
    /// undelete, and nobody could tell which edit was the newer (S3).
    /// </summary>
    public void MergeDeleted(TaskLink link, RemoteTask row)
    {
        var task = link.Task!;
        if (link.BaseJson is null || task.RemovedAt is not null)
        {
            return;
        }

        var before = task.Values;
        var merge = TakeUnseen(link, row);
        link.Base = merge.Base;
        if (merge.Local.Known != TaskFields.None)
        {
            AddHistory(task.Id, HistoryKind.Edited, row, null, Changes(before, task.Values, merge.Local.Known));
        }
    }

    /// <summary>The insert of a task that is not in Salesforce yet, with all its values.</summary>
    public PlannedWrite CreateFor(TaskLink link, DateTimeOffset deadline, DateTimeOffset at)
    {
        var task = link.Task!;
        var values = task.Values.Only(context.Schema.Holdable(task.Values) & context.Schema.Createable);
        return new PlannedWrite(task.Id, null, link.Key, new WriteAttempt(WriteKind.Create, values, task.Revision, at, deadline, context.Schema.Key));
    }

    /// <summary>The update of the fields that may be written; null when none is left.</summary>
    public PlannedWrite? UpdateFor(TaskLink link, TaskFields push, DateTimeOffset deadline, DateTimeOffset at)
    {
        var task = link.Task!;
        var values = task.Values.Only(push & context.Schema.Updateable & ~link.BlockedFields);
        return values.Known == TaskFields.None ? null
            : new PlannedWrite(task.Id, link.SalesforceId, link.Key, new WriteAttempt(WriteKind.Update, values, task.Revision, at, deadline));
    }

    private void Take(Merge merge, TaskLink link, RemoteTask row)
    {
        RecordConflicts(merge, link, row);
        var task = link.Task!;
        var before = task.Values;
        var memory = PushMemory.FromJson(link.PushMemoryJson).Observed(merge.Local, now, out var exhausted);
        link.PushMemoryJson = memory.ToJson();
        if (exhausted != TaskFields.None)
        {
            Block(link, exhausted, row);
        }

        var wasCompleted = task.IsCompleted;
        task.Take(merge.Local);
        TakeDerived(task, row);
        task.UpdatedAt = now;
        var kind = (wasCompleted, task.IsCompleted) switch
        {
            (false, true) => HistoryKind.Completed,
            (true, false) => HistoryKind.Reopened,
            _ => HistoryKind.Edited,
        };
        AddHistory(task.Id, kind, row, null, Changes(before, task.Values, merge.Local.Known));
        Agree(link, merge.Base, row);
        result.Updated++;
        result.People.Add(context.Person.Id);
    }

    /// <summary>What follows from other fields and is not synced by itself: closed or not, when completed, names of related records.</summary>
    private void TakeDerived(TaskItem task, RemoteTask row)
    {
        if (row.Values.Known.Holds(TaskField.Status) && TaskValues.SameText(task.Status, row.Values[TaskField.Status]))
        {
            task.IsCompleted = row.IsClosed;
            task.CompletedAt = row.IsClosed ? row.CompletedAt ?? task.CompletedAt ?? row.LastModifiedDate : null;
        }

        task.WhoName = task.WhoId == row.Values[TaskField.Person] ? row.WhoName ?? task.WhoName : task.WhoName;
        task.WhatName = task.WhatId == row.Values[TaskField.RelatedTo] ? row.WhatName ?? task.WhatName : task.WhatName;
        if ((task.WhoId is not null && task.WhoName is null) || (task.WhatId is not null && task.WhatName is null))
        {
            result.Unnamed.Add(row.Id);
        }
    }

    /// <summary>Moves the base, if it moved. An echo of what both agree on already leaves no trace at all (S6).</summary>
    private static void Agree(TaskLink link, TaskValues? agreed, RemoteTask row)
    {
        if (agreed is null || (agreed.Equals(link.Base) && !link.AgreedGone))
        {
            return;
        }

        link.Base = agreed;
        link.AgreedGone = false;
        link.GoneConfirmedAt = null;
        link.ObservedModstamp = row.SystemModstamp;
    }

    private SideState.Live ValuesOf(TaskLink link)
    {
        var task = link.Task!;
        var values = task.Values;
        values = values.Only(context.Schema.Holdable(values));
        if (link.BaseJson is not null)
        {
            values = values.Overlay(link.Base.Only(values.Known & (link.BlockedFields | ~context.Schema.Updateable)));
        }

        return new SideState.Live(values, task.EditTimes);
    }

    /// <summary>
    /// Takes what was edited in a row that is gone, or that we are about to delete, into the task here, whether that is removed or not: restored, it has both
    /// sides' edits, and what it does not know is not taken for an edit made here. Of a field that is hidden the base keeps what it knew.
    /// </summary>
    private Merge TakeUnseen(TaskLink link, RemoteTask row)
    {
        var merge = ThreeWayMerge.Merge(link.Base, ValuesOf(link), ValuesOf(row), context.Policy(deletionBeatsEdit: false));
        RecordConflicts(merge, link, row);
        if (merge.Local.Known != TaskFields.None)
        {
            var task = link.Task!;
            task.Take(merge.Local);
            TakeDerived(task, row);
            task.UpdatedAt = now;
        }

        return merge;
    }

    private void Restore(TaskLink link, RemoteTask row)
    {
        var task = link.Task!;
        var before = task.Values;
        task.RemovedAt = null;
        task.Removal = null;
        task.Take(row.Values.Only(context.Schema.Readable));
        TakeDerived(task, row);
        task.UpdatedAt = now;
        link.AgreedGone = false;
        link.GoneConfirmedAt = null;
        link.Base = link.Base.Overlay(row.Values.Only(context.Schema.Readable));
        link.ObservedModstamp = row.SystemModstamp;
        AddHistory(task.Id, HistoryKind.Restored, row, null, Changes(before, task.Values, task.Values.DifferencesFrom(before)));
        result.Created++;
        result.People.Add(context.Person.Id);
    }

    private void Remove(TaskLink link, RemoteTask row, bool losesEdit)
    {
        var task = link.Task!;
        task.RemovedAt = now;
        task.Removal = Removal.DeletedInSalesforce;
        task.UpdatedAt = now;
        link.AgreedGone = true;
        link.GoneConfirmedAt = now;
        link.ObservedModstamp = row.SystemModstamp;
        AddHistory(task.Id, HistoryKind.Deleted, row, losesEdit ? "Deleted in Salesforce. Your edited version can be restored from Recently deleted." : null, []);
        result.Deleted++;
        result.People.Add(context.Person.Id);
    }

    private async Task SettlePendingAsync(TaskLink link, PendingWrite? pending, bool push, CancellationToken cancellationToken)
    {
        if (push)
        {
            result.NeedsPush = true;
            if (pending is null || pending.IsWatch)
            {
                await PendingWrites.AskAsync(db, link, now, now, cancellationToken);
            }

            return;
        }

        // An attempt of unknown outcome may still land: its task stays under watch until it no longer can.
        if (pending is not null && pending.Attempts.Count == 0)
        {
            await PendingWrites.RemoveAsync(db, pending, cancellationToken);
            result.People.Add(context.Person.Id);
        }
    }

    private void RecordConflicts(Merge merge, TaskLink link, RemoteTask row)
    {
        foreach (var conflict in merge.Conflicts)
        {
            db.Conflicts.Add(new Conflict
            {
                PersonId = context.Person.Id,
                TaskId = link.TaskId,
                Field = conflict.Field,
                OurValue = conflict.Ours,
                TheirValue = conflict.Theirs,
                Winner = conflict.Winner,
                At = now,
            });
            var (lost, won) = conflict.Winner == TaskSide.Salesforce ? (conflict.Ours, conflict.Theirs) : (conflict.Theirs, conflict.Ours);
            AddHistory(link.TaskId, HistoryKind.Conflict, row, conflict.Winner == TaskSide.Salesforce ? "Changed in both places; Salesforce's value counts." : "Changed in both places; your value counts.",
                [new FieldChange(conflict.Field, lost, won)]);
            result.People.Add(context.Person.Id);
        }
    }

    private void Block(TaskLink link, TaskFields fields, RemoteTask row)
    {
        link.BlockedFields |= fields;
        link.PushMemoryJson = null;
        var names = string.Join(", ", fields.Each().Select(f => f.DisplayName()));
        db.Problems.Add(new Problem
        {
            PersonId = context.Person.Id,
            ConnectionId = context.ConnectionId,
            TaskId = link.TaskId,
            Code = ProblemCodes.KeepsChangingBack,
            Message = $"Salesforce changed {names} back after our change {PushMemory.Limit} times within {PushMemory.Window.TotalMinutes:0} minutes.",
            FirstSeenAt = now,
            LastSeenAt = now,
        });
        Note(link, HistoryKind.Conflict, row, $"Salesforce keeps changing {names} back. We stopped sending it.", []);
    }

    private void Note(TaskLink link, HistoryKind kind, RemoteTask row, string note, IReadOnlyList<FieldChange> changes) => AddHistory(link.TaskId, kind, row, note, changes);

    private void AddHistory(Guid taskId, HistoryKind kind, RemoteTask? row, string? note, IReadOnlyList<FieldChange> changes) => db.History.Add(new HistoryEntry
    {
        TaskId = taskId,
        PersonId = context.Person.Id,
        At = now,
        Side = row is null ? TaskSide.TaskSync : TaskSide.Salesforce,
        Kind = kind,
        Actor = row?.LastModifiedByName,
        Note = note,
        Changes = changes,
    });

    private static List<FieldChange> Changes(TaskValues before, TaskValues after, TaskFields fields) =>
        [.. fields.Each().Select(field => new FieldChange(field, before[field], after[field]))];
}
