using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;

namespace TaskSync.Sync.Tasks;

/// <summary>
/// One action of one person inside one context: loads that person's tasks only, changes them, writes the history and queues what has to be sent.
/// Thrown away and begun anew when somebody else was faster.
/// </summary>
internal sealed class TaskWork(TaskSyncDb db, Rep rep, DateTimeOffset now, TimeSpan undoTime)
{
    /// <summary>Ids per query, far below every database's limit of parameters.</summary>
    private const int ChunkSize = 500;

    private readonly Dictionary<Guid, PendingWrite> _pending = [];
    private readonly HashSet<Guid> _ring = [];

    public TaskSyncDb Db => db;

    public Rep Rep => rep;

    public OrgSchema Schema => rep.Schema;

    public DateTimeOffset Now => now;

    /// <summary>A write that a problem held was set free: the problem may be over.</summary>
    public bool HasReleased { get; private set; }

    /// <summary>Connections that have work to do now.</summary>
    public IReadOnlyCollection<Guid> ToRing => _ring;

    /// <summary>The person's tasks among the ids, removed ones included, with link and pending write. Others' tasks are as unknown as unknown ones.</summary>
    public async Task<List<TaskItem>> LoadAsync(IReadOnlyCollection<Guid> taskIds)
    {
        var tasks = new List<TaskItem>(taskIds.Count);
        foreach (var ids in taskIds.Distinct().Chunk(ChunkSize))
        {
            tasks.AddRange(await db.Tasks.Include(t => t.Link).Where(t => t.PersonId == rep.Person.Id && ids.Contains(t.Id)).ToListAsync());
            foreach (var write in await db.PendingWrites.Where(p => ids.Contains(p.TaskId)).ToListAsync())
            {
                _pending[write.TaskId] = write;
            }
        }

        return tasks;
    }

    public async Task<TaskItem?> LoadAsync(Guid taskId) => (await LoadAsync([taskId])).SingleOrDefault();

    /// <summary>Sets the values that differ, stamps them as edited now and writes the history line. Returns the fields that changed.</summary>
    public TaskFields Change(TaskItem task, TaskValues wanted, string? note = null)
    {
        wanted = TaskRules.Clean(wanted);
        var before = task.Values;
        var fields = wanted.DifferencesFrom(before);
        if (fields == TaskFields.None)
        {
            return fields;
        }

        var wasCompleted = task.IsCompleted;
        task.Take(wanted.Only(fields));
        if (fields.Holds(TaskField.Status))
        {
            task.IsCompleted = Schema.IsClosed(task.Status);
            task.CompletedAt = task.IsCompleted ? (wasCompleted ? task.CompletedAt : now) : null;
        }

        task.EditTimes = task.EditTimes.Stamp(fields, now);
        task.UpdatedAt = now;
        var kind = (wasCompleted, task.IsCompleted) switch
        {
            (false, true) => HistoryKind.Completed,
            (true, false) => HistoryKind.Reopened,
            _ => HistoryKind.Edited,
        };
        Remember(task, kind, note, [.. fields.Each().Select(field => new FieldChange(field, before[field], wanted[field]))]);
        return fields;
    }

    public void Remove(TaskItem task)
    {
        (task.RemovedAt, task.Removal, task.UpdatedAt) = (now, Removal.DeletedHere, now);
        Remember(task, HistoryKind.Deleted);
    }

    public void PutBack(TaskItem task, string? note = null)
    {
        (task.RemovedAt, task.Removal, task.UpdatedAt) = (null, null, now);
        Remember(task, HistoryKind.Restored, note);
    }

    public void Remember(TaskItem task, HistoryKind kind, string? note = null, IReadOnlyList<FieldChange>? changes = null) =>
        db.History.Add(new HistoryEntry
        {
            TaskId = task.Id,
            PersonId = task.PersonId,
            At = now,
            Side = TaskSide.TaskSync,
            Kind = kind,
            Actor = rep.Person.Name,
            Note = note,
            Changes = changes ?? [],
        });

