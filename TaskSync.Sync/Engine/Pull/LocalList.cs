using TaskSync.Sync.Data;
using TaskSync.Sync.Data.Bulk;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>Carries out planned actions on our side, inside one unit of work: the task, its link, its history and what is left to send.</summary>
internal sealed class LocalList(TaskSyncDb db, SyncContext context, Judge judge, ApplyResult result)
{
    /// <summary>So many that EF Core's own way is the slower one.</summary>
    internal const int Many = 50;

    private readonly DateTimeOffset now = judge.Clocks.Now;
    private readonly List<TaskItem> _newTasks = [];
    private readonly List<TaskLink> _newLinks = [];
    private readonly List<HistoryEntry> _newHistory = [];

    /// <summary>Writes the tasks that came in. Where they are many, what else was changed is saved first: it may have made room for them.</summary>
    public async Task StoreNewcomersAsync(CancellationToken cancellationToken)
    {
        if (_newTasks.Count < Many)
        {
            db.AddRange(_newLinks); // with their tasks
            db.AddRange(_newHistory);
            return;
        }

        await db.SaveChangesAsync(cancellationToken);
        await db.BulkInsertAsync(_newTasks, cancellationToken);
        await db.BulkInsertAsync([.. _newLinks.OrderBy(link => link.SalesforceId, StringComparer.Ordinal)], cancellationToken); // in the order of their index
        await db.BulkInsertAsync(_newHistory, cancellationToken);
    }

    /// <summary>Carries out what an observation of a linked task leads to.</summary>
    public async Task TakeAsync(Observation.Taken taken, TaskLink link, PendingWrite? pending, Sighting sighting, CancellationToken cancellationToken)
    {
        if (taken.IsAdopted)
        {
            await AdoptAsync(link, pending, cancellationToken);
        }

        if (taken.IsShownAgain)
        {
            ShowAgain(link);
        }

        var unseen = await CarryAsync(taken, link, sighting, cancellationToken);
        Reconciliation.Counterpart.After(taken, sighting.Row, sighting.Readable, unseen, now).StoreIn(link, judge.Clocks.LandsWithin);
        if (taken.Action is SyncAction.InStep or SyncAction.WriteRemote)
        {
            Follow(link, sighting);
        }

        await SettlePendingAsync(link, pending, taken.Action is SyncAction.WriteBoth or SyncAction.WriteRemote or SyncAction.DeleteRemote or SyncAction.RestoreRemote, cancellationToken);
    }

    /// <summary>Changes the task and writes its history.</summary>
    /// <returns>For a deletion, on either side: what was edited there before, merged.</returns>
    private async Task<Merge?> CarryAsync(Observation.Taken taken, TaskLink link, Sighting sighting, CancellationToken cancellationToken)
    {
        switch (taken.Action)
        {
            case SyncAction.InStep or SyncAction.RestoreRemote when sighting.Row.IsDeleted && link.BaseJson is not null:
                // Taken out of the bin it bears the stamp of the undelete, and nobody could tell which edit was the newer (S3).
                return TakeLast(taken, link, sighting);
            case SyncAction.WriteLocal write:
                await TakeAsync(write.Merge, link, sighting.Row, cancellationToken);
                break;
            case SyncAction.WriteBoth write:
                await TakeAsync(write.Merge, link, sighting.Row, cancellationToken);
                break;
            case SyncAction.WriteRemote write:
                RecordConflicts(write.Merge, link, sighting.Row);
                break;
            case SyncAction.RestoreLocal:
                Restore(link, sighting);
                break;
            case SyncAction.Forget:
                ProblemBook.Unblock(link);
                return link.BaseJson is null ? null : TakeLast(taken, link, sighting);
            case SyncAction.DeleteLocal delete:
                ProblemBook.Unblock(link);

                // What was edited there before the deletion is part of what is deleted: otherwise it would look like a newer edit, should the row come back.
                var last = TakeLast(taken, link, sighting);
                Remove(link, sighting.Row, delete.LosesEdit);
                return last;
            case SyncAction.DeleteRemote delete:
                if (delete.LosesEdit)
                {
                    Note(link, HistoryKind.Conflict, sighting.Row, "Edited in Salesforce, but you deleted it later: the deletion counts.",
                        Changes(taken.Agreed, sighting.Row.Values, sighting.Row.Values.DifferencesFrom(taken.Agreed)));
                }

                return TakeUnseen(taken, link, sighting);
        }

        return null;
    }

