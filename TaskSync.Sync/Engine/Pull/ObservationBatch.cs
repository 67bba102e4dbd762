using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>One transaction's worth of observed rows: finds each row's link, tells apart ownership, deletion and entry, and has the rest planned.</summary>
internal sealed class ObservationBatch
{
    private readonly TaskSyncDb _db;
    private readonly SyncContext _context;
    private readonly IReadOnlyList<RemoteTask> _rows;
    private readonly ApplyMode _mode;
    private readonly bool _readById;
    private readonly DateTimeOffset? _readAt;
    private readonly DateTimeOffset _now;
    private readonly TimeSpan _landsWithin;
    private readonly KeyPlace _place;
    private readonly ApplyResult _result;
    private readonly LocalList _writer;
    private readonly ILookup<string, TaskLink> _byId;
    private readonly Dictionary<string, TaskLink> _byKey;
    private readonly Dictionary<Guid, PendingWrite> _pending;

    private ObservationBatch(
        TaskSyncDb db, SyncContext context, IReadOnlyList<RemoteTask> rows, ApplyMode mode, bool readById, DateTimeOffset? readAt, DateTimeOffset now, TimeSpan landsWithin, KeyPlace place,
        ApplyResult result, List<TaskLink> links, List<TaskLink> byKey, List<PendingWrite> pending)
    {
        (_db, _context, _rows, _mode, _readById, _readAt, _now, _landsWithin, _place, _result) = (db, context, rows, mode, readById, readAt, now, landsWithin, place, result);
        _byId = links.ToLookup(l => l.SalesforceId!);
        _byKey = byKey.ToDictionary(l => l.Key);
        _pending = pending.ToDictionary(p => p.TaskId);
        _writer = new LocalList(db, context, now, result);
    }

    public static async Task<ObservationBatch> LoadAsync(
        TaskSyncDb db, SyncContext context, IReadOnlyList<RemoteTask> rows, ApplyMode mode, bool readById, DateTimeOffset? readAt, DateTimeOffset now, TimeSpan landsWithin,
        ApplyResult result, CancellationToken cancellationToken)
    {
        var organization = context.Connection.OrganizationId;
        var ids = rows.Select(r => r.Id).Distinct().ToList();
        var links = await db.Links.Include(l => l.Task)
            .Where(l => l.OrganizationId == organization && ids.Contains(l.SalesforceId!))
            .ToListAsync(cancellationToken);
        var linked = links.Select(l => l.SalesforceId!).ToHashSet();
        var keys = rows.Where(r => r.Key is not null && !linked.Contains(r.Id)).Select(r => r.Key!).Distinct().ToList();
        var byKey = keys.Count == 0 ? [] : await db.Links.Include(l => l.Task)
            .Where(l => l.OrganizationId == organization && keys.Contains(l.Key))
            .ToListAsync(cancellationToken);
        var taskIds = links.Concat(byKey).Select(l => l.TaskId).ToList();
        var pending = taskIds.Count == 0 ? [] : await db.PendingWrites.Where(p => taskIds.Contains(p.TaskId)).ToListAsync(cancellationToken);
        var place = context.Schema.Key;
        if (rows.Any(r => !linked.Contains(r.Id) && IsUnkeyed(context, r)))
        {
            var creates = await db.PendingWrites.Include(p => p.Link!.Task)
                .Where(p => p.ConnectionId == context.ConnectionId && p.Link!.SalesforceId == null && p.AttemptsJson != null).ToListAsync(cancellationToken);
            if (creates.Count > 0)
            {
                // The read may just have learned that the place for keys is gone.
                var schema = await db.Connections.Where(c => c.Id == context.ConnectionId).Select(c => c.SchemaJson).FirstOrDefaultAsync(cancellationToken);
                place = schema is null ? place : OrgSchema.FromJson(schema).Key;
                pending = [.. pending.Union(creates)];
            }
        }

        return new ObservationBatch(db, context, rows, mode, readById, readAt, now, landsWithin, place, result, links, byKey, pending);
    }

    /// <param name="dryRun">True when the caller throws the context away: nothing is stored on the way either.</param>
    /// <param name="cancellationToken">Cancels between statements.</param>
    public async Task ApplyAsync(bool dryRun, CancellationToken cancellationToken)
    {
        await TakeOverFromOthersAsync(dryRun, cancellationToken);

        // The same row twice in one read: the newest observation is the one that counts. Deletions first: they may have made room for a task with the same key.
        foreach (var row in _rows.GroupBy(r => r.Id).Select(same => same.MaxBy(r => r.SystemModstamp)!).OrderBy(row => !row.IsDeleted))
        {
            await ObserveAsync(row, cancellationToken);
        }
    }

