using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine;

/// <summary>Opens the context of a cycle, and says before each call whether it may still be made (F7).</summary>
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
        return new SyncContext(pair.person, pair.connection, pair.connection.Schema, fence, clocks);
    }

    /// <summary>Asked before each call: nobody unticked, paused, disconnected or took over meanwhile. A running call ends and its result is recorded.</summary>
    public async Task<bool> MayCallAsync(SyncContext context, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (connectionId, fence) = (context.ConnectionId, context.Fence);
        return await db.People.AnyAsync(
            person => person.Id == context.Person.Id && person.SyncEnabled && person.ConnectionId == connectionId && person.PausedAt == null
                && db.Connections.Any(c => c.Id == connectionId && c.State == ConnectionState.Active)
                && db.Fences.Any(f => f.Shard == fence.Shard && f.Value == fence.Value)
                && !db.Control.Any(control => control.PausedAt != null),
            cancellationToken);
    }

    /// <summary>Asked before each call, where there is nobody to hand a refusal to.</summary>
    /// <exception cref="SyncStoppedException">The cycle ends here; what was done is recorded.</exception>
    public async Task DemandAsync(SyncContext context, CancellationToken cancellationToken)
    {
        if (!await MayCallAsync(context, cancellationToken))
        {
            throw new SyncStoppedException();
        }
    }
}

/// <summary>Sync was switched off, paused or taken over between two calls: the cycle ends, which is no failure.</summary>
public sealed class SyncStoppedException() : Exception("Sync was switched off meanwhile.");
