using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quartz;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Instances;

namespace TaskSync.Sync.Jobs;

/// <summary>
/// Puts the jobs into the schedule, where another instance has not. A shard's trigger fires every second, and its job runs for as long as an instance has the
/// shard: so each firing finds a shard that nobody serves.
/// </summary>
public sealed partial class ShardSchedule(ISchedulerFactory schedulers, ShardHolding holding, Neighbours neighbours, IOptions<SyncOptions> options, ILogger<ShardSchedule> logger) : IHostedService
{
    internal const string Group = "sync";

    /// <summary>How soon a shard that nobody serves is taken up.</summary>
    private static readonly TimeSpan TakeUp = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan CleanUp = TimeSpan.FromMinutes(5);

    /// <summary>The first daily work comes when the shards have had their turn.</summary>
    private static readonly TimeSpan Daily = TimeSpan.FromDays(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        HashSet<JobKey> wanted = [RetentionJob.Key, CleanUpJob.Key];
        for (var shard = 0; shard < options.Value.Shards; shard++)
        {
            var key = SyncShardJob.Key(shard);
            wanted.Add(key);
            await EnsureAsync(
                scheduler, JobBuilder.Create<SyncShardJob>().WithIdentity(key).UsingJobData(SyncShardJob.Shard, shard.ToString(CultureInfo.InvariantCulture)), ShardHolding.Group, TakeUp, TimeSpan.Zero, cancellationToken);
        }

        await EnsureAsync(scheduler, JobBuilder.Create<RetentionJob>().WithIdentity(RetentionJob.Key), null, Daily, TimeSpan.FromMinutes(1), cancellationToken);
        await EnsureAsync(scheduler, JobBuilder.Create<CleanUpJob>().WithIdentity(CleanUpJob.Key), null, CleanUp, TimeSpan.Zero, cancellationToken);
        foreach (var old in (await scheduler.GetJobKeys(GroupMatcher<JobKey>.GroupEquals(Group), cancellationToken)).Where(key => !wanted.Contains(key)))
        {
            await scheduler.DeleteJob(old, cancellationToken);
        }

        await holding.BalanceAsync(cancellationToken);
        neighbours.Looked += OnLooked;
    }

    /// <summary>Gives the shards up before the scheduler waits for its jobs.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        neighbours.Looked -= OnLooked;
        return holding.LetAllGoAsync();
    }

    /// <summary>The job and its trigger, unless an earlier start or another instance has stored them. What was missed runs once, now.</summary>
    private static async Task EnsureAsync<TJob>(IScheduler scheduler, JobBuilder<TJob> job, string? executionGroup, TimeSpan interval, TimeSpan delay, CancellationToken cancellationToken)
        where TJob : IJob
    {
        var detail = job.StoreDurably().Build();
        await scheduler.AddJob(detail, new AddJobOptions { Replace = true }, cancellationToken);
        var trigger = TriggerBuilder.Create().WithIdentity(detail.Key.Name, Group).ForJob(detail.Key).WithExecutionGroup(executionGroup)
            .StartAt(scheduler.TimeProvider.GetUtcNow() + delay)
            .WithSimpleSchedule(schedule => schedule.WithInterval(interval).RepeatForever().WithMisfireInstruction(SimpleTriggerMisfireInstruction.NowWithExistingCount))
            .Build();
        if (await scheduler.Exists(trigger.Key, cancellationToken))
        {
            await scheduler.ResetTriggerFromErrorState(trigger.Key, cancellationToken);
            return;
        }

        try
        {
            await scheduler.ScheduleJob(trigger, cancellationToken: cancellationToken);
        }
        catch (ObjectAlreadyExistsException)
        {
            // Another instance starts at the same moment.
        }
    }

    private void OnLooked() => _ = BalanceAsync();

    private async Task BalanceAsync()
    {
        try
        {
            await holding.BalanceAsync(CancellationToken.None);
        }
        catch (Exception failure)
        {
            LogNotBalanced(failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The shards could not be shared out anew; it is tried again at the next look at the other instances.")]
    private partial void LogNotBalanced(Exception failure);
}
