using TaskSync.Sync.Engine;

namespace TaskSync.Web.Hosting;

internal static class TemporaryEngine
{
    public static IServiceCollection AddTemporaryEngine(this IServiceCollection services) =>
        services.AddSingleton<SyncDoorbell>().AddSingleton<ChangeFeed>().AddSingleton<Presence>();
}
