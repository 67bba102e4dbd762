using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>How rows were read.</summary>
public enum ReadKind
{
    /// <summary>The rows that changed since a cursor.</summary>
    Changes,

    /// <summary>A page of a first sync: its own query chose the rows.</summary>
    Import,

    /// <summary>By id, or from the log of deletions: what it shows is how things are now.</summary>
    Present,

    /// <summary>By id for an audit. Rows that equal the base count too: what is here may differ from it.</summary>
    Audit,
}

/// <summary>What one read of Salesforce showed, with its circumstances.</summary>
/// <param name="Kind">How the rows were read.</param>
/// <param name="Rows">What Salesforce showed.</param>
/// <param name="UserId">Whose list the rows are taken into: the rep's Salesforce user, 18 characters.</param>
/// <param name="Schema">What Salesforce let this user see when the rows were read.</param>
public sealed record Reading(ReadKind Kind, IReadOnlyList<RemoteTask> Rows, string UserId, OrgSchema Schema)
{
    /// <summary>When the read began (our clock, UTC), if our own writes may have overtaken it; null when reads and writes take turns.</summary>
    public DateTimeOffset? BeganAt { get; init; }

    /// <summary>The read was not made before this instant (our clock, UTC), nor after now; null for just now. A call may take minutes.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>A catch-up: a deletion in Salesforce also beats an edit made here while sync was off (F6).</summary>
    public bool IsCatchUp { get; init; }

    /// <summary>Unlinked rows last modified before this instant stay out (Salesforce's time); null keeps all of them out.</summary>
    public DateTimeOffset? EntryFloor { get; init; }

    /// <summary>The rows were read by id: an equal stamp is the truth, not a reason to read again.</summary>
    public bool IsById { get; init; } = Kind is ReadKind.Present or ReadKind.Audit;

    /// <summary>What was read is how things are now. A catch-up sends nothing, so nothing here can be newer.</summary>
    public bool IsPresent => IsById || IsCatchUp;

    /// <summary>A live row in the rep's own list.</summary>
    public bool IsOwn(RemoteTask row) => !row.IsDeleted && row.OwnerId == UserId;

    /// <summary>A live row of the rep's own list that our user made.</summary>
    public bool IsOfOurUser(RemoteTask row) => IsOwn(row) && row.CreatedById == UserId;

    /// <summary>A live row that our user made and that bears no key of ours.</summary>
    public bool IsUnkeyed(RemoteTask row) => IsOfOurUser(row) && (row.Key is null || !TaskKey.Is(row.Key));

    /// <summary>What may enter without a link (F3, S11).</summary>
    public bool MayEnter(RemoteTask row) => ImportPlanner.MayEnter(
        new EntryFacts(row.OwnerId, row.LastModifiedDate, row.IsDeleted, row.IsArchived, row.IsRecurrence), UserId, EntryFloor, Kind == ReadKind.Import);

    /// <summary>A row's values for the planner, as far as the rep may see them, each as of the row's last edit.</summary>
    public SideState.Live ValuesOf(RemoteTask row) => new(row.Values.Only(Schema.Readable), FieldTimes.None.Stamp(TaskFields.All, row.LastModifiedDate));

    /// <summary>A row for the planner.</summary>
    public SideState RemoteOf(RemoteTask row) => row.IsDeleted ? new SideState.Gone(row.SystemModstamp) : ValuesOf(row);
}
