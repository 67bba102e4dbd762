using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>A connection of a shard, and when it is to be looked at.</summary>
/// <param name="Id">Which one.</param>
/// <param name="Kind">Whether it reads for its org.</param>
/// <param name="At">UTC; null for one that is read alone: now, unless this instance knows better.</param>
internal readonly record struct DueConnection(Guid Id, ConnectionKind Kind, DateTimeOffset? At);

/// <summary>Asks the database which connections of a shard have something due.</summary>
public sealed class DueConnections(IDbContextFactory<TaskSyncDb> databases, TimeProvider time)
{
    /// <summary>
    /// Everybody whose sync is on, for whoever begins to serve the shard. A follower that has nothing of its own is due for its audit only: as long as it waits for
    /// nothing else the org's reader does all there is to do.
    /// </summary>
    internal async Task<List<DueConnection>> AllAsync(int shard, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var own = OwnWork.Of(db);
        var readers = await db.Connections.Where(c => c.Shard == shard && c.Kind == ConnectionKind.Reader && c.State <= ConnectionState.NeedsReconnect).Select(c => c.Id).ToListAsync(cancellationToken);
        var reps = await (
            from connection in Running(db, shard)
            join person in db.People on connection.PersonId equals person.Id
            from cursor in db.Cursors.Where(c => c.ConnectionId == connection.Id && c.FollowsReader).DefaultIfEmpty()
            select new
            {
                connection.Id,
                Follows = cursor != null,
                AuditedAt = (DateTimeOffset?)cursor!.AuditedAt,
                HasOwnWork = cursor != null && own.Any(c => c.Id == connection.Id),
                person.TimeZone,
                connection.UserTimeZone,
                person.BrowserTimeZone,
            }).ToListAsync(cancellationToken);
        return
        [
            .. readers.Select(id => new DueConnection(id, ConnectionKind.Reader, null)),
            .. reps.Select(rep => new DueConnection(rep.Id, ConnectionKind.Rep, !rep.Follows ? null : rep.HasOwnWork ? now
                : QuietHours.NextAfter(rep.AuditedAt!.Value, RepTime.At(now, rep.TimeZone, rep.UserTimeZone, rep.BrowserTimeZone), rep.Id))),
        ];
    }

    /// <summary>Those for which something waits to be sent, or to be looked after, and from when on (UTC). One query of what waits, however many connections there are.</summary>
    internal async Task<List<(Guid Id, DateTimeOffset From)>> WaitingAsync(int shard, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var running = Running(db, shard).Where(c => c.BackOffUntil == null || c.BackOffUntil <= now);
        var writes = db.PendingWrites.Where(p => p.ProblemId == null)
            .GroupBy(p => p.ConnectionId).Select(own => new { Id = own.Key, From = own.Min(p => p.DueAt) });
        var unknown = db.Links.Where(l => l.UnknownUntil != null && l.State == LinkState.Open && !db.PendingWrites.Any(p => p.TaskId == l.TaskId))
            .GroupBy(l => l.ConnectionId).Select(own => new { Id = own.Key, From = own.Min(l => l.UnknownUntil!.Value) });
        return [.. (await writes.Concat(unknown).Where(own => running.Any(c => c.Id == own.Id)).ToListAsync(cancellationToken)).Select(own => (own.Id, own.From))];
    }

    /// <summary>What these are; those are left out that are not to be looked at, since their sync is off.</summary>
    internal async Task<Dictionary<Guid, ConnectionKind>> KindsAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Connections
            .Where(c => ids.Contains(c.Id) && (c.Kind == ConnectionKind.Reader
                ? c.State <= ConnectionState.NeedsReconnect
                : c.State == ConnectionState.Active && db.People.Any(p => p.Id == c.PersonId && p.ConnectionId == c.Id && p.SyncEnabled)))
            .Select(c => new { c.Id, c.Kind }).ToDictionaryAsync(c => c.Id, c => c.Kind, cancellationToken);
    }

    /// <summary>Reps whose sync is on and not paused.</summary>
    private static IQueryable<Connection> Running(TaskSyncDb db, int shard) => db.Connections.Where(c =>
        c.Shard == shard && c.Kind == ConnectionKind.Rep && c.State == ConnectionState.Active
        && db.People.Any(p => p.Id == c.PersonId && p.ConnectionId == c.Id && p.SyncEnabled && p.PausedAt == null)
        && !db.Control.Any(control => control.PausedAt != null));
}
