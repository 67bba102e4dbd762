using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>Moves a reader's cursor and state, each change one transaction under its shard's fence.</summary>
public sealed class ReaderStates(IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ReaderRoster roster, ClockOffset clocks, ChangeFeed feed, TimeProvider time)
{
    /// <summary>What a cycle of the reader works with. Each call of it is asked about first.</summary>
    internal ReaderScope Scope(OrgReader reader, Connection connection, Fence fence, ApiPace pace) =>
        new(reader, connection, fence, clocks, new Caller(reader.ConnectionId, cancellationToken => DemandAsync(reader, fence, cancellationToken))) { Pace = pace };

    /// <summary>It still serves, or stands by, as when the cycle began; nobody paused everything, no other instance took over.</summary>
    /// <exception cref="SyncStoppedException">The cycle ends here; the cursor has not moved.</exception>
    private async Task DemandAsync(OrgReader reader, Fence fence, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (id, state) = (reader.ConnectionId, reader.State);
        if (!await db.Readers.AnyAsync(
            r => r.ConnectionId == id && r.State == state && db.Fences.Any(f => f.Shard == fence.Shard && f.Value == fence.Value)
                && !db.Control.Any(control => control.PausedAt != null), cancellationToken))
        {
            throw new SyncStoppedException();
        }
    }

