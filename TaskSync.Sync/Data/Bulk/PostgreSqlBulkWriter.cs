using System.Data.Common;
using Npgsql;

namespace TaskSync.Sync.Data.Bulk;

/// <summary>COPY in its binary form (PostgreSQL manual, "COPY").</summary>
internal sealed class PostgreSqlBulkWriter : IBulkWriter
{
    public async Task WriteAsync(BulkTable table, IEnumerable<object> rows, DbTransaction transaction, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)transaction.Connection!;
        var columns = table.Columns;
        await using var copy = await connection.BeginBinaryImportAsync(
            $"COPY \"{table.Name}\" ({string.Join(", ", columns.Select(column => $"\"{column.Name}\""))}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancellationToken);
            foreach (var column in columns)
            {
                if (column.ValueOf(row) is { } value)
                {
                    await copy.WriteAsync(value, column.Mapping.StoreTypeNameBase, cancellationToken);
                }
                else
                {
                    await copy.WriteNullAsync(cancellationToken);
                }
            }
        }

        await copy.CompleteAsync(cancellationToken);
    }
}
