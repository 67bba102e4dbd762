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
}

/// <summary>A value that cannot be saved, and what to do about it, in words for the form.</summary>
public sealed record FieldError(TaskField Field, string Message);
