using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>
/// What the Command Center shows to one person. Counts and groups are read one after the other: a change in between shows in some of them only,
/// until its news has the page read again.
/// </summary>
/// <param name="Time">Now, today and the zone of the rep; reload at <see cref="RepTime.NextMidnight"/>.</param>
/// <param name="View">Which chip is on.</param>
/// <param name="Search">The search as it was used, null when none.</param>
/// <param name="Groups">In order. The default view has exactly two, Today and Tomorrow, also when they are empty.</param>
/// <param name="Counts">For the chips; with a search, how many tasks of each view match it.</param>
/// <param name="ShortcutsEnabled">Whether single-letter keys are on.</param>
public sealed record CommandCenter(
    RepTime Time,
    TaskView View,
    string? Search,
    IReadOnlyList<TaskGroup> Groups,
    ViewCounts Counts,
    bool ShortcutsEnabled);

/// <summary>Which tasks the Command Center shows. Only <see cref="Completed"/> and <see cref="All"/> show completed ones.</summary>
public enum TaskView
{
    TodayAndTomorrow,
    Overdue,

    /// <summary>Today and the six days after it.</summary>
    Next7Days,
    NoDate,
    Completed,

    /// <summary>Every task of the list, open and completed.</summary>
    All,
}

/// <summary>How many tasks each view has.</summary>
public sealed record ViewCounts(int Today, int Tomorrow, int Overdue, int Next7Days, int NoDate, int Completed, int Open)
{
    public int TodayAndTomorrow => Today + Tomorrow;

    public int All => Open + Completed;

    public int this[TaskView view] => view switch
    {
        TaskView.TodayAndTomorrow => TodayAndTomorrow,
        TaskView.Overdue => Overdue,
        TaskView.Next7Days => Next7Days,
        TaskView.NoDate => NoDate,
        TaskView.Completed => Completed,
        _ => All,
    };
}

/// <summary>Tasks under one heading.</summary>
/// <param name="Title">"Today" and "Tomorrow" in the default view only; no other title begins with these words.</param>
/// <param name="Date">The day, when the group is one day.</param>
/// <param name="Tasks">All of them, sorted.</param>
/// <param name="Rows">
/// What is shown of them at first, sorted: all while they are at most <see cref="CommandCenterQuery.InFull"/>, else the first <see cref="CommandCenterQuery.FirstRows"/>;
/// <see cref="CommandCenterQuery.RowsAsync"/> has the others.
/// </param>
/// <param name="IsCompleted">Whether these are completed tasks.</param>
public sealed record TaskGroup(string Title, DateOnly? Date, IReadOnlyList<ListedTask> Tasks, IReadOnlyList<TaskRow> Rows, bool IsCompleted)
{
    public int Count => Tasks.Count;
}

/// <summary>A task's place in a list, without what its row says.</summary>
public readonly record struct ListedTask(Guid Id, long Revision);

/// <summary>One task in a list.</summary>
public sealed record TaskRow
{
    public required Guid Id { get; init; }

    /// <summary>What to show as the name: the subject, or "(no subject)".</summary>
    public required string Title { get; init; }

    public DateOnly? DueDate { get; init; }

    public bool IsOverdue { get; init; }

    public required string Priority { get; init; }

    public bool IsHighPriority { get; init; }

    public required string Status { get; init; }

    public bool IsCompleted { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public string? Type { get; init; }

    /// <summary>UTC; show it in the rep's zone.</summary>
    public DateTimeOffset? ReminderAt { get; init; }

    public string? WhoName { get; init; }

    public string? WhoUrl { get; init; }

    public string? WhatName { get; init; }

    public string? WhatUrl { get; init; }

    public RowSyncState SyncState { get; init; }

    public long Revision { get; init; }

    /// <summary>The Salesforce task, null when there is none.</summary>
    public string? SalesforceUrl { get; init; }
}

/// <summary>What one row says about its sync, as icon and word.</summary>
public enum RowSyncState
{
    /// <summary>As of the last sync both sides are equal.</summary>
    InStep,

    /// <summary>A change waits to be sent.</summary>
    Waiting,

    /// <summary>A person is needed.</summary>
    Problem,

    /// <summary>A field was changed on both sides and nobody has looked at it yet.</summary>
    Conflict,

    /// <summary>The task is in TaskSync only.</summary>
    OnlyHere,
}

/// <summary>The word for each state, as the pages show it.</summary>
public static class RowSyncStates
{
    public static string Word(this RowSyncState state) => state switch
    {
        RowSyncState.InStep => "In step",
        RowSyncState.OnlyHere => "Only here",
        _ => state.ToString(),
    };
}

/// <summary>What the task form offers: the values of the person's org, or those of a new org without a connection.</summary>
/// <param name="Statuses">In the org's order.</param>
/// <param name="Priorities">In the org's order.</param>
/// <param name="Types">Email, Call, InMail, Custom and what the org has besides.</param>
/// <param name="DefaultStatus">The status of a new task.</param>
/// <param name="DefaultPriority">The priority of a new task.</param>
/// <param name="CanPickRecords">Whether Person and Related to can be searched: there is a working connection.</param>
/// <param name="More">Fields that not every org has, as far as the person's org shows them.</param>
public sealed record TaskForm(
    IReadOnlyList<StatusValue> Statuses,
    IReadOnlyList<PriorityValue> Priorities,
    IReadOnlyList<string> Types,
    string DefaultStatus,
    string DefaultPriority,
    bool CanPickRecords,
    IReadOnlyList<FormField> More)
{
    private static readonly string[] OwnTypes = ["Email", "Call", "InMail", "Custom"];

    /// <param name="schema">The person's org.</param>
    /// <param name="canPickRecords">Whether there is a working connection.</param>
    /// <param name="isNew">Whether the form makes a task: Salesforce says by itself what may be set then.</param>
    public static TaskForm Of(OrgSchema schema, bool canPickRecords, bool isNew = false) => new(
        schema.Statuses,
        schema.Priorities,
        [.. OwnTypes.Union(schema.ValuesOf(TaskField.Type), StringComparer.Ordinal)],
        schema.OpenStatus,
        schema.NormalPriority,
        canPickRecords,
        [.. SyncedFields.All
            .Where(field => field.OnlyWhereExposed && (schema.Readable & (isNew ? schema.Createable : TaskFields.All)).Holds(field.Field))
            .Select(field => new FormField(field.Field, schema.ValuesOf(field.Field), IsReadOnly: !isNew && !schema.Updateable.Holds(field.Field)))]);
}

/// <summary>A text field that the form draws from the table of fields.</summary>
/// <param name="Field">Which field.</param>
/// <param name="Suggestions">What the org lists for it; another text can be typed.</param>
/// <param name="IsReadOnly">Salesforce does not let this person change it.</param>
public sealed record FormField(TaskField Field, IReadOnlyList<string> Suggestions, bool IsReadOnly);