    /// <summary>Links a task that is to be created in Salesforce, or one that the rep says is there already. The key is stored before anything is sent (S5).</summary>
    public void LinkNew(TaskItem task, Connection connection, string? salesforceId = null)
    {
        db.Links.Add(new TaskLink
        {
            TaskId = task.Id,
            ConnectionId = connection.Id,
            OrganizationId = connection.OrganizationId,
            SalesforceId = salesforceId,
            Key = TaskKey.New(),
        });
        db.PendingWrites.Add(new PendingWrite { TaskId = task.Id, ConnectionId = connection.Id, QueuedAt = now, DueAt = now });
        _ring.Add(connection.Id);
    }

    /// <summary>The change is to be sent, at once or when the undo bar has ended. Nothing for a task that is only here.</summary>
    public async Task QueueAsync(TaskItem task, bool afterUndoTime = false)
    {
        if (task.Link is not { State: LinkState.Open } link)
        {
            return;
        }

        var due = afterUndoTime ? now + undoTime : now;
        if (!_pending.TryGetValue(task.Id, out var write))
        {
            write = new PendingWrite { TaskId = task.Id, ConnectionId = link.ConnectionId, QueuedAt = now, DueAt = due };
            _pending[task.Id] = write;
            db.PendingWrites.Add(write);
        }
        else
        {
            await UnparkAsync(write);
            if (link.AttemptsJson is not null)
            {
                // An outcome is unknown: the engine's wait for it stands, and may only become longer.
                write.DueAt = write.DueAt > due ? write.DueAt : due;
            }
            else if (afterUndoTime || !IsInUndoTime(task, write))
            {
                // A change of one's own is a reason to try again now, but not to cut an undo bar short.
                (write.DueAt, write.Failures, write.Refusals) = (due, 0, 0);
            }

            // Always raises the token: a push that is confirmed at this moment must not take this write away.
            db.Entry(write).Property(w => w.DueAt).IsModified = true;
        }

        if (write.DueAt <= now)
        {
            _ring.Add(write.ConnectionId);
        }
    }

    /// <summary>What waits only for the end of the undo bar goes out now.</summary>
    public void Release(TaskItem task)
    {
        if (_pending.TryGetValue(task.Id, out var write) && IsInUndoTime(task, write))
        {
            write.DueAt = now;
            _ring.Add(write.ConnectionId);
        }
    }

    /// <summary>After an undo: what equals the base again, and was never attempted, needs no sending at all.</summary>
    public async Task QueueOrForgetAsync(TaskItem task)
    {
        if (_pending.TryGetValue(task.Id, out var write)
            && task is { RemovedAt: null, Link: { State: LinkState.Open, SalesforceId: not null, AgreedGone: false, BaseJson: not null, AttemptsJson: null } link }
            && task.Values.DifferencesFrom(link.Base) == TaskFields.None)
        {
            await UnparkAsync(write);
            _pending.Remove(task.Id);
            db.PendingWrites.Remove(write);

            // Raises the token: a read that moves the base at this moment must not find it gone.
            db.Entry(link).Property(l => l.State).IsModified = true;
            return;
        }

        if (write is not null && IsInUndoTime(task, write))
        {
            write.DueAt = now;
        }

        await QueueAsync(task);
    }

    private bool IsInUndoTime(TaskItem task, PendingWrite write) =>
        task.Link is { AttemptsJson: null } && write is { Failures: 0, ProblemId: null } && write.DueAt > now && write.DueAt <= now + undoTime;

    /// <summary>A change by the person is a way out of a problem (S9). It does not tell whether a create arrived there (S5).</summary>
    private async Task UnparkAsync(PendingWrite write)
    {
        if (write.ProblemId is { } problemId && (await db.Problems.FindAsync(problemId) is not { } problem || !ProblemRetry.NeedsALook(problem.Code)))
        {
            ProblemBook.Release(write);
            HasReleased = true;
        }
    }
}
