using System.Text.Json;
using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Org;

/// <summary>
/// An append-only file with one JSON object per line. Each request's lines are handed to the operating system before the answer
/// is sent, so they survive the death of the process; a line that was cut off at the end of the file is ignored when reading.
/// </summary>
internal sealed class Journal : IDisposable
{
    private FileStream? _file;
    private Utf8JsonWriter? _json;

    /// <summary>From now on everything is appended to the file; until then nothing is kept.</summary>
    public void Start(string path)
    {
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, 1 << 16);
        _json = new Utf8JsonWriter(_file, new JsonWriterOptions { SkipValidation = true });
    }

    /// <summary>The lines of a journal in order; a torn last line and everything after it is left out.</summary>
    public static IEnumerable<(string Kind, JsonElement Value)> Read(string path)
    {
        if (!File.Exists(path))
            yield break;
        foreach (var line in File.ReadLines(path))
        {
            if (line.Length == 0)
                continue;
            JsonDocument document;
            try
            {
                document = JsonDocument.Parse(line);
            }
            catch (JsonException)
            {
                yield break;
            }
            using (document)
            {
                var entry = document.RootElement.EnumerateObject().First();
                yield return (entry.Name, entry.Value);
            }
        }
    }

    public void Row(Row row) => Line("row", json =>
    {
        json.WriteStartObject();
        json.WriteString("$", row.Type.Name);
        foreach (var field in row.Type.Fields)
            if (row[field] is { } value and not false)
                FieldValue.Write(json, field.Name, value);
        json.WriteEndObject();
    });

    public void Purged(string id, DateTimeOffset deletedAt) => Line("purged", json =>
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("at", deletedAt);
        json.WriteEndObject();
    });

    public void Removed(string id) => Line("removed", json => json.WriteStringValue(id));

    public void DeleteLogCleared(DateTimeOffset at) => Line("deleteLogCleared", json => json.WriteStringValue(at));

    public void Settings(OrgSettings settings) => Entry("settings", settings);

    /// <summary>Any other thing that must outlive the process.</summary>
    public void Entry<T>(string kind, T value) => Line(kind, json => JsonSerializer.Serialize(json, value));

    public void Flush() => _file?.Flush();

    public void Dispose()
    {
        _json?.Dispose();
        _file?.Dispose();
    }

    private void Line(string kind, Action<Utf8JsonWriter> value)
    {
        if (_json is null)
            return;
        _json.WriteStartObject();
        _json.WritePropertyName(kind);
        value(_json);
        _json.WriteEndObject();
        _json.Flush();
        _file!.WriteByte((byte)'\n');
        _json.Reset();
    }
}
