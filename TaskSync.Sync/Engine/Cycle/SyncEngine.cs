using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>Runs the connections of a shard, several at once, so that one slow rep or one hung socket holds up nobody.</summary>
public sealed class SyncEngine(IDbContextFactory<TaskSyncDb> databases, ConnectionCycle cycle, ReaderCycle reader, ShardBells bells, TimeProvider time)
{
    /// <summary>Connections of one shard that are served at the same time.</summary>
    private const int AtOnce = 8;

    /// <summary>When a connection that had nothing to do until somebody rings is looked at all the same: a bell may be missed, the database is not.</summary>
    private static readonly TimeSpan SafetyNet = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, ConnectionPulse> _pulses = new();
    private readonly ConcurrentDictionary<Guid, ReaderPulse> _readers = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _nextDue = new();

    /// <summary>Serves the shard until nothing is due. Rings that come meanwhile are answered at once.</summary>
    /// <returns>When something is due next (UTC), or null when nothing will be until somebody rings.</returns>
    public async Task<DateTimeOffset?> RunShardAsync(int shard, CancellationToken cancellationToken)
    {
        bells.Starts(shard);
        var active = new Dictionary<Guid, Task<DateTimeOffset?>>();
        while (true)
        {
            var bell = bells.Wait(shard);
            var candidates = await CandidatesAsync(shard, cancellationToken);
            foreach (var (connectionId, kind) in candidates.Where(pair => active.Count < AtOnce && !active.ContainsKey(pair.Key) && IsDue(shard, pair.Key)))
            {
                active.Add(connectionId, kind == ConnectionKind.Reader ? RunReaderAsync(connectionId, cancellationToken) : RunConnectionAsync(connectionId, cancellationToken));
            }

            if (active.Count == 0)
            {
                return candidates.Count == 0 ? null : candidates.Keys.Min(id => _nextDue.GetValueOrDefault(id, DateTimeOffset.MaxValue)) is var next && next < DateTimeOffset.MaxValue ? next : null;
            }

            await Task.WhenAny([.. active.Values, bell]);
            foreach (var (connectionId, task) in active.Where(pair => pair.Value.IsCompleted).ToList())
            {
                active.Remove(connectionId);
                _nextDue[connectionId] = await task ?? time.GetUtcNow() + SafetyNet;
            }
        }
    }

    /// <summary>Does everything that is due for one connection now, and says when something is due next.</summary>
    public Task<DateTimeOffset?> RunConnectionAsync(Guid connectionId, CancellationToken cancellationToken)
    {
        var pulse = _pulses.GetOrAdd(connectionId, _ => new ConnectionPulse());
        if (bells.TakeReadRequest(connectionId))
        {
            pulse.NextPollAt = default;
        }

        return cycle.RunAsync(connectionId, pulse, cancellationToken);
    }

    /// <summary>Does everything that is due for one org's reader now, and says when something is due next.</summary>
    public Task<DateTimeOffset?> RunReaderAsync(Guid readerId, CancellationToken cancellationToken)
    {
        var pulse = _readers.GetOrAdd(readerId, _ => new ReaderPulse());
        if (bells.TakeReadRequest(readerId))
        {
            (pulse.NextPollAt, pulse.NextExaminationAt) = (default, default);
        }

        return reader.RunAsync(readerId, pulse, cancellationToken);
    }

    /// <summary>The shard's connections whose sync is on, and its readers. One read: the cost of an idle shard. Readers first, they serve the others.</summary>
    private async Task<Dictionary<Guid, ConnectionKind>> CandidatesAsync(int shard, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Connections
            .Where(c => c.Shard == shard && (c.Kind == ConnectionKind.Reader
                ? c.State <= ConnectionState.NeedsReconnect
                : c.State == ConnectionState.Active && db.People.Any(p => p.Id == c.PersonId && p.ConnectionId == c.Id && p.SyncEnabled)))
            .OrderByDescending(c => c.Kind).Select(c => new { c.Id, c.Kind }).ToDictionaryAsync(c => c.Id, c => c.Kind, cancellationToken);
    }

    private bool IsDue(int shard, Guid connectionId) =>
        bells.TakeRing(shard, connectionId) || !_nextDue.TryGetValue(connectionId, out var due) || due <= time.GetUtcNow();
}
