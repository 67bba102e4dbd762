namespace TaskSync.Sync.Model;

/// <summary>
/// The connection that reads changes for every rep of an org, and how far it has read. Its tokens are a <see cref="Connection"/> of
/// <see cref="ConnectionKind.Reader"/>; the cursor belongs to the org and never moves by what a rep's token read.
/// </summary>
public sealed class OrgReader
{
    /// <summary>The connection it reads with, and the key.</summary>
    public Guid ConnectionId { get; init; }

    /// <summary>18 characters; one reader per org.</summary>
    public required string OrganizationId { get; init; }

    public ReaderSignIn SignIn { get; set; }

    /// <summary>The private key (PEM) of a certificate sign-in, encrypted by Data Protection; null when the configuration holds it, or none is needed.</summary>
    public string? SealedKey { get; set; }

    public ReaderState State { get; set; }

    /// <summary>Plain words for the admin when it does not serve.</summary>
    public string? StateReason { get; set; }

    /// <summary>Since when it is in this state (UTC).</summary>
    public DateTimeOffset StateSince { get; set; }

    /// <summary>High-water mark of the fast poll; no follower has been read less far.</summary>
    public DateTimeOffset Fast { get; set; }

    /// <summary>latestDateCovered of getUpdated.</summary>
    public DateTimeOffset SweepUpdated { get; set; }

    /// <summary>latestDateCovered of getDeleted.</summary>
    public DateTimeOffset SweepDeleted { get; set; }

    /// <summary>When the last sweep ended, our clock (UTC).</summary>
    public DateTimeOffset SweptAt { get; set; }

    /// <summary>Raised whenever somebody joins: what was read before that may have passed the newcomer by, so the cursor does not move on it.</summary>
    public long Roster { get; set; }

    /// <summary>What the last examination found, as JSON; null before the first.</summary>
    public string? ChecksJson { get; set; }

    /// <summary>When it was last examined (UTC); null asks for an examination now.</summary>
    public DateTimeOffset? CheckedAt { get; set; }

    public Connection? Connection { get; init; }
}

/// <summary>How the reader gets its tokens.</summary>
public enum ReaderSignIn
{
    /// <summary>An admin signed in as the integration user: web-server flow, refresh token.</summary>
    Browser,

    /// <summary>JWT bearer flow with a certificate.</summary>
    Certificate,
}

public enum ReaderState
{
    /// <summary>It does not read: set up just now, or found blind or refused. It is examined now and then, and serves again when all is well.</summary>
    Standby,

    /// <summary>It reads for every rep who follows it.</summary>
    Serving,
}
