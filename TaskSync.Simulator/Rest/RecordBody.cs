using System.Text.Json;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Rest;

/// <summary>Reads the fields of a record a caller sent, checking that they exist, fit their type and may be written by this user.</summary>
internal static class RecordBody
{
    /// <param name="body">The record; <c>attributes</c> and <c>Id</c> are skipped.</param>
    /// <param name="type">The type to read it as.</param>
    /// <param name="viewer">Whose field level security counts.</param>
    /// <param name="need">Create or Update.</param>
    public static Dictionary<Field, object?> Read(JsonElement body, ObjectType type, Viewer viewer, Access need)
    {
        var values = new Dictionary<Field, object?>();
        List<string>? refused = null;
        foreach (var property in body.EnumerateObject())
        {
            if (property.NameEquals("attributes") || property.Name.Equals("Id", StringComparison.OrdinalIgnoreCase))
                continue;
            var field = type.Find(property.Name);
            if (field is null or { Internal: true })
                throw Errors.UnknownField(property.Name, type.Name);
            if (!field.Access.HasFlag(need) || viewer.AccessTo(type, field) != FieldAccess.Editable)
                (refused ??= []).Add(field.Name);
            else if (FieldValue.TryRead(field, property.Value, out var value))
                values[field] = value;
            else
                throw Errors.WrongValue(field, property.Value.ToString());
        }
        return refused is null ? values : throw Errors.NotWritable(refused);
    }

    /// <summary>Whether the record names the field; null values count.</summary>
    public static bool Has(JsonElement body, string field) =>
        body.EnumerateObject().Any(property => property.Name.Equals(field, StringComparison.OrdinalIgnoreCase));

    /// <summary>The text of a member of the record in any case of its name, null when it is absent or no text.</summary>
    public static string? Text(JsonElement body, string field) =>
        body.EnumerateObject().FirstOrDefault(property => property.Name.Equals(field, StringComparison.OrdinalIgnoreCase)).Value is { ValueKind: JsonValueKind.String } value
            ? value.GetString() : null;
}
