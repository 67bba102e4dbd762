namespace TaskSync.Sync.Model;

/// <summary>The table of the fields that are kept in step.</summary>
public static class SyncedFields
{
    /// <summary>One entry a field, in the order of <see cref="TaskField"/>.</summary>
    public static IReadOnlyList<SyncedField> All { get; } =
    [
        new(TaskField.Subject, FieldKind.Text, "Subject", "Subject")
        {
            Column = nameof(TaskItem.Subject),
            Get = task => task.Subject,
            Set = (task, text) => task.Subject = text,
            MaxLength = 255,
            WhenEmpty = "Say in a few words what there is to do.",
            Rule = _ => "1 to 255 characters. An empty Salesforce subject shows as (no subject) and is not written back.",
        },
        new(TaskField.DueDate, FieldKind.Date, "Due date", "ActivityDate")
        {
            Column = nameof(TaskItem.DueDate),
            Get = task => TaskValues.Text(task.DueDate),
            Set = (task, text) => task.DueDate = TaskValues.Date(text),
            Rule = _ => "A date without time or zone; it is never converted.",
        },
        new(TaskField.Status, FieldKind.Choice, "Status", "Status")
        {
            Column = nameof(TaskItem.Status),
            Get = task => task.Status,
            Set = (task, text) => task.Status = text ?? task.Status,
            Choices = schema => schema.Statuses.Select(status => status.Value),
            Rule = schema => $"Every value is kept as it is. Completing writes {schema.ClosedStatus}, reopening writes {schema.OpenStatus}.",
        },
        new(TaskField.Priority, FieldKind.Choice, "Priority", "Priority")
        {
            Column = nameof(TaskItem.Priority),
            Get = task => task.Priority,
            Set = (task, text) => task.Priority = text ?? task.Priority,
            Choices = schema => schema.Priorities.Select(priority => priority.Value),
            Rule = _ => "Every value is kept as it is.",
        },
        new(TaskField.Details, FieldKind.LongText, "Details", "Description")
        {
            Column = nameof(TaskItem.Details),
            Get = task => task.Details,
            Set = (task, text) => task.Details = text,
            MaxLength = 32_000,
            Rule = _ => "Up to 32,000 characters.",
        },
        new(TaskField.Type, FieldKind.Picklist, "Type", "Type")
        {
            Column = nameof(TaskItem.Type),
            Get = task => task.Type,
            Set = (task, text) => task.Type = text,
            MaxLength = 40,
            Rule = _ => "Every value is kept as it is.",
        },
        new(TaskField.Reminder, FieldKind.Instant, "Reminder", "ReminderDateTime")
        {
            Column = nameof(TaskItem.ReminderAt),
            Get = task => TaskValues.Text(task.ReminderAt),
            Set = (task, text) => task.ReminderAt = TaskValues.Instant(text),
            SalesforceFlag = "IsReminderSet",
            Rule = _ => "A moment, shown in your time zone.",
        },
        new(TaskField.Person, FieldKind.Record, "Person", "WhoId")
        {
            Column = nameof(TaskItem.WhoId),
            Get = task => task.WhoId,
            Set = (task, id) => (task.WhoId, task.WhoName) = (id, id == task.WhoId ? task.WhoName : null),
            Rule = _ => "A contact or a lead.",
        },
        new(TaskField.RelatedTo, FieldKind.Record, "Related to", "WhatId")
        {
            Column = nameof(TaskItem.WhatId),
            Get = task => task.WhatId,
            Set = (task, id) => (task.WhatId, task.WhatName) = (id, id == task.WhatId ? task.WhatName : null),
            Rule = _ => "An account, an opportunity, a case or another record.",
        },
        new(TaskField.CallResult, FieldKind.Picklist, "Call result", "CallDisposition")
        {
            Column = nameof(TaskItem.CallResult),
            Get = task => task.CallResult,
            Set = (task, text) => task.CallResult = text,
            MaxLength = 255,
            OnlyWhereExposed = true,
            Rule = _ => "Up to 255 characters.",
        },
    ];

    /// <summary>The fields that every org has.</summary>
    public static TaskFields InEveryOrg { get; } = All.Where(field => !field.OnlyWhereExposed).AsSet();

    /// <summary>The field's entry.</summary>
    public static SyncedField Entry(this TaskField field) => All[(int)field];

    /// <summary>The entries of a set of fields.</summary>
    public static IEnumerable<SyncedField> Entries(this TaskFields fields) => fields.Each().Select(Entry);

    /// <summary>The set of some entries.</summary>
    public static TaskFields AsSet(this IEnumerable<SyncedField> fields) => fields.Aggregate(TaskFields.None, (set, field) => set | field.Field.AsSet());

    /// <summary>The name people know the field by, as in the task dialog.</summary>
    public static string DisplayName(this TaskField field) => field.Entry().Name;
}
