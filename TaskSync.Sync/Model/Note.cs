namespace TaskSync.Sync.Model;

/// <summary>Something that one request leaves for another one a few minutes later, on whichever instance that arrives.</summary>
public sealed class Note
{
    /// <summary>It is gone after so long.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(11);

    /// <summary>Random, or a hash of what nobody may guess.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is, who alone may read it.</summary>
    public Guid PersonId { get; init; }

    /// <summary>Null when there is nothing to read: it says that something happened.</summary>
    public string? Words { get; init; }

    /// <summary>Salesforce's own words to them.</summary>
    public string? Exact { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset At { get; init; }
}
