using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Jobs;

/// <summary>
/// When a shard runs: when it asked to be woken, when somebody rings, and now and then in any case. One wake-up per shard, not per rep.
/// </summary>
public sealed partial class ShardSchedule(ISchedulerFactory schedulers, ShardBells bells, AskedReads asked, Presence presence, PersonConnections connections, ILogger<ShardSchedule> logger) : IHostedService
{
    /// <summary>The net under the wake-ups: a shard that lost its own is looked at again after this time.</summary>
    private static readonly TimeSpan SafetyNet = TimeSpan.FromMinutes(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        for (var shard = 0; shard < Shards.Count; shard++)
        {
            var job = JobBuilder.Create<SyncShardJob>().WithIdentity(SyncShardJob.Key(shard)).UsingJobData(SyncShardJob.Shard, shard).StoreDurably().Build();
            await scheduler.AddJob(job, new AddJobOptions { Replace = true }, cancellationToken);
            await WakeAtAsync(scheduler, shard, scheduler.TimeProvider.GetUtcNow(), cancellationToken);
        }

        await DailyAsync(scheduler, JobBuilder.Create<RetentionJob>().WithIdentity(RetentionJob.Key).StoreDurably().Build(), cancellationToken);
        bells.ShardRung += OnShardRung;
        presence.Arrived += OnArrived;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        bells.ShardRung -= OnShardRung;
        presence.Arrived -= OnArrived;
        return Task.CompletedTask;
    }

    /// <summary>Sets the shard's one wake-up.</summary>
    /// <param name="at">Null: the safety net only.</param>
    internal static async Task WakeAtAsync(IScheduler scheduler, int shard, DateTimeOffset? at, CancellationToken cancellationToken)
    {
        var now = scheduler.TimeProvider.GetUtcNow();
        var start = at is { } wanted && wanted < now + SafetyNet ? wanted : now + SafetyNet;
        var trigger = TriggerBuilder.Create()
            .WithIdentity($"wake-{shard:00}", "sync")
            .ForJob(SyncShardJob.Key(shard))
            .StartAt(start < now ? now : start)
            .WithSimpleSchedule(schedule => schedule.WithInterval(SafetyNet).RepeatForever())
            .Build();
        if (await scheduler.RescheduleJob(trigger.Key, trigger, cancellationToken) is null)
        {
            await scheduler.ScheduleJob(trigger, cancellationToken: cancellationToken);
        }
    }

    /// <summary>Soon after the start, when the shards have had their turn, and every 24 hours from then on.</summary>
    private static async Task DailyAsync(IScheduler scheduler, IJobDetail job, CancellationToken cancellationToken)
    {
        await scheduler.AddJob(job, new AddJobOptions { Replace = true }, cancellationToken);
        var trigger = TriggerBuilder.Create().WithIdentity($"daily-{job.Key.Name}", "sync").ForJob(job.Key)
            .StartAt(scheduler.TimeProvider.GetUtcNow() + SafetyNet).WithSimpleSchedule(schedule => schedule.WithInterval(TimeSpan.FromDays(1)).RepeatForever()).Build();
        if (await scheduler.RescheduleJob(trigger.Key, trigger, cancellationToken) is null)
        {
            await scheduler.ScheduleJob(trigger, cancellationToken: cancellationToken);
        }
    }

    private void OnShardRung(int shard) => _ = StartShardAsync(shard);

    private void OnArrived(Guid personId) => _ = ArriveAsync(personId);

    private async Task ArriveAsync(Guid personId)
    {
        try
        {
            if (await connections.CurrentAsync(personId, CancellationToken.None) is { } connectionId)
            {
                asked.Arrive(connectionId);
            }
        }
        catch (Exception e)
        {
            LogNotRung(e);
        }
    }

    private async Task StartShardAsync(int shard)
    {
        try
        {
            var scheduler = await schedulers.GetScheduler();
            await scheduler.TriggerJob(SyncShardJob.Key(shard));
        }
        catch (Exception e)
        {
            bells.Starts(shard);

            // The wake-up or the safety net finds the work; nobody who edits a task is to be bothered with it.
            LogNotRung(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A shard could not be started at once; its next wake-up finds the work.")]
    private partial void LogNotRung(Exception exception);
}
