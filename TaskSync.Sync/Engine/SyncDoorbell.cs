namespace TaskSync.Sync.Engine;

/// <summary>Rings the engine for one connection. Never blocks and never throws: what was missed while nobody rang is in the database, not in the bell.</summary>
public sealed class SyncDoorbell
{
    /// <summary>Raised on the ringing thread; listeners only note the ring.</summary>
    public event Action<Guid>? Rung;

    /// <summary>There may be work for this connection now.</summary>
    public void Ring(Guid connectionId) => Rung?.Invoke(connectionId);
}
