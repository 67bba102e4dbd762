using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Tasks;

/// <summary>
/// Everything a person does to tasks. Each method takes the person first and sees that person's tasks only: an unknown id and another's id answer alike.
/// The task, its history line and its pending write are stored together. Once begun, a save is not cancelled by leaving the page (S2).
/// </summary>
public sealed partial class TaskService(
    IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, SyncDoorbell doorbell, ChangeFeed feed, IOptions<SyncOptions> options)
{
    /// <summary>Adds a task. While sync is on it goes to Salesforce; otherwise it stays here for good (F5).</summary>
    public Task<TaskResult> CreateAsync(Guid personId, TaskDraft draft, CancellationToken cancellationToken) => SaveAsync(personId, work =>
    {
        var clean = TaskRules.Clean(draft);
        if (TaskRules.Check(clean, work.Schema) is { Count: > 0 } errors)
        {
            return Answer(new TaskResult.Invalid(errors));
        }

        clean = clean with { Status = clean.Status ?? work.Schema.OpenStatus, Priority = clean.Priority ?? work.Schema.NormalPriority };
        var completed = work.Schema.IsClosed(clean.Status);
        var task = new TaskItem
        {
            PersonId = personId,
            IsCompleted = completed,
            CompletedAt = completed ? work.Now : null,
            Origin = work.Rep.IsSyncing ? TaskOrigin.HereWhileOn : TaskOrigin.HereWhileOff,
            CreatedAt = work.Now,
            UpdatedAt = work.Now,
        };
        task.Take(clean.Values);
        (task.WhoName, task.WhatName) = (clean.WhoName, clean.WhatName);
        work.Db.Tasks.Add(task);
        work.Remember(task, HistoryKind.Created);
        if (work.Rep is { IsSyncing: true, Connection: { } connection })
        {
            work.LinkNew(task, connection);
        }

        return Answer(task);
    }, cancellationToken);

    /// <summary>Applies only the fields in which <paramref name="edited"/> differs from <paramref name="loaded"/> (what the form showed), so that a change that came in meanwhile elsewhere survives.</summary>
    public Task<TaskResult> EditAsync(Guid personId, Guid taskId, TaskDraft loaded, TaskDraft edited, CancellationToken cancellationToken) => SaveAsync(personId, async work =>
    {
        if (await work.LoadAsync(taskId) is not { } task)
        {
            return () => new TaskResult.NotFound();
        }

        var before = TaskRules.Clean(loaded);
        var after = TaskRules.Clean(edited);
        after = after with { Status = after.Status ?? before.Status, Priority = after.Priority ?? before.Priority };
        var fields = after.Values.DifferencesFrom(before.Values);
        if (fields == TaskFields.None)
        {
            return () => new TaskResult.Saved(task.Id, task.Revision);
        }

        if (task.Removal is { } removal)
        {
            return () => new TaskResult.Removed(removal);
        }

        // Checked together with what is stored by now: a person chosen elsewhere meanwhile may not go with a record chosen here.
        if (TaskRules.Check(TaskDraft.Of(task).Overlay(after, fields), work.Schema, fields) is { Count: > 0 } errors)
        {
            return () => new TaskResult.Invalid(errors);
        }

        await ApplyAsync(work, task, after.Values.Only(fields));
        task.WhoName = fields.Holds(TaskField.Person) ? after.WhoName : task.WhoName;
        task.WhatName = fields.Holds(TaskField.RelatedTo) ? after.WhatName : task.WhatName;
        return () => new TaskResult.Saved(task.Id, task.Revision);
    }, cancellationToken);

    /// <summary>Sends one local task to Salesforce: the exception to F5, only while sync is on.</summary>
    public Task<TaskResult> SendToSalesforceAsync(Guid personId, Guid taskId, CancellationToken cancellationToken) => SaveAsync(personId, async work =>
    {
        if (await work.LoadAsync(taskId) is not { } task)
        {
            return () => new TaskResult.NotFound();
        }

        if (task.Removal is { } removal)
        {
            return () => new TaskResult.Removed(removal);
        }

        if (task.Link is not null)
        {
            return () => new TaskResult.Refused(task.Link switch
            {
                { State: not LinkState.Open } => "This task was in Salesforce before. Sending it again could make a second one there.",
                { } link when link.ConnectionId != work.Rep.Connection?.Id => "This task belongs to another Salesforce user or organization. Connect as that user to keep it in step.",
                _ => "This task is already linked with Salesforce.",
            });
        }

        if (work.Rep is not { IsSyncing: true, Connection: { } connection })
        {
            return () => new TaskResult.Refused("Sync is off. Switch it on in Settings first.");
        }

        if (TaskRules.Check(TaskDraft.Of(task), work.Schema) is { Count: > 0 } errors)
        {
            return () => new TaskResult.Invalid(errors);
        }

        task.UpdatedAt = work.Now;
        work.LinkNew(task, connection);
        work.Remember(task, HistoryKind.Edited, "Sent to Salesforce on request.");
        return () => new TaskResult.Saved(task.Id, task.Revision);
    }, cancellationToken);

    /// <summary>
    /// Makes a task that is only here and a Salesforce task that looks the same one task, before sync is switched on (F8). Nothing was agreed on before, so the first look merges
    /// with an empty base: what only one side has is kept, and where both have another value the rep's policy decides.
    /// </summary>
    public Task<TaskResult> LinkAsync(Guid personId, Guid taskId, string salesforceId, CancellationToken cancellationToken) => SaveAsync(personId, async work =>
    {
        if (await work.LoadAsync(taskId) is not { } task)
        {
            return () => new TaskResult.NotFound();
        }

        if (task.Removal is { } removal)
        {
            return () => new TaskResult.Removed(removal);
        }

        if (work.Rep.Connection is not { State: ConnectionState.Active or ConnectionState.NeedsReconnect } connection)
        {
            return () => new TaskResult.Refused("Connect Salesforce first.");
        }

        if (!SalesforceId.TryNormalize(salesforceId, out var id) || !SalesforceId.HasPrefix(id, "00T"))
        {
            return () => new TaskResult.Refused("That is not a Salesforce task. Look at the preview again and choose one from it.");
        }

        if (task.Link is not null || await work.Db.Links.AnyAsync(l => l.OrganizationId == connection.OrganizationId && l.SalesforceId == id && l.State == LinkState.Open))
        {
            return () => new TaskResult.Refused("One of the two is linked already.");
        }

        task.UpdatedAt = work.Now;
        work.LinkNew(task, connection, id);
        work.Remember(task, HistoryKind.Edited, "Linked with the Salesforce task that looks the same, on request.");
        return () => new TaskResult.Saved(task.Id, task.Revision);
    }, cancellationToken);

    /// <summary>Changes a task, settles the conflicts that the change decides, and queues it for sending.</summary>
    private static async Task<TaskFields> ApplyAsync(TaskWork work, TaskItem task, TaskValues wanted, string? note = null)
    {
        var changed = work.Change(task, wanted, note);
        if (changed == TaskFields.None)
        {
            return changed;
        }

        foreach (var conflict in await work.Db.Conflicts.Where(c => c.TaskId == task.Id && c.SettledAt == null).ToListAsync())
        {
            if (changed.Holds(conflict.Field))
            {
                conflict.SettledAt = work.Now;
            }
        }

        await work.QueueAsync(task);
        return changed;
    }

    private Task<TaskResult> SaveAsync(Guid personId, Func<TaskWork, Task<Func<TaskResult>>> action, CancellationToken cancellationToken) =>
        RunAsync(personId, action, () => new TaskResult.NotFound(), cancellationToken);

    /// <summary>Runs an action, again from the start with a fresh context when somebody else was faster, and tells the engine and the pages after the commit.</summary>
    /// <param name="personId">Who acts.</param>
    /// <param name="action">Changes what is tracked; its result is asked for after the commit.</param>
    /// <param name="unknownPerson">The answer when there is no such person.</param>
    /// <param name="cancellationToken">Heard before the work begins only.</param>
    private async Task<T> RunAsync<T>(Guid personId, Func<TaskWork, Task<Func<T>>> action, Func<T> unknownPerson, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (work, changed, answer) = await databases.SaveAsync(
            async db =>
            {
                if (await db.LoadRepAsync(personId, CancellationToken.None) is not { } rep)
                {
                    return ((TaskWork?)null, false, unknownPerson);
                }

                var begun = new TaskWork(db, rep, clock.GetUtcNow(), options.Value.UndoTime);
                var result = await action(begun);
                return (begun, db.ChangeTracker.HasChanges(), result);
            },
            CancellationToken.None);
        if (work is null || !changed)
        {
            return answer();
        }

        try
        {
            if (work.HasReleased)
            {
                await databases.TransactAsync(db => ProblemBook.SettleAsync(db, [personId], CancellationToken.None), CancellationToken.None);
            }
        }
        catch (Exception e) when (e is DbException or DbUpdateException)
        {
            // What was done is stored and is told so. The problem is over with the next cycle, which sends what it held.
        }

        foreach (var connectionId in work.ToRing)
        {
            doorbell.Ring(connectionId);
        }

        feed.Publish(personId);
        return answer();
    }

    private static Task<Func<TaskResult>> Answer(TaskResult result) => Task.FromResult(() => result);

    private static Task<Func<TaskResult>> Answer(TaskItem task) => Task.FromResult<Func<TaskResult>>(() => new TaskResult.Saved(task.Id, task.Revision));
}
