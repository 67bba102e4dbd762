namespace TaskSync.Sync.Model;

/// <summary>What one instance tells the others.</summary>
public enum SignalKind
{
    /// <summary>A person's data changed: open pages look again.</summary>
    Changed,

    /// <summary>There may be work for a connection.</summary>
    Ring,

    /// <summary>The same, and what changed in Salesforce is to be read.</summary>
    RingAndRead,

    /// <summary>A person has a page open. Said again every minute.</summary>
    Here,

    /// <summary>The person's last page on that instance is closed.</summary>
    Left,
}

/// <summary>
/// One row of what instances tell each other. It says that something happened, never what: that is in the other tables. Whoever misses it finds out later, so
/// that it can be written after the change and thrown away after a minute (docs/adr/0013-several-instances.md).
/// </summary>
public sealed class Signal
{
    public Guid Id { get; init; }

    /// <summary>When it was written (UTC, the writer's clock): who reads looks back by this.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Who says it.</summary>
    public required string InstanceId { get; init; }

    public SignalKind Kind { get; init; }

    /// <summary>A person for <see cref="SignalKind.Changed"/>, <see cref="SignalKind.Here"/> and <see cref="SignalKind.Left"/>, else a connection.</summary>
    public Guid Subject { get; init; }
}
