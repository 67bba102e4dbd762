using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using TaskSync.Sync.Data;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Data;

public sealed class PostgreSqlTests() : ServerContract(DatabaseProvider.PostgreSql)
{
    [Fact]
    public async Task A_start_that_waits_for_another_ones_migration_is_told_what_to_do()
    {
        await using var other = Database.CreateDbContext();
        await using var migrating = await other.Database.BeginTransactionAsync(Token);
        await other.Database.ExecuteSqlAsync($"LOCK TABLE \"__EFMigrationsHistory\" IN ACCESS EXCLUSIVE MODE", Token);

        var migrator = new DatabaseMigrator(Database, WallClock.Time, NullLogger<DatabaseMigrator>.Instance) { LockWait = TimeSpan.FromSeconds(1) };
        var failure = await Assert.ThrowsAsync<SetupException>(() => migrator.MigrateAsync(Token));

        Assert.Contains("pg_terminate_backend", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_instances_that_start_on_an_emptyDatabase_at_once_both_find_it_ready()
    {
        var server = PostgreSqlServer.Demand();
        var name = server.CreateEmpty();
        try
        {
            var databases = new Databases(server.ConnectionString(name));
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => new DatabaseMigrator(databases, WallClock.Time, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(Token))));

            await using var db = databases.CreateDbContext();
            Assert.Empty(await db.Database.GetPendingMigrationsAsync(Token));
            Assert.Equal(1, await db.HealthMarks.CountAsync(Token));
        }
        finally
        {
            server.Drop(name);
        }
    }

    protected override async Task<bool> WaitsForALockAsync()
    {
        await using var db = Database.CreateDbContext();
        return await db.Database.SqlQuery<int>($"SELECT count(*)::int AS \"Value\" FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").SingleAsync(Token) > 0;
    }

    protected override TaskSyncDb Open(StatementInterceptor interceptor) =>
        new PostgreSqlTaskSyncDb(new DbContextOptionsBuilder<PostgreSqlTaskSyncDb>().UseNpgsql(Database.ConnectionString).AddInterceptors(interceptor).Options);

    private sealed class Databases(string connectionString) : IDbContextFactory<TaskSyncDb>
    {
        public TaskSyncDb CreateDbContext() => new PostgreSqlTaskSyncDb(new DbContextOptionsBuilder<PostgreSqlTaskSyncDb>().UseNpgsql(connectionString).Options);
    }
}
