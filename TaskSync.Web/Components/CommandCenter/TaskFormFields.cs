using System.Globalization;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>The task form as it is typed: text that may not be valid yet.</summary>
public sealed record TaskFormFields
{
    private const string ReminderFormat = "yyyy-MM-dd'T'HH:mm";
    private static readonly string[] ReminderFormats = [ReminderFormat, "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm"];

    public string Subject { get; set; } = "";

    public string Type { get; set; } = "";

    public string? WhoId { get; set; }

    public string? WhoName { get; set; }

    public string? WhatId { get; set; }

    public string? WhatName { get; set; }

    /// <summary>yyyy-MM-dd when valid.</summary>
    public string Due { get; set; } = "";

    public string Priority { get; set; } = "";

    public string Status { get; set; } = "";

    /// <summary>The rep's wall clock.</summary>
    public string Reminder { get; set; } = "";

    /// <summary>The same for the control, which knows nothing but valid ones.</summary>
    public DateTime? ReminderClock
    {
        get => DateTime.TryParseExact(Reminder, ReminderFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock) ? clock : null;
        set => Reminder = value?.ToString(ReminderFormat, CultureInfo.InvariantCulture) ?? "";
    }

    public string Details { get; set; } = "";

    public static TaskFormFields Of(TaskDraft draft, RepTime time) => new()
    {
        Subject = draft.Subject,
        Type = draft.Type ?? "",
        WhoId = draft.WhoId,
        WhoName = draft.WhoName,
        WhatId = draft.WhatId,
        WhatName = draft.WhatName,
        Due = TaskValues.Text(draft.DueDate) ?? "",
        Priority = draft.Priority ?? "",
        Status = draft.Status ?? "",
        Reminder = draft.ReminderAt is { } at ? time.Local(at).ToString(ReminderFormat, CultureInfo.InvariantCulture) : "",
        Details = draft.Details ?? "",
    };

    /// <summary>What would be saved. What cannot be read at all is an error; what can be read is judged by the service.</summary>
    /// <param name="loaded">What the form showed: a value that was not touched is kept to the second.</param>
    public TaskDraft Read(TaskDraft loaded, RepTime time, ICollection<FieldError> errors) => new()
    {
        Subject = Subject,
        Type = Type.Length == 0 ? null : Type,
        WhoId = WhoId,
        WhoName = WhoName,
        WhatId = WhatId,
        WhatName = WhatName,
        DueDate = ReadDue(time, errors),
        Priority = Priority.Length == 0 ? null : Priority,
        Status = Status.Length == 0 ? null : Status,
        ReminderAt = ReadReminder(loaded, time, errors),
        Details = Details.Length == 0 ? null : Details,
    };

    /// <summary>Takes each value that changed elsewhere, unless it was touched here. Returns the names of the fields that changed elsewhere.</summary>
    public IReadOnlyList<string> Merge(TaskFormFields shown, TaskFormFields fresh)
    {
        var changed = new List<string>();
        Subject = One("Subject", Subject, shown.Subject, fresh.Subject);
        Type = One("Type", Type, shown.Type, fresh.Type);
        Due = One("Due date", Due, shown.Due, fresh.Due);
        Priority = One("Priority", Priority, shown.Priority, fresh.Priority);
        Status = One("Status", Status, shown.Status, fresh.Status);
        Reminder = One("Reminder", Reminder, shown.Reminder, fresh.Reminder);
        Details = One("Details", Details, shown.Details, fresh.Details);
        (WhoId, WhoName) = One("Person", (WhoId, WhoName), (shown.WhoId, shown.WhoName), (fresh.WhoId, fresh.WhoName));
        (WhatId, WhatName) = One("Related to", (WhatId, WhatName), (shown.WhatId, shown.WhatName), (fresh.WhatId, fresh.WhatName));
        return changed;

        T One<T>(string name, T typed, T before, T now)
        {
            if (!Equals(before, now))
            {
                changed.Add(name);
            }

            return Equals(typed, before) ? now : typed;
        }
    }

    private DateOnly? ReadDue(RepTime time, ICollection<FieldError> errors)
    {
        var text = Due.Trim();
        switch (text.ToLowerInvariant())
        {
            case "":
                return null;
            case "today":
                return time.Today;
            case "tomorrow":
                return time.Tomorrow;
        }

        if (DateOnly.TryParseExact(text, ["yyyy-MM-dd", "yyyy-M-d"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        errors.Add(new FieldError(TaskField.DueDate, $"Write the date as year-month-day, like {TaskValues.Text(time.Tomorrow)}."));
        return null;
    }

    private DateTimeOffset? ReadReminder(TaskDraft loaded, RepTime time, ICollection<FieldError> errors)
    {
        var text = Reminder.Trim();
        if (text.Length == 0)
        {
            return null;
        }

        if (loaded.ReminderAt is { } before && text == Of(loaded, time).Reminder)
        {
            return before;
        }

        if (DateTime.TryParseExact(text, ReminderFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var wallClock))
        {
            return time.Instant(wallClock);
        }

        errors.Add(new FieldError(TaskField.Reminder, "Write date and time, like 2026-11-23 09:00."));
        return null;
    }
}
