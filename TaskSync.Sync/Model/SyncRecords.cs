
namespace TaskSync.Sync.Model;

/// <summary>How far a connection's feeds have been read by its own token, in Salesforce's time. While it follows the org's reader, the reader's cursor counts instead.</summary>
public sealed class SyncCursor
{
    public Guid ConnectionId { get; init; }

    /// <summary>High-water mark of the fast poll (SystemModstamp); reads start an overlap before it.</summary>
    public DateTimeOffset Fast { get; set; }

    /// <summary>latestDateCovered of getUpdated.</summary>
    public DateTimeOffset SweepUpdated { get; set; }

    /// <summary>latestDateCovered of getDeleted.</summary>
    public DateTimeOffset SweepDeleted { get; set; }

    /// <summary>When the last sweep ended, our clock (UTC); default when every link is to be compared at once.</summary>
    public DateTimeOffset SweptAt { get; set; }

    /// <summary>When everything was last compared, our clock (UTC): by an audit, or by the first sync.</summary>
    public DateTimeOffset AuditedAt { get; set; }

    /// <summary>An audit is due at once, and why; null while the nightly one is all there is.</summary>
    public AuditReason? AuditAsked { get; set; }

    /// <summary>True while the org's reader reads for this connection.</summary>
    public bool FollowsReader { get; set; }
}

/// <summary>
/// The first sync or catch-up of a connection: what is needed to show it, and to go on after a restart (F2).
/// Two tracks, run in this order: the catch-up (changes since the cursor, then every link) and the import (by due date).
/// </summary>
public sealed class InitialSync
{
    public Guid ConnectionId { get; init; }

    public InitialSyncKind Kind { get; set; }

    public ImportWindow Window { get; set; }

    /// <summary>LastModifiedDate from which unlinked tasks enter, in Salesforce's time; null until the import was prepared.</summary>
    public DateTimeOffset? WindowStart { get; set; }

    /// <summary>When Save was pressed (our clock, UTC).</summary>
    public DateTimeOffset RequestedAt { get; set; }

    public InitialSyncState State { get; set; }

    public CatchUpStage CatchUp { get; set; }

    /// <summary>Where the catch-up goes on within its stage: a page locator, or the last Salesforce id gone through.</summary>
    public string? CatchUpPage { get; set; }

    public ImportStage Import { get; set; }

    /// <summary>Where the next page of the import's stage is, null at its start. Lives two days in Salesforce.</summary>
    public string? ImportPage { get; set; }

    /// <summary>Today in the rep's zone when the import began, so that a restart after midnight reads the same stages.</summary>
    public DateOnly? Today { get; set; }

    /// <summary>How many tasks were found; null until counted.</summary>
    public int? Found { get; set; }

    /// <summary>How many of them have been gone through.</summary>
    public int Done { get; set; }

    /// <summary>API calls that its steps took.</summary>
    public int Calls { get; set; }

    /// <summary>Tasks that its steps brought in. Those that a poll brought in between two steps are not among them.</summary>
    public int Created { get; set; }

    /// <summary>Tasks that were updated here.</summary>
    public int Updated { get; set; }

    /// <summary>Tasks that were removed here.</summary>
    public int Deleted { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public long Version { get; set; }
}

public enum InitialSyncKind
{
    FirstSync,
    CatchUp,
}

public enum InitialSyncState
{
    Running,

    /// <summary>The box was unticked meanwhile: finished at the next switch-on with its original window (F7).</summary>
    Interrupted,
    Done,
}

/// <summary>The catch-up of F6, in order.</summary>
public enum CatchUpStage
{
    None,
    Changes,
    Links,
}

/// <summary>The import of F3 and F4, in order: due today, tomorrow and later; overdue; without a date.</summary>
public enum ImportStage
{
    Prepare,
    FromToday,
    Overdue,
    NoDate,
    Finished,
}

/// <summary>One piece of sync work that did something, for people to read. Idle polls leave none.</summary>
public sealed class SyncRun
{
    public Guid Id { get; init; } = NewId.Next();

    public Guid PersonId { get; init; }

    public Guid ConnectionId { get; init; }

    public SyncRunKind Kind { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    public SyncRunOutcome Outcome { get; set; }

    /// <summary>Tasks that came in, were updated here or removed here.</summary>
    public int Created { get; set; }

    public int Updated { get; set; }

    public int Deleted { get; set; }

    /// <summary>Writes that Salesforce confirmed.</summary>
    public int Sent { get; set; }

    public int Failed { get; set; }

    public int ApiCalls { get; set; }

    public string? Message { get; set; }
}

public enum SyncRunKind
{
    FirstSync,
    CatchUp,
    Pull,
    Push,
    Sweep,
    Audit,
}

public enum SyncRunOutcome
{
    Running,
    Succeeded,
    Partly,
    Failed,

    /// <summary>The box was unticked, or the app was stopped.</summary>
    Stopped,
}

/// <summary>What one audit of one connection found (S8).</summary>
public sealed class Audit
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid PersonId { get; init; }

    public Guid ConnectionId { get; init; }

    public AuditReason Reason { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset EndedAt { get; init; }

    /// <summary>Linked tasks that were looked at on both sides.</summary>
    public int Compared { get; init; }

    /// <summary>Tasks that were not the same on both sides, and of which nothing was known to be under way.</summary>
    public int Different { get; init; }

    /// <summary>Different tasks that are in step now, or will be when what is waiting now has been sent.</summary>
    public int Healed { get; init; }

    /// <summary>Live Salesforce tasks too many that bear one key, and open links too many of one Salesforce task. Nothing is deleted by itself.</summary>
    public int Duplicates { get; init; }

    /// <summary>The Salesforce ids of the duplicates, as far as they fit; null mostly.</summary>
    public string? DuplicateIds { get; init; }

    public int ApiCalls { get; init; }
}

public enum AuditReason
{
    Nightly,

