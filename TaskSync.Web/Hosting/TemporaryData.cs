using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;

namespace TaskSync.Web.Hosting;

internal static class TemporaryData
{
    public static IServiceCollection AddTaskSyncData(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddDbContextFactory<SqliteTaskSyncDb>(o => o.UseSqlite(configuration.GetConnectionString("TaskSync")));
        services.AddSingleton<IDbContextFactory<TaskSyncDb>, Factory>();
        return services;
    }

    public static async Task MigrateAsync(this WebApplication app)
    {
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<SqliteTaskSyncDb>>().CreateDbContextAsync();
        await db.Database.MigrateAsync();
    }

    private sealed class Factory(IDbContextFactory<SqliteTaskSyncDb> inner) : IDbContextFactory<TaskSyncDb>
    {
        public TaskSyncDb CreateDbContext() => inner.CreateDbContext();
    }
}
