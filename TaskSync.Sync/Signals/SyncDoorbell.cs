namespace TaskSync.Sync.Signals;

/// <summary>Rings the engine for one connection. Never blocks and never throws: what was missed while nobody rang is in the database, not in the bell.</summary>
public sealed class SyncDoorbell
{
    /// <summary>Raised on the ringing thread; listeners only note the ring. The flag asks for a read of Salesforce's changes as well.</summary>
    public event Action<Guid, bool>? Rung;

    /// <summary>The same for rings of this instance alone: who tells the others listens here.</summary>
    internal event Action<Guid, bool>? RungHere;

    /// <summary>Rings of others may have been missed: every connection is looked at.</summary>
    internal event Action? Missed;

    /// <summary>There may be work for this connection now.</summary>
    /// <param name="connectionId">Whose.</param>
    /// <param name="readChanges">Also read what changed in Salesforce, without waiting for the polling interval ("Sync now").</param>
    public void Ring(Guid connectionId, bool readChanges = false)
    {
        Hear(connectionId, readChanges);
        RungHere?.Invoke(connectionId, readChanges);
    }

    /// <summary>Another instance rang.</summary>
    internal void Hear(Guid connectionId, bool readChanges) => Rung?.Invoke(connectionId, readChanges);

    /// <summary>Rings of other instances may have been missed.</summary>
    internal void HearAll() => Missed?.Invoke();
}
