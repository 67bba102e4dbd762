using System.Runtime.CompilerServices;
using Microsoft.Data.SqlClient;
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
        DatabaseProvider.SqlServer => SqlServerStore.Make(),
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

/// <summary>A database on the server that TASKSYNC_TEST_SQLSERVER names. Neither a schema nor rows are copied by the server itself: that would need a folder of its machine.</summary>
internal sealed class SqlServerStore : TestStore
{
    private static readonly string? Server = Environment.GetEnvironmentVariable("TASKSYNC_TEST_SQLSERVER");

    /// <summary>Two that are made at once wait for the server's model database, and one of them in vain (1807).</summary>
    private static readonly Lock OneAtATime = new();

    private SqlServerStore(string name) => ConnectionString = new SqlConnectionStringBuilder(Server) { InitialCatalog = name }.ToString();

    public override string ConnectionString { get; }

    /// <summary>Skips the test where no server is named.</summary>
    public static SqlServerStore Make()
    {
        var store = Reserve();
        using var db = store.Open();
        lock (OneAtATime)
        {
            // EF Core makes the database, and has it show readers the last committed rows.
            db.Database.Migrate();
        }

        return store;
    }

    /// <summary>The name of a database that is not there yet.</summary>
    public static SqlServerStore Reserve()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Server), "TASKSYNC_TEST_SQLSERVER names no SQL Server.");
        return new SqlServerStore($"tasksync_test_{Guid.NewGuid():N}");
    }

    public override IDbContextFactory<TaskSyncDb> Contexts(IInterceptor[] interceptors) =>
        new Factory<SqlServerTaskSyncDb>(new DbContextOptionsBuilder<SqlServerTaskSyncDb>().UseSqlServer(ConnectionString).AddInterceptors(interceptors).Options);

    public override TestStore Copy()
    {
        var copy = Make();
        using var db = Open();
        using var from = new SqlConnection(ConnectionString);
        using var to = new SqlConnection(copy.ConnectionString);
        from.Open();
        to.Open();
        foreach (var table in db.Model.GetEntityTypes().Select(type => type.GetTableName()!))
        {
#pragma warning disable CA2100 // Names of our own.
            using var empty = new SqlCommand($"DELETE FROM [{table}]", to);
            using var all = new SqlCommand($"SELECT * FROM [{table}]", from);
#pragma warning restore CA2100
            empty.ExecuteNonQuery();
            using var rows = all.ExecuteReader();
            using var bulk = new SqlBulkCopy(to, SqlBulkCopyOptions.KeepIdentity | SqlBulkCopyOptions.KeepNulls, null) { DestinationTableName = $"[{table}]" };
            bulk.WriteToServer(rows);
        }

        return copy;
    }

    /// <summary>Ends whoever still uses it.</summary>
    public override void Delete()
    {
        using var db = Open();
        db.Database.EnsureDeleted();
    }

    private SqlServerTaskSyncDb Open() => new(new DbContextOptionsBuilder<SqlServerTaskSyncDb>().UseSqlServer(ConnectionString).Options);
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
