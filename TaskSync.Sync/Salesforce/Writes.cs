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

/// <summary>Rows of one kind, at most 200, as one Collections request takes them. A closed set.</summary>
public abstract record WriteBatch
{
    private WriteBatch()
    {
    }

    public abstract int Count { get; }

    /// <summary>Some of the rows, by their places.</summary>
    internal abstract WriteBatch Pick(IEnumerable<int> places);

    /// <summary>Plain inserts, never upserts (S5).</summary>
    public sealed record Creates(IReadOnlyList<NewTask> Tasks) : WriteBatch
    {
        public override int Count => Tasks.Count;

        internal override WriteBatch Pick(IEnumerable<int> places) => new Creates([.. places.Select(i => Tasks[i])]);
    }

    /// <summary>Only the changed fields are written.</summary>
    public sealed record Updates(IReadOnlyList<TaskChange> Changes) : WriteBatch
    {
        public override int Count => Changes.Count;

        internal override WriteBatch Pick(IEnumerable<int> places) => new Updates([.. places.Select(i => Changes[i])]);
    }

    /// <summary>Into the recycle bin, by id.</summary>
    public sealed record Deletes(IReadOnlyList<string> Ids) : WriteBatch
    {
        public override int Count => Ids.Count;

        internal override WriteBatch Pick(IEnumerable<int> places) => new Deletes([.. places.Select(i => Ids[i])]);
    }
}

/// <summary>What one Composite request is to do, in this order. At most five parts in all.</summary>
public sealed record PushCall
{
    /// <summary>The rows to read before anything is written; null to read none.</summary>
    public TaskQuery? Read { get; init; }

    /// <summary>At most three.</summary>
    public required IReadOnlyList<WriteBatch> Writes { get; init; }

    /// <summary>The rows to read when all is written; null to read none.</summary>
    public TaskQuery? Poll { get; init; }
}

/// <summary>The answer to a <see cref="PushCall"/>.</summary>
/// <param name="Read">The first page of what was read before; null when nothing was asked for, or the read itself failed.</param>
/// <param name="Writes">One per batch, in order.</param>
/// <param name="Poll">The first page of what was read afterwards; null when nothing was asked for, or the read itself failed.</param>
public sealed record PushAnswer(TaskPage? Read, IReadOnlyList<PartAnswer> Writes, TaskPage? Poll);

/// <summary>What became of one batch: either outcomes in the order of its rows, or the failure of the batch as a whole.</summary>
public sealed record PartAnswer(IReadOnlyList<WriteOutcome>? Outcomes, CallFailure? Failure);

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

    /// <summary>The row was sent once more with fewer fields, and that call had no answer: it may have been applied.</summary>
    public sealed record Unanswered : WriteOutcome;
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

    /// <summary>The recycle bin does not have the row, or another row has its key meanwhile (DUPLICATE_VALUE).</summary>
    public sealed record Gone(SalesforceError Error) : UndeleteOutcome;

    /// <summary>Known not applied, and worth trying again: a row lock or a limit.</summary>
    public sealed record Deferred(SalesforceError Error) : UndeleteOutcome;

    /// <summary>Salesforce refused for another reason; the row may still be in the recycle bin.</summary>
    public sealed record Refused(SalesforceError Error) : UndeleteOutcome;
}
