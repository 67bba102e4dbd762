using System.Globalization;
using Quartz;

namespace TaskSync.Sync.Jobs;

/// <summary>Serves one shard. It runs for as long as this instance has the shard: Quartz sees to it that one instance has it, and another one when that dies.</summary>
[DisallowConcurrentExecution]
public sealed class SyncShardJob(ShardHolding holding) : IJob
{
    internal const string Shard = "shard";

    public static JobKey Key(int shard) => new($"shard-{shard:000}", "sync");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await holding.HoldAsync(int.Parse(context.MergedJobDataMap.GetString(Shard)!, CultureInfo.InvariantCulture), cancellationToken);
}
