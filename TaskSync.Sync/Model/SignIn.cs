namespace TaskSync.Sync.Model;

/// <summary>One sign-in of a person on one device: what a cookie stands for. It ends here, on the server, whatever becomes of the cookie.</summary>
public sealed class SignIn
{
    /// <summary>Random: it is in the cookie.</summary>
    public Guid Id { get; init; }

    public Guid PersonId { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was last used (UTC), to the minute.</summary>
    public DateTimeOffset LastSeenAt { get; set; }

    /// <summary>Null while it may be used; it may have expired all the same.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Why it ended; null as long as nobody ended it.</summary>
    public SignInEnd? End { get; set; }

    /// <summary>The identity provider said that the person is an admin.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>Browser and system in words, at most 100 characters; null when unknown.</summary>
    public string? Device { get; init; }
}

/// <summary>Why a sign-in ended.</summary>
public enum SignInEnd
{
    /// <summary>The person signed out.</summary>
    SignedOut,

    /// <summary>The person ended it from another device.</summary>
    SignedOutElsewhere,

    /// <summary>An admin ended it.</summary>
    EndedByAdmin,

    /// <summary>The person signed in again, and is no admin any more.</summary>
    LostRole,

    /// <summary>It was not used for so long.</summary>
    Idle,

    /// <summary>It was as old as a sign-in may become.</summary>
    Expired,

    /// <summary>There is no such person, or no such sign-in, any more.</summary>
    Removed,

    /// <summary>An admin removed the person.</summary>
    RemovedByAdmin,
}
