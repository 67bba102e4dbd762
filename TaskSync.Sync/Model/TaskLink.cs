using System.Text.Json;

namespace TaskSync.Sync.Model;

/// <summary>The pair task ↔ Salesforce task with its base. Belongs to one connection (F9).</summary>
public sealed class TaskLink
{
    public Guid Id { get; init; } = NewId.Next();

    public Guid TaskId { get; init; }

    public Guid ConnectionId { get; init; }

    /// <summary>The org the Salesforce id belongs to, 18 characters: the same id means another row in another org.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>18 characters; null until the create is known to have been applied.</summary>
    public string? SalesforceId { get; set; }

    /// <summary>The idempotency key of the create, stored before the first attempt (S5). Set on links that came in as well, unused there.</summary>
    public required string Key { get; set; }

    public LinkState State { get; set; }

    /// <summary>The values both sides last agreed on, as JSON; null before the first agreement.</summary>
    public string? BaseJson { get; set; }

    /// <summary>True when what both sides last agreed on is that the task is deleted.</summary>
    public bool AgreedGone { get; set; }

    /// <summary>When Salesforce confirmed the deletion: retention counts from here, an unconfirmed tombstone is never purged (S4).</summary>
    public DateTimeOffset? GoneConfirmedAt { get; set; }

    /// <summary>The removal (its <see cref="TaskItem.RemovedAt"/>) that the rep was asked about and wants in Salesforce too (S10); null mostly.</summary>
    public DateTimeOffset? DeletionAllowed { get; set; }

    /// <summary>SystemModstamp of the newest observation that changed something here; older ones are dropped.</summary>
    public DateTimeOffset? ObservedModstamp { get; set; }

    /// <summary>When a write of ours was last confirmed (our clock, UTC): what a read showed that began before it may be older than the write.</summary>
    public DateTimeOffset? WrittenAt { get; set; }

    /// <summary>Requests of unknown outcome, the oldest first, as JSON; null mostly.</summary>
    public string? AttemptsJson { get; set; }

    /// <summary>Until this instant (our clock, UTC) one of <see cref="Attempts"/> may still land: then the task is looked at once more. Null when there are none.</summary>
    public DateTimeOffset? UnknownUntil { get; set; }

    /// <summary>How often Salesforce changed a field back after our push, for S6. JSON, null mostly.</summary>
    public string? PushMemoryJson { get; set; }

    /// <summary>Fields we stopped writing because Salesforce keeps changing them back (S6).</summary>
    public TaskFields BlockedFields { get; set; }

    /// <summary>Concurrency token.</summary>
    public long Version { get; set; }

    public TaskItem? Task { get; init; }

    public TaskValues Base
    {
        get => TaskValues.FromJson(BaseJson);
        set => BaseJson = value.ToJson();
    }

    /// <summary>Requests that may have landed, or may still land.</summary>
    public IReadOnlyList<WriteAttempt> Attempts
    {
        get => AttemptsJson is null ? [] : JsonSerializer.Deserialize<List<WriteAttempt>>(AttemptsJson)!;
        set => AttemptsJson = value.Count == 0 ? null : JsonSerializer.Serialize(value);
    }
}

public enum LinkState
{
    /// <summary>In use, whether or not its connection is the rep's current one.</summary>
    Open,

    /// <summary>Salesforce no longer knows the task or no longer shows it: the task stays, nothing is written.</summary>
    Lost,

    /// <summary>Somebody else owns the Salesforce task now (S7).</summary>
    Reassigned,
}
