using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.SwitchOn.Preview;

/// <summary>Adds up what a dry run would have done, and says of each task why.</summary>
internal sealed class PreviewSheet(SyncContext context, InitialSyncKind kind, ImportWindow window, DateOnly today, IReadOnlySet<string> lost)
{
    private readonly List<PreviewRow> _rows = [];
    private readonly List<LookAlike> _lookAlikes = [];
    private readonly Dictionary<(string Subject, DateOnly? Due), Queue<Guid>> _unlinked = [];

    /// <summary>Reads the dry run while its context is still there.</summary>
    public async Task ReadAsync(TaskSyncDb db, ApplyResult result, Judge judge, CancellationToken cancellationToken)
    {
        var planned = result.Verdicts.Where(v => v.TaskId is not null).Select(v => v.TaskId!.Value).ToHashSet();
        await ReadListAsync(db, planned, cancellationToken);
        ReadEntries(result);
        foreach (var verdict in result.Verdicts.Where(v => v.Fate is RowFate.Planned or RowFate.ShownAgain or RowFate.Reassigned))
        {
            Add(verdict, (await db.Tasks.FindAsync([verdict.TaskId!.Value], cancellationToken))!);
        }

        await ReadWritesAsync(db, result, judge, cancellationToken);
    }

    /// <summary>Reads only what comes in.</summary>
    public void ReadEntries(ApplyResult result)
    {
        foreach (var row in result.Verdicts.Where(v => v.Fate == RowFate.ComesIn).Select(v => v.Row).OrderBy(row => Order(row.Values.DueDate)))
        {
            var (title, due) = (TaskTitle.Of(row.Values[TaskField.Subject]), row.Values.DueDate);
            _rows.Add(new PreviewRow(PreviewFate.ComesIn, title, due, WhyItComesIn(row)));
            if (_unlinked.TryGetValue(Likeness(row.Values[TaskField.Subject], due), out var twins) && twins.TryDequeue(out var twin))
            {
                _lookAlikes.Add(new LookAlike(twin, row.Id, title, due));
            }
        }
    }

    /// <param name="notRead">Tasks of the window beyond those that were read: they come in too.</param>
    public Preview Finish(int notRead) => new()
    {
        Kind = kind,
        ComesIn = Count(PreviewFate.ComesIn) + notRead,
        Changes = Count(PreviewFate.Changes),
        Leaves = Count(PreviewFate.Leaves),
        Sent = Count(PreviewFate.Sent),
        Asked = Count(PreviewFate.Asked),
        LosesCounterpart = Count(PreviewFate.LosesCounterpart),
        StaysHere = Count(PreviewFate.StaysHere) + Count(PreviewFate.LosesCounterpart),
        Rows = [.. _rows.OrderBy(row => row.Fate).Take(Preview.MostRows)],
        LookAlikes = _lookAlikes,
    };

    /// <summary>As the import goes (F4): from today on, then the overdue, the latest first, then those without a date.</summary>
    private (int Group, int Days) Order(DateOnly? due) => due is not { } day ? (2, 0) : day >= today ? (0, day.DayNumber) : (1, -day.DayNumber);

    private int Count(PreviewFate fate) => _rows.Count(row => row.Fate == fate);

    /// <summary>The rep's list, as far as it has nothing to do with this Salesforce user or is about to have nothing to do with it.</summary>
    private async Task ReadListAsync(TaskSyncDb db, HashSet<Guid> planned, CancellationToken cancellationToken)
    {
        var (personId, connectionId) = (context.Person.Id, context.ConnectionId);
        var here = await db.Tasks.AsNoTracking()
            .Where(t => t.PersonId == personId && t.RemovedAt == null && (t.Link == null || t.Link.State != LinkState.Open || t.Link.ConnectionId != connectionId))
            .OrderBy(t => t.DueDate == null).ThenBy(t => t.DueDate).Select(t => new { t.Id, t.Subject, t.DueDate, State = (LinkState?)t.Link!.State, t.Origin }).ToListAsync(cancellationToken);
        foreach (var task in here.Where(t => !planned.Contains(t.Id)))
        {
            _rows.Add(new PreviewRow(PreviewFate.StaysHere, TaskTitle.Of(task.Subject), task.DueDate, task.State switch
            {
                null when task.Origin == TaskOrigin.HereWhileOff => "Created here while sync was off: stays here for good.",
                null => "It has no counterpart in Salesforce.",
                LinkState.Open => "Belongs to another Salesforce user or organization.",
                _ => "Salesforce no longer knows it, or no longer shows it to you.",
            }));
            if (task.State is null)
            {
                var likeness = Likeness(task.Subject, task.DueDate);
                (_unlinked.TryGetValue(likeness, out var twins) ? twins : _unlinked[likeness] = new Queue<Guid>()).Enqueue(task.Id);
            }
        }

        foreach (var chunk in lost.Chunk(500))
        {
            foreach (var task in await db.Tasks.AsNoTracking().Where(t => t.RemovedAt == null && t.Link!.ConnectionId == connectionId && chunk.Contains(t.Link.SalesforceId!) && !t.Link.AgreedGone)
                .Select(t => new { t.Subject, t.DueDate }).ToListAsync(cancellationToken))
            {
                _rows.Add(new PreviewRow(PreviewFate.LosesCounterpart, TaskTitle.Of(task.Subject), task.DueDate, "Salesforce no longer knows it, or no longer shows it to you: it stays, only here."));
            }
        }
    }

