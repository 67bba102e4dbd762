using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace TaskSync.Sync.Data;

/// <summary>Registers the database that the configuration names.</summary>
public static class DataServices
{
    internal const string IdleInTransaction = "idle_in_transaction_session_timeout";

    /// <summary>So long PostgreSQL waits for the next statement of a transaction.</summary>
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(8);

    /// <summary>Adds <see cref="IDbContextFactory{TContext}"/> of <see cref="TaskSyncDb"/> for the configured provider.</summary>
    /// <exception cref="SetupException">The configuration names no usable database; the message names the key.</exception>
    public static IServiceCollection AddTaskSyncData(this IServiceCollection services, IConfiguration configuration)
    {
        var connectionString = configuration.GetConnectionString("TaskSync");
        switch (ReadProvider(configuration))
        {
            case DatabaseProvider.SqlServer:
                var sqlServer = ServerConnectionString(configuration);
                services.AddPooledDbContextFactory<SqlServerTaskSyncDb>(options => options.UseSqlServer(sqlServer));
                services.AddSingleton<IDbContextFactory<TaskSyncDb>, Factory<SqlServerTaskSyncDb>>();
                services.AddProbe(() => new SqlServerTaskSyncDb(SqlServerProbe(sqlServer)));
                break;
            case DatabaseProvider.PostgreSql:
                var postgreSql = ServerConnectionString(configuration);
                services.AddPooledDbContextFactory<PostgreSqlTaskSyncDb>(options => options.UseNpgsql(postgreSql));
                services.AddSingleton<IDbContextFactory<TaskSyncDb>, Factory<PostgreSqlTaskSyncDb>>();
                services.AddProbe(() => new PostgreSqlTaskSyncDb(PostgreSqlProbe(postgreSql)));
                break;
            default:
                var sqlite = SqliteConnectionString(connectionString);
                services.AddPooledDbContextFactory<SqliteTaskSyncDb>(options => options.UseSqlite(
                    sqlite, provider => provider.UseParameterizedCollectionMode(ParameterTranslationMode.Parameter))); // a list of ids is one parameter: statements of 2,000 would be made anew each time
                services.AddSingleton<IDbContextFactory<TaskSyncDb>, Factory<SqliteTaskSyncDb>>();
                services.AddProbe(() => new SqliteTaskSyncDb(SqliteProbe(sqlite)));
                break;
        }

        return services.AddSingleton<DatabaseMigrator>().AddSingleton<SoleInstance>();
    }

    /// <summary>What reaches the server that the configuration names, as everybody who opens a connection of this program uses it.</summary>
    /// <param name="configuration">Names it.</param>
    /// <param name="longestIdle">After what time in which a transaction asks nothing PostgreSQL ends it; eight seconds when null. The connection string itself may say otherwise.</param>
    /// <exception cref="SetupException">There is none, or it is no connection string of that server.</exception>
    public static string ServerConnectionString(IConfiguration configuration, TimeSpan? longestIdle = null)
    {
        var configured = configuration.GetConnectionString("TaskSync");
        if (ReadProvider(configuration) == DatabaseProvider.SqlServer)
        {
            return Read(() => new SqlConnectionStringBuilder(Demand(configured, "SqlServer", "SQL Server"))).ToString();
        }

        var builder = Read(() => new NpgsqlConnectionStringBuilder(Demand(configured, "PostgreSql", "PostgreSQL")));
        if (builder.Options?.Contains(IdleInTransaction, StringComparison.OrdinalIgnoreCase) != true)
        {
            // An instance that is stopped, or cut off, in the middle of a transaction would keep its rows locked, and all others waiting, until it is back.
            builder.Options = $"{builder.Options} -c {IdleInTransaction}={(longestIdle ?? LongestIdle).TotalMilliseconds:F0}".Trim();
        }

        return builder.ToString();
    }

