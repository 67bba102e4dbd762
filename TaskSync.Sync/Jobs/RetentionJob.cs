using Quartz;
using TaskSync.Sync.Engine.Check;

namespace TaskSync.Sync.Jobs;

/// <summary>Rings the retention once a day. A missed day loses nothing: the next one purges more.</summary>
[DisallowConcurrentExecution]
public sealed class RetentionJob(Retention retention, HistoryRetention history) : IJob
{
    public static readonly JobKey Key = new("retention", "sync");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        context.Result = await retention.PurgeAsync(cancellationToken);
        await history.TrimAsync(cancellationToken);
    }
}
