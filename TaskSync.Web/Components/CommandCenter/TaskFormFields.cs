using System.Globalization;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>The task form as it is typed: text that may not be valid yet.</summary>
public sealed record TaskFormFields
{
    private const string ReminderFormat = "yyyy-MM-dd'T'HH:mm";
    private static readonly string[] ReminderFormats = [ReminderFormat, "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm"];

    private TaskValues _typed = TaskValues.Empty;

    /// <summary>What is typed for a field; empty text when nothing is.</summary>
    public string this[TaskField field]
    {
        get => _typed[field] ?? "";
        set => _typed = _typed.With(field, value);
    }

    public string Subject
    {
        get => this[TaskField.Subject];
        set => this[TaskField.Subject] = value;
    }

    public string Type
    {
        get => this[TaskField.Type];
        set => this[TaskField.Type] = value;
    }

    public string? WhoId
    {
        get => _typed[TaskField.Person];
        set => _typed = _typed.With(TaskField.Person, value);
    }

    public string? WhoName { get; set; }

    public string? WhatId
    {
        get => _typed[TaskField.RelatedTo];
        set => _typed = _typed.With(TaskField.RelatedTo, value);
    }

    public string? WhatName { get; set; }

    /// <summary>yyyy-MM-dd when valid.</summary>
    public string Due
    {
        get => this[TaskField.DueDate];
        set => this[TaskField.DueDate] = value;
    }

    public string Priority
    {
        get => this[TaskField.Priority];
        set => this[TaskField.Priority] = value;
    }

    public string Status
    {
        get => this[TaskField.Status];
        set => this[TaskField.Status] = value;
    }

    /// <summary>The rep's wall clock.</summary>
    public string Reminder
    {
        get => this[TaskField.Reminder];
        set => this[TaskField.Reminder] = value;
    }

    /// <summary>The same for the control, which knows nothing but valid ones.</summary>
    public DateTime? ReminderClock
    {
        get => DateTime.TryParseExact(Reminder, ReminderFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock) ? clock : null;
        set => Reminder = value?.ToString(ReminderFormat, CultureInfo.InvariantCulture) ?? "";
    }

    public string Details
    {
        get => this[TaskField.Details];
        set => this[TaskField.Details] = value;
    }

    public static TaskFormFields Of(TaskDraft draft, RepTime time) => new()
    {
        _typed = draft.Values,
        WhoName = draft.WhoName,
        WhatName = draft.WhatName,
        Reminder = draft.ReminderAt is { } at ? time.Local(at).ToString(ReminderFormat, CultureInfo.InvariantCulture) : "",
    };

    /// <summary>What would be saved. What cannot be read at all is an error; what can be read is judged by the service.</summary>
    /// <param name="loaded">What the form showed: a value that was not touched is kept to the second.</param>
    public TaskDraft Read(TaskDraft loaded, RepTime time, ICollection<FieldError> errors) => new()
    {
        Values = _typed,
        WhoName = WhoName,
        WhatName = WhatName,
        DueDate = ReadDue(time, errors),
        ReminderAt = ReadReminder(loaded, time, errors),
    };

    /// <summary>Takes each value that changed elsewhere, unless it was touched here. Returns the names of the fields that changed elsewhere.</summary>
    public IReadOnlyList<string> Merge(TaskFormFields shown, TaskFormFields fresh)
    {
        var changed = new List<string>();
        foreach (var field in SyncedFields.All)
        {
            var (typed, before, now) = (At(field.Field), shown.At(field.Field), fresh.At(field.Field));
            if (before != now)
            {
                changed.Add(field.Name);
            }

            if (typed == before)
            {
                Take(field.Field, now);
            }
        }

        return changed;
    }

    /// <summary>A field as the form shows it: a record with its name.</summary>
    private (string Text, string? Name) At(TaskField field) =>
        (this[field], field switch { TaskField.Person => WhoName, TaskField.RelatedTo => WhatName, _ => null });

    private void Take(TaskField field, (string Text, string? Name) value)
    {
        this[field] = value.Text;
        (WhoName, WhatName) = field switch
        {
            TaskField.Person => (value.Name, WhatName),
            TaskField.RelatedTo => (WhoName, value.Name),
            _ => (WhoName, WhatName),
        };
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
