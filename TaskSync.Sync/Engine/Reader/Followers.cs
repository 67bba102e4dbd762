using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>The connections that an org's reader reads for, and which of them a row concerns: the owner's, and those that hold a link to it (S7) or wait for its key (S5).</summary>
public sealed class Followers(IDbContextFactory<TaskSyncDb> databases, SyncContexts contexts)
{
    /// <summary>Which roster holds now: it is another one as soon as somebody has joined.</summary>
    internal async Task<long> RosterAsync(ReaderScope scope, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Readers.Where(r => r.ConnectionId == scope.Id).Select(r => r.Roster).FirstAsync(cancellationToken);
    }

    /// <summary>Each follower concerned, with its rows.</summary>
    internal async Task<List<(SyncContext Context, List<RemoteTask> Rows)>> OfRowsAsync(ReaderScope scope, RemoteTask[] rows, CancellationToken cancellationToken)
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
        var followers = await Of(db, organization, c => owners.Contains(c.UserId) || linked.Contains(c.Id)).ToListAsync(cancellationToken);
        var byOwner = followers.ToDictionary(f => f.Connection.UserId, f => f.Connection.Id);
        var byConnection = rows
            .SelectMany(row => byLink[row.Id].Concat(row.Key is null ? [] : byKey[row.Key])
                .Concat(byOwner.TryGetValue(row.OwnerId, out var owner) ? [owner] : []).Distinct().Select(id => (Id: id, Row: row)))
            .ToLookup(pair => pair.Id, pair => pair.Row);
        return [.. followers.Select(f => (contexts.Of(f.Person, f.Connection, scope.Fence), byConnection[f.Connection.Id].ToList()))];
    }

    /// <summary>Each follower concerned, with the Salesforce ids of its links, those included that it has lost sight of.</summary>
    internal async Task<List<(SyncContext Context, List<string> Ids)>> OfLinksAsync(ReaderScope scope, List<string> ids, CancellationToken cancellationToken)
    {
        var organization = scope.OrganizationId;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var links = (await db.Links
            .Where(l => l.OrganizationId == organization && l.State != LinkState.Reassigned && !l.AgreedGone && ids.Contains(l.SalesforceId!))
            .Select(l => new { Id = l.SalesforceId!, l.ConnectionId }).ToListAsync(cancellationToken)).ToLookup(l => l.ConnectionId, l => l.Id);
        var concerned = links.Select(ofOne => ofOne.Key).ToList();
        var followers = concerned.Count == 0 ? [] : await Of(db, organization, c => concerned.Contains(c.Id)).ToListAsync(cancellationToken);
        return [.. followers.Select(f => (contexts.Of(f.Person, f.Connection, scope.Fence), links[f.Connection.Id].ToList()))];
    }

    private static IQueryable<Follower> Of(TaskSyncDb db, string organization, System.Linq.Expressions.Expression<Func<Connection, bool>> which) =>
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
