namespace TaskSync.Sync.Model;

/// <summary>A rep's OAuth grant, or an org reader's: (organization id, Salesforce user id). Kept when parked or disconnected, since links, cursors and tombstones belong to it.</summary>
public sealed class Connection
{
    public Guid Id { get; init; } = NewId.Next();

    /// <summary>The rep; for a reader the admin who set it up last.</summary>
    public Guid PersonId { get; set; }

    /// <summary>Whether it is a rep's own, or reads for the whole org.</summary>
    public ConnectionKind Kind { get; init; }

    /// <summary>18 characters.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>Salesforce user id, 18 characters.</summary>
    public required string UserId { get; init; }

    public required string Username { get; set; }

    public required string DisplayName { get; set; }

    public required string OrganizationName { get; set; }

    public bool IsSandbox { get; set; }

    /// <summary>Where REST calls go; may change at any refresh.</summary>
    public required string InstanceUrl { get; set; }

    /// <summary>Encrypted by Data Protection; null when revoked.</summary>
    public string? AccessToken { get; set; }

    /// <summary>Encrypted by Data Protection; null when revoked.</summary>
    public string? RefreshToken { get; set; }

    public ConnectionState State { get; set; }

    /// <summary>Plain words for the rep when <see cref="State"/> is not <see cref="ConnectionState.Active"/>.</summary>
    public string? StateReason { get; set; }

    /// <summary>The Salesforce user's IANA zone, null when unknown.</summary>
    public string? UserTimeZone { get; set; }

    public DateTimeOffset ConnectedAt { get; set; }

    /// <summary>What the org allows this user, as JSON; null until first read.</summary>
    public string? SchemaJson { get; set; }

    public DateTimeOffset? SchemaReadAt { get; set; }

    /// <summary>An unlinked Salesforce task last modified before this instant never enters (F3). Null until the first Save.</summary>
    public DateTimeOffset? EntryFloor { get; set; }

    /// <summary>When everything was last seen to be in step (UTC); written at most once a minute.</summary>
    public DateTimeOffset? LastSuccessAt { get; set; }

    /// <summary>When calls may start again after Salesforce asked us to back off (UTC).</summary>
    public DateTimeOffset? BackOffUntil { get; set; }

    /// <summary>The message shown while backing off.</summary>
    public string? BackOffReason { get; set; }

    /// <summary>Since when Salesforce fails or refuses every call (UTC); null while it answers.</summary>
    public DateTimeOffset? FailingSince { get; set; }

    /// <summary>Which shard serves it.</summary>
    public int Shard { get; init; }

    /// <summary>Concurrency token.</summary>
    public long Version { get; set; }

    public OrgSchema Schema
    {
        get => OrgSchema.FromJson(SchemaJson);
        set => SchemaJson = value.ToJson();
    }
}

public enum ConnectionKind
{
    /// <summary>Reads and writes as its rep.</summary>
    Rep,

    /// <summary>Reads changes for every rep of the org, and writes nothing.</summary>
    Reader,
}

public enum ConnectionState
{
    Active,

    /// <summary>Salesforce no longer accepts the sign-in: changes wait until the rep reconnects.</summary>
    NeedsReconnect,

    /// <summary>The rep is connected as somebody else now (F9).</summary>
    Parked,

    /// <summary>The rep disconnected; the grant is revoked.</summary>
    Disconnected,
}
