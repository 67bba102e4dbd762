namespace TaskSync.Simulator.Org;

/// <summary>Empties what has lain in the recycle bin too long.</summary>
internal sealed class RecycleBin(OrgStore store)
{
    /// <summary>How long a deleted record can be brought back.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(15);

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private DateTimeOffset _lastSweep = DateTimeOffset.MinValue;

    /// <summary>Looks once an hour of the org's time; cheap to call for every request. The caller holds the gate.</summary>
    public void Sweep()
    {
        if (store.Now - _lastSweep < Interval)
            return;
        _lastSweep = store.Now;
        var expired = store.Now - Lifetime;
        foreach (var type in store.Schema.All)
            foreach (var row in store[type].Rows.Where(row => row.IsDeleted && row.SystemModstamp < expired).ToList())
                store.Purge(row);
    }
}
