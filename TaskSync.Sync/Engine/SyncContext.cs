using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine;

/// <summary>What one cycle of one connection works with, read at its start. The entities are detached: facts, not to be saved.</summary>
public sealed record SyncContext(Person Person, Connection Connection, OrgSchema Schema, Fence Fence, ClockOffset Clocks, Caller Caller)
{
    public Guid ConnectionId => Connection.Id;

    /// <summary>When it was made (our clock, UTC): no call of this cycle is older.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>Salesforce's clock minus ours; null before the first answer of a process, which tells it.</summary>
    public TimeSpan? Offset => Clocks.OffsetOf(Connection.OrganizationId);

    /// <summary>What decides between two edits at this instant (our clock, UTC).</summary>
    public Judge Judge(DateTimeOffset now, TimeSpan landsWithin) => new(new Clocks(now, Offset, landsWithin), Person.ConflictPolicy);

    /// <summary>Rows that were read for this connection.</summary>
    /// <param name="kind">How they were read.</param>
    /// <param name="rows">What Salesforce showed.</param>
    /// <param name="schema">What the user could see then; null for what the cycle began with.</param>
    public Reading Reading(ReadKind kind, IReadOnlyList<RemoteTask> rows, OrgSchema? schema = null) =>
        new(kind, rows, Connection.UserId, schema ?? Schema) { EntryFloor = Connection.EntryFloor, NotBefore = OpenedAt };

    /// <summary>Our instant in Salesforce's time; the same when the offset is unknown.</summary>
    public DateTimeOffset ToSalesforce(DateTimeOffset ours) => ours + (Offset ?? TimeSpan.Zero);
}
