using Microsoft.Extensions.DependencyInjection;

namespace TaskSync.Sync.Status;

/// <summary>Registers this folder.</summary>
public static class StatusServices
{
    /// <summary>Needs the database, the engine's doorbell and feed, a <see cref="TimeProvider"/> and logging.</summary>
    public static IServiceCollection AddStatus(this IServiceCollection services) => services
        .AddSingleton<SyncPillQuery>()
        .AddSingleton<SyncStatusQuery>()
        .AddSingleton<OrganizationsQuery>()
        .AddSingleton<AdminActions>()
        .AddSingleton<AccountActions>();
}
