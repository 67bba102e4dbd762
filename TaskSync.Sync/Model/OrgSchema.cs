using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaskSync.Sync.Model;

/// <summary>What an org's Task object looks like to one user: from describe, TaskStatus and TaskPriority. Nothing here is guessed once it was read.</summary>
/// <param name="Readable">Fields the user may see; a hidden one is unknown, not empty.</param>
/// <param name="Createable">Fields the user may set at create.</param>
/// <param name="Updateable">Fields the user may change.</param>
/// <param name="Statuses">In the org's order.</param>
/// <param name="Priorities">In the org's order.</param>
/// <param name="Picklists">What the org lists for fields of <see cref="FieldKind.Picklist"/>, as far as they are readable.</param>
/// <param name="Key">Where the idempotency key of a create is kept.</param>
public sealed record OrgSchema(
    TaskFields Readable,
    TaskFields Createable,
    TaskFields Updateable,
    IReadOnlyList<StatusValue> Statuses,
    IReadOnlyList<PriorityValue> Priorities,
    IReadOnlyDictionary<TaskField, Picklist> Picklists,
    KeyPlace Key)
{
    private const int MostKnown = 500;

    private static readonly ConcurrentDictionary<string, OrgSchema> Known = new(StringComparer.Ordinal);

    /// <summary>Whether CallObject can hold keys, used or not. Known of what was read just now, and not stored.</summary>
    [JsonIgnore]
    public bool CanUseCallObject { get; init; }

    /// <summary>Why the configured key field is not used, in words for the org's administrator; null when it is used, or none is configured.</summary>
    public string? KeyTrouble { get; init; }

    /// <summary>The user is not shown when tasks were completed.</summary>
    public bool HidesCompletedAt { get; init; }

    /// <summary>What a new Salesforce org has; used before a connection exists.</summary>
    public static OrgSchema Default { get; } = new(
        SyncedFields.InEveryOrg, SyncedFields.InEveryOrg, SyncedFields.InEveryOrg,
        [
            new("Not Started", "Not Started", IsClosed: false, IsDefault: true),
            new("In Progress", "In Progress", IsClosed: false, IsDefault: false),
            new("Completed", "Completed", IsClosed: true, IsDefault: false),
            new("Waiting on someone else", "Waiting on someone else", IsClosed: false, IsDefault: false),
            new("Deferred", "Deferred", IsClosed: false, IsDefault: false),
        ],
        [new("High", "High", IsHigh: true, IsDefault: false), new("Normal", "Normal", IsHigh: false, IsDefault: true), new("Low", "Low", IsHigh: false, IsDefault: false)],
        new Dictionary<TaskField, Picklist> { [TaskField.Type] = new(["Email", "Call", "InMail", "Custom"], IsRestricted: false) },
        KeyPlace.None);

    /// <summary>What completing writes: "Completed" if it is a closed status, else the first closed one.</summary>
    public string ClosedStatus =>
        (Statuses.FirstOrDefault(s => s.IsClosed && s.Value == "Completed") ?? Statuses.FirstOrDefault(s => s.IsClosed))?.Value ?? "Completed";

    /// <summary>What reopening and a new task write: the default open status.</summary>
    public string OpenStatus =>
        (Statuses.FirstOrDefault(s => s is { IsDefault: true, IsClosed: false }) ?? Statuses.FirstOrDefault(s => !s.IsClosed))?.Value ?? "Not Started";

    /// <summary>The default priority.</summary>
    public string NormalPriority => Priorities.FirstOrDefault(p => p.IsDefault)?.Value ?? (Priorities.Count > 0 ? Priorities[0].Value : "Normal");

    /// <summary>Whether the org counts the status as closed. A value the org does not list is open.</summary>
    public bool IsClosed(string? status) => Statuses.Any(s => s.IsClosed && string.Equals(s.Value, status, StringComparison.OrdinalIgnoreCase));

    /// <summary>Where the value stands among priorities, the most urgent first; an unknown one comes last.</summary>
    public int PriorityRank(string? priority)
    {
        for (var i = 0; i < Priorities.Count; i++)
        {
            if (Priorities[i].Value == priority)
            {
                return Priorities[i].IsHigh ? i - Priorities.Count : i;
            }
        }

        return int.MaxValue;
    }

    /// <summary>The fields of <paramref name="values"/> that the org can hold for this user; the others stay here and out of the comparison.</summary>
    public TaskFields Holdable(TaskValues values)
    {
        var fields = Readable;
        foreach (var (field, picklist) in Picklists)
        {
            if (picklist.IsRestricted && values[field] is { } value && !picklist.Values.Contains(value))
            {
                fields &= ~field.AsSet();
            }
        }

        return fields;
    }

    /// <summary>The values that the org lists for the field; none for one that it does not list values for.</summary>
    public IReadOnlyList<string> ValuesOf(TaskField field) => Picklists.TryGetValue(field, out var picklist) ? picklist.Values : [];

    /// <summary>Whether Salesforce refuses other values than those it lists.</summary>
    public bool IsRestricted(TaskField field) => Picklists.TryGetValue(field, out var picklist) && picklist.IsRestricted;

    /// <summary>Of the JSON that <see cref="ToJson"/> wrote; <see cref="Default"/> when there is none. The reps of an organization mostly have the same, and each cycle asks: it is read once.</summary>
    public static OrgSchema FromJson(string? json)
    {
        if (string.IsNullOrEmpty(json))
        {
            return Default;
        }

        if (Known.Count >= MostKnown)
        {
            Known.Clear();
        }

        return Known.GetOrAdd(json, static text => JsonSerializer.Deserialize<OrgSchema>(text)!);
    }

    public string ToJson() => JsonSerializer.Serialize(this);
}

/// <summary>A row of TaskStatus.</summary>
public sealed record StatusValue(string Value, string Label, bool IsClosed, bool IsDefault);

/// <summary>What the org lists for a field.</summary>
/// <param name="Values">Active values, in the org's order.</param>
/// <param name="IsRestricted">Whether Salesforce refuses other values.</param>
public sealed record Picklist(IReadOnlyList<string> Values, bool IsRestricted);

/// <summary>A row of TaskPriority.</summary>
public sealed record PriorityValue(string Value, string Label, bool IsHigh, bool IsDefault);

/// <summary>Where the key of a create is written (S5).</summary>
public enum KeyPlace
{
    /// <summary>Nowhere: an unknown outcome becomes a problem.</summary>
    None,

    /// <summary>The org's own unique external-id field (Salesforce:KeyField): a second insert is refused by Salesforce.</summary>
    KeyField,

    /// <summary>The standard field CallObject: findable, but not unique.</summary>
    CallObject,
}
