using Quartz;
using TaskSync.Sync.Engine.Cycle;

namespace TaskSync.Sync.Jobs;

/// <summary>Rings the engine for one shard. What was missed while nobody rang is in the cursor, not in the schedule.</summary>
[DisallowConcurrentExecution]
public sealed class SyncShardJob(SyncEngine engine) : IJob
{
    internal const string Shard = "shard";

    public static JobKey Key(int shard) => new($"shard-{shard:00}", "sync");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var shard = context.MergedJobDataMap.GetInt(Shard);
        var next = await engine.RunShardAsync(shard, cancellationToken);
        if (context.Scheduler.Status is not (SchedulerStatus.ShuttingDown or SchedulerStatus.Shutdown))
        {
            await ShardSchedule.WakeAtAsync(context.Scheduler, shard, next, cancellationToken);
        }
    }
}
