using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>What a person typed into the task form, or what the form showed when it was opened.</summary>
public sealed record TaskDraft
{
    /// <summary>1–255 characters after trimming. Empty only in a form that shows a task whose Salesforce subject is empty.</summary>
    public string Subject { get; init; } = "";

    public DateOnly? DueDate { get; init; }

    /// <summary>One of the form's priorities; null means the default one.</summary>
    public string? Priority { get; init; }

    /// <summary>One of the form's statuses; null means the default open one.</summary>
    public string? Status { get; init; }

    public string? Type { get; init; }

    /// <summary>At most 32,000 characters.</summary>
    public string? Details { get; init; }

    /// <summary>An instant; parts of a second are dropped, as Salesforce drops them.</summary>
    public DateTimeOffset? ReminderAt { get; init; }

    /// <summary>Contact or lead, 15 or 18 characters.</summary>
    public string? WhoId { get; init; }

    public string? WhoName { get; init; }

    /// <summary>Account, opportunity, case …, 15 or 18 characters. Not together with a lead.</summary>
    public string? WhatId { get; init; }

    public string? WhatName { get; init; }

    /// <summary>What the form shows of a stored task.</summary>
    public static TaskDraft Of(TaskItem task) => new()
    {
        Subject = task.Subject ?? "",
        DueDate = task.DueDate,
        Priority = task.Priority,
        Status = task.Status,
        Type = task.Type,
        Details = task.Details,
        ReminderAt = task.ReminderAt,
        WhoId = task.WhoId,
        WhoName = task.WhoName,
        WhatId = task.WhatId,
        WhatName = task.WhatName,
    };

    /// <summary>The values of a cleaned draft, for comparison with others.</summary>
    internal TaskValues Values => TaskValues.Unknown
        .With(TaskField.Subject, Subject)
        .With(TaskField.DueDate, TaskValues.Text(DueDate))
        .With(TaskField.Status, Status)
        .With(TaskField.Priority, Priority)
        .With(TaskField.Details, Details)
        .With(TaskField.Type, Type)
        .With(TaskField.Reminder, TaskValues.Text(ReminderAt))
        .With(TaskField.Person, WhoId)
        .With(TaskField.RelatedTo, WhatId);

    /// <summary>This draft with some fields taken from another one.</summary>
    internal TaskDraft Overlay(TaskDraft other, TaskFields fields) => new()
    {
        Subject = fields.Holds(TaskField.Subject) ? other.Subject : Subject,
        DueDate = fields.Holds(TaskField.DueDate) ? other.DueDate : DueDate,
        Status = fields.Holds(TaskField.Status) ? other.Status : Status,
        Priority = fields.Holds(TaskField.Priority) ? other.Priority : Priority,
        Details = fields.Holds(TaskField.Details) ? other.Details : Details,
        Type = fields.Holds(TaskField.Type) ? other.Type : Type,
        ReminderAt = fields.Holds(TaskField.Reminder) ? other.ReminderAt : ReminderAt,
        WhoId = fields.Holds(TaskField.Person) ? other.WhoId : WhoId,
        WhoName = fields.Holds(TaskField.Person) ? other.WhoName : WhoName,
        WhatId = fields.Holds(TaskField.RelatedTo) ? other.WhatId : WhatId,
        WhatName = fields.Holds(TaskField.RelatedTo) ? other.WhatName : WhatName,
    };
}

/// <summary>A value that cannot be saved, and what to do about it, in words for the form.</summary>
public sealed record FieldError(TaskField Field, string Message);
