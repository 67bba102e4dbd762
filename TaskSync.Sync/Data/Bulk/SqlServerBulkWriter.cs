using System.Data;
using System.Data.Common;
using Microsoft.Data.SqlClient;

namespace TaskSync.Sync.Data.Bulk;

/// <summary>SqlBulkCopy, with constraints checked as an insert would.</summary>
internal sealed class SqlServerBulkWriter : IBulkWriter
{
    public async Task WriteAsync(BulkTable table, IEnumerable<object> rows, DbTransaction transaction, CancellationToken cancellationToken)
    {
        using var data = DataOf(table, rows);
        using var copy = new SqlBulkCopy((SqlConnection)transaction.Connection!, SqlBulkCopyOptions.CheckConstraints | SqlBulkCopyOptions.FireTriggers, (SqlTransaction)transaction)
        {
            DestinationTableName = $"[{table.Name}]",
        };
        foreach (var column in table.Columns)
        {
            copy.ColumnMappings.Add(column.Name, column.Name);
        }

        await copy.WriteToServerAsync(data, cancellationToken);
    }

    /// <summary>The rows as the client takes them.</summary>
    internal static DataTable DataOf(BulkTable table, IEnumerable<object> rows)
    {
        var data = new DataTable { Locale = System.Globalization.CultureInfo.InvariantCulture };
        foreach (var column in table.Columns)
        {
            data.Columns.Add(column.Name, column.ProviderType == typeof(DateOnly) ? typeof(DateTime) : column.ProviderType);
        }

        foreach (var row in rows)
        {
            data.Rows.Add([.. table.Columns.Select(column => Value(column, row))]);
        }

        return data;
    }

    /// <summary>A day goes as its midnight: not every version of the client takes days.</summary>
    private static object Value(BulkColumn column, object row) => column.ValueOf(row) switch
    {
        null => DBNull.Value,
        DateOnly day => day.ToDateTime(TimeOnly.MinValue),
        var value => value,
    };
}
