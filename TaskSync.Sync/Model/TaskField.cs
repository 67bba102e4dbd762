namespace TaskSync.Sync.Model;

/// <summary>
/// A field that is kept in step on both sides. What there is to know of it stands in <see cref="SyncedFields"/>.
/// The order is that of history lines. The numbers are stored, so a new field comes last.
/// </summary>
public enum TaskField
{
    Subject,
    DueDate,
    Status,
    Priority,
    Details,
    Type,
    Reminder,
    Person,
    RelatedTo,
    CallResult,
}

/// <summary>A set of <see cref="TaskField"/>s, one bit each.</summary>
[Flags]
public enum TaskFields
{
    None = 0,
    Subject = 1 << TaskField.Subject,
    DueDate = 1 << TaskField.DueDate,
    Status = 1 << TaskField.Status,
    Priority = 1 << TaskField.Priority,
    Details = 1 << TaskField.Details,
    Type = 1 << TaskField.Type,
    Reminder = 1 << TaskField.Reminder,
    Person = 1 << TaskField.Person,
    RelatedTo = 1 << TaskField.RelatedTo,
    CallResult = 1 << TaskField.CallResult,
    All = (1 << (TaskField.CallResult + 1)) - 1,
}

/// <summary>Walks over fields and sets of fields.</summary>
public static class TaskFieldSets
{
    /// <summary>Every field, in order.</summary>
    public static IReadOnlyList<TaskField> Every { get; } = Enum.GetValues<TaskField>();

    /// <summary>The set that holds just this field.</summary>
    public static TaskFields AsSet(this TaskField field) => (TaskFields)(1 << (int)field);

    /// <summary>Whether the set holds the field.</summary>
    public static bool Holds(this TaskFields set, TaskField field) => (set & field.AsSet()) != 0;

    /// <summary>The fields of the set, in order.</summary>
    public static IEnumerable<TaskField> Each(this TaskFields set) => Every.Where(field => set.Holds(field));
}
