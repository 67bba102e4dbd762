using static TaskSync.Simulator.Schema.FieldDefinitions;

namespace TaskSync.Simulator.Schema;

/// <summary>The Task object with the fields, lengths and create/update flags of an API v64 describe.</summary>
internal sealed class TaskType : ObjectType
{
    private static readonly string[] WhatTypes = ["Account", "Opportunity", "Case"];

    public TaskType(bool hasKeyField) : base("Task", "00T", Declare(hasKeyField))
    {
        (Label, PluralLabel) = ("Task", "Tasks");
        (Subject, ActivityDate, Status, Priority) = (this["Subject"], this["ActivityDate"], this["Status"], this["Priority"]);
        (IsHighPriority, IsClosed, OwnerId) = (this["IsHighPriority"], this["IsClosed"], this["OwnerId"]);
        (WhoId, WhatId, AccountId) = (this["WhoId"], this["WhatId"], this["AccountId"]);
        (TaskSubtype, CompletedDateTime) = (this["TaskSubtype"], this["CompletedDateTime"]);
        (IsArchived, IsRecurrence) = (this["IsArchived"], this["IsRecurrence"]);
        (RecurrenceActivityId, RegeneratedType) = (this["RecurrenceActivityId"], this["RecurrenceRegeneratedType"]);
        DeletedWith = this["$DeletedWith"];
    }

    /// <summary>The name of the custom field that makes creates idempotent.</summary>
    public const string KeyFieldName = "TaskSync_Key__c";

    public Field Subject { get; }
    public Field ActivityDate { get; }
    public Field Status { get; }
    public Field Priority { get; }
    public Field IsHighPriority { get; }
    public Field IsClosed { get; }
    public Field OwnerId { get; }
    public Field WhoId { get; }
    public Field WhatId { get; }
    public Field AccountId { get; }
    public Field TaskSubtype { get; }
    public Field CompletedDateTime { get; }
    public Field IsArchived { get; }
    public Field IsRecurrence { get; }
    public Field RecurrenceActivityId { get; }
    public Field RegeneratedType { get; }

    /// <summary>The id of the parent whose deletion took the task along; undeleting that parent brings it back.</summary>
    public Field DeletedWith { get; }

    private static List<Field> Declare(bool hasKeyField)
    {
        const Access readOnly = Access.ReadOnly, create = Access.Create, write = Access.Write;
        List<Field> fields =
        [
            Lookup("WhoId", write, "Contact", "Lead") with { Label = "Name ID" },
            Lookup("WhatId", write, WhatTypes) with { Label = "Related To ID" },
            new("Subject", FieldKind.Combobox)
            {
                Length = 255, Access = write,
                Values = [new("Call", "Call"), new("Email", "Email"), new("Send Letter", "Send Letter"), new("Send Quote", "Send Quote"), new("Other", "Other")],
            },
            Date("ActivityDate") with { Label = "Due Date Only" },
            Picklist("Status", 40, write) with { Nillable = false, DefaultedOnCreate = true },
            Picklist("Priority", 40, write) with { Nillable = false, DefaultedOnCreate = true },
            Flag("IsHighPriority") with { Label = "High Priority" },
            Lookup("OwnerId", write, "User", "Group") with { Label = "Assigned To ID", Nillable = false, DefaultedOnCreate = true },
            LongText("Description", 32_000) with { Label = "Description" },
            Picklist("Type", 40, write, "Call", "Email", "Meeting", "Prep", "Other"),
            Lookup("AccountId", readOnly, "Account"),
            Flag("IsClosed") with { Label = "Closed" },
            Flag("IsArchived") with { Label = "Archived" },
            Flag("IsVisibleInSelfService", write) with { Label = "Public" },
            Number("CallDurationInSeconds") with { Length = 8 },
            Picklist("CallType", 40, write, "Internal", "Inbound", "Outbound"),
            Text("CallDisposition", 255) with { Label = "Call Result" },
            Text("CallObject", 255) with { Label = "Call Object Identifier" },
            Moment("ReminderDateTime", write) with { Label = "Reminder Date/Time" },
            Flag("IsReminderSet", write) with { Label = "Reminder Set" },
            Lookup("RecurrenceActivityId", readOnly, "Task"),
            Flag("IsRecurrence", create) with { Label = "Create Recurring Series of Tasks" },
            Date("RecurrenceStartDateOnly"),
            Date("RecurrenceEndDateOnly"),
            Picklist("RecurrenceTimeZoneSidKey", 40, write),
            Picklist("RecurrenceType", 40, write, "RecursDaily", "RecursEveryWeekday", "RecursMonthly", "RecursMonthlyNth", "RecursWeekly", "RecursYearly", "RecursYearlyNth"),
            Number("RecurrenceInterval"),
            Number("RecurrenceDayOfWeekMask"),
            Number("RecurrenceDayOfMonth"),
            Picklist("RecurrenceInstance", 40, write, "First", "Second", "Third", "Fourth", "Last"),
            Picklist("RecurrenceMonthOfYear", 40, write),
            Picklist("RecurrenceRegeneratedType", 40, write, "RecurrenceRegenerateAfterDueDate", "RecurrenceRegenerateAfterToday", "RecurrenceRegenerated"),
            Picklist("TaskSubtype", 40, create, "Task", "Email", "ListEmail", "Cadence", "Call", "LinkedIn") with { Restricted = true, DefaultedOnCreate = true },
            Moment("CompletedDateTime"),
            .. Audit(),
            Hidden("$DeletedWith", FieldKind.Text),
        ];
        if (hasKeyField)
            fields.Add(Text(KeyFieldName, 255) with { Label = "TaskSync Key", Custom = true, Unique = true, ExternalId = true, CaseSensitive = true });
        return fields;
    }
}
