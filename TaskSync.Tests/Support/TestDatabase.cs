using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Support;

/// <summary>
/// A database of its own with the real schema, gone when disposed. It is a SQLite file; with TASKSYNC_TEST_DATABASE=PostgreSql it is on a PostgreSQL server,
/// with SqlServer on the SQL Server that TASKSYNC_TEST_SQLSERVER names, and the test is skipped where there is none.
/// </summary>
public sealed class TestDatabase : IDbContextFactory<TaskSyncDb>, IAsyncDisposable
{
    private readonly TestStore _store;
    private readonly IDbContextFactory<TaskSyncDb> _contexts;

    public TestDatabase(params IInterceptor[] interceptors)
        : this(TestStore.Make(Provider), interceptors)
    {
    }

    private TestDatabase(TestStore store, params IInterceptor[] interceptors) =>
        (_store, _contexts) = (store, store.Contexts([new LengthCheck(), .. interceptors, .. TSqlShadow.Current is { } shadow ? [shadow] : Array.Empty<IInterceptor>()]));

    /// <summary>Where the tests of this run keep their data unless they say otherwise.</summary>
    public static DatabaseProvider Provider { get; } = Environment.GetEnvironmentVariable("TASKSYNC_TEST_DATABASE") is { Length: > 0 } name
        ? Enum.Parse<DatabaseProvider>(name, ignoreCase: true)
        : DatabaseProvider.Sqlite;

    /// <summary>The file, for another process to open. There is one on SQLite only.</summary>
    public string Path => ((SqliteStore)_store).Path;

    public string ConnectionString => _store.ConnectionString;

    public bool IsOnSqlServer => _store is SqlServerStore;

    /// <summary>Skips a test that is about SQLite's file or SQLite's own words.</summary>
    public static void DemandSqlite() => Assert.SkipUnless(Provider == DatabaseProvider.Sqlite, "This is about SQLite alone.");

    /// <summary>One on the database that is named, whatever the others of this run are.</summary>
    public static TestDatabase On(DatabaseProvider provider, params IInterceptor[] interceptors) => new(TestStore.Make(provider), interceptors);

    /// <summary>One without tables.</summary>
    public static TestDatabase Empty(DatabaseProvider provider) => new(TestStore.Make(provider, isEmpty: true));

    /// <summary>Opens a SQLite file that another process made, and that one deletes.</summary>
    public static TestDatabase Open(string path, params IInterceptor[] interceptors) => new(SqliteStore.Open(path), interceptors);

    public TaskSyncDb CreateDbContext() => _contexts.CreateDbContext();

    /// <summary>A backup of what is in it now, as a database of its own.</summary>
    public TestDatabase Copy() => new(_store.Copy());

    public ValueTask DisposeAsync()
    {
        _store.Delete();
        return ValueTask.CompletedTask;
    }
}
