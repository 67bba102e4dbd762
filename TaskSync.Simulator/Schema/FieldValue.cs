using System.Globalization;
using System.Text.Json;

namespace TaskSync.Simulator.Schema;

/// <summary>Field values between JSON and .NET.</summary>
internal static class FieldValue
{
    /// <summary>Writes a property the way the REST API shows it; null is written as null.</summary>
    public static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: json.WriteNull(name); break;
            case string text: json.WriteString(name, text); break;
            case bool flag: json.WriteBoolean(name, flag); break;
            case int number: json.WriteNumber(name, number); break;
            case double number: json.WriteNumber(name, number); break;
            case DateOnly date: json.WriteString(name, SalesforceTime.Text(date)); break;
            case DateTimeOffset moment: json.WriteString(name, SalesforceTime.Text(moment)); break;
            default: throw new ArgumentException($"A field cannot hold a {value.GetType()}.", nameof(value));
        }
    }

    /// <summary>
    /// Reads a value a caller sent. False when the JSON does not fit the field's type. Empty text is null, as Salesforce stores no
    /// empty strings; fractions of seconds are dropped.
    /// </summary>
    public static bool TryRead(Field field, JsonElement json, out object? value)
    {
        value = null;
        if (json.ValueKind == JsonValueKind.Null)
            return true;
        switch (field.Kind)
        {
            case FieldKind.Boolean:
                value = json.ValueKind switch
                {
                    JsonValueKind.True => true,
                    JsonValueKind.False => false,
                    JsonValueKind.String when bool.TryParse(json.GetString(), out var flag) => flag,
                    _ => null,
                };
                return value is not null;
            case FieldKind.Integer:
                if (json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var whole) && whole % 1 == 0 && Math.Abs(whole) <= int.MaxValue)
                    value = (int)whole;
                else if (json.ValueKind == JsonValueKind.String && int.TryParse(json.GetString(), CultureInfo.InvariantCulture, out var parsed))
                    value = parsed;
                return value is not null;
            case FieldKind.Double:
                if (json.ValueKind == JsonValueKind.Number)
                    value = json.GetDouble();
                return value is not null;
            case FieldKind.Date:
                // The API also takes a dateTime for a date field and keeps its date part.
                if (json.ValueKind == JsonValueKind.String && SalesforceTime.TryParseDate(json.GetString(), out var date))
                    value = date;
                else if (json.ValueKind == JsonValueKind.String && SalesforceTime.TryParseMoment(json.GetString(), out var dated))
                    value = DateOnly.FromDateTime(dated.UtcDateTime);
                return value is not null;
            case FieldKind.DateTime:
                if (json.ValueKind == JsonValueKind.String && SalesforceTime.TryParseMoment(json.GetString(), out var moment))
                    value = moment.ToSecond();
                return value is not null;
            default:
                value = json.ValueKind switch
                {
                    JsonValueKind.String => json.GetString() is { Length: > 0 } text ? text : null,
                    JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => json.GetRawText(),
                    _ => null,
                };
                return value is not null || json.ValueKind == JsonValueKind.String;
        }
    }

    /// <summary>Brings a value given in C# to the type the field holds; throws when it cannot.</summary>
    public static object? FromClr(Field field, object? value) => (field.Kind, value) switch
    {
        (_, null) => null,
        (FieldKind.Boolean, bool) or (FieldKind.Integer, int) or (FieldKind.Double, double) or (FieldKind.Date, DateOnly) => value,
        (FieldKind.Double, int number) => (double)number,
        (FieldKind.Double, decimal number) => (double)number,
        (FieldKind.DateTime, DateTimeOffset moment) => moment.ToSecond(),
        (FieldKind.Date or FieldKind.DateTime or FieldKind.Boolean or FieldKind.Integer or FieldKind.Double, _) =>
            throw new ArgumentException($"{field.Name} cannot hold '{value}' ({value.GetType().Name}).", nameof(value)),
        (_, string text) => text.Length == 0 ? null : text,
        _ => throw new ArgumentException($"{field.Name} cannot hold '{value}' ({value.GetType().Name}).", nameof(value)),
    };
}