    /// <summary>A row that is ours now, but has a link of somebody else, was reassigned: the former owner's link closes first (S7), also one that had lost sight of it.</summary>
    private async Task TakeOverFromOthersAsync(bool dryRun, CancellationToken cancellationToken)
    {
        var taken = false;
        foreach (var row in _rows.Where(r => !r.IsDeleted && r.OwnerId == _context.Connection.UserId))
        {
            foreach (var foreign in _byId[row.Id].Where(l => l.State != LinkState.Reassigned && l.ConnectionId != _context.ConnectionId))
            {
                var former = await _db.Connections.AsNoTracking().FirstAsync(c => c.Id == foreign.ConnectionId, cancellationToken);
                var state = former.UserId == row.OwnerId ? LinkState.Lost : LinkState.Reassigned;
                if (state != foreign.State)
                {
                    await _writer.CloseAsync(foreign, PendingOf(foreign), state, row, cancellationToken);
                    taken = true;
                }
            }
        }

        if (taken && !dryRun)
        {
            // The database allows one open link per Salesforce task: the old one has to be closed before the new one is inserted.
            await _db.SaveChangesAsync(cancellationToken);
        }
    }

    private async Task ObserveAsync(RemoteTask row, CancellationToken cancellationToken)
    {
        var link = FindLink(row) ?? FindBlind(row);
        if (link is null)
        {
            var isForgotten = IsForgotten(row);
            _result.ForgottenWrites |= isForgotten && _mode != ApplyMode.Import;
            var entered = MayEnter(_context, row, _mode) ? _writer.Enter(row, isForgotten) : null;
            if (entered is not null && isForgotten)
            {
                _byKey.Add(entered.Key, entered);
            }

            Note(row, entered?.TaskId, entered is null ? RowFate.Nothing : RowFate.ComesIn);
            return;
        }

        var pending = PendingOf(link);
        if (link.SalesforceId is null)
        {
            if (!Adopt(link, row, pending))
            {
                Note(row, null, RowFate.Nothing);
                return;
            }

            if (pending!.ProblemId is not null)
            {
                // Whatever the rep was asked is answered. Not at once, for an undo bar may be open.
                await PendingWrites.AskAsync(_db, link, _now, _now + Pusher.LookAgain, cancellationToken);
            }
        }
        else if (link.SalesforceId != row.Id)
        {
            if (!TakesReadAsRead)
            {
                _result.ReadAgain.AddRange([link.SalesforceId, row.Id]);
                return;
            }

            if (!link.AgreedGone)
            {
                return;
            }

            _writer.AdoptLate(link, row);
        }
        else if (link.WrittenAt > _readAt)
        {
            // We wrote it after this read had begun: which of the two is the newer, only another read can tell.
            _result.ReadAgain.Add(row.Id);
            return;
        }
        else if (IsStale(link, row))
        {
            return;
        }

        if (!row.IsDeleted && row.OwnerId != _context.Connection.UserId)
        {
            if (link.State == LinkState.Open)
            {
                await _writer.CloseAsync(link, pending, LinkState.Reassigned, row, cancellationToken);
                Note(row, link.TaskId, RowFate.Reassigned);
            }

            return;
        }

        var fate = RowFate.Planned;
        if (link.State != LinkState.Open)
        {
            // What was no longer shown turns out to have been deleted: S4 decides, as if it had been seen at once. Unless somebody else is connected to it now.
            if (row.IsDeleted && (link.State == LinkState.Reassigned || _byId[row.Id].Any(l => l.State == LinkState.Open)))
            {
                return;
            }

            // What was deleted here while it was here only was deleted here only, unless somebody there has edited it since.
            if (link is { State: LinkState.Lost, AgreedGone: false, Task.RemovedAt: not null } && !row.IsDeleted
                && Plan(TripleOf(link, pending, row)) is SyncAction.DeleteRemote)
            {
                return;
            }

            _writer.Reopen(link, row);
            fate = RowFate.ShownAgain;
        }

        var triple = TripleOf(link, pending, row);
        if (pending is { AttemptsJson: not null })
        {
            // What Salesforce shows has landed, unless a later write of ours shows it; what it does not show may still be under way.
            pending.Attempts = [.. pending.Attempts.Where(a => link.WrittenAt > a.SentAt || a.Kind switch
            {
                WriteKind.Update => row.IsDeleted || a.Values.DifferencesFrom(row.Values) != TaskFields.None,
                WriteKind.Delete => !row.IsDeleted,
                WriteKind.Undelete => row.IsDeleted,
                _ => true,
            })];
        }

        var action = Plan(triple);
        Note(row, link.TaskId, fate, action);
        await _writer.ApplyAsync(action, link, pending, row, (triple.Base as SideState.Live)?.Values, cancellationToken);
    }

