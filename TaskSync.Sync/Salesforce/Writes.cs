using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce;

/// <summary>A task to insert. The owner is the connected user.</summary>
/// <param name="Key">Idempotency key, stored before the first attempt (S5); written where the org's schema says.</param>
/// <param name="Values">What is known is sent; empty values and fields the user may not set at create are left out.</param>
public sealed record NewTask(string Key, TaskValues Values);

/// <summary>A change of one Salesforce task.</summary>
/// <param name="Id">18 characters.</param>
/// <param name="Changes">Only the changed fields are known; an empty one clears the field.</param>
public sealed record TaskChange(string Id, TaskValues Changes);

/// <summary>What became of one row of a batch. A closed set; an unknown outcome is a <see cref="SalesforceCallException"/> for the whole batch.</summary>
public abstract record WriteOutcome
{
    private WriteOutcome()
    {
    }

    /// <summary>Salesforce confirmed it.</summary>
    /// <param name="Id">18 characters.</param>
    public sealed record Written(string Id) : WriteOutcome
    {
        /// <summary>The fields that really went out: fields this user may not write were left out.</summary>
        public TaskFields Sent { get; init; } = TaskFields.All;
    }

    /// <summary>Salesforce refused this row: known not applied.</summary>
    public sealed record Rejected(SalesforceError Error) : WriteOutcome;

    /// <summary>A row with this key exists already: the create had been applied before (S5).</summary>
    /// <param name="ExistingId">18 characters, taken from Salesforce's message.</param>
    /// <param name="Error">Salesforce's words.</param>
    public sealed record Duplicate(string ExistingId, SalesforceError Error) : WriteOutcome;

    /// <summary>The row is in the recycle bin, purged, or not visible any more. What a delete wanted, too.</summary>
    public sealed record Gone(SalesforceError Error) : WriteOutcome;

    /// <summary>Known not applied, and worth trying again: a row lock or a limit.</summary>
    public sealed record Deferred(SalesforceError Error) : WriteOutcome;
}

/// <summary>What became of one undelete. A closed set.</summary>
public abstract record UndeleteOutcome
{
    private UndeleteOutcome()
    {
    }

    /// <summary>The row is live again, with its id and history.</summary>
    /// <param name="Id">18 characters.</param>
    public sealed record Restored(string Id) : UndeleteOutcome;

    /// <summary>Salesforce refused, mostly because the recycle bin was emptied: the task has to be created anew.</summary>
    public sealed record Refused(SalesforceError Error) : UndeleteOutcome;
}
