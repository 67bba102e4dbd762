using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace TaskSync.Sync.Data;

/// <summary>Brings the database up to date at start. EF Core holds a lock meanwhile, since several instances may start at once.</summary>
public sealed partial class DatabaseMigrator(IDbContextFactory<TaskSyncDb> databases, ILogger<DatabaseMigrator> logger)
{
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(60);

    /// <summary>Applies the pending migrations.</summary>
    /// <exception cref="InvalidOperationException">The migration lock was not free within a minute; the message says what to do.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LockWait);
        try
        {
            await db.Database.MigrateAsync(patience.Token);
            if (db.Database.IsSqlite())
            {
                // Nobody who reads waits for somebody who writes. The file remembers it; EF Core says it only to a file that it makes itself.
                await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", patience.Token);
            }

            LogReady(db.Database.ProviderName);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // On SQLite a process killed while migrating leaves its lock row behind, and EF Core would wait for it for ever.
            throw new InvalidOperationException(
                "The database is locked for migration by another process. If no other TaskSync is starting, delete the row in the table __EFMigrationsLock and start again.");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is up to date ({Provider}).")]
    private partial void LogReady(string? provider);
}