    /// <summary>A Salesforce task that has no counterpart here comes in.</summary>
    /// <param name="sighting">What was read.</param>
    /// <param name="keepKey">It bears a key of ours that no link here has: from now on one does.</param>
    /// <returns>The new task's link.</returns>
    public TaskLink Enter(Sighting sighting, bool keepKey)
    {
        var row = sighting.Row;
        var task = new TaskItem { PersonId = context.Person.Id, Origin = TaskOrigin.Salesforce, CreatedAt = row.CreatedDate, UpdatedAt = now, Revision = 1 };
        var values = sighting.Readable;
        task.Take(values);
        TakeDerived(task, row);
        var link = new TaskLink
        {
            TaskId = task.Id,
            ConnectionId = context.ConnectionId,
            OrganizationId = context.Connection.OrganizationId,
            SalesforceId = row.Id,
            Key = keepKey ? row.Key! : TaskKey.New(),
            Base = values,
            ObservedModstamp = row.SystemModstamp,
            Task = task,
        };
        _newTasks.Add(task);
        _newLinks.Add(link);
        _newHistory.Add(Entry(task.Id, HistoryKind.CameIn, row, null, []));
        result.Created++;
        result.People.Add(context.Person.Id);
        return link;
    }

    /// <summary>Closes a link because somebody else owns the Salesforce task now, or holds the connection. Nothing is written to Salesforce (S7).</summary>
    /// <param name="link">The link.</param>
    /// <param name="pending">What waits to be sent; it is sent no more.</param>
    /// <param name="state">Why it closes.</param>
    /// <param name="row">What was read; null when only Salesforce's refusal told of it.</param>
    public void Close(TaskLink link, PendingWrite? pending, LinkState state, RemoteTask? row)
    {
        if (pending is not null)
        {
            db.PendingWrites.Remove(pending);
        }

        ProblemBook.Unblock(link);
        var task = link.Task!;
        link.State = state;
        (link.AttemptsJson, link.UnknownUntil) = (null, null);
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

    /// <summary>The task is visible, or ours, again. What somebody else had meanwhile is past: it comes back as Salesforce has it.</summary>
    private void ShowAgain(TaskLink link)
    {
        if (link.State == LinkState.Reassigned)
        {
            link.Task!.RemovedAt ??= now;
        }

        result.People.Add(context.Person.Id);
    }

    /// <summary>A row is one of our creates whose id was not known. Whatever the rep was asked is answered; not at once, for an undo bar may be open.</summary>
    private async Task AdoptAsync(TaskLink link, PendingWrite? pending, CancellationToken cancellationToken)
    {
        if (pending?.ProblemId is not null)
        {
            await PendingWrites.AskAsync(db, link, now, now + PushPlanner.LookAgain, cancellationToken);
        }

        AddHistory(link.TaskId, HistoryKind.Sent, null, "Sent to Salesforce.", []);
        result.Updated++;
        result.People.Add(context.Person.Id);
    }

    /// <summary>Takes in what had been edited there before the row was deleted, and tells it.</summary>
    private Merge TakeLast(Observation.Taken taken, TaskLink link, Sighting sighting)
    {
        var before = link.Task!.Values;
        var merge = TakeUnseen(taken, link, sighting);
        if (merge.Local.Known != TaskFields.None)
        {
            AddHistory(link.TaskId, HistoryKind.Edited, sighting.Row, null, Changes(before, link.Task.Values, merge.Local.Known));
        }

        return merge;
    }

    private async Task TakeAsync(Merge merge, TaskLink link, RemoteTask row, CancellationToken cancellationToken)
    {
        RecordConflicts(merge, link, row);
        var task = link.Task!;
        var before = task.Values;
        var memory = PushMemory.FromJson(link.PushMemoryJson).Observed(merge.Local, now, out var exhausted);
        link.PushMemoryJson = memory.ToJson();
        if (exhausted != TaskFields.None)
        {
            await BlockAsync(link, exhausted, row, cancellationToken);
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
        result.Updated++;
        result.People.Add(context.Person.Id);
    }

    /// <summary>
    /// Takes what follows from other data where nothing of the task itself has changed. That it is completed now, or open again, the history says without a name:
    /// nobody edited the task.
    /// </summary>
    private void Follow(TaskLink link, Sighting sighting)
    {
        var (task, row) = (link.Task!, sighting.Row);
        if (task.RemovedAt is not null || !Derived.Of(task).DiffersFrom(row, sighting.Reading.Schema.Readable))
        {
            return;
        }

        var wasCompleted = task.IsCompleted;
        TakeDerived(task, row);
        task.UpdatedAt = now;
        link.ObservedModstamp = row.SystemModstamp;
        if (task.IsCompleted != wasCompleted)
        {
            db.History.Add(new HistoryEntry
            {
                TaskId = task.Id,
                PersonId = task.PersonId,
                At = now,
                Side = TaskSide.Salesforce,
                Kind = task.IsCompleted ? HistoryKind.Completed : HistoryKind.Reopened,
                Note = $"In Salesforce the status {task.Status} counts as {(task.IsCompleted ? "completed" : "open")} now.",
            });
        }

        result.Updated++;
        result.People.Add(task.PersonId);
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

    /// <summary>
    /// Takes what was edited in a row that is gone, on either side or both, or that we are about to delete, into the task here, whether that is removed or not: restored, it has both
    /// sides' edits, and what it does not know is not taken for an edit made here. Of a field that is hidden the base keeps what it knew.
    /// </summary>
    private Merge TakeUnseen(Observation.Taken taken, TaskLink link, Sighting sighting)
    {
        var task = link.Task!;
        var counterpart = taken.After with { Agreed = taken.Agreed };
        var here = new SideState.Live(counterpart.ComparableOf(OurTask.Of(task), sighting.Reading.Schema), task.EditTimes);
        var merge = ThreeWayMerge.Merge(taken.Agreed, here, sighting.Reading.ValuesOf(sighting.Row), judge.Policy);
        RecordConflicts(merge, link, sighting.Row);
        if (merge.Local.Known != TaskFields.None)
        {
            task.Take(merge.Local);
            TakeDerived(task, sighting.Row);
            task.UpdatedAt = now;
        }

        return merge;
    }

    private void Restore(TaskLink link, Sighting sighting)
    {
        var task = link.Task!;
        var before = task.Values;
        task.RemovedAt = null;
        task.Removal = null;
        task.Take(sighting.Readable);
        TakeDerived(task, sighting.Row);
        task.UpdatedAt = now;
        AddHistory(task.Id, HistoryKind.Restored, sighting.Row, null, Changes(before, task.Values, task.Values.DifferencesFrom(before)));
        result.Created++;
        result.People.Add(context.Person.Id);
    }

    private void Remove(TaskLink link, RemoteTask row, bool losesEdit)
    {
        var task = link.Task!;
        task.RemovedAt = now;
        task.Removal = Removal.DeletedInSalesforce;
        task.UpdatedAt = now;
        AddHistory(task.Id, HistoryKind.Deleted, row, losesEdit ? "Deleted in Salesforce. Your edited version can be restored from Recently deleted." : null, []);
        result.Deleted++;
        result.People.Add(context.Person.Id);
    }

    private async Task SettlePendingAsync(TaskLink link, PendingWrite? pending, bool push, CancellationToken cancellationToken)
    {
        if (push)
        {
            result.NeedsPush = true;
            if (pending is null)
            {
                await PendingWrites.AskAsync(db, link, now, now, cancellationToken);
            }

            return;
        }

        // While a request of ours is under way its answer is still to come, and may change what Salesforce has.
        if (pending is not null && !link.Counterpart().IsInFlight(now))
        {
            db.PendingWrites.Remove(pending);
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

    private async Task BlockAsync(TaskLink link, TaskFields fields, RemoteTask row, CancellationToken cancellationToken)
    {
        var problem = new Problem
        {
            PersonId = context.Person.Id,
            ConnectionId = context.ConnectionId,
            TaskId = link.TaskId,
            Code = ProblemCodes.KeepsChangingBack,
            Message = $"Salesforce changed {Names(link.BlockedFields | fields)} back after our change {PushMemory.Limit} times within {PushMemory.Window.TotalMinutes:0} minutes.",
            FirstSeenAt = now,
            LastSeenAt = now,
        };
        await ProblemBook.BlockAsync(db, link, fields, problem, cancellationToken);
        Note(link, HistoryKind.Conflict, row, $"Salesforce keeps changing {Names(fields)} back. We stopped sending it.", []);

        static string Names(TaskFields fields) => string.Join(", ", fields.Each().Select(field => field.DisplayName()));
    }

    private void Note(TaskLink link, HistoryKind kind, RemoteTask row, string note, IReadOnlyList<FieldChange> changes) => AddHistory(link.TaskId, kind, row, note, changes);

    private void AddHistory(Guid taskId, HistoryKind kind, RemoteTask? row, string? note, IReadOnlyList<FieldChange> changes) => db.History.Add(Entry(taskId, kind, row, note, changes));

    private HistoryEntry Entry(Guid taskId, HistoryKind kind, RemoteTask? row, string? note, IReadOnlyList<FieldChange> changes) => new()
    {
        TaskId = taskId,
        PersonId = context.Person.Id,
        At = now,
        Side = row is null ? TaskSide.TaskSync : TaskSide.Salesforce,
        Kind = kind,
        Actor = row?.LastModifiedByName,
        Note = note,
        Changes = changes,
    };

    private static List<FieldChange> Changes(TaskValues before, TaskValues after, TaskFields fields) =>
        [.. fields.Each().Select(field => new FieldChange(field, before[field], after[field]))];
}