    private static void AddProbe(this IServiceCollection services, Func<TaskSyncDb> open) =>
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<DatabaseProbe>(provider, open));

    private static DbContextOptions<SqlServerTaskSyncDb> SqlServerProbe(string connectionString)
    {
        var wait = (int)DatabaseProbe.LockWait.TotalSeconds;
        var builder = new SqlConnectionStringBuilder(connectionString) { ConnectTimeout = wait, CommandTimeout = wait, ConnectRetryCount = 0 };
        return new DbContextOptionsBuilder<SqlServerTaskSyncDb>().UseSqlServer(builder.ToString()).Options;
    }

    private static DbContextOptions<PostgreSqlTaskSyncDb> PostgreSqlProbe(string connectionString)
    {
        var wait = (int)DatabaseProbe.LockWait.TotalSeconds;
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { Timeout = wait, CommandTimeout = wait, Pooling = false };
        return new DbContextOptionsBuilder<PostgreSqlTaskSyncDb>().UseNpgsql(builder.ToString()).Options;
    }

    /// <summary>A file that is gone is not made anew, and nothing that another connection remembers of it is believed.</summary>
    private static DbContextOptions<SqliteTaskSyncDb> SqliteProbe(string connectionString)
    {
        var builder = new SqliteConnectionStringBuilder(connectionString) { DefaultTimeout = (int)DatabaseProbe.LockWait.TotalSeconds, Pooling = false };
        if (builder.Mode == SqliteOpenMode.ReadWriteCreate)
        {
            builder.Mode = SqliteOpenMode.ReadWrite;
        }

        return new DbContextOptionsBuilder<SqliteTaskSyncDb>().UseSqlite(builder.ToString()).Options;
    }

    /// <summary>The provider that the configuration names; SQLite when it names none.</summary>
    /// <exception cref="SetupException">There is no such provider.</exception>
    public static DatabaseProvider ReadProvider(IConfiguration configuration)
    {
        var text = configuration[$"{DatabaseOptions.Section}:{nameof(DatabaseOptions.Provider)}"];
        return string.IsNullOrWhiteSpace(text) ? DatabaseProvider.Sqlite
            : Enum.TryParse<DatabaseProvider>(text, ignoreCase: true, out var provider) && Enum.IsDefined(provider) ? provider
            : throw new SetupException($"Database:Provider is '{text}'. Use one of: {string.Join(", ", Enum.GetNames<DatabaseProvider>())}.");
    }

    private static string Demand(string? connectionString, string provider, string product) => string.IsNullOrWhiteSpace(connectionString)
        ? throw new SetupException($"Database:Provider is {provider}, but ConnectionStrings:TaskSync is empty. Set it to your {product} connection string.")
        : connectionString;

    /// <summary>
    /// Who waits for a lock is told within ten seconds, unless the string says otherwise: it has "Default Timeout" or "Command Timeout". The folder of the file is made.
    /// </summary>
    private static string SqliteConnectionString(string? configured)
    {
        var builder = Read(() => new SqliteConnectionStringBuilder(string.IsNullOrWhiteSpace(configured) ? "Data Source=App_Data/tasksync.db" : configured));
        if (configured?.Contains("Timeout", StringComparison.OrdinalIgnoreCase) != true)
        {
            builder.DefaultTimeout = 8;
        }

        if (builder.Mode != SqliteOpenMode.Memory && !builder.DataSource.StartsWith(':') && Path.GetDirectoryName(Path.GetFullPath(builder.DataSource)) is { } folder)
        {
            try
            {
                Directory.CreateDirectory(folder);
                MakePrivate(builder.DataSource);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new SetupException(
                    $"The database file {builder.DataSource} cannot be made: {failure.Message} Give the account that runs TaskSync the right to write its folder, or name another place in ConnectionStrings:TaskSync.",
                    failure);
            }
        }

        return builder.ToString();
    }

    /// <summary>The string itself is not repeated: there may be a password in it.</summary>
    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException)
        {
            throw new SetupException($"ConnectionStrings:TaskSync is no connection string of the database that Database:Provider names. {failure.Message}", failure);
        }
    }

    /// <summary>Only the account that runs TaskSync reads the database; SQLite gives its other files the same mode. One that exists keeps the mode it has.</summary>
    private static void MakePrivate(string path)
    {
        if (!OperatingSystem.IsWindows() && !File.Exists(path))
        {
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        }
    }

    private sealed class Factory<TContext>(IDbContextFactory<TContext> inner) : IDbContextFactory<TaskSyncDb>
        where TContext : TaskSyncDb
    {
        public TaskSyncDb CreateDbContext() => inner.CreateDbContext();

        public async Task<TaskSyncDb> CreateDbContextAsync(CancellationToken cancellationToken = default) => await inner.CreateDbContextAsync(cancellationToken);
    }
}
