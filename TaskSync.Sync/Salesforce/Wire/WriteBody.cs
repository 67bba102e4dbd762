using System.Text.Json;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>Bodies of creates, updates and retrieves (REST guide, "sObject Collections"). allOrNone is false: one bad task never holds up the others (S9).</summary>
internal static class WriteBody
{
    /// <summary>Empty values are left out of a create, so that the org's defaults apply.</summary>
    /// <param name="tasks">With only the fields the user may set.</param>
    /// <param name="keyName">Where the key goes, null for nowhere.</param>
    public static Action<Utf8JsonWriter> Creates(IEnumerable<NewTask> tasks, string? keyName) => Records(tasks, (json, task) =>
    {
        if (keyName is not null)
        {
            json.WriteString(keyName, task.Key);
        }

        foreach (var field in task.Values.Known.Entries().Where(field => task.Values[field.Field] is not null))
        {
            WriteValue(json, field, task.Values[field.Field]);
        }
    });

    /// <summary>Null clears a field; what is not written stays as it is.</summary>
    public static Action<Utf8JsonWriter> Updates(IEnumerable<TaskChange> changes) => Records(changes, (json, change) =>
    {
        json.WriteString("Id", change.Id);
        foreach (var field in change.Changes.Known.Entries())
        {
            WriteValue(json, field, change.Changes[field.Field]);
        }
    });

    public static HttpContent Retrieve(IEnumerable<string> ids, IEnumerable<string> fields) => JsonBody.Write(json =>
    {
        json.WriteStartObject();
        WriteTexts(json, "ids", ids);
        WriteTexts(json, "fields", fields);
        json.WriteEndObject();
    });

    private static Action<Utf8JsonWriter> Records<T>(IEnumerable<T> records, Action<Utf8JsonWriter, T> writeFields) => json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("allOrNone", false);
        json.WriteStartArray("records");
        foreach (var record in records)
        {
            json.WriteStartObject();
            json.WriteStartObject("attributes");
            json.WriteString("type", "Task");
            json.WriteEndObject();
            writeFields(json, record);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    };

    private static void WriteValue(Utf8JsonWriter json, SyncedField field, string? value)
    {
        if (field.SalesforceFlag is { } flag)
        {
            json.WriteBoolean(flag, value is not null);
        }

        json.WriteString(field.SalesforceName, value);
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
