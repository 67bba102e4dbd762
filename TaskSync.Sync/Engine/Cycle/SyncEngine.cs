using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>Runs the connections of a shard, several at once, so that one slow rep or one hung socket holds up nobody.</summary>
public sealed partial class SyncEngine(
    IDbContextFactory<TaskSyncDb> databases, ConnectionCycle cycle, ReaderCycle reader, ShardBells bells, TimeProvider time, ILogger<SyncEngine> logger)
{
    /// <summary>Connections of one shard that are served at the same time. One that waits for Salesforce gives its place away.</summary>
    private const int AtOnce = 8;

    /// <summary>All of one shard, those included that wait for Salesforce.</summary>
    private const int AtMost = 64;

    /// <summary>A cycle that takes longer mostly waits: it counts no more among those that are served at the same time.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    /// <summary>When a connection that had nothing to do until somebody rings is looked at all the same: a bell may be missed, the database is not.</summary>
    internal static readonly TimeSpan SafetyNet = TimeSpan.FromMinutes(1);

    /// <summary>How soon a shard that failed is tried again.</summary>
    private static readonly TimeSpan DatabaseWait = TimeSpan.FromSeconds(5);

    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly ConcurrentDictionary<Guid, ConnectionPulse> _pulses = new();
    private readonly ConcurrentDictionary<Guid, ReaderPulse> _readers = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _nextDue = new();
    private long _servedAt = time.GetUtcNow().UtcTicks;

    /// <summary>When this instance last did for a shard or a connection what was due (UTC); when it started, before that.</summary>
    public DateTimeOffset ServedAt => new(Volatile.Read(ref _servedAt), TimeSpan.Zero);

    /// <summary>Serves the shard until nothing is due. Rings that come meanwhile are answered at once. Whatever fails, its cycles have ended when this returns.</summary>
    /// <returns>When something is due next (UTC), or null when nothing will be until somebody rings.</returns>
    public async Task<DateTimeOffset?> RunShardAsync(int shard, CancellationToken cancellationToken) => (await RunShardAsync(shard, CancellationToken.None, cancellationToken)).Next;

    /// <summary>The same, but what runs comes to its end and nothing begins once it is over.</summary>
    /// <returns>With the bell that was taken before the last look: what rings from then on ends it.</returns>
    internal async Task<(DateTimeOffset? Next, Task Bell)> RunShardAsync(int shard, CancellationToken over, CancellationToken cancellationToken)
    {
        var active = new Dictionary<Guid, Running>();
        try
        {
            return await ServeAsync(shard, active, over, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogShardFailed(e, shard);
            return (time.GetUtcNow() + DatabaseWait, Never);
        }
        finally
        {
            // A cycle that went on alone would meet its successor: each connection has one cycle at a time.
            await ((Task)Task.WhenAll(active.Values.Select(running => running.Task))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Does everything that is due for one connection now, and says when something is due next.</summary>
    public Task<DateTimeOffset?> RunConnectionAsync(Guid connectionId, CancellationToken cancellationToken) => RunConnectionAsync(connectionId, () => false, cancellationToken);

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

    private async Task<(DateTimeOffset? Next, Task Bell)> ServeAsync(int shard, Dictionary<Guid, Running> active, CancellationToken over, CancellationToken cancellationToken)
    {
        while (true)
        {
            var bell = bells.Wait(shard);
            var candidates = await CandidatesAsync(shard, cancellationToken);
            if (bells.TakeMissed(shard))
            {
                foreach (var id in candidates.Keys)
                {
                    _nextDue.TryRemove(id, out _);
                }
            }

            var isFull = !over.IsCancellationRequested && Start(shard, candidates, active, over, cancellationToken);
            if (active.Count == 0)
            {
                Volatile.Write(ref _servedAt, time.GetUtcNow().UtcTicks);
                return (candidates.Count == 0 ? null : candidates.Keys.Min(DueAt) is var next && next < DateTimeOffset.MaxValue ? next : null, bell);
            }

            // A cycle that has become slow gives its place to whoever is due.
            await Task.WhenAny([.. active.Values.Select(running => running.Task), bell, .. isFull ? [Task.Delay(Slow, time, cancellationToken)] : Array.Empty<Task>()]);
            foreach (var (connectionId, running) in active.Where(pair => pair.Value.Task.IsCompleted).ToList())
            {
                active.Remove(connectionId);
                _nextDue[connectionId] = await running.Task ?? time.GetUtcNow() + SafetyNet;
                Volatile.Write(ref _servedAt, time.GetUtcNow().UtcTicks);
            }
        }
    }

    /// <summary>Starts whoever is due, as far as there are places; readers first, then whoever has waited longest.</summary>
    /// <returns>Whether all places are taken.</returns>
    private bool Start(int shard, Dictionary<Guid, ConnectionKind> candidates, Dictionary<Guid, Running> active, CancellationToken over, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var (id, kind) in candidates.Where(pair => !active.ContainsKey(pair.Key)).OrderByDescending(pair => pair.Value).ThenBy(pair => DueAt(pair.Key)).ToList())
        {
            if (active.Count >= AtMost || active.Values.Count(running => now - running.Since < Slow) >= AtOnce)
            {
                return true;
            }

            if (IsDue(shard, id))
            {
                active.Add(id, new Running(now, kind == ConnectionKind.Reader ? RunReaderAsync(id, cancellationToken) : RunConnectionAsync(id, () => active.Count >= AtOnce || over.IsCancellationRequested, cancellationToken)));
            }
        }

        return false;
    }

    private Task<DateTimeOffset?> RunConnectionAsync(Guid connectionId, Func<bool> yields, CancellationToken cancellationToken)
    {
        var pulse = _pulses.GetOrAdd(connectionId, _ => new ConnectionPulse());
        if (bells.TakeReadRequest(connectionId))
        {
            pulse.NextPollAt = default;
        }

        return cycle.RunAsync(connectionId, pulse, yields, cancellationToken);
    }

    /// <summary>The shard's connections whose sync is on, and its readers. One read: the cost of an idle shard.</summary>
    private async Task<Dictionary<Guid, ConnectionKind>> CandidatesAsync(int shard, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Connections
            .Where(c => c.Shard == shard && (c.Kind == ConnectionKind.Reader
                ? c.State <= ConnectionState.NeedsReconnect
                : c.State == ConnectionState.Active && db.People.Any(p => p.Id == c.PersonId && p.ConnectionId == c.Id && p.SyncEnabled)))
            .Select(c => new { c.Id, c.Kind }).ToDictionaryAsync(c => c.Id, c => c.Kind, cancellationToken);
    }

    private DateTimeOffset DueAt(Guid connectionId) => _nextDue.GetValueOrDefault(connectionId, DateTimeOffset.MinValue);

    private bool IsDue(int shard, Guid connectionId) => bells.TakeRing(shard, connectionId) || DueAt(connectionId) <= time.GetUtcNow();

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard} failed and will be tried again.")]
    private partial void LogShardFailed(Exception exception, int shard);

    /// <summary>A cycle that runs.</summary>
    private sealed record Running(DateTimeOffset Since, Task<DateTimeOffset?> Task);
}
