using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;

namespace TaskSync.Sync.Tasks;

/// <summary>SQLite's own lower() knows A to Z only: "Élan" would not be found by "élan". The other databases know every letter.</summary>
internal static class SqliteLetters
{
    /// <summary>Opens the context's connection and teaches it; nothing to do on other databases.</summary>
    public static async Task KnowEveryLetterAsync(this TaskSyncDb db, CancellationToken cancellationToken)
    {
        if (db.Database.GetDbConnection() is SqliteConnection connection)
        {
            await db.Database.OpenConnectionAsync(cancellationToken);
#pragma warning disable CA1308 // Lower case on both sides of the comparison.
            connection.CreateFunction("lower", (string? text) => text?.ToLowerInvariant(), isDeterministic: true);
#pragma warning restore CA1308
        }
    }
}
