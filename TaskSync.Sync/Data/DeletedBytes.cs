using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace TaskSync.Sync.Data;

/// <summary>SQLite leaves what was changed or deleted in unused places of its file and in its log. Here both are made anew without it.</summary>
internal static class DeletedBytes
{
    /// <summary>Long enough to write a large file twice (seconds). Meanwhile who reads goes on, and who writes waits.</summary>
    private const int Patience = 120;

    /// <summary>Writes the file anew (lang_vacuum.html) and empties the log (pragma.html#pragma_wal_checkpoint). A server keeps such places to itself: there nothing is done.</summary>
    /// <returns>What kept it from being done; null when nothing is left. The rows are deleted in any case.</returns>
    public static async Task<DatabaseTrouble?> OverwriteDeletedAsync(this IDbContextFactory<TaskSyncDb> databases)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        if (!db.Database.IsSqlite())
        {
            return null;
        }

        try
        {
            // A connection of its own: the pool's do not get its patience.
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder(db.Database.GetConnectionString()) { Pooling = false, DefaultTimeout = Patience }.ToString());
            await connection.OpenAsync(CancellationToken.None);
            await ScalarAsync(connection, "VACUUM");

            // Who still reads the log makes this a row that says so, not an error, and only SQLite itself waits for them.
            await ScalarAsync(connection, "PRAGMA busy_timeout = 8000");
            return await ScalarAsync(connection, "PRAGMA wal_checkpoint(TRUNCATE)") is 1L ? DatabaseTrouble.Busy : null;
        }
        catch (SqliteException failure) when (DatabaseFailures.TroubleOf(failure) is { } trouble)
        {
            return trouble;
        }
    }

    private static async Task<object?> ScalarAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }
}
