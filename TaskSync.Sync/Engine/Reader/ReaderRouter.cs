using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>What became of rows that a reader read.</summary>
/// <param name="Roster">The roster they were sorted by.</param>
/// <param name="Applied">Whether anything was done with them.</param>
/// <param name="Settled">False when a row was overtaken by our own writes again and again: it has to be read once more.</param>
internal readonly record struct Routed(long Roster, bool Applied, bool Settled);

/// <summary>
/// Brings what a reader read to the connections it concerns: the owner's, and those that hold a link to the row (S7) or wait for its key (S5).
/// Each connection's rows are one transaction, under the reader's fence; connections that read alone are left out, they see it themselves.
/// </summary>
public sealed class ReaderRouter(
    IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ObservationApplier applier, SyncContexts contexts, RelatedNames names, RunLog runs, SyncDoorbell doorbell, TimeProvider time)
{
    private const int ChunkSize = 500;

    /// <summary>A rep who saves and saves can overtake a read; after so many tries the next poll looks again.</summary>
    private const int MostReads = 3;

    /// <summary>Brings the rows to whom they concern.</summary>
    /// <param name="scope">The reader's cycle.</param>
    /// <param name="rows">What one read showed.</param>
    /// <param name="began">When the read began, by our clock.</param>
    /// <param name="byId">Whether they were read by id.</param>
    /// <param name="cancellationToken">Stops between transactions.</param>
    internal async Task<Routed> ApplyAsync(ReaderScope scope, IReadOnlyList<RemoteTask> rows, DateTimeOffset began, bool byId, CancellationToken cancellationToken)
    {
        var (roster, applied, settled) = (await RosterAsync(scope, cancellationToken), false, true);
        foreach (var chunk in rows.Chunk(ChunkSize))
        {
            foreach (var (context, own) in await SortAsync(scope, chunk, cancellationToken))
            {
                var result = await runs.RecordAsync(context, SyncRunKind.Pull, () => ApplyAsync(scope, context, own, began, byId, cancellationToken));
                applied |= result.ChangedAnything || result.NeedsPush;
                settled &= result.ReadAgain.Count == 0;
                if (result.NeedsPush)
                {
                    doorbell.Ring(context.ConnectionId);
                }
            }
        }

        return new Routed(roster, applied, settled);
    }

    /// <summary>Applies deletions that getDeleted confirms; it tells id and time only, which is all a deletion needs.</summary>
    internal async Task<Routed> ApplyDeletionsAsync(ReaderScope scope, IReadOnlyList<DeletedRecord> records, DateTimeOffset began, CancellationToken cancellationToken)
    {
        var (roster, applied) = (await RosterAsync(scope, cancellationToken), false);
        foreach (var chunk in records.Chunk(ChunkSize))
        {
            var byId = chunk.GroupBy(r => r.Id).ToDictionary(same => same.Key, same => same.MaxBy(r => r.DeletedDate)!);
            foreach (var (context, links) in await LinksAsync(scope, [.. byId.Keys], cancellationToken))
            {
                List<RemoteTask> rows = [.. links.Select(id => CompletenessSweep.Deleted(context, byId[id]))];
                var result = await runs.RecordAsync(context, SyncRunKind.Sweep, () => applier.ApplyAsync(
                    context, context.Reading(ReadKind.Present, rows) with { BeganAt = began }, null, cancellationToken));
                applied |= result.ChangedAnything || result.NeedsPush;
            }
        }

        // What our own writes overtook is older than they are: whatever was deleted after them lies behind the end of what was asked for.
        return new Routed(roster, applied, Settled: true);
    }

    private async Task<ApplyResult> ApplyAsync(ReaderScope scope, SyncContext context, List<RemoteTask> rows, DateTimeOffset began, bool byId, CancellationToken cancellationToken)
    {
        var total = await applier.ApplyAsync(context, context.Reading(byId ? ReadKind.Present : ReadKind.Changes, rows) with { BeganAt = began }, null, cancellationToken);
        for (var reads = 0; total.ReadAgain.Count > 0 && reads < MostReads; reads++)
        {
            List<string> again = [.. total.ReadAgain.Distinct()];
            total.ReadAgain.Clear();
            foreach (var ids in again.Chunk(SalesforceLimits.IdsPerAddress))
            {
                if (await ReadAsync(scope, context, ids, cancellationToken) is { } applied)
                {
                    total.Add(applied);
                }
                else
                {
                    // The rows stay unsettled, so the cursor that the rep leaves with has not passed them.
                    total.ReadAgain.AddRange(again);
                    return total;
                }
            }
        }

        await names.FillAsync(context, total.Unnamed, cancellationToken);
        return total;
    }

    /// <summary>Reads rows of one rep with the reader's token, for a rep may no longer see what was just reassigned. It is the rep's sync that has to be on.</summary>
    /// <returns>Null when it is not any more. The other reps are served all the same.</returns>
    private async Task<ApplyResult?> ReadAsync(ReaderScope scope, SyncContext context, string[] ids, CancellationToken cancellationToken)
    {
        var began = time.GetUtcNow();
        TaskPage fresh;
        try
        {
            fresh = await api.QueryChangesAsync(context.Caller with { ConnectionId = scope.Id }, TaskQuery.ById(ids), cancellationToken);
        }
        catch (SyncStoppedException)
        {
            return null;
        }

        return await applier.ApplyAsync(context, context.Reading(ReadKind.Present, fresh.Tasks) with { BeganAt = began }, null, cancellationToken);
    }

    private async Task<long> RosterAsync(ReaderScope scope, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Readers.Where(r => r.ConnectionId == scope.Id).Select(r => r.Roster).FirstAsync(cancellationToken);
    }

    /// <summary>Each follower concerned, with its rows.</summary>
    private async Task<List<(SyncContext Context, List<RemoteTask> Rows)>> SortAsync(ReaderScope scope, RemoteTask[] rows, CancellationToken cancellationToken)
    {
        var organization = scope.OrganizationId;
        var ids = rows.Select(r => r.Id).Distinct().ToList();
        var keys = rows.Select(r => r.Key).OfType<string>().Distinct().ToList();
        var owners = rows.Select(r => r.OwnerId).Distinct().ToList();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var byLink = (await db.Links.Where(l => l.OrganizationId == organization && ids.Contains(l.SalesforceId!))
            .Select(l => new { Id = l.SalesforceId!, l.ConnectionId }).ToListAsync(cancellationToken)).ToLookup(l => l.Id, l => l.ConnectionId);
        var byKey = (keys.Count == 0 ? [] : await db.Links.Where(l => l.OrganizationId == organization && l.SalesforceId == null && keys.Contains(l.Key))
            .Select(l => new { l.Key, l.ConnectionId }).ToListAsync(cancellationToken)).ToLookup(l => l.Key, l => l.ConnectionId);
        var linked = byLink.Concat<IEnumerable<Guid>>(byKey).SelectMany(ofOne => ofOne).Distinct().ToList();
        var followers = await Followers(db, organization, c => owners.Contains(c.UserId) || linked.Contains(c.Id)).ToListAsync(cancellationToken);
        var byOwner = followers.ToDictionary(f => f.Connection.UserId, f => f.Connection.Id);
        var byConnection = rows
            .SelectMany(row => byLink[row.Id].Concat(row.Key is null ? [] : byKey[row.Key])
                .Concat(byOwner.TryGetValue(row.OwnerId, out var owner) ? [owner] : []).Distinct().Select(id => (Id: id, Row: row)))
            .ToLookup(pair => pair.Id, pair => pair.Row);
        return [.. followers.Select(f => (contexts.Of(f.Person, f.Connection, scope.Fence), byConnection[f.Connection.Id].ToList()))];
    }

    /// <summary>Each follower concerned, with the Salesforce ids of its links, those included that it has lost sight of.</summary>
    private async Task<List<(SyncContext Context, List<string> Ids)>> LinksAsync(ReaderScope scope, List<string> ids, CancellationToken cancellationToken)
    {
        var organization = scope.OrganizationId;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var links = (await db.Links
            .Where(l => l.OrganizationId == organization && l.State != LinkState.Reassigned && !l.AgreedGone && ids.Contains(l.SalesforceId!))
            .Select(l => new { Id = l.SalesforceId!, l.ConnectionId }).ToListAsync(cancellationToken)).ToLookup(l => l.ConnectionId, l => l.Id);
        var concerned = links.Select(ofOne => ofOne.Key).ToList();
        var followers = concerned.Count == 0 ? [] : await Followers(db, organization, c => concerned.Contains(c.Id)).ToListAsync(cancellationToken);
        return [.. followers.Select(f => (contexts.Of(f.Person, f.Connection, scope.Fence), links[f.Connection.Id].ToList()))];
    }

    private static IQueryable<Follower> Followers(TaskSyncDb db, string organization, System.Linq.Expressions.Expression<Func<Connection, bool>> which) =>
        from connection in Active(db, organization).Where(which)
        join person in db.People.AsNoTracking() on connection.PersonId equals person.Id
        select new Follower { Connection = connection, Person = person };

    /// <summary>Followers whose sync is on and not paused. Only those are served; the others leave the roster.</summary>
    internal static IQueryable<Connection> Active(TaskSyncDb db, string organization) => db.Connections.AsNoTracking().Where(c =>
        c.OrganizationId == organization && c.Kind == ConnectionKind.Rep && c.State == ConnectionState.Active
        && db.Cursors.Any(cursor => cursor.ConnectionId == c.Id && cursor.FollowsReader)
        && db.People.Any(p => p.Id == c.PersonId && p.ConnectionId == c.Id && p.SyncEnabled && p.PausedAt == null));

    private sealed class Follower
    {
        public required Connection Connection { get; init; }

        public required Person Person { get; init; }
    }
}
