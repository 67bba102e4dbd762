using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Quartz;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Instances;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Jobs;

/// <summary>
/// Which shards this instance serves. Quartz says who may take one; each instance gives up what is over its share, so that a new one finds something to do.
/// </summary>
public sealed class ShardHolding(
    ShardKeeper keeper, InstanceRegister register, Neighbours neighbours, ISchedulerFactory schedulers, TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>The execution group of the triggers of shards.</summary>
    internal const string Group = "shards";

    /// <summary>A start that finds the shard served elsewhere waits at most so long, so that Quartz sees it end now and then.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<int, CancellationTokenSource> _held = new();
    private readonly ShardShare _share = new(options.Value.Shards);
    private int _most;
    private volatile bool _isStopping;

    /// <summary>How many there are.</summary>
    public int Count => _held.Count;

    /// <summary>Serves a shard until it is given up or taken over.</summary>
    public async Task HoldAsync(int shard, CancellationToken cancellationToken)
    {
        using var letGo = new CancellationTokenSource();
        if (_isStopping || !_held.TryAdd(shard, letGo))
        {
            return;
        }

        try
        {
            if (!await IsServedElsewhereAsync(shard, letGo.Token, cancellationToken))
            {
                await keeper.KeepAsync(shard, letGo.Token, cancellationToken);
            }
        }
        finally
        {
            _held.TryRemove(new KeyValuePair<int, CancellationTokenSource>(shard, letGo));
        }
    }

    /// <summary>Gives up what is over the share, and tells Quartz how many this instance may have. One look at a time.</summary>
    public async Task BalanceAsync(CancellationToken cancellationToken)
    {
        var held = _held.OrderBy(pair => pair.Key).ToList();
        var (most, giveUp) = _share.Next(held.Count, neighbours.Engines, time.GetUtcNow());
        if (most != _most)
        {
            var scheduler = await schedulers.GetScheduler(cancellationToken);
            await scheduler.SetExecutionLimits(ExecutionLimitsBuilder.Create().ForGroup(Group, most).Build(), cancellationToken);
            _most = most;
        }

        foreach (var (_, letGo) in held.TakeLast(giveUp))
        {
            await LetGoAsync(letGo);
        }
    }

    /// <summary>Gives everything up: the app stops. Calls that run come to their end.</summary>
    public async Task LetAllGoAsync()
    {
        _isStopping = true;
        foreach (var letGo in _held.Values)
        {
            await LetGoAsync(letGo);
        }
    }

    private static async Task LetGoAsync(CancellationTokenSource letGo)
    {
        try
        {
            await letGo.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    /// <summary>
    /// Whether another instance that lives serves the shard. When a stopped one wakes up, Quartz may fire a shard that was taken over meanwhile: to raise its fence
    /// again would only take it from the one that serves it, and so on.
    /// </summary>
    private async Task<bool> IsServedElsewhereAsync(int shard, CancellationToken letGo, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + LongestWait;
        while (await register.IsServedElsewhereAsync(shard, cancellationToken))
        {
            if (time.GetUtcNow() >= until || letGo.IsCancellationRequested)
            {
                return true;
            }

            await Task.Delay(LookAgain, time, cancellationToken);
        }

        return false;
    }
}
