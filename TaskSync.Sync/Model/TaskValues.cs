using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaskSync.Sync.Model;

/// <summary>
/// The values of one task at one moment, field by field, in one canonical text form for both sides. Immutable.
/// A field may be <em>unknown</em> (hidden by field-level security, or a value the org cannot hold): that is not the same as empty,
/// and an unknown field takes no part in any comparison.
/// Dates are yyyy-MM-dd, instants are UTC to the whole second (yyyy-MM-ddTHH:mm:ssZ), empty text is null.
/// </summary>
[JsonConverter(typeof(TaskValuesJsonConverter))]
public sealed class TaskValues : IEquatable<TaskValues>
{
    private const string DateFormat = "yyyy-MM-dd";
    private const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private readonly string?[] _values;

    private TaskValues(string?[] values, TaskFields known)
    {
        _values = values;
        Known = known;
    }

    /// <summary>Nothing is known.</summary>
    public static TaskValues Unknown { get; } = new(new string?[TaskFieldSets.Every.Count], TaskFields.None);

    /// <summary>Every field is known to be empty.</summary>
    public static TaskValues Empty { get; } = new(new string?[TaskFieldSets.Every.Count], TaskFields.All);

    /// <summary>The fields whose value is known, empty ones included.</summary>
    public TaskFields Known { get; }

    /// <summary>The value of a known field, null when it is empty. Null as well when the field is unknown: ask <see cref="Known"/>.</summary>
    public string? this[TaskField field] => _values[(int)field];

    /// <summary>The due date, or null when empty or unknown. A date without time or zone.</summary>
    public DateOnly? DueDate => Date(this[TaskField.DueDate]);

    /// <summary>The canonical text of a date.</summary>
    public static string? Text(DateOnly? date) => date?.ToString(DateFormat, CultureInfo.InvariantCulture);

    /// <summary>The canonical text of an instant: UTC, whole seconds, as Salesforce stores it.</summary>
    public static string? Text(DateTimeOffset? instant) => instant?.ToUniversalTime().ToString(InstantFormat, CultureInfo.InvariantCulture);

    /// <summary>The date of a canonical text.</summary>
    public static DateOnly? Date(string? text) => text is null ? null : DateOnly.ParseExact(text, DateFormat, CultureInfo.InvariantCulture);

    /// <summary>The instant, in UTC, of a canonical text.</summary>
    public static DateTimeOffset? Instant(string? text) =>
        text is null ? null : DateTimeOffset.ParseExact(text, InstantFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>Values of which every field is known.</summary>
    public static TaskValues Of(Func<SyncedField, string?> value) => Of(_ => true, value);

    /// <summary>The values of some fields, each asked for once; the others are unknown. Empty text counts as null.</summary>
    public static TaskValues Of(Func<SyncedField, bool> isKnown, Func<SyncedField, string?> value)
    {
        var (values, known) = (new string?[TaskFieldSets.Every.Count], TaskFields.None);
        foreach (var field in SyncedFields.All)
        {
            if (isKnown(field))
            {
                values[(int)field.Field] = value(field) is { Length: > 0 } text ? text : null;
                known |= field.Field.AsSet();
            }
        }

        return new TaskValues(values, known);
    }

    /// <summary>The same values with one field known to be <paramref name="value"/>; empty text counts as null.</summary>
    public TaskValues With(TaskField field, string? value)
    {
        var values = (string?[])_values.Clone();
        values[(int)field] = string.IsNullOrEmpty(value) ? null : value;
        return new TaskValues(values, Known | field.AsSet());
    }

    /// <summary>The same values with <paramref name="fields"/> unknown.</summary>
    public TaskValues Without(TaskFields fields)
    {
        if ((Known & fields) == 0)
        {
            return this;
        }

        var values = (string?[])_values.Clone();
        foreach (var field in fields.Each())
        {
            values[(int)field] = null;
        }

        return new TaskValues(values, Known & ~fields);
    }

    /// <summary>Only <paramref name="fields"/>; the others become unknown.</summary>
    public TaskValues Only(TaskFields fields) => Without(~fields & TaskFields.All);

    /// <summary>These values, with every field that <paramref name="other"/> knows taken from it.</summary>
    public TaskValues Overlay(TaskValues other)
    {
        if (other.Known == 0)
        {
            return this;
        }

        var values = (string?[])_values.Clone();
        foreach (var field in other.Known.Each())
        {
            values[(int)field] = other[field];
        }

        return new TaskValues(values, Known | other.Known);
    }

    /// <summary>The fields that both know and that differ. Text is compared ordinally; line ends do not count.</summary>
    public TaskFields DifferencesFrom(TaskValues other)
    {
        var differences = TaskFields.None;
        foreach (var field in (Known & other.Known).Each())
        {
            if (!SameText(this[field], other[field]))
            {
                differences |= field.AsSet();
            }
        }

        return differences;
    }

    /// <summary>Whether two values of one field are the same to a person: Salesforce may hand text back with other line ends.</summary>
    public static bool SameText(string? a, string? b) =>
        string.Equals(a, b, StringComparison.Ordinal)
        || (a is not null && b is not null && (a.Contains('\r') || b.Contains('\r'))
            && string.Equals(a.ReplaceLineEndings("\n"), b.ReplaceLineEndings("\n"), StringComparison.Ordinal));

    /// <inheritdoc/>
    public bool Equals(TaskValues? other) =>
        other is not null && Known == other.Known && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TaskValues);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Known);
        foreach (var value in _values)
        {
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <summary>For logs and failing tests of invented data only: real subjects are never logged.</summary>
    public override string ToString() => string.Join(", ", Known.Each().Select(field => $"{field}={this[field] ?? "∅"}"));

    /// <summary>Reads what <see cref="ToJson"/> wrote. Null or empty text means nothing is known.</summary>
    public static TaskValues FromJson(string? json) => string.IsNullOrEmpty(json) ? Unknown : JsonSerializer.Deserialize<TaskValues>(json)!;

    /// <summary>A compact JSON object with the known fields.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);
}

/// <summary>Writes known fields only, by name, so that an unknown field is an absent property.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Named by the attribute on TaskValues.")]
internal sealed class TaskValuesJsonConverter : JsonConverter<TaskValues>
{
    private static readonly JsonEncodedText[] Names = [.. TaskFieldSets.Every.Select(field => JsonEncodedText.Encode(field.ToString()))];

    public override TaskValues Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Dictionary<TaskField, string?> values = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Enum.Parse<TaskField>(reader.GetString()!);
            reader.Read();
            values[field] = reader.GetString();
        }

        return TaskValues.Of(field => values.ContainsKey(field.Field), field => values[field.Field]);
    }

    public override void Write(Utf8JsonWriter writer, TaskValues value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var field in value.Known.Each())
        {
            writer.WriteString(Names[(int)field], value[field]);
        }

        writer.WriteEndObject();
    }
}
