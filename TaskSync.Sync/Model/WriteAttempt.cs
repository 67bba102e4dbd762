namespace TaskSync.Sync.Model;

/// <summary>One request that was, or may have been, sent. Stored before it is sent.</summary>
/// <param name="Kind">What was asked for.</param>
/// <param name="Values">The values sent: all of them for a create, the changed ones for an update, none for a delete or an undelete.</param>
/// <param name="Revision">The task's revision that was sent.</param>
/// <param name="SentAt">By our clock, UTC.</param>
/// <param name="Deadline">A sender past it does not send; a successor waits for it (UTC).</param>
/// <param name="Key">Where a create wrote its key: only there can it be looked up.</param>
public sealed record WriteAttempt(WriteKind Kind, TaskValues Values, long Revision, DateTimeOffset SentAt, DateTimeOffset Deadline, KeyPlace Key = KeyPlace.None)
{
    /// <summary>A create that cannot have made the row we know, but lands as another one should that row be purged, which frees its unique key.</summary>
    public bool IsSurpassed { get; init; }

    /// <summary>A create whose task cannot be looked up: the organization has, or had, no place for its key.</summary>
    public bool IsBlind(KeyPlace place) => Kind == WriteKind.Create && (Key == KeyPlace.None || Key != place);
}

public enum WriteKind
{
    Create,
    Update,
    Delete,

    /// <summary>Taken out of the recycle bin.</summary>
    Undelete,
}
