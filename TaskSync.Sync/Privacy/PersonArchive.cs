using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Status;

namespace TaskSync.Sync.Privacy;

/// <summary>Writes what is known of a person as one zip: each table as JSON, and once more as CSV.</summary>
internal static class PersonArchive
{
    private const string About = """
        What TaskSync keeps of one person.

        json/ and csv/ hold the same rows, one file for each table that has any. Times are in UTC.
        In the CSV files a leading apostrophe keeps a spreadsheet from computing a text that begins like a formula.
        Left out: the tokens for Salesforce and the ids of sign-ins, because they open doors.
        The tasks as Salesforce has them are not here: Salesforce tells them itself.
        """;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    public static async Task WriteAsync(TaskSyncDb db, Guid personId, Stream output, CancellationToken cancellationToken)
    {
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, cancellationToken);
        await using (var about = await OpenAsync(zip, "README.txt", cancellationToken))
        {
            await about.WriteAsync(About.AsMemory(), cancellationToken);
        }

        foreach (var table in PersonTable.In(db.Model))
        {
            var rows = table.Of(db, personId).AsNoTracking();
            if (await rows.AnyAsync(cancellationToken))
            {
                await WriteJsonAsync(zip, table, rows, cancellationToken);
                await WriteCsvAsync(zip, table, rows, cancellationToken);
            }
        }
    }

    private static async Task WriteJsonAsync(ZipArchive zip, PersonTable table, IQueryable<object> rows, CancellationToken cancellationToken)
    {
        await using var file = await OpenAsync(zip, $"json/{table.Name}.json", cancellationToken);
        var separator = "[\n";
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var values = new JsonObject(table.Columns.Select(column => KeyValuePair.Create(JsonNamingPolicy.CamelCase.ConvertName(NameOf(column)), Node(row, column))));
            await file.WriteAsync((separator + values.ToJsonString(Json)).AsMemory(), cancellationToken);
            separator = ",\n";
        }

        await file.WriteAsync("\n]\n".AsMemory(), cancellationToken);
    }

    private static async Task WriteCsvAsync(ZipArchive zip, PersonTable table, IQueryable<object> rows, CancellationToken cancellationToken)
    {
        await using var file = await OpenAsync(zip, $"csv/{table.Name}.csv", cancellationToken);
        await file.WriteAsync(Csv.Line([.. table.Columns.Select(NameOf)]).AsMemory(), cancellationToken);
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            await file.WriteAsync(Csv.Line([.. table.Columns.Select(column => Cell(row, column))]).AsMemory(), cancellationToken);
        }
    }

    private static async Task<StreamWriter> OpenAsync(ZipArchive zip, string name, CancellationToken cancellationToken) =>
        new(await zip.CreateEntry(name).OpenAsync(cancellationToken), new UTF8Encoding(encoderShouldEmitUTF8Identifier: name.EndsWith(".csv", StringComparison.Ordinal)));

    /// <summary>Spreadsheets get structured values in the spelling of JSON.</summary>
    private static object? Cell(object row, IProperty column) => ValueOf(row, column) is { } value && IsStructured(value) ? Node(row, column)?.ToJsonString() : ValueOf(row, column);

    private static JsonNode? Node(object row, IProperty column) => ValueOf(row, column) is { } value ? JsonSerializer.SerializeToNode(value, value.GetType(), Json) : null;

    private static bool IsStructured(object value) => value is not (string or IFormattable or bool);

    /// <summary>What is stored as JSON is told as what it says: by the property that reads it.</summary>
    private static object? ValueOf(object row, IProperty column) => column.PropertyInfo!.GetValue(row) switch
    {
        null => null,
        FieldTimes times => Enum.GetValues<TaskField>().Where(field => times[field] is not null).ToDictionary(field => field.ToString(), field => times[field]),
        string when Reader(column) is { } reader => reader.GetValue(row),
        string text when IsJson(column) => JsonNode.Parse(text),
        var value => value,
    };

    private static System.Reflection.PropertyInfo? Reader(IProperty column) => IsJson(column) ? column.DeclaringType.ClrType.GetProperty(NameOf(column)) : null;

    private static bool IsJson(IProperty column) => column.Name.EndsWith("Json", StringComparison.Ordinal);

    private static string NameOf(IProperty column) => IsJson(column) ? column.Name[..^"Json".Length] : column.Name;
}
