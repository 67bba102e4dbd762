using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>
/// Runs the connections of a shard, several at once, so that one slow rep or one hung socket holds up nobody. Who is due follows from what this instance remembers,
/// from rings, and once a minute from what waits in the database: whoever has nothing due costs nothing.
/// </summary>
public sealed partial class SyncEngine(
    DueConnections due, ConnectionCycle cycle, ReaderCycle reader, ShardBells bells, TimeProvider time, ILogger<SyncEngine> logger)
{
    /// <summary>Connections of one shard that are served at the same time. One that waits for Salesforce gives its place away.</summary>
    private const int AtOnce = 8;

    /// <summary>All of one shard, those included that wait for Salesforce.</summary>
    private const int AtMost = 64;

    /// <summary>A cycle that takes longer mostly waits: it counts no more among those that are served at the same time.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    /// <summary>How often the database is asked what waits: a bell may be missed, the database is not.</summary>
    internal static readonly TimeSpan SafetyNet = TimeSpan.FromMinutes(1);

    /// <summary>How often it is asked for everybody of the shard, for what neither a bell nor something that waits has told.</summary>
    private static readonly TimeSpan WideNet = TimeSpan.FromHours(1);

    /// <summary>How soon a shard that failed is tried again.</summary>
    private static readonly TimeSpan DatabaseWait = TimeSpan.FromSeconds(5);

    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly ConcurrentDictionary<Guid, ConnectionPulse> _pulses = new();
    private readonly ConcurrentDictionary<Guid, ReaderPulse> _readers = new();
    private readonly ConcurrentDictionary<int, Shard> _shards = new();
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
        var (state, active) = (_shards.GetOrAdd(shard, _ => new Shard()), new Dictionary<Guid, Running>());
        try
        {
            return await ServeAsync(shard, state, active, over, cancellationToken);
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
            foreach (var (id, running) in active)
            {
                Ended(state, id, running);
            }
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

    private async Task<(DateTimeOffset? Next, Task Bell)> ServeAsync(int shard, Shard state, Dictionary<Guid, Running> active, CancellationToken over, CancellationToken cancellationToken)
    {
        while (true)
        {
            var bell = bells.Wait(shard);
            await LookAsync(shard, state, active, cancellationToken);
            var isFull = !over.IsCancellationRequested && Start(state, active, over, cancellationToken);
            if (active.Count == 0)
            {
                Volatile.Write(ref _servedAt, time.GetUtcNow().UtcTicks);
                return (state.Times.Next, bell);
            }

            // A cycle that has become slow gives its place to whoever is due.
            await Task.WhenAny([.. active.Values.Select(running => running.Task), bell, .. isFull ? [Task.Delay(Slow, time, cancellationToken)] : Array.Empty<Task>()]);
            foreach (var (id, running) in active.Where(pair => pair.Value.Task.IsCompleted).ToList())
            {
                active.Remove(id);
                Ended(state, id, running);
                await running.Task;
                Volatile.Write(ref _servedAt, time.GetUtcNow().UtcTicks);
            }
        }
    }

    /// <summary>Puts whoever is due into the timetable: a ring costs one look-up, an idle minute one query.</summary>
    private async Task LookAsync(int shard, Shard state, Dictionary<Guid, Running> active, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        state.HasMissed |= bells.TakeMissed(shard);
        state.Rung.UnionWith(bells.TakeRings(shard));
        if (state.HasMissed || now - state.AllLookedAt >= WideNet)
        {
            foreach (var one in await due.AllAsync(shard, cancellationToken))
            {
                Look(state, active, one);
            }

            (state.HasMissed, state.AllLookedAt, state.LookedAt) = (false, now, now);
        }
        else if (now - state.LookedAt >= SafetyNet)
        {
            foreach (var (id, from) in await due.WaitingAsync(shard, cancellationToken))
            {
                // What the last cycle knew of it waits for its time.
                if (!active.ContainsKey(id) && (state.Times.Of(id) is null || !(_pulses.GetValueOrDefault(id)?.WriteDueAt <= from)))
                {
                    state.Times.SetNotAfter(id, ConnectionKind.Rep, from);
                }
            }

            state.LookedAt = now;
        }

        if (state.Rung.Count > 0)
        {
            await AnswerAsync(state, active, now, cancellationToken);
        }
    }

    private static void Look(Shard state, Dictionary<Guid, Running> active, DueConnection one)
    {
        if (active.TryGetValue(one.Id, out var running))
        {
            running.IsRungFor |= state.HasMissed;
        }
        else if (one.At is { } at)
        {
            state.Times.Set(one.Id, one.Kind, at);
        }
        else if (state.HasMissed || state.Times.Of(one.Id) is null)
        {
            // Never looked at, as far as is known: before everybody who was.
            state.Times.Set(one.Id, one.Kind, DateTimeOffset.MinValue);
        }
    }

    private async Task AnswerAsync(Shard state, Dictionary<Guid, Running> active, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var strangers = state.Rung.Where(id => KindOf(id) is null).ToList();
        var kinds = strangers.Count == 0 ? [] : await due.KindsAsync(strangers, cancellationToken);
        foreach (var id in state.Rung)
        {
            if (active.TryGetValue(id, out var running))
            {
                running.IsRungFor = true;
            }
            else if ((KindOf(id) ?? (kinds.TryGetValue(id, out var kind) ? kind : null)) is { } known)
            {
                state.Times.SetNotAfter(id, known, now);
            }
        }

        state.Rung.Clear();
    }

    /// <summary>Starts whoever is due, as far as there are places.</summary>
    /// <returns>Whether all places are taken.</returns>
    private bool Start(Shard state, Dictionary<Guid, Running> active, CancellationToken over, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        while (true)
        {
            if (active.Count >= AtMost || active.Values.Count(running => now - running.Since < Slow) >= AtOnce)
            {
                return true;
            }

            if (!state.Times.TryTake(now, out var id, out var kind))
            {
                return false;
            }

            active.Add(id, new Running(now, kind, kind == ConnectionKind.Reader ? RunReaderAsync(id, cancellationToken)
                : RunConnectionAsync(id, () => active.Count >= AtOnce || over.IsCancellationRequested, cancellationToken)));
        }
    }

    /// <summary>A cycle has ended: the connection is due when it said, at once if somebody rang meanwhile, and else when somebody rings. A reader is looked at every minute.</summary>
    private void Ended(Shard state, Guid id, Running running)
    {
        var now = time.GetUtcNow();
        var next = !running.Task.IsCompletedSuccessfully || running.IsRungFor ? now : running.Task.Result ?? (running.Kind == ConnectionKind.Reader ? now + SafetyNet : null);
        if (next is { } at)
        {
            state.Times.Set(id, running.Kind, at);
        }
    }

    private ConnectionKind? KindOf(Guid id) => _readers.ContainsKey(id) ? ConnectionKind.Reader : _pulses.ContainsKey(id) ? ConnectionKind.Rep : null;

    private Task<DateTimeOffset?> RunConnectionAsync(Guid connectionId, Func<bool> yields, CancellationToken cancellationToken)
    {
        var pulse = _pulses.GetOrAdd(connectionId, _ => new ConnectionPulse());
        if (bells.TakeReadRequest(connectionId))
        {
            pulse.NextPollAt = default;
        }

        return cycle.RunAsync(connectionId, pulse, yields, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard} failed and will be tried again.")]
    private partial void LogShardFailed(Exception exception, int shard);

    /// <summary>What this instance knows of a shard. One caller at a time serves it. A connection whose cycle runs is not in the timetable.</summary>
    private sealed class Shard
    {
        public Timetable Times { get; } = new();

        /// <summary>Rung for, and not answered yet.</summary>
        public HashSet<Guid> Rung { get; } = [];

        /// <summary>Everybody is to be looked at: nothing is known yet, or rings may have been missed.</summary>
        public bool HasMissed { get; set; } = true;

        /// <summary>When the database was last asked for everybody.</summary>
        public DateTimeOffset AllLookedAt { get; set; }

        /// <summary>When it was last asked what waits.</summary>
        public DateTimeOffset LookedAt { get; set; }
    }

    /// <summary>A cycle that runs.</summary>
    private sealed record Running(DateTimeOffset Since, ConnectionKind Kind, Task<DateTimeOffset?> Task)
    {
        /// <summary>Somebody rang since it began.</summary>
        public bool IsRungFor { get; set; }
    }
}
