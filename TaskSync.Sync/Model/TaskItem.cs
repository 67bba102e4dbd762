namespace TaskSync.Sync.Model;

/// <summary>A row of TaskSync's own list. A removed task stays as its own tombstone, so that the removal can travel and be undone.</summary>
public sealed class TaskItem
{
    public Guid Id { get; init; } = NewId.Next();

    /// <summary>The rep whose list this is.</summary>
    public Guid PersonId { get; init; }

    /// <summary>Null only when Salesforce's subject is empty; shown as "(no subject)" and not written back.</summary>
    public string? Subject { get; set; }

    /// <summary>A date without time or zone.</summary>
    public DateOnly? DueDate { get; set; }

    /// <summary>Any value the org has is kept as it is.</summary>
    public string Status { get; set; } = OrgSchema.Default.OpenStatus;

    /// <summary>Whether the org counts <see cref="Status"/> as closed (TaskStatus.IsClosed).</summary>
    public bool IsCompleted { get; set; }

    public string Priority { get; set; } = OrgSchema.Default.NormalPriority;

    public string? Details { get; set; }

    public string? Type { get; set; }

    /// <summary>An instant in UTC, shown in the rep's zone. Whole seconds.</summary>
    public DateTimeOffset? ReminderAt { get; set; }

    /// <summary>Contact or lead (WhoId), 18 characters.</summary>
    public string? WhoId { get; set; }

    public string? WhoName { get; set; }

    /// <summary>Account, opportunity, case … (WhatId), 18 characters.</summary>
    public string? WhatId { get; set; }

    public string? WhatName { get; set; }

    /// <summary>What came of a call. Shown only where the org has the field.</summary>
    public string? CallResult { get; set; }

    public DateTimeOffset? CompletedAt { get; set; }

    public TaskOrigin Origin { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Counts changes: the concurrency token, and what a push remembers having sent.</summary>
    public long Revision { get; set; }

    /// <summary>When the task left the list, null while it is in it.</summary>
    public DateTimeOffset? RemovedAt { get; set; }

    public Removal? Removal { get; set; }

    /// <summary>When each field was last edited here (our clock, UTC), for the newer-edit rule of S3.</summary>
    public FieldTimes EditTimes { get; set; } = FieldTimes.None;

    public TaskLink? Link { get; init; }

    /// <summary>The values that are kept in step. All fields are known.</summary>
    public TaskValues Values => TaskValues.Of(entry => entry.Get(this));

    /// <summary>Takes every value that <paramref name="values"/> knows. Names of related records are forgotten when their id changes.</summary>
    public void Take(TaskValues values)
    {
        foreach (var field in values.Known.Entries())
        {
            field.Set(this, values[field.Field]);
        }
    }
}

/// <summary>Decided once, when the task is created, and stored with it (F5).</summary>
public enum TaskOrigin
{
    /// <summary>Created here while the box was not ticked: stays local for good.</summary>
    HereWhileOff,

    /// <summary>Created here while the box was ticked: goes to Salesforce.</summary>
    HereWhileOn,

    /// <summary>Came in from Salesforce.</summary>
    Salesforce,
}

/// <summary>Why a task left the list.</summary>
public enum Removal
{
    DeletedHere,
    DeletedInSalesforce,

    /// <summary>Somebody else owns it now; the link is closed and nothing is written (S7).</summary>
    Reassigned,
}
