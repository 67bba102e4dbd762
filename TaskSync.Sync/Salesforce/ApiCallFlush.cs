using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Data;
using TaskSync.Sync.Instances;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce;

/// <summary>
/// Carries the call counts to the database once a minute and when the app stops, and reads those of other instances. Writes nothing when nothing was counted, and
/// asks nothing when nobody else is there.
/// </summary>
public sealed partial class ApiCallFlush(
    ApiCallCounter counter, IDbContextFactory<TaskSyncDb> databases, TimeProvider time, ILogger<ApiCallFlush> logger, Neighbours? neighbours = null) : BackgroundService
{
    /// <summary>How often counts are stored.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>What was stored before this process began is known.</summary>
    private bool _isLoaded;

    /// <summary>Stores what was counted, and reads what other instances stored.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var unstored = counter.Take();
            if (unstored.IsEmpty)
            {
                if (neighbours?.Any == true)
                {
                    await LoadAsync(cancellationToken);
                }

                return;
            }

            try
            {
                await StoreAsync(unstored, cancellationToken);
            }
            catch
            {
                counter.PutBack(unstored);
                throw;
            }

            if (!_isLoaded || neighbours is not { Any: false })
            {
                await LoadAsync(cancellationToken);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(FlushAsync, cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _one.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await TryAsync(LoadAsync, stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryAsync(FlushAsync, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping; what is left is stored by StopAsync.
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(logger, e.GetType().Name);
        }
    }

    private Task StoreAsync(ApiCallCounter.Unstored unstored, CancellationToken cancellationToken) =>
        databases.TransactAsync(db => StoreAsync(db, unstored, cancellationToken), cancellationToken);

    private static async Task StoreAsync(TaskSyncDb db, ApiCallCounter.Unstored unstored, CancellationToken cancellationToken)
    {
        foreach (var ((connection, day, purpose), calls) in unstored.Calls)
        {
            var updated = await db.ApiUsage
                .Where(u => u.ConnectionId == connection && u.Day == day && u.Purpose == purpose)
                .ExecuteUpdateAsync(set => set.SetProperty(u => u.Calls, u => u.Calls + calls), cancellationToken);
            if (updated == 0 && await db.Connections.AnyAsync(c => c.Id == connection, cancellationToken))
            {
                db.ApiUsage.Add(new ApiUsage { ConnectionId = connection, Day = day, Purpose = purpose, Calls = calls });
            }
        }

        foreach (var (organization, reading) in unstored.Allowances)
        {
            var updated = await db.Allowances.Where(a => a.OrganizationId == organization).ExecuteUpdateAsync(
                set => set.SetProperty(a => a.Used, reading.Used).SetProperty(a => a.Limit, reading.Limit).SetProperty(a => a.SeenAt, reading.SeenAt),
                cancellationToken);
            if (updated == 0)
            {
                db.Allowances.Add(new OrgAllowance { OrganizationId = organization, Used = reading.Used, Limit = reading.Limit, SeenAt = reading.SeenAt });
            }
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var today = counter.Today;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var usage = await db.ApiUsage.AsNoTracking().Where(u => u.Day == today)
            .Join(db.Connections, u => u.ConnectionId, c => c.Id, (u, c) => new { Calls = u, c.OrganizationId }).ToListAsync(cancellationToken);
        counter.Load(usage.ConvertAll(u => (u.Calls, u.OrganizationId)), await db.Allowances.AsNoTracking().ToListAsync(cancellationToken));
        _isLoaded = true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "API call counts could not be stored ({Error}); they are kept and stored with the next ones")]
    private static partial void LogFailed(ILogger logger, string error);
}
