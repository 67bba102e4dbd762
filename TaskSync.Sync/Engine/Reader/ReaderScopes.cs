using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>Opens a cycle of a reader: whether it may run now, and with what.</summary>
public sealed class ReaderScopes(IDbContextFactory<TaskSyncDb> databases, ShardFences fences, ReaderStates states, ReaderRoster roster, ApiPaces paces, TimeProvider time)
{
    /// <summary>Reads what a cycle works with.</summary>
    /// <returns>Without a scope nothing may be done before this instant (UTC); null until somebody rings.</returns>
    /// <exception cref="FenceLostException">Another instance has the shard.</exception>
    internal async Task<(ReaderScope? Scope, DateTimeOffset? Wait)> OpenAsync(Guid readerId, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await (
            from reader in db.Readers.AsNoTracking()
            join connection in db.Connections.AsNoTracking() on reader.ConnectionId equals connection.Id
            where reader.ConnectionId == readerId
            select new
            {
                reader,
                connection,
                Paused = db.Control.Any(control => control.PausedAt != null),
                Fence = db.Fences.Where(f => f.Shard == connection.Shard).Select(f => (long?)f.Value).FirstOrDefault(),
            }).FirstOrDefaultAsync(cancellationToken);
        if (found is null or { Paused: true })
        {
            return (null, null);
        }

        var fence = await fences.HoldAsync(found.connection.Shard, found.Fence, cancellationToken);
        var pace = await paces.OfAsync(found.connection.OrganizationId, cancellationToken);
        var scope = states.Scope(found.reader, found.connection, fence, pace);
        if (found.connection.State != ConnectionState.Active)
        {
            await states.StandDownAsync(scope, found.connection.StateReason ?? "Its sign-in has ended.", cancellationToken);
            return (null, null);
        }

        if (found.connection.BackOffUntil > time.GetUtcNow())
        {
            return (null, found.connection.BackOffUntil);
        }

        if (pulse.Hold(fence))
        {
            roster.Forget(scope.OrganizationId);
        }

        return pace.StoppedUntil is { } until ? (null, until) : (scope, null);
    }
}
