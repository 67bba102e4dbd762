using Microsoft.Extensions.DependencyInjection;

namespace TaskSync.Sync.Tasks;

/// <summary>Registers this folder.</summary>
public static class TasksServices
{
    /// <summary>Needs the database, Salesforce, the engine and a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddTasks(this IServiceCollection services) => services
        .AddSingleton<TaskService>()
        .AddSingleton<CommandCenterQuery>()
        .AddSingleton<TaskDetailsQuery>()
        .AddSingleton<SearchLimit>()
        .AddSingleton<RecordPicker>()
        .AddSingleton<RepClock>()
        .AddSingleton<SettingsService>()
        .AddSingleton<MySyncQuery>()
        .AddSingleton<PeopleService>()
        .AddSingleton<SignIns>()
        .AddSingleton<DemoTasks>();
}
