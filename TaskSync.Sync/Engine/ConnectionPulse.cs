namespace TaskSync.Sync.Engine;

/// <summary>
/// What the engine knows of a connection beyond the database, all of it dispensable: after a restart it is worked out anew.
/// Keeping it in memory is what lets an idle poll write nothing.
/// </summary>
internal sealed class ConnectionPulse
{
    private Fence? _fence;

    /// <summary>Called at the start of a round. Somebody else had the shard meanwhile, or the database is another one: what is known counts no more.</summary>
    public void Hold(Fence fence)
    {
        if (_fence is { } held && held != fence)
        {
            (NextPollAt, FastReached, HeartbeatAt) = (default, default, default);
        }

        _fence = fence;
    }

    /// <summary>When to read changes next.</summary>
    public DateTimeOffset NextPollAt { get; set; }

    /// <summary>How far the fast poll has read, in Salesforce's time; ahead of the stored cursor while nothing happens.</summary>
    public DateTimeOffset FastReached { get; set; }

    /// <summary>When the heartbeat was last written.</summary>
    public DateTimeOffset HeartbeatAt { get; set; }

    /// <summary>Whole-call failures in a row.</summary>
    public int Failures { get; set; }
}
