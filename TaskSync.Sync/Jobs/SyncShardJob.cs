using System.Globalization;
using Microsoft.Extensions.Logging;
using Quartz;

namespace TaskSync.Sync.Jobs;

/// <summary>Serves one shard. It runs for as long as this instance has the shard: Quartz sees to it that one instance has it, and another one when that dies.</summary>
[DisallowConcurrentExecution]
public sealed partial class SyncShardJob(ShardHolding holding, ILogger<SyncShardJob> logger) : IJob
{
    internal const string Shard = "shard";

    public static JobKey Key(int shard) => new($"shard-{shard:000}", "sync");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var shard = int.Parse(context.MergedJobDataMap.GetString(Shard)!, CultureInfo.InvariantCulture);
        try
        {
            await holding.HoldAsync(shard, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The database does not answer. The trigger fires again in a moment, here or elsewhere.
            LogNotTaken(shard, failure.GetType().Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} could not be taken up or given up: {Failure}. It is tried again.")]
    private partial void LogNotTaken(int shard, string failure);
}
