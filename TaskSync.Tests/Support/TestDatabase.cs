using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using SQLitePCL;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Support;

/// <summary>A SQLite file of its own with the real schema, gone when disposed. The schema is made once and copied.</summary>
public sealed class TestDatabase : IDbContextFactory<TaskSyncDb>, IAsyncDisposable
{
    private static readonly Lazy<byte[]> Template = new(MakeTemplate);
    private readonly string _path;
    private readonly PooledDbContextFactory<SqliteTaskSyncDb> _contexts;

    public TestDatabase(params IInterceptor[] interceptors)
        : this(NewPath(), Template.Value, interceptors)
    {
    }

    private TestDatabase(string path, byte[]? content, params IInterceptor[] interceptors)
    {
        _path = path;
        if (content is not null)
        {
            File.WriteAllBytes(path, content);
        }

        _contexts = new PooledDbContextFactory<SqliteTaskSyncDb>(
            new DbContextOptionsBuilder<SqliteTaskSyncDb>().UseSqlite(ConnectionString).AddInterceptors([new FastCommits(), .. interceptors]).Options);
    }

    /// <summary>The file, for another process to open.</summary>
    public string Path => _path;

    public string ConnectionString => $"Data Source={_path};Default Timeout=30";

    /// <summary>Opens a file that another process made, and that one deletes.</summary>
    public static TestDatabase Open(string path, params IInterceptor[] interceptors) => new(path, null, interceptors);

    public TaskSyncDb CreateDbContext() => _contexts.CreateDbContext();

    /// <summary>A backup of what is in it now, as a database of its own.</summary>
    public TestDatabase Copy()
    {
        var path = NewPath();
        using (var db = CreateDbContext())
        {
            db.Database.ExecuteSql($"VACUUM INTO {path}");
        }

        return new TestDatabase(path, null);
    }

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearPool(new SqliteConnection(ConnectionString));
        foreach (var file in new[] { _path, $"{_path}-wal", $"{_path}-shm" })
        {
            File.Delete(file);
        }

        return ValueTask.CompletedTask;
    }

    private static string NewPath() => System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"tasksync-test-{Guid.NewGuid():N}.db");

    private static byte[] MakeTemplate()
    {
        var path = NewPath();
        using (var db = new SqliteTaskSyncDb(new DbContextOptionsBuilder<SqliteTaskSyncDb>().UseSqlite($"Data Source={path};Pooling=false").Options))
        {
            db.Database.Migrate();
            db.Database.ExecuteSqlRaw("PRAGMA wal_checkpoint(TRUNCATE)");
        }

        var bytes = File.ReadAllBytes(path);
        foreach (var file in new[] { path, $"{path}-wal", $"{path}-shm" })
        {
            File.Delete(file);
        }

        return bytes;
    }

    /// <summary>No test survives a power cut: commits need not wait for the disk.</summary>
    private sealed class FastCommits : DbConnectionInterceptor
    {
        private readonly ConditionalWeakTable<sqlite3, object> _relaxed = [];

        public override void ConnectionOpened(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData) => Relax(connection);

        public override Task ConnectionOpenedAsync(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Relax(connection);
            return Task.CompletedTask;
        }

        /// <summary>Once for each that the pool keeps.</summary>
        private void Relax(System.Data.Common.DbConnection connection)
        {
            if (!_relaxed.TryAdd(((SqliteConnection)connection).Handle!, _relaxed))
            {
                return;
            }

            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous=OFF";
            command.ExecuteNonQuery();
        }
    }
}
