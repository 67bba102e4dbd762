using System.Text.Json;

namespace TaskSync.Sync.Model;

/// <summary>What an org's Task object looks like to one user: from describe, TaskStatus and TaskPriority. Nothing here is guessed once it was read.</summary>
/// <param name="Readable">Fields the user may see; a hidden one is unknown, not empty.</param>
/// <param name="Createable">Fields the user may set at create.</param>
/// <param name="Updateable">Fields the user may change.</param>
/// <param name="Statuses">In the org's order.</param>
/// <param name="Priorities">In the org's order.</param>
/// <param name="Types">Active values of Type; empty when the field is hidden.</param>
/// <param name="TypeRestricted">Whether Salesforce refuses other values of Type.</param>
/// <param name="Key">Where the idempotency key of a create is kept.</param>
public sealed record OrgSchema(
    TaskFields Readable,
    TaskFields Createable,
    TaskFields Updateable,
    IReadOnlyList<StatusValue> Statuses,
    IReadOnlyList<PriorityValue> Priorities,
    IReadOnlyList<string> Types,
    bool TypeRestricted,
    KeyPlace Key)
{
    /// <summary>Why the configured key field is not used, in words for the org's administrator; null when it is used, or none is configured.</summary>
    public string? KeyTrouble { get; init; }

    /// <summary>What a new Salesforce org has; used before a connection exists.</summary>
    public static OrgSchema Default { get; } = new(
        TaskFields.All, TaskFields.All, TaskFields.All,
        [
            new("Not Started", "Not Started", IsClosed: false, IsDefault: true),
            new("In Progress", "In Progress", IsClosed: false, IsDefault: false),
            new("Completed", "Completed", IsClosed: true, IsDefault: false),
            new("Waiting on someone else", "Waiting on someone else", IsClosed: false, IsDefault: false),
            new("Deferred", "Deferred", IsClosed: false, IsDefault: false),
        ],
        [new("High", "High", IsHigh: true, IsDefault: false), new("Normal", "Normal", IsHigh: false, IsDefault: true), new("Low", "Low", IsHigh: false, IsDefault: false)],
        ["Email", "Call", "InMail", "Custom"],
        TypeRestricted: false,
        KeyPlace.None);

    /// <summary>What completing writes: "Completed" if it is a closed status, else the first closed one (product.md section 3).</summary>
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
        if (TypeRestricted && values[TaskField.Type] is { } type && !Types.Contains(type))
        {
            fields &= ~TaskFields.Type;
        }

        return fields;
    }

    public static OrgSchema FromJson(string? json) => string.IsNullOrEmpty(json) ? Default : JsonSerializer.Deserialize<OrgSchema>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this);
}

/// <summary>A row of TaskStatus.</summary>
public sealed record StatusValue(string Value, string Label, bool IsClosed, bool IsDefault);

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
