using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine;

/// <summary>Makes the contexts of cycles. Each call that a context makes is asked about first: may it still be made (F7)?</summary>
public sealed class SyncContexts(IDbContextFactory<TaskSyncDb> databases, ShardFences fences, ClockOffset clocks, TimeProvider time)
{
    /// <summary>The facts of one connection, or null when its sync may not run: box not ticked, paused, parked, to be reconnected, backing off.</summary>
    public async Task<SyncContext?> OpenAsync(Guid connectionId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var pair = await (
            from connection in db.Connections.AsNoTracking()
            join person in db.People.AsNoTracking() on connection.PersonId equals person.Id
            where connection.Id == connectionId
                && connection.State == ConnectionState.Active
                && (connection.BackOffUntil == null || connection.BackOffUntil <= now)
                && person.SyncEnabled && person.ConnectionId == connectionId && person.PausedAt == null
                && !db.Control.Any(control => control.PausedAt != null)
            select new { connection, person, Fence = db.Fences.Where(f => f.Shard == connection.Shard).Select(f => (long?)f.Value).FirstOrDefault() }).FirstOrDefaultAsync(cancellationToken);
        if (pair is null)
        {
            return null;
        }

        var fence = await fences.HoldAsync(pair.connection.Shard, pair.Fence, cancellationToken);
        return Of(pair.person, pair.connection, fence, new JustRead(pair.connection, now, time));
    }

    /// <summary>The facts of one connection, by somebody who has read them already.</summary>
    /// <param name="person">Whose connection it is.</param>
    /// <param name="connection">Whose token is used.</param>
    /// <param name="fence">The shard of the cycle that calls, and commits.</param>
    /// <param name="justRead">The connection, when that was a moment ago; null otherwise.</param>
    public SyncContext Of(Person person, Connection connection, Fence fence, JustRead? justRead = null)
    {
        var caller = new Caller(connection.Id, cancellationToken => DemandAsync(person.Id, connection.Id, fence, cancellationToken)) { JustRead = justRead };
        return new SyncContext(person, connection, connection.Schema, fence with { Connection = connection.Id }, clocks, caller) { OpenedAt = time.GetUtcNow() };
    }

    /// <summary>Nobody unticked, paused, disconnected or took over meanwhile. A running call ends and its result is recorded.</summary>
    /// <exception cref="SyncStoppedException">The cycle ends here; what was done is recorded.</exception>
    private async Task DemandAsync(Guid personId, Guid connectionId, Fence fence, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.People.AnyAsync(
            person => person.Id == personId && person.SyncEnabled && person.ConnectionId == connectionId && person.PausedAt == null
                && db.Connections.Any(c => c.Id == connectionId && c.State == ConnectionState.Active)
                && db.Fences.Any(f => f.Shard == fence.Shard && f.Value == fence.Value)
                && !db.Control.Any(control => control.PausedAt != null),
            cancellationToken))
        {
            throw new SyncStoppedException();
        }
    }
}
