using Microsoft.Extensions.Logging;
using TaskSync.Sync.Data;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>Serves shards for as long as they are this instance's.</summary>
public sealed partial class ShardKeeper(SyncEngine engine, ShardBells bells, ShardFences fences, TimeProvider time, ILogger<ShardKeeper> logger)
{
    /// <summary>Serves the shard, for hours or days, until it is let go or another instance has taken it over. Its cycles have ended when this returns.</summary>
    /// <param name="shard">Which one.</param>
    /// <param name="letGo">Cancelled: what runs comes to its end, nothing begins.</param>
    /// <param name="cancellationToken">Stops between calls.</param>
    public async Task KeepAsync(int shard, CancellationToken letGo, CancellationToken cancellationToken)
    {
        using var tenure = fences.Begin(shard, letGo);
        bells.Begin(shard);
        while (!tenure.Over.IsCancellationRequested)
        {
            var (next, bell) = await engine.RunShardAsync(shard, tenure.Over, cancellationToken);
            await RestAsync(next, bell, tenure.Over, cancellationToken);
        }

        if (tenure.IsLost)
        {
            LogLost(shard);
        }

        await fences.ReleaseAsync(tenure, cancellationToken);
    }

    /// <summary>Until something is due, somebody rings or it is over; for a minute at most, because a bell may be missed and the database is not.</summary>
    private async Task RestAsync(DateTimeOffset? until, Task bell, CancellationToken over, CancellationToken cancellationToken)
    {
        var rest = until - time.GetUtcNow() is { } left && left < SyncEngine.SafetyNet ? left : SyncEngine.SafetyNet;
        if (rest <= TimeSpan.Zero)
        {
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(over, cancellationToken);
        await Task.WhenAny(bell, Task.Delay(rest, time, end.Token));
        await end.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Shard {Shard} was taken over by another instance.")]
    private partial void LogLost(int shard);
}
