using Microsoft.Extensions.DependencyInjection;

namespace TaskSync.Sync.Tasks;

/// <summary>Registers this folder.</summary>
public static class TasksServices
{
    /// <summary>Needs the database, the engine's doorbell and feed, a <see cref="TimeProvider"/> and logging.</summary>
    public static IServiceCollection AddTasks(this IServiceCollection services) => services
        .AddSingleton<TaskService>()
        .AddSingleton<CommandCenterQuery>()
        .AddSingleton<TaskDetailsQuery>()
        .AddSingleton<RepClock>()
        .AddSingleton<SettingsService>()
        .AddSingleton<MySyncQuery>()
        .AddSingleton<PeopleService>()
        .AddSingleton<DemoTasks>();
}
