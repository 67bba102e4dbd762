using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using TaskSync.Sync.Data;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Data;

/// <summary>On the server that TASKSYNC_TEST_SQLSERVER names; skipped where it names none.</summary>
public sealed class SqlServerTests() : ServerContract(DatabaseProvider.SqlServer)
{
    [Fact]
    public async Task Who_reads_does_not_wait_for_who_writes_and_sees_what_was_committed()
    {
        var person = await PersonAsync("rita");
        await using var writer = Database.CreateDbContext();
        await using var writing = await writer.Database.BeginTransactionAsync(Token);
        await writer.People.Where(p => p.Id == person).ExecuteUpdateAsync(set => set.SetProperty(p => p.Name, "Changed"), Token);

        await using var reader = Database.CreateDbContext();
        reader.Database.SetCommandTimeout(TimeSpan.FromSeconds(5));
        Assert.Equal("rita", await reader.People.Select(p => p.Name).SingleAsync(Token));
    }

    [Fact]
    public async Task Two_instances_that_start_on_an_empty_database_at_once_both_find_it_ready()
    {
        var store = SqlServerStore.Reserve();
        try
        {
            var databases = store.Contexts([]);
            await using (var db = databases.CreateDbContext())
            {
                await db.GetService<IRelationalDatabaseCreator>().CreateAsync(Token);
            }

            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => new DatabaseMigrator(databases, WallClock.Time, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(Token))));

            await using var read = databases.CreateDbContext();
            Assert.Empty(await read.Database.GetPendingMigrationsAsync(Token));
            Assert.Equal(1, await read.HealthMarks.CountAsync(Token));
        }
        finally
        {
            store.Delete();
        }
    }

    [Fact]
    public async Task A_copy_holds_the_same_rows()
    {
        var person = await PersonAsync("rita");
        await using var copy = Database.Copy();
        await using var db = copy.CreateDbContext();
        Assert.Equal(person, await db.People.Select(p => p.Id).SingleAsync(Token));
        Assert.Equal(1, await db.HealthMarks.CountAsync(Token));
    }

    protected override async Task<bool> WaitsForALockAsync()
    {
        await using var db = Database.CreateDbContext();
        return await db.Database.SqlQuery<int>($"SELECT COUNT(*) AS [Value] FROM sys.dm_exec_requests WHERE database_id = DB_ID() AND blocking_session_id <> 0").SingleAsync(Token) > 0;
    }

    protected override TaskSyncDb Open(StatementInterceptor interceptor) =>
        new SqlServerTaskSyncDb(new DbContextOptionsBuilder<SqlServerTaskSyncDb>().UseSqlServer(Database.ConnectionString).AddInterceptors(interceptor).Options);
}