    private TaskTriple TripleOf(TaskLink link, PendingWrite? pending, RemoteTask row) => new(BaseOf(link, pending, row), _writer.LocalOf(link), RemoteOf(row));

    private SyncAction Plan(TaskTriple triple) => Reconciler.Plan(triple, _context.Policy(_mode == ApplyMode.CatchUp));

    private void Note(RemoteTask row, Guid? taskId, RowFate fate, SyncAction? action = null) => _result.Verdicts.Add(new RowVerdict(row, taskId, fate, action));

    /// <summary>A create of ours that this database has never heard of: it is older than what Salesforce shows, a restored backup.</summary>
    private bool IsForgotten(RemoteTask row) =>
        row is { IsDeleted: false, Key: { } key } && TaskKey.Is(key) && row.CreatedById == _context.Connection.UserId
        && !_byKey.ContainsKey(key) && !_byId[row.Id].Any();

    /// <summary>What waits to be sent, unless a row before this one settled it.</summary>
    private PendingWrite? PendingOf(TaskLink link) =>
        _pending.TryGetValue(link.TaskId, out var pending) && _db.Entry(pending).State != EntityState.Deleted ? pending : null;

    private TaskLink? FindLink(RemoteTask row) =>
        _byId[row.Id].Where(l => l.ConnectionId == _context.ConnectionId).OrderBy(l => l.State).FirstOrDefault()
        ?? (row.Key is not null && _byKey.TryGetValue(row.Key, out var bearer) && bearer.ConnectionId == _context.ConnectionId && (bearer.SalesforceId is null || IsLateCreate(bearer, row))
            ? bearer : null);

    /// <summary>
    /// The task of a create that cannot be looked up, for want of a key, is known by what is in it: our user made it while the create could arrive, and it has
    /// every value that was sent. Even if somebody typed just that once more, there is nothing to choose between the two.
    /// </summary>
    private TaskLink? FindBlind(RemoteTask row) => !IsUnkeyed(_context, row) ? null : _pending.Values
        .FirstOrDefault(p => p.ConnectionId == _context.ConnectionId && p.Link is { SalesforceId: null, Task: { } task }
            && (task.RemovedAt is not { } removedAt || row.CreatedDate <= _context.ToSalesforce(removedAt)) && p.Attempts.Any(a => a.IsBlind(_place) && MayHaveMade(a, row)))?.Link;

    /// <summary>A value that was not sent is the organization's to choose.</summary>
    private bool MayHaveMade(WriteAttempt create, RemoteTask row) =>
        row.CreatedDate >= _context.ToSalesforce(create.SentAt) - ConflictPolicy.TooClose && MayBeOf(create, row.CreatedDate)
        && create.Values.DifferencesFrom(row.Values).Each().All(field => create.Values[field] is null);

    /// <summary>Our user made it, in the rep's own list, and it bears no key of ours.</summary>
    private static bool IsUnkeyed(SyncContext context, RemoteTask row) =>
        !row.IsDeleted && row.OwnerId == context.Connection.UserId && row.CreatedById == context.Connection.UserId && (row.Key is null || !TaskKey.Is(row.Key));

    /// <summary>
    /// A request to create that hung for minutes and was carried out after all, when the task of its repetition had been deleted, which freed the unique key: it
    /// is the same task once more (S5). Until both sides agree on that deletion the two rows are read again; where others' deletions are not shown, the sweep tells
    /// of it. <c>CallObject</c> can be copied by a clone, and nothing is repeated early there.
    /// </summary>
    private bool IsLateCreate(TaskLink link, RemoteTask row) =>
        _context.Schema.Key == KeyPlace.KeyField && link.State == LinkState.Open
        && !row.IsDeleted && row.OwnerId == _context.Connection.UserId && row.CreatedById == _context.Connection.UserId
        && (link.AgreedGone || !TakesReadAsRead || (_mode == ApplyMode.Continuous && !_rows.Any(r => r.Id == link.SalesforceId && !r.IsDeleted)));

    /// <summary>What was read is how things are now. (A catch-up sends nothing, so nothing here can be newer.)</summary>
    private bool TakesReadAsRead => _readById || _mode == ApplyMode.CatchUp;

    /// <summary>
    /// The row bears the key of one of our creates: it is that create, whoever sees it first (S5).
    /// CallObject can be copied by a clone, so there the creator and the time have to match as well.
    /// </summary>
    private bool Adopt(TaskLink link, RemoteTask row, PendingWrite? pending)
    {
        if (pending is null)
        {
            return false;
        }

        if (pending.Attempts.All(a => a.Kind != WriteKind.Create))
        {
            // A key that was never sent, as far as we know, is there: the attempt was forgotten with a restored backup.
            if (row.IsDeleted || row.CreatedById != _context.Connection.UserId)
            {
                return false;
            }

            _result.ForgottenWrites = true;
            _writer.Adopt(link, pending, row);
            return true;
        }

        if (_context.Schema.Key != KeyPlace.KeyField
            && (row.CreatedById != _context.Connection.UserId || row.CreatedDate < _context.ToSalesforce(pending.Attempts[0].SentAt) - ConflictPolicy.TooClose))
        {
            return false;
        }

        _writer.Adopt(link, pending, row);
        return true;
    }

