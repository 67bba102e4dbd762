using Quartz;
using TaskSync.Sync.Connections;

namespace TaskSync.Sync.Jobs;

/// <summary>Removes what end-to-end tests left in the organizations, every few minutes until it is gone.</summary>
[DisallowConcurrentExecution]
public sealed class CleanUpJob(EndToEndTest test) : IJob
{
    public static readonly JobKey Key = new("clean-up", "sync");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await test.CleanUpAllAsync(cancellationToken);
}
