using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskSync.Sync.Data.Bulk;

/// <summary>
/// One statement of SQLite's own for all rows of a table, its values bound by their places: the client looks each one's name up again for each row, and makes a
/// reader that reads nothing.
/// </summary>
internal sealed class SqliteBulkWriter : IBulkWriter
{
    public Task WriteAsync(BulkTable table, IEnumerable<object> rows, DbTransaction transaction, CancellationToken cancellationToken)
    {
        var database = ((SqliteTransaction)transaction).Connection!.Handle!;

        var (columns, buffer) = (table.Columns, new byte[1024]);
        var sql = $"INSERT INTO \"{table.Name}\" ({string.Join(", ", columns.Select(column => $"\"{column.Name}\""))}) VALUES ({string.Join(", ", columns.Select(_ => "?"))})";
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out var statement), database);
        using (statement)
        {
            foreach (var row in rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var i = 0; i < columns.Count; i++)
                {
                    SqliteException.ThrowExceptionForRC(Bind(statement, i + 1, columns[i].ValueOf(row), ref buffer), database);
                }

                var stepped = raw.sqlite3_step(statement);
                if (stepped != raw.SQLITE_DONE)
                {
                    SqliteException.ThrowExceptionForRC(stepped, database);
                }

                raw.sqlite3_reset(statement);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>As the client stores them: a UUID as capital letters, a day as yyyy-MM-dd, whole numbers as they are.</summary>
    private static int Bind(sqlite3_stmt statement, int place, object? value, ref byte[] buffer) => value switch
    {
        null => raw.sqlite3_bind_null(statement, place),
        string text => BindText(statement, place, text, ref buffer),
        Guid id => BindId(statement, place, id),
        long number => raw.sqlite3_bind_int64(statement, place, number),
        int number => raw.sqlite3_bind_int64(statement, place, number),
        bool flag => raw.sqlite3_bind_int64(statement, place, flag ? 1 : 0),
        DateOnly day => BindText(statement, place, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), ref buffer),
        _ => throw new NotSupportedException($"A {value.GetType().Name} is not written in bulk."),
    };

    private static int BindId(sqlite3_stmt statement, int place, Guid id)
    {
        Span<byte> text = stackalloc byte[36];
        id.TryFormat(text, out _, "D");
        Ascii.ToUpperInPlace(text, out _);
        return raw.sqlite3_bind_text(statement, place, text);
    }

    private static int BindText(sqlite3_stmt statement, int place, string text, ref byte[] buffer)
    {
        if (buffer.Length < Encoding.UTF8.GetMaxByteCount(text.Length))
        {
            buffer = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        }

        return raw.sqlite3_bind_text(statement, place, buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer)));
    }
}
