using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace TaskSync.Sync.Data.Bulk;

/// <summary>
/// Writes many new rows whose keys are known, on the context's own connection and in its transaction, the way each database does it fastest. EF Core's own way takes
/// a third of a first sync: it tracks each row, and reads back what it has just written.
/// </summary>
internal static class BulkInsert
{
    /// <summary>Inserts rows that nobody tracks. Rows of other tables that they refer to must be there.</summary>
    /// <exception cref="DbUpdateException">A row cannot be stored; the transaction must be rolled back.</exception>
    public static async Task BulkInsertAsync<T>(this TaskSyncDb db, IReadOnlyCollection<T> rows, CancellationToken cancellationToken)
        where T : class
    {
        if (rows.Count == 0)
        {
            return;
        }

        var transaction = db.Database.CurrentTransaction?.GetDbTransaction() ?? throw new InvalidOperationException("Rows are written in bulk inside a unit of work.");
        try
        {
            await WriterOf(db).WriteAsync(BulkTable.Of<T>(db.Model), rows, transaction, cancellationToken);
        }
        catch (DbException failure)
        {
            throw new DbUpdateException($"{rows.Count} rows could not be written together.", failure);
        }
    }

    private static IBulkWriter WriterOf(TaskSyncDb db) => db switch
    {
        SqliteTaskSyncDb => new SqliteBulkWriter(),
        PostgreSqlTaskSyncDb => new PostgreSqlBulkWriter(),
        SqlServerTaskSyncDb => new SqlServerBulkWriter(),
        _ => throw new NotSupportedException($"Nothing writes in bulk for {db.GetType().Name}."),
    };
}

/// <summary>How one database takes many rows.</summary>
internal interface IBulkWriter
{
    Task WriteAsync(BulkTable table, IEnumerable<object> rows, DbTransaction transaction, CancellationToken cancellationToken);
}