    /// <summary>Everything up to here is applied to everybody of this roster. Does nothing when somebody joined meanwhile.</summary>
    internal Task AdvanceAsync(ReaderScope scope, long rosterSeen, DateTimeOffset readUpTo, CancellationToken cancellationToken) =>
        ChangeAsync(scope, db => db.Readers
            .Where(r => r.ConnectionId == scope.Id && r.Roster == rosterSeen && r.Fast < readUpTo)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.Fast, readUpTo), cancellationToken), cancellationToken);

    internal Task SweptAsync(ReaderScope scope, long rosterSeen, DateTimeOffset updated, DateTimeOffset deleted, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return ChangeAsync(scope, db => db.Readers
            .Where(r => r.ConnectionId == scope.Id && r.Roster == rosterSeen)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.SweepUpdated, updated).SetProperty(r => r.SweepDeleted, deleted).SetProperty(r => r.SweptAt, now), cancellationToken), cancellationToken);
    }

    /// <summary>At most once a minute: an idle poll writes nothing else.</summary>
    internal async Task HeartbeatAsync(ReaderScope scope, long rosterSeen, DateTimeOffset readUpTo, CancellationToken cancellationToken)
    {
        await AdvanceAsync(scope, rosterSeen, readUpTo, cancellationToken);
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await ShardFences.Held(db, scope.Id, scope.Fence).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.LastSuccessAt, now).SetProperty(c => c.BackOffUntil, (DateTimeOffset?)null).SetProperty(c => c.BackOffReason, (string?)null), cancellationToken);
    }

    internal async Task BackOffAsync(Guid readerId, Fence? fence, DateTimeOffset until, string reason, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await ShardFences.Held(db, readerId, fence)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.BackOffUntil, until).SetProperty(c => c.BackOffReason, reason), cancellationToken);
    }

    /// <summary>Everybody reads alone from where the reader has got.</summary>
    internal async Task StandDownAsync(ReaderScope scope, string reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var stoodDown = await ChangeAsync(scope, async db =>
        {
            await Following.LeaveAsync(db, scope.OrganizationId, null, cancellationToken);
            return await db.Readers.Where(r => r.ConnectionId == scope.Id && r.State == ReaderState.Serving).ExecuteUpdateAsync(
                set => set.SetProperty(r => r.State, ReaderState.Standby).SetProperty(r => r.StateReason, reason).SetProperty(r => r.StateSince, now), cancellationToken);
        }, cancellationToken);
        if (stoodDown == 1)
        {
            await roster.RingAloneAsync(scope.OrganizationId, cancellationToken);
        }
    }

    /// <summary>Keeps what was found. A reader that may serve begins at Salesforce's time now: whoever joins brings their own cursor.</summary>
    internal async Task ExaminedAsync(ReaderScope scope, ReaderReport report, CancellationToken cancellationToken)
    {
        // Asked for once more while it ran, it is due again.
        var (now, json, before) = (time.GetUtcNow(), report.ToJson(), scope.Reader.CheckedAt);
        var serverNow = report.MayServe ? await api.ServerTimeAsync(scope.Caller, cancellationToken) : default;
        var state = report.MayServe ? ReaderState.Serving : ReaderState.Standby;
        var reason = report.MayServe ? null : report.Reason;
        await ChangeAsync(scope, async db =>
        {
            await db.Readers.Where(r => r.ConnectionId == scope.Id).ExecuteUpdateAsync(
                set => set.SetProperty(r => r.ChecksJson, json).SetProperty(r => r.CheckedAt, r => r.CheckedAt == before ? now : r.CheckedAt).SetProperty(r => r.StateReason, reason), cancellationToken);
            return await db.Readers.Where(r => r.ConnectionId == scope.Id && r.State == ReaderState.Standby && state == ReaderState.Serving).ExecuteUpdateAsync(
                set => set.SetProperty(r => r.State, state).SetProperty(r => r.StateSince, now).SetProperty(r => r.Fast, serverNow)
                    .SetProperty(r => r.SweepUpdated, serverNow).SetProperty(r => r.SweepDeleted, serverNow).SetProperty(r => r.SweptAt, now), cancellationToken);
        }, cancellationToken);
        if (report.MayServe)
        {
            await roster.RingAloneAsync(scope.OrganizationId, cancellationToken);
        }

        feed.Publish(scope.Connection.PersonId);
    }

    /// <summary>Everybody reads alone once; the reader's own cursor begins anew.</summary>
    internal async Task StartOverAsync(ReaderScope scope, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var serverNow = await api.ServerTimeAsync(scope.Caller, cancellationToken);
        await ChangeAsync(scope, async db =>
        {
            await Following.LeaveAsync(db, scope.OrganizationId, null, cancellationToken);
            await db.Cursors.Where(c => db.Connections.Any(x => x.Id == c.ConnectionId && x.OrganizationId == scope.OrganizationId))
                .ExecuteUpdateAsync(set => set.SetProperty(c => c.SweptAt, DateTimeOffset.UnixEpoch), cancellationToken);
            return await db.Readers.Where(r => r.ConnectionId == scope.Id).ExecuteUpdateAsync(
                set => set.SetProperty(r => r.SweepUpdated, serverNow).SetProperty(r => r.SweepDeleted, serverNow).SetProperty(r => r.SweptAt, now), cancellationToken);
        }, cancellationToken);
        await roster.RingAloneAsync(scope.OrganizationId, cancellationToken);
    }

    /// <summary>Whoever has stopped follows no longer. They leave when they stop: this is for a database in which they did not.</summary>
    internal Task LetGoAsync(ReaderScope scope, CancellationToken cancellationToken) => ChangeAsync(
        scope,
        async db =>
        {
            await ReaderRoster.LeaveStoppedAsync(db, scope.OrganizationId, cancellationToken);
            return 0;
        },
        cancellationToken);

    /// <summary>One follower reads alone from where the reader has got.</summary>
    internal Task LetGoAsync(ReaderScope scope, Guid connectionId, CancellationToken cancellationToken) =>
        ChangeAsync(scope, db => Following.LeaveAsync(db, scope.OrganizationId, [connectionId], cancellationToken), cancellationToken);

    private Task<int> ChangeAsync(ReaderScope scope, Func<TaskSyncDb, Task<int>> changeAsync, CancellationToken cancellationToken) =>
        databases.CommitAsync(scope.Fence, changeAsync, cancellationToken);
}
