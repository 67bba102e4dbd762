using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Quartz;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Instances;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Jobs;

/// <summary>
/// Which shards this instance serves. Quartz says who may take one; each instance takes no more than its share and gives up what is over it, so that a new one
/// finds something to do.
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
    private volatile bool _isStopping;

    /// <summary>How many there are.</summary>
    public int Count => _held.Count;

    /// <summary>Shards that one instance serves at most; all of them when it is alone.</summary>
    private int Share => (options.Value.Shards + neighbours.Engines - 1) / Math.Max(1, neighbours.Engines);

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

    /// <summary>Tells Quartz the share, and gives up what is over it.</summary>
    public async Task BalanceAsync(CancellationToken cancellationToken)
    {
        var share = Share;
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        await scheduler.SetExecutionLimits(ExecutionLimitsBuilder.Create().ForGroup(Group, share).Build(), cancellationToken);
        foreach (var (_, letGo) in _held.OrderBy(pair => pair.Key).Skip(share))
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