    /// <summary>What a linked task's plan means for the list here.</summary>
    private void Add(RowVerdict verdict, TaskItem task)
    {
        (PreviewFate Fate, string Reason)? what = (verdict.Fate, verdict.Action) switch
        {
            (RowFate.Reassigned, _) => (PreviewFate.Leaves, "Somebody else owns it in Salesforce now."),
            (_, SyncAction.WriteLocal write) => (PreviewFate.Changes, Changed(write.Merge)),
            (_, SyncAction.WriteBoth write) => (PreviewFate.Changes, Changed(write.Merge)),
            (_, SyncAction.RestoreLocal) => (PreviewFate.ComesIn, "Restored, or edited later, in Salesforce."),
            (_, SyncAction.DeleteLocal { LosesEdit: true }) => (PreviewFate.Leaves, "Deleted in Salesforce. Your edited version can be restored."),
            (_, SyncAction.DeleteLocal) => (PreviewFate.Leaves, "Deleted in Salesforce. It can be restored."),
            _ => null,
        };
        if (what is { } told)
        {
            _rows.Add(new PreviewRow(told.Fate, TaskTitle.Of(task.Subject), task.DueDate, told.Reason));
        }
    }

    /// <summary>What would be sent, by the pusher's own plan and brake.</summary>
    private async Task ReadWritesAsync(TaskSyncDb db, ApplyResult result, Judge judge, CancellationToken cancellationToken)
    {
        var read = result.Verdicts.ToDictionary(v => v.Row.Id, v => v.Row);
        await db.PendingWrites.Include(p => p.Link!.Task).Where(p => p.ConnectionId == context.ConnectionId).LoadAsync(cancellationToken);
        var terms = new PushTerms(context.Schema, judge, TimeSpan.Zero, judge.Clocks.Now);
        var writes = new List<(PendingWrite Pending, WriteKind Kind)>();
        foreach (var pending in db.PendingWrites.Local.Where(p => p.ProblemId is null).ToList())
        {
            var link = pending.Link!;
            var row = link.SalesforceId is null ? null : read.GetValueOrDefault(link.SalesforceId);
            if (PushPlanner.Next(link.Counterpart(), OurTask.Of(link.Task!), row, KeyLookUp.Nothing, terms) is PushStep.Send send)
            {
                writes.Add((pending, send.Attempt.Kind));
            }
        }

        var held = writes.Any(w => w.Kind == WriteKind.Delete)
            ? HeldDeletions.Of(await db.Links.Include(l => l.Task).Where(l => l.ConnectionId == context.ConnectionId).ToListAsync(cancellationToken))
            : new HashSet<Guid>();
        foreach (var (pending, write) in writes)
        {
            var task = pending.Link!.Task!;
            _rows.Add(write == WriteKind.Delete && held.Contains(task.Id)
                ? new PreviewRow(PreviewFate.Asked, TaskTitle.Of(task.Subject), task.DueDate, "Deleted here with many others: you are asked before it is deleted in Salesforce too.")
                : new PreviewRow(PreviewFate.Sent, TaskTitle.Of(task.Subject), task.DueDate, write switch
                {
                    WriteKind.Create => "Created here while sync was on, and not in Salesforce yet.",
                    WriteKind.Update => "Changed here.",
                    WriteKind.Delete => "Deleted here.",
                    _ => "Restored here.",
                }));
        }
    }

    private string WhyItComesIn(RemoteTask row) => (kind, window) switch
    {
        (InitialSyncKind.CatchUp, _) => "New in Salesforce since sync was last on.",
        (_, ImportWindow.AllOpen) => row.IsClosed ? "Created or updated in Salesforce in the last 24 hours." : "Open in Salesforce.",
        (_, ImportWindow.Last7Days) => "Created or updated in Salesforce in the last 7 days.",
        _ => "Created or updated in Salesforce in the last 24 hours.",
    };

    private static string Changed(Merge merge)
    {
        var names = string.Join(", ", merge.Local.Known.Each().Select(field => field.DisplayName()));
        return merge.Conflicts.Count == 0 ? $"Changed in Salesforce: {names}." : $"Changed on both sides; Salesforce's value counts for {names}.";
    }

    private static (string Subject, DateOnly? Due) Likeness(string? subject, DateOnly? due) => ((subject ?? "").Trim().ToUpperInvariant(), due);
}
