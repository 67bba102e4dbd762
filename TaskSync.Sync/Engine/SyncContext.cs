using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Sync.Engine;

/// <summary>What one cycle of one connection works with, read at its start. The entities are detached: facts, not to be saved.</summary>
/// <param name="Offset">Salesforce's clock minus ours; null while unknown.</param>
public sealed record SyncContext(Person Person, Connection Connection, OrgSchema Schema, Fence Fence, TimeSpan? Offset)
{
    public Guid ConnectionId => Connection.Id;

    /// <summary>The rep's policy for fields, with what the clocks allow to be said.</summary>
    public ConflictPolicy Policy(bool deletionBeatsEdit) => new(Person.ConflictPolicy, Offset, deletionBeatsEdit);

    /// <summary>Our instant in Salesforce's time; the same when the offset is unknown.</summary>
    public DateTimeOffset ToSalesforce(DateTimeOffset ours) => ours + (Offset ?? TimeSpan.Zero);
}
