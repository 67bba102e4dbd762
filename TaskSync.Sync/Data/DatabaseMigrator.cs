using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;

namespace TaskSync.Sync.Data;

/// <summary>Brings the database up to date at start, one instance after the other: several may start at once.</summary>
public sealed partial class DatabaseMigrator(IDbContextFactory<TaskSyncDb> databases, TimeProvider time, ILogger<DatabaseMigrator> logger)
{
    /// <summary>End of the name of the migration that made the table of instances.</summary>
    private const string KnowsInstances = "_SeveralInstances";

    /// <summary>How long another instance may take.</summary>
    internal TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Applies the pending migrations.</summary>
    /// <exception cref="SetupException">The database cannot be used, or the migration lock was not free within a minute; the message says what to do.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LockWait);

        if (!db.Database.IsSqlite())
        {
            // A server's lock is waited for inside one command: that one must not give up first.
            db.Database.SetCommandTimeout(LockWait + TimeSpan.FromSeconds(30));
        }

        try
        {
            await MakeAsync(db, patience.Token);

            // EF Core's own lock lets go between two migrations: who starts at the same moment would begin the second one, too.
            await databases.AloneAsync(() => MigrateAsync(db, patience.Token), patience.Token);
            LogReady(db.Database.ProviderName);
            if (db.Database.IsSqlServer() && !await ReadsPastWritersAsync(db, patience.Token))
            {
                LogReadersWait();
            }
        }
        catch (Exception failure) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SetupException($"The database is locked for migration by another process. If no other TaskSync is starting, {WayOut(db)} and start again.", failure);
        }
        catch (Exception failure) when (DatabaseFailures.TroubleOf(failure) is { } trouble)
        {
            throw Told(db, failure, trouble);
        }
    }

    /// <summary>For whoever uses the database without bringing it up to date.</summary>
    /// <exception cref="SetupException">The database cannot be used, or is not of this version; the message says what to do.</exception>
    public async Task DemandCurrentAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        try
        {
            if (!await IsCurrentAsync(db, cancellationToken))
            {
                throw new SetupException("The database is not of this version. Check ConnectionStrings:TaskSync, or start this version of TaskSync once: it brings a new or older database up to date.");
            }
        }
        catch (Exception failure) when (DatabaseFailures.TroubleOf(failure) is { } trouble)
        {
            throw Told(db, failure, trouble);
        }
    }

    /// <summary>A server's database that is not there yet, where the account may make it.</summary>
    private static async Task MakeAsync(TaskSyncDb db, CancellationToken cancellationToken)
    {
        var creator = db.GetService<IRelationalDatabaseCreator>();
        if (db.Database.IsSqlite() || await creator.ExistsAsync(cancellationToken))
        {
            return;
        }

        try
        {
            await creator.CreateAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            if (!await creator.ExistsAsync(cancellationToken))
            {
                throw;
            }
        }
    }

    private async Task MigrateAsync(TaskSyncDb db, CancellationToken cancellationToken)
    {
        await DemandAloneAsync(db, cancellationToken);
        await db.Database.MigrateAsync(cancellationToken);
        if (db.Database.IsSqlite())
        {
            // Nobody who reads waits for somebody who writes. The file remembers it; EF Core says it only to a file that it makes itself.
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
        }

        if (!await IsCurrentAsync(db, cancellationToken))
        {
            throw new DatabaseUnavailableException(DatabaseTrouble.OtherTables);
        }
    }

    /// <summary>Tables are not changed under an instance that works with them: its next statement might mean something else.</summary>
    private async Task DemandAloneAsync(TaskSyncDb db, CancellationToken cancellationToken)
    {
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
        if (applied.Exists(migration => migration.EndsWith(KnowsInstances, StringComparison.Ordinal)) && db.Database.GetMigrations().Except(applied).Any())
        {
            await LivingInstances.DemandNoneAsync(
                db,
                living => living.Select(i => new LivingInstances.Seen<string>(i.Id, i.SeenAt, i.Version)),
                version => $"TaskSync {version} still runs on this database, and this version changes its tables. Stop all instances, back up the database, and start this version.",
                time,
                cancellationToken);
        }
    }

    /// <summary>Whether SQL Server shows readers the last committed rows, as the other databases do. EF Core asks for it only where it makes the database itself.</summary>
    private static async Task<bool> ReadsPastWritersAsync(TaskSyncDb db, CancellationToken cancellationToken) =>
        await db.Database.SqlQuery<bool>($"SELECT is_read_committed_snapshot_on AS Value FROM sys.databases WHERE name = DB_NAME()").SingleAsync(cancellationToken);

    /// <summary>Whether the tables are those that this program knows: not of an older version, nor of a newer one.</summary>
    internal static async Task<bool> IsCurrentAsync(TaskSyncDb db, CancellationToken cancellationToken) =>
        (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).LastOrDefault() == db.Database.GetMigrations().Last();

    private static SetupException Told(TaskSyncDb db, Exception failure, DatabaseTrouble trouble) =>
        new($"{Words(trouble, db.Database.GetDbConnection().DataSource)} ({DatabaseFailures.KindOf(failure)})", failure);

    /// <summary>Only SQLite's lock outlives who held it: a process killed while migrating leaves its row behind, and EF Core would wait for it for ever.</summary>
    private static string WayOut(TaskSyncDb db) =>
        db.Database.IsSqlite() ? "delete the row in the table __EFMigrationsLock"
        : db.Database.IsNpgsql() ? "end the session that holds a lock on the table __EFMigrationsHistory (pg_stat_activity, pg_terminate_backend)"
        : "end the session that holds the application lock __EFMigrationsLock (sys.dm_tran_locks, KILL)";

    /// <summary>What is wrong and what to do, for the operator. The place is a file or the name of a server, without what else the connection string holds.</summary>
    private static string Words(DatabaseTrouble trouble, string place) => trouble switch
    {
        DatabaseTrouble.Busy => $"The database {place} is locked by another program. End that program, or name another database in ConnectionStrings:TaskSync.",
        DatabaseTrouble.Full => $"The disk of the database {place} is full. Make room on it, or move the database and name its new place in ConnectionStrings:TaskSync.",
        DatabaseTrouble.ReadOnly => $"The database {place} cannot be written. Give the account of ConnectionStrings:TaskSync, for SQLite the one that runs TaskSync, the right to write it and its folder.",
        DatabaseTrouble.Broken => $"The database {place} is damaged, or is no database. Restore a backup, or name another one in ConnectionStrings:TaskSync.",
        DatabaseTrouble.OtherTables => $"The tables in the database {place} were made by another version of TaskSync. Start that version, restore a backup of this one, or name another database in ConnectionStrings:TaskSync.",
        _ => $"The database {place} cannot be opened. Look whether it is there and may be used, and whether ConnectionStrings:TaskSync names it rightly.",
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database makes readers wait for writers. Run once, with no TaskSync running: ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE.")]
    private partial void LogReadersWait();

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is up to date ({Provider}).")]
    private partial void LogReady(string? provider);
}
