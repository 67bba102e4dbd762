using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using SQLitePCL;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Support;

/// <summary>Where a test's database is.</summary>
internal abstract class TestStore
{
    public abstract string ConnectionString { get; }

    /// <summary>A new one, with the real schema or empty.</summary>
    public static TestStore Make(DatabaseProvider provider, bool isEmpty = false) => provider switch
    {
        DatabaseProvider.Sqlite => SqliteStore.Make(isEmpty),
        DatabaseProvider.PostgreSql => PostgreSqlStore.Make(isEmpty),
        _ => throw new NotSupportedException($"The tests do not run on {provider}."),
    };

    public abstract IDbContextFactory<TaskSyncDb> Contexts(IInterceptor[] interceptors);

    public abstract TestStore Copy();

    public abstract void Delete();

    protected sealed class Factory<TContext>(DbContextOptions<TContext> options) : IDbContextFactory<TaskSyncDb>
        where TContext : TaskSyncDb
    {
        private readonly PooledDbContextFactory<TContext> _inner = new(options);

        public TaskSyncDb CreateDbContext() => _inner.CreateDbContext();
    }
}

/// <summary>A database on this run's own server. The schema is made once and copied there.</summary>
internal sealed class PostgreSqlStore : TestStore
{
    private readonly PostgreSqlServer _server;
    private readonly string _name;

    private PostgreSqlStore(PostgreSqlServer server, string name) => (_server, _name) = (server, name);

    public override string ConnectionString => _server.ConnectionString(_name);

    public static PostgreSqlStore Make(bool isEmpty)
    {
        var server = PostgreSqlServer.Demand();
        return new PostgreSqlStore(server, isEmpty ? server.CreateEmpty() : server.Create());
    }

    public override IDbContextFactory<TaskSyncDb> Contexts(IInterceptor[] interceptors) =>
        new Factory<PostgreSqlTaskSyncDb>(new DbContextOptionsBuilder<PostgreSqlTaskSyncDb>().UseNpgsql(ConnectionString).AddInterceptors(interceptors).Options);

    public override TestStore Copy()
    {
        _server.Release(_name);
        return new PostgreSqlStore(_server, _server.Create(_name));
    }

    public override void Delete() => _server.Drop(_name);
}

/// <summary>A SQLite file. The schema is made once and copied.</summary>
internal sealed class SqliteStore : TestStore
{
    private static readonly Lazy<byte[]> Template = new(MakeTemplate);

    private SqliteStore(string path) => Path = path;

    public string Path { get; }

    public override string ConnectionString => $"Data Source={Path};Default Timeout=30";

    public static SqliteStore Make(bool isEmpty)
    {
        var store = new SqliteStore(NewPath());
        if (!isEmpty)
        {
            File.WriteAllBytes(store.Path, Template.Value);
        }

        return store;
    }

    public static SqliteStore Open(string path) => new(path);

    public override IDbContextFactory<TaskSyncDb> Contexts(IInterceptor[] interceptors) =>
        new Factory<SqliteTaskSyncDb>(new DbContextOptionsBuilder<SqliteTaskSyncDb>().UseSqlite(ConnectionString).AddInterceptors([new FastCommits(), .. interceptors]).Options);

    public override TestStore Copy()
    {
        var path = NewPath();
        using var db = new SqliteTaskSyncDb(new DbContextOptionsBuilder<SqliteTaskSyncDb>().UseSqlite(ConnectionString).Options);
        db.Database.ExecuteSql($"VACUUM INTO {path}");
        return new SqliteStore(path);
    }

    public override void Delete()
    {
        SqliteConnection.ClearPool(new SqliteConnection(ConnectionString));
        Delete(Path);
    }

    private static void Delete(string path)
    {
        foreach (var file in new[] { path, $"{path}-wal", $"{path}-shm" })
        {
            File.Delete(file);
        }
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
        Delete(path);
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