    /// <summary>An admin pressed "Audit now", or somebody retried a row that was set aside.</summary>
    Asked,

    /// <summary>Salesforce shows writes of ours that this database does not know: it was restored from a backup. Nothing is sent before the audit.</summary>
    RestoredBackup,

    /// <summary>One that was asked for has begun: pressed again, "Audit now" asks for one more. Found at a start, it is done again.</summary>
    AskedBegun,
}

/// <summary>A line of a task's history: who, when, which side, before → after.</summary>
public sealed class HistoryEntry
{
    public Guid Id { get; init; } = NewId.Next();

    public Guid TaskId { get; init; }

    public Guid PersonId { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Orders the lines of one instant as they were written.</summary>
    public long Order
    {
        get => field == 0 ? NewId.PositionOf(Id) : field;
        init;
    }

    public TaskSide Side { get; init; }

    public HistoryKind Kind { get; init; }

    /// <summary>A person's name, or null for the sync itself.</summary>
    public string? Actor { get; init; }

    /// <summary>JSON list of <see cref="FieldChange"/>; null when no field changed.</summary>
    public string? ChangesJson { get; init; }

    /// <summary>What else there is to say, in plain words.</summary>
    public string? Note { get; init; }

    public IReadOnlyList<FieldChange> Changes
    {
        get => ChangesJson is null ? [] : System.Text.Json.JsonSerializer.Deserialize<List<FieldChange>>(ChangesJson)!;
        init => ChangesJson = value.Count == 0 ? null : System.Text.Json.JsonSerializer.Serialize(value);
    }
}

/// <summary>Before and after of one field, in the canonical text of <see cref="TaskValues"/>; null means empty.</summary>
public sealed record FieldChange(TaskField Field, string? Before, string? After);

public enum TaskSide
{
    TaskSync,
    Salesforce,
}

public enum HistoryKind
{
    Created,
    CameIn,
    Edited,
    Completed,
    Reopened,
    Deleted,
    Restored,
    Sent,
    Reassigned,

    /// <summary>One field was changed on both sides; the losing value is the change's before.</summary>
    Conflict,

    /// <summary>The task stays, but no longer has a counterpart in Salesforce.</summary>
    Lost,
}

/// <summary>Something that needs a person: it has a cause, an owner and a way out.</summary>
public sealed class Problem
{
    public Guid Id { get; init; } = NewId.Next();

    public Guid PersonId { get; init; }

    public Guid ConnectionId { get; init; }

    public Guid? TaskId { get; init; }

    /// <summary>The Salesforce task of a <see cref="ProblemCodes.RowSetAside"/>, which may have no task here, 18 characters; null for every other problem.</summary>
    public string? SalesforceId { get; init; }

    /// <summary>Salesforce's error code, or one of our own in the same spelling.</summary>
    public required string Code { get; set; }

    /// <summary>The exact message of Salesforce.</summary>
    public required string Message { get; set; }

    public ProblemState State { get; set; }

    public DateTimeOffset FirstSeenAt { get; init; }

    public DateTimeOffset LastSeenAt { get; set; }

    public int Times { get; set; } = 1;
}

public enum ProblemState
{
    Open,
    Ignored,
    Resolved,
}

/// <summary>One field that was changed on both sides: both values are kept, and the other one can be taken (S3).</summary>
public sealed class Conflict
{
    public Guid Id { get; init; } = NewId.Next();

    public Guid PersonId { get; init; }

    public Guid TaskId { get; init; }

    public TaskField Field { get; init; }

    public string? OurValue { get; init; }

    public string? TheirValue { get; init; }

    public TaskSide Winner { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>When a person looked at it and decided, null while open.</summary>
    public DateTimeOffset? SettledAt { get; set; }
}

/// <summary>Whose work on a shard counts: raised when an instance takes the shard over, part of every commit's condition.</summary>
public sealed class ShardFence
{
    public int Shard { get; init; }

    public long Value { get; set; }

    /// <summary>Counts commits, so that checking the fence also takes its row lock.</summary>
    public long Commits { get; set; }

    /// <summary>Which instance raised it and serves the shard; null when it gave the shard up.</summary>
    public string? Holder { get; set; }
}

/// <summary>API calls of one connection on one day (UTC), by purpose.</summary>
public sealed class ApiUsage
{
    public Guid ConnectionId { get; init; }

    public DateOnly Day { get; init; }

    public ApiPurpose Purpose { get; init; }

    public int Calls { get; set; }
}

public enum ApiPurpose
{
    Connect,
    Poll,
    Import,
    Sweep,
    Read,
    Write,
    Search,
    Audit,
    Preview,
}

/// <summary>What Salesforce last said about an org's daily allowance (Sforce-Limit-Info).</summary>
public sealed class OrgAllowance
{
    public required string OrganizationId { get; init; }

    public int Used { get; set; }

    public int Limit { get; set; }

    public DateTimeOffset SeenAt { get; set; }
}

/// <summary>The one row that says whether all sync is paused, by whom and why.</summary>
public sealed class SyncControl
{
    public const int TheOnly = 1;

    public int Id { get; init; } = TheOnly;

    public DateTimeOffset? PausedAt { get; set; }

    public string? PausedBy { get; set; }

    public string? Reason { get; set; }
}
