using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Support;

/// <summary>A SQLite database of its own with the real schema, in memory, gone when disposed.</summary>
public sealed class TestDatabase : IDbContextFactory<TaskSyncDb>, IAsyncDisposable
{
    private readonly SqliteConnection _keepAlive;
    private readonly DbContextOptions<SqliteTaskSyncDb> _options;

    public TestDatabase(params IInterceptor[] interceptors)
    {
        ConnectionString = $"Data Source=test-{Guid.NewGuid():N};Mode=Memory;Cache=Shared;Default Timeout=30";
        _keepAlive = new SqliteConnection(ConnectionString);
        _keepAlive.Open();
        _options = new DbContextOptionsBuilder<SqliteTaskSyncDb>().UseSqlite(ConnectionString).AddInterceptors(interceptors).Options;
        using var db = CreateDbContext();
        db.Database.EnsureCreated();
    }

    public string ConnectionString { get; }

    public TaskSyncDb CreateDbContext() => new SqliteTaskSyncDb(_options);

    public ValueTask DisposeAsync() => _keepAlive.DisposeAsync();
}
