using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Status;

/// <summary>What the audits found.</summary>
public sealed partial class SyncStatusQuery
{
    private const int MostFindings = 50;
    private static readonly TimeSpan FindingsTime = TimeSpan.FromDays(30);

    /// <summary>The last audit of everybody whose sync is on, and those that found something.</summary>
    public async Task<AuditOverview> AuditsAsync(Actor admin, CancellationToken cancellationToken)
    {
        admin.DemandAdmin();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var syncing = db.People.Where(p => p.SyncEnabled && p.ConnectionId != null).Select(p => p.ConnectionId!.Value);
        var last = await db.Audits.AsNoTracking()
            .Where(a => syncing.Contains(a.ConnectionId) && !db.Audits.Any(later => later.ConnectionId == a.ConnectionId && later.StartedAt > a.StartedAt))
            .ToListAsync(cancellationToken);
        var oldest = clock.GetUtcNow() - FindingsTime;
        var findings = await db.Audits.AsNoTracking().Where(a => a.StartedAt > oldest && (a.Different > 0 || a.Duplicates > 0))
            .OrderByDescending(a => a.StartedAt).Take(MostFindings)
            .Select(a => new AuditRow(
                a.Id, db.People.Where(p => p.Id == a.PersonId).Select(p => p.Name).FirstOrDefault() ?? "", a.Reason, a.EndedAt, a.Compared, a.Different, a.Healed, a.Duplicates, a.DuplicateIds, a.ApiCalls))
            .ToListAsync(cancellationToken);
        return new AuditOverview(
            last.Count, last.Count == 0 ? null : last.Min(a => a.EndedAt), last.Sum(a => a.Compared), last.Sum(a => a.Different), last.Sum(a => a.Healed), last.Sum(a => a.Duplicates), last.Sum(a => a.ApiCalls),
            await db.Cursors.CountAsync(c => c.AuditAsked != null && syncing.Contains(c.ConnectionId), cancellationToken), findings);
    }
}
