using System.Text.Json;

namespace TaskSync.Sync.Model;

/// <summary>One instant per field, null where there is none. Immutable; stored as a small JSON object.</summary>
public sealed class FieldTimes
{
    private readonly Dictionary<TaskField, DateTimeOffset> _times;

    private FieldTimes(Dictionary<TaskField, DateTimeOffset> times) => _times = times;

    public static FieldTimes None { get; } = new([]);

    /// <summary>When the field was last edited (UTC), or null.</summary>
    public DateTimeOffset? this[TaskField field] => _times.TryGetValue(field, out var at) ? at : null;

    /// <summary>The same times, with <paramref name="fields"/> edited at <paramref name="at"/>.</summary>
    public FieldTimes Stamp(TaskFields fields, DateTimeOffset at)
    {
        var times = new Dictionary<TaskField, DateTimeOffset>(_times);
        foreach (var field in fields.Each())
        {
            times[field] = at;
        }

        return new FieldTimes(times);
    }

    /// <summary>The newest of all, or null.</summary>
    public DateTimeOffset? Newest => _times.Count == 0 ? null : _times.Values.Max();

    public static FieldTimes FromJson(string? json) => string.IsNullOrEmpty(json)
        ? None
        : new FieldTimes(JsonSerializer.Deserialize<Dictionary<TaskField, long>>(json)!
            .ToDictionary(pair => pair.Key, pair => new DateTimeOffset(pair.Value, TimeSpan.Zero)));

    public string ToJson() => _times.Count == 0 ? "" : JsonSerializer.Serialize(_times.ToDictionary(pair => pair.Key, pair => pair.Value.UtcTicks));
}
