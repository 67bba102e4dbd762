using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>What the database says about one connection when the agenda asks what comes next.</summary>
internal sealed record CycleFacts
{
    /// <summary>The first sync or catch-up that runs; null when none does.</summary>
    public InitialSync? Initial { get; init; }

    /// <summary>When changes were last swept for (our clock, UTC); default asks for a sweep that compares every link.</summary>
    public DateTimeOffset SweptAt { get; init; }

    /// <summary>When the connection was last audited (our clock, UTC).</summary>
    public DateTimeOffset AuditedAt { get; init; }

    /// <summary>An audit that somebody asked for; null mostly.</summary>
    public AuditReason? AuditAsked { get; init; }

    /// <summary>When the first write is due, or a request of unknown outcome has to be looked after (our clock, UTC); null when nothing waits.</summary>
    public DateTimeOffset? WriteDueAt { get; init; }

    /// <summary>Who reads for the connection.</summary>
    public ReaderStanding Standing { get; init; }

    /// <summary>Reads them, in one query.</summary>
    public static async Task<CycleFacts> ReadAsync(IDbContextFactory<TaskSyncDb> databases, ReaderRoster roster, SyncContext context, CancellationToken cancellationToken)
    {
        var (id, organization) = (context.ConnectionId, context.Connection.OrganizationId);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await (
            from connection in db.Connections.AsNoTracking().Where(c => c.Id == id)
            from initial in db.InitialSyncs.AsNoTracking().Where(i => i.ConnectionId == id && i.State == InitialSyncState.Running).DefaultIfEmpty()
            from cursor in db.Cursors.AsNoTracking().Where(c => c.ConnectionId == id).DefaultIfEmpty()
            from serving in db.Readers.Where(r => r.OrganizationId == organization && r.State == ReaderState.Serving).DefaultIfEmpty()
            from reader in db.Connections.Where(c => c.Id == serving!.ConnectionId).DefaultIfEmpty()
            select new
            {
                initial,
                cursor,
                Waiting = db.PendingWrites.Where(p => p.ConnectionId == id && p.ProblemId == null).Min(p => (DateTimeOffset?)p.DueAt),
                Unknown = db.Links.Where(l => l.ConnectionId == id && l.UnknownUntil != null && l.State == LinkState.Open && !db.PendingWrites.Any(p => p.TaskId == l.TaskId)).Min(l => l.UnknownUntil),
                reader!.SchemaJson,
                reader.LastSuccessAt,
            }).FirstAsync(cancellationToken);
        return new CycleFacts
        {
            Initial = found.initial,
            SweptAt = found.cursor?.SweptAt ?? default,
            AuditedAt = found.cursor?.AuditedAt ?? default,
            AuditAsked = found.cursor?.AuditAsked,
            WriteDueAt = found.Waiting is null || found.Unknown < found.Waiting ? found.Unknown : found.Waiting,
            Standing = found.cursor is null ? default
                : roster.Standing(context, found.cursor.FollowsReader, found.SchemaJson is { } json ? OrgSchema.FromJson(json) : null, found.LastSuccessAt),
        };
    }
}
