using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine;

/// <summary>What one cycle of one connection works with, read at its start. The entities are detached: facts, not to be saved.</summary>
public sealed record SyncContext(Person Person, Connection Connection, OrgSchema Schema, Fence Fence, ClockOffset Clocks)
{
    public Guid ConnectionId => Connection.Id;

    /// <summary>Salesforce's clock minus ours; null before the first answer of a process, which tells it.</summary>
    public TimeSpan? Offset => Clocks.OffsetOf(Connection.OrganizationId);

    /// <summary>The rep's policy for fields, with what the clocks allow to be said.</summary>
    public ConflictPolicy Policy(bool deletionBeatsEdit) => new(Person.ConflictPolicy, Offset, deletionBeatsEdit);

    /// <summary>Our instant in Salesforce's time; the same when the offset is unknown.</summary>
    public DateTimeOffset ToSalesforce(DateTimeOffset ours) => ours + (Offset ?? TimeSpan.Zero);
}
