using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Instances;
using TaskSync.Web.Security;

namespace TaskSync.Web.Hosting;

/// <summary>What an instance does with the database before it serves anybody, one instance after the other.</summary>
public static class Preparation
{
    /// <exception cref="SetupException">The keys cannot be unwrapped, or another instance runs with other settings.</exception>
    public static Task PrepareAsync(this IServiceProvider services, CancellationToken cancellationToken) => services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().AloneAsync(
        async () =>
        {
            services.TryKeyRing();
            await services.GetRequiredService<InstanceRegister>().DivideAsync(cancellationToken);
        },
        cancellationToken);
}
