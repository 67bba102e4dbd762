using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine;

/// <summary>What a connection has to look after itself, also while the org's reader reads for it.</summary>
internal static class OwnWork
{
    /// <summary>Connections with something of their own: a write that waits, a request of unknown outcome, a first sync or catch-up that runs, an audit that was asked for, trouble that is to end.</summary>
    public static IQueryable<Connection> Of(TaskSyncDb db) => db.Connections.Where(c =>
        c.BackOffUntil != null || c.FailingSince != null
        || db.PendingWrites.Any(p => p.ConnectionId == c.Id && p.ProblemId == null)
        || db.Links.Any(l => l.ConnectionId == c.Id && l.UnknownUntil != null && l.State == LinkState.Open)
        || db.InitialSyncs.Any(i => i.ConnectionId == c.Id && i.State == InitialSyncState.Running)
        || db.Cursors.Any(x => x.ConnectionId == c.Id && x.AuditAsked != null));
}
