using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Instances;

/// <summary>Says every few seconds that this instance is there, and looks who else is.</summary>
public sealed partial class InstanceWatch(Neighbours neighbours, InstanceRegister register, ShardFences fences, TimeProvider time, ILogger<InstanceWatch> logger) : BackgroundService
{
    private DateTimeOffset _lookedAt = time.GetUtcNow();

    /// <summary>Comes in. Whoever finds others waits until they have seen it: from then on they tell it what changes.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await register.EnterAsync(cancellationToken);
        LogEntered(register.Self.Id, register.Self.Version);
        await LookAsync(cancellationToken);
        if (neighbours.Any)
        {
            await Task.Delay(Instance.LookInterval, time, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>Goes: the others need not wait until this one is taken for dead.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await register.LeaveAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogNotLooked(failure.GetType().Name);
        }
    }

    /// <summary>Says that this one is there, and reads who else is and whose the shards are.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var wasThere = await register.StayAsync(cancellationToken);
        var (all, current) = await register.LookAsync(cancellationToken);
        fences.Compare(current);
        await fences.GiveBackAsync(current, cancellationToken);

        var now = time.GetUtcNow();
        var isLate = now - _lookedAt > Instance.DeadAfter || !wasThere;
        var died = neighbours.Others.Where(other => all.Exists(one => one.Id == other.Id && IsDead(one, now))).ToList();
        _lookedAt = now;
        neighbours.Set([.. all.Where(one => !IsDead(one, now))], now);
        foreach (var dead in died)
        {
            LogDied(dead.Id);
        }

        if (died.Count > 0 || isLate)
        {
            // What the dead did not come to tell, and what this one slept through.
            neighbours.Miss();
        }

        await register.ForgetAsync(all.Where(one => now - one.SeenAt > InstanceRegister.Remembered), cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Instance.LookInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // Cut off from the database: others take this one for dead, and its fences no longer count.
                    LogNotLooked(failure.GetType().Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private static bool IsDead(Instance instance, DateTimeOffset now) => now - instance.SeenAt > Instance.DeadAfter;

    [LoggerMessage(Level = LogLevel.Information, Message = "This is instance {Instance}, version {Version}.")]
    private partial void LogEntered(string instance, string version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Instance {Instance} was not seen any more: it is taken for dead.")]
    private partial void LogDied(string instance);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This instance could not tell the others that it is there: {Failure}")]
    private partial void LogNotLooked(string failure);
}
