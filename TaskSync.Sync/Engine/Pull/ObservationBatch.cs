using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>One transaction's worth of observed rows: finds each row's link, asks its counterpart what the row tells, and has it carried out.</summary>
internal sealed class ObservationBatch(TaskSyncDb db, SyncContext context, Reading reading, Judge judge, ApplyResult result)
{
    private readonly LocalList _list = new(db, context, judge, result);
    private ILookup<string, TaskLink> _byId = Enumerable.Empty<TaskLink>().ToLookup(l => "");
    private Dictionary<string, TaskLink> _byKey = [];
    private List<TaskLink> _created = [];
    private Dictionary<Guid, PendingWrite> _pending = [];

    /// <summary>Loads every link that a row may belong to: by id, by key, and creates without an answer that only their values tell.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var organization = context.Connection.OrganizationId;
        var ids = reading.Rows.Select(r => r.Id).Distinct().ToList();
        _byId = (await db.Links.Include(l => l.Task).Where(l => l.OrganizationId == organization && ids.Contains(l.SalesforceId!)).ToListAsync(cancellationToken))
            .ToLookup(l => l.SalesforceId!);
        var unlinked = reading.Rows.Where(r => !_byId.Contains(r.Id)).ToList();
        var keys = unlinked.Select(r => r.Key).OfType<string>().Distinct().ToList();
        _byKey = keys.Count == 0 ? [] : await db.Links.Include(l => l.Task).Where(l => l.OrganizationId == organization && keys.Contains(l.Key)).ToDictionaryAsync(l => l.Key, cancellationToken);
        _created = !unlinked.Exists(reading.IsUnkeyed) ? []
            : await db.Links.Include(l => l.Task).Where(l => l.ConnectionId == context.ConnectionId && l.SalesforceId == null && l.AttemptsJson != null).ToListAsync(cancellationToken);
        _pending = await PendingWrites.OfAsync(db, [.. _byId.SelectMany(same => same), .. _byKey.Values, .. _created], cancellationToken);
    }

    /// <param name="dryRun">True when the caller throws the context away: nothing is stored on the way either.</param>
    /// <param name="cancellationToken">Cancels between statements.</param>
    public async Task ApplyAsync(bool dryRun, CancellationToken cancellationToken)
    {
        await TakeOverFromOthersAsync(dryRun, cancellationToken);

        // The same row twice in one read: the newest observation counts. Deletions first: they may have made room for a task with the same key.
        foreach (var row in reading.Rows.GroupBy(r => r.Id).Select(same => same.MaxBy(r => r.SystemModstamp)!).OrderBy(row => !row.IsDeleted))
        {
            if (LinkOf(row) is { } link)
            {
                await ObserveAsync(row, link, cancellationToken);
            }
            else
            {
                Enter(row);
            }
        }

        if (!dryRun)
        {
            await _list.StoreNewcomersAsync(cancellationToken);
        }
    }

    /// <summary>A row that is ours now, but has a link of somebody else, was reassigned: the former owner's link closes first (S7), also one that had lost sight of it.</summary>
    private async Task TakeOverFromOthersAsync(bool dryRun, CancellationToken cancellationToken)
    {
        var taken = false;
        foreach (var row in reading.Rows.Where(reading.IsOwn))
        {
            foreach (var foreign in _byId[row.Id].Where(l => l.State != LinkState.Reassigned && l.ConnectionId != context.ConnectionId))
            {
                var former = await db.Connections.AsNoTracking().FirstAsync(c => c.Id == foreign.ConnectionId, cancellationToken);
                var state = former.UserId == row.OwnerId ? LinkState.Lost : LinkState.Reassigned;
                if (state != foreign.State)
                {
                    _list.Close(foreign, PendingOf(foreign), state, row);
                    taken = true;
                }
            }
        }

        if (taken && !dryRun)
        {
            // The database allows one open link per Salesforce task: the old one has to be closed before the new one is inserted.
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    private async Task ObserveAsync(RemoteTask row, TaskLink link, CancellationToken cancellationToken)
    {
        var isOpenElsewhere = _byId[row.Id].Any(l => l.State == LinkState.Open && l != link);
        switch (link.Counterpart().Observe(row, reading, OurTask.Of(link.Task!), judge, isOpenElsewhere))
        {
            case Observation.Taken taken:
                result.ForgottenWrites |= taken.IsForgotten;
                Note(row, link.TaskId, taken.IsShownAgain ? RowFate.ShownAgain : RowFate.Planned, taken.Action);
                await _list.TakeAsync(taken, link, PendingOf(link), new Sighting(row, reading), cancellationToken);
                break;
            case Observation.Reassigned reassigned:
                reassigned.After.StoreIn(link, judge.Clocks.LandsWithin);
                _list.Close(link, PendingOf(link), LinkState.Reassigned, row);
                Note(row, link.TaskId, RowFate.Reassigned);
                break;
            case Observation.ReadAgain again:
                result.ReadAgain.AddRange(again.Ids);
                break;
            case Observation.NotOurs:
                Note(row, null, RowFate.Nothing);
                break;
        }
    }

    /// <summary>A row without a link comes in, if it may.</summary>
    private void Enter(RemoteTask row)
    {
        if (!reading.MayEnter(row))
        {
            Note(row, null, RowFate.Nothing);
            return;
        }

        // A create of ours that no link here has.
        var isUnknown = row.Key is { } key && TaskKey.Is(key) && row.CreatedById == reading.UserId && !_byKey.ContainsKey(key) && !_byId[row.Id].Any();
        var entered = _list.Enter(new Sighting(row, reading), isUnknown);
        if (isUnknown)
        {
            _byKey.Add(entered.Key, entered);
            result.ForgottenWrites |= reading.Kind != ReadKind.Import && IsYoungerThanRetention(row);
        }

        Note(row, entered.TaskId, RowFate.ComesIn);
    }

    /// <summary>
    /// What shows that the database was restored from a backup: a create of ours that it has never heard of. An older one proves nothing, for retention purges
    /// links: a tombstone no sooner than 15 days after the task was gone, so its row was created before that. A row that is not the rep's, or may not come in for
    /// another reason, proves nothing either: its link may have been closed and purged. A backup of more than 15 days ago shows by what was created since then.
    /// </summary>
    private bool IsYoungerThanRetention(RemoteTask row) => row.CreatedDate > judge.Clocks.ToSalesforce(judge.Clocks.Now - SalesforceLimits.RecycleBin);

    private TaskLink? LinkOf(RemoteTask row) =>
        _byId[row.Id].Where(l => l.ConnectionId == context.ConnectionId).OrderBy(l => l.State).FirstOrDefault()
        ?? (row.Key is not null && _byKey.TryGetValue(row.Key, out var bearer) && bearer.ConnectionId == context.ConnectionId && bearer.Counterpart().IsCreatedAs(row, reading) ? bearer : null)
        ?? _created.Find(l => l.Counterpart().MayHaveMade(row, reading, OurTask.Of(l.Task!), judge.Clocks));

    private void Note(RemoteTask row, Guid? taskId, RowFate fate, SyncAction? action = null) => result.Verdicts.Add(new RowVerdict(row, taskId, fate, action));

    /// <summary>What waits to be sent, unless a row before this one settled it.</summary>
    private PendingWrite? PendingOf(TaskLink link) =>
        _pending.TryGetValue(link.TaskId, out var pending) && db.Entry(pending).State != EntityState.Deleted ? pending : null;
}

/// <summary>A row and the read that showed it.</summary>
internal readonly record struct Sighting(RemoteTask Row, Reading Reading)
{
    /// <summary>The row's values that the rep may see.</summary>
    public TaskValues Readable => Row.Values.Only(Reading.Schema.Readable);
}
