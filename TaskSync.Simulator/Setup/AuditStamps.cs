namespace TaskSync.Simulator.Setup;

/// <summary>
/// Audit stamps to give a record instead of the present, in UTC; null means the present. Only the simulator's own control can choose
/// them: over the API they are read-only.
/// </summary>
public sealed record AuditStamps(DateTimeOffset? CreatedDate = null, DateTimeOffset? LastModifiedDate = null, DateTimeOffset? SystemModstamp = null);