    /// <summary>
    /// Observations are ordered: an older one is dropped, an equal stamp with other values is read again by id (S8). So is a row that is live although both
    /// sides agreed that it is gone: a page that was read before the deletion must not bring the task back.
    /// </summary>
    private bool IsStale(TaskLink link, RemoteTask row)
    {
        if (link is { AgreedGone: true, State: LinkState.Open } && !row.IsDeleted && !TakesReadAsRead)
        {
            _result.ReadAgain.Add(row.Id);
            return true;
        }

        if (link.ObservedModstamp is not { } newest || row.SystemModstamp > newest || (_readById && row.SystemModstamp == newest))
        {
            return false;
        }

        if (row.SystemModstamp == newest
            && (row.IsDeleted != link.AgreedGone || row.Values.DifferencesFrom(link.Base) != TaskFields.None
                || (link.State == LinkState.Open && !row.IsDeleted && row.OwnerId != _context.Connection.UserId)))
        {
            _result.ReadAgain.Add(row.Id);
        }

        return true;
    }

    /// <summary>What may enter without a link (F3, S11): live, not archived, no series definition, ours, and modified inside the window.</summary>
    internal static bool MayEnter(SyncContext context, RemoteTask row, ApplyMode mode) => ImportPlanner.MayEnter(
        new EntryFacts(row.OwnerId, row.LastModifiedDate, row.IsDeleted, row.IsArchived, row.IsRecurrence),
        context.Connection.UserId, context.Connection.EntryFloor, mode == ApplyMode.Import);

    private SideState BaseOf(TaskLink link, PendingWrite? pending, RemoteTask row) =>
        IsTheirUndelete(link, pending, row) ? LocalList.GoneSince(link, pending!.Attempts.Max(a => a.SentAt))
        : IsOurUndelete(link, pending, row) ? new SideState.Live(link.Base)
        : !link.AgreedGone && IsOurDeletion(link, pending, row) ? new SideState.Gone(row.SystemModstamp)
        : LocalList.BaseOf(link) is SideState.Live agreed && pending is not null ? new SideState.Live(AttemptRecognition.Absorb(agreed.Values, pending.Attempts, row.Values))
        : LocalList.BaseOf(link);

    /// <summary>A request is carried out within <c>Sync:UnknownOutcomeWait</c>, or never: what happened there later somebody did.</summary>
    private bool MayBeOf(WriteAttempt attempt, DateTimeOffset at) => at <= _context.ToSalesforce(attempt.SentAt) + _landsWithin + ConflictPolicy.TooClose;

    /// <summary>A deletion of ours whose answer was lost, and which the rep took back meanwhile: Salesforce shows what we did, not what somebody there wants.</summary>
    private bool IsOurDeletion(TaskLink link, PendingWrite? pending, RemoteTask row) =>
        row.IsDeleted && link.Task!.RemovedAt is null && pending?.Attempts.Any(a => a.Kind == WriteKind.Delete && MayBeOf(a, row.LastModifiedDate)) == true;

    /// <summary>An undelete of ours without an answer: that the row is live again is what we did, and if the rep has deleted the task since, that counts.</summary>
    private bool IsOurUndelete(TaskLink link, PendingWrite? pending, RemoteTask row) =>
        !row.IsDeleted && link is { AgreedGone: true, BaseJson: not null } && pending?.Attempts.Any(a => a.Kind == WriteKind.Undelete && MayBeOf(a, row.LastModifiedDate)) == true;

    /// <summary>
    /// A deletion of ours whose answer was lost, and a row that somebody changed after it was sent: it was taken out of the recycle bin, or edited, and either is
    /// newer than the deletion (S4). Not said while an update of ours may still land and be what changed it.
    /// </summary>
    private bool IsTheirUndelete(TaskLink link, PendingWrite? pending, RemoteTask row) =>
        !row.IsDeleted && link.Task!.RemovedAt is not null && _context.Offset is { } offset
        && pending?.Attempts is { Count: > 0 } attempts && attempts.All(a => a.Kind == WriteKind.Delete) && row.LastModifiedDate > attempts.Max(a => a.SentAt) + offset + ConflictPolicy.TooClose;

    private SideState RemoteOf(RemoteTask row) => row.IsDeleted
        ? new SideState.Gone(row.SystemModstamp)
        : _writer.ValuesOf(row);
}
