using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>What a person typed into the task form, or what the form showed when it was opened.</summary>
public sealed record TaskDraft
{
    /// <summary>Every value, in the canonical text. The properties below are the same values with their types; a field without one is reached here.</summary>
    public TaskValues Values { get; init; } = TaskValues.Empty;

    /// <summary>1–255 characters after trimming. Empty only in a form that shows a task whose Salesforce subject is empty.</summary>
    public string Subject
    {
        get => Values[TaskField.Subject] ?? "";
        init => Values = Values.With(TaskField.Subject, value);
    }

    public DateOnly? DueDate
    {
        get => Values.DueDate;
        init => Values = Values.With(TaskField.DueDate, TaskValues.Text(value));
    }

    /// <summary>One of the form's priorities; null means the default one.</summary>
    public string? Priority
    {
        get => Values[TaskField.Priority];
        init => Values = Values.With(TaskField.Priority, value);
    }

    /// <summary>One of the form's statuses; null means the default open one.</summary>
    public string? Status
    {
        get => Values[TaskField.Status];
        init => Values = Values.With(TaskField.Status, value);
    }

    public string? Type
    {
        get => Values[TaskField.Type];
        init => Values = Values.With(TaskField.Type, value);
    }

    /// <summary>At most 32,000 characters.</summary>
    public string? Details
    {
        get => Values[TaskField.Details];
        init => Values = Values.With(TaskField.Details, value);
    }

    /// <summary>An instant; parts of a second are dropped, as Salesforce drops them.</summary>
    public DateTimeOffset? ReminderAt
    {
        get => TaskValues.Instant(Values[TaskField.Reminder]);
        init => Values = Values.With(TaskField.Reminder, TaskValues.Text(value));
    }

    /// <summary>Contact or lead, 15 or 18 characters.</summary>
    public string? WhoId
    {
        get => Values[TaskField.Person];
        init => Values = Values.With(TaskField.Person, value);
    }

    public string? WhoName { get; init; }

    /// <summary>Account, opportunity, case …, 15 or 18 characters. Not together with a lead.</summary>
    public string? WhatId
    {
        get => Values[TaskField.RelatedTo];
        init => Values = Values.With(TaskField.RelatedTo, value);
    }

    public string? WhatName { get; init; }

    /// <summary>What the form shows of a stored task.</summary>
    public static TaskDraft Of(TaskItem task) => new() { Values = task.Values, WhoName = task.WhoName, WhatName = task.WhatName };

    /// <summary>This draft with some fields taken from another one.</summary>
    internal TaskDraft Overlay(TaskDraft other, TaskFields fields) => new()
    {
        Values = Values.Overlay(other.Values.Only(fields)),
        WhoName = fields.Holds(TaskField.Person) ? other.WhoName : WhoName,
        WhatName = fields.Holds(TaskField.RelatedTo) ? other.WhatName : WhatName,
    };
}

/// <summary>A value that cannot be saved, and what to do about it, in words for the form.</summary>
public sealed record FieldError(TaskField Field, string Message);
