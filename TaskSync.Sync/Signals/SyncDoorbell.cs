namespace TaskSync.Sync.Signals;

/// <summary>Rings the engine for one connection. Never blocks and never throws: what was missed while nobody rang is in the database, not in the bell.</summary>
public sealed class SyncDoorbell
{
    /// <summary>Raised on the ringing thread; listeners only note the ring. The flag asks for a read of Salesforce's changes as well.</summary>
    public event Action<Guid, bool>? Rung;

    /// <summary>There may be work for this connection now.</summary>
    /// <param name="connectionId">Whose.</param>
    /// <param name="readChanges">Also read what changed in Salesforce, without waiting for the polling interval ("Sync now").</param>
    public void Ring(Guid connectionId, bool readChanges = false) => Rung?.Invoke(connectionId, readChanges);
}
