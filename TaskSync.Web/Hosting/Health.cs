using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Quartz;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Instances;
using TaskSync.Sync.Jobs;

namespace TaskSync.Web.Hosting;

/// <summary>
/// /health/live says that the process answers, /health/ready that it can serve: the database can be used, the scheduler runs and the engine gets on.
/// Neither asks who is there: no cookie is read, so no key and no sign-in is looked up.
/// </summary>
public static class Health
{
    /// <summary>The engine looks at each shard every minute: two looks may be missed.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(3);

    public static IServiceCollection AddTaskSyncHealth(this IServiceCollection services)
    {
        var checks = services.AddHealthChecks().AddCheck<DatabaseCheck>("database");
        if (services.Any(service => service.ServiceType == typeof(ISchedulerFactory)))
        {
            checks.AddCheck<SchedulerCheck>("scheduler").AddCheck<EngineCheck>("engine");
        }

        return services;
    }

    public static void MapTaskSyncHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous().ShortCircuit();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync }).AllowAnonymous().ShortCircuit();
    }

    /// <summary>The state, and a line for each check that failed. The words are ours: an exception's may hold a path or a name.</summary>
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(string.Join('\n',
            [report.Status.ToString(), .. report.Entries.Where(check => check.Value.Status != HealthStatus.Healthy).Select(check => $"{check.Key}: {(check.Value.Exception is null ? check.Value.Description : "The check failed.")}")]));
    }

    private sealed class DatabaseCheck(DatabaseProbe probe) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            await probe.LookAsync(cancellationToken) is { } trouble ? HealthCheckResult.Unhealthy(trouble.Words()) : HealthCheckResult.Healthy();
    }

    private sealed class SchedulerCheck(ISchedulerFactory schedulers) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            (await schedulers.GetScheduler(cancellationToken)).Status == SchedulerStatus.Running ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The scheduler is not running.");
    }

    private sealed class EngineCheck(SyncEngine engine, ShardHolding holding, Neighbours neighbours, TimeProvider time) : IHealthCheck
    {
        /// <summary>With others there may be no shard left for this one.</summary>
        private bool HasNothingToDo => holding.Count == 0 && neighbours.Any;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
            HasNothingToDo || time.GetUtcNow() - engine.ServedAt < LongestRest ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"The engine of this instance has done nothing for {(int)(time.GetUtcNow() - engine.ServedAt).TotalMinutes} minutes."));
    }
}
