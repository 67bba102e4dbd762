using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Check;

/// <summary>
/// Purges what nobody can need any more: tombstones 15 days after Salesforce confirmed the deletion (S4), with their history, and what was written down for admins after 90 days.
/// A deletion that Salesforce has not confirmed is never purged: it still has to travel.
/// </summary>
public sealed class Retention(IDbContextFactory<TaskSyncDb> databases, TimeProvider time)
{
    /// <summary>Runs, audits and API counts.</summary>
    public static readonly TimeSpan RecordTime = TimeSpan.FromDays(90);

    private const int ChunkSize = 200;

    /// <summary>Purges what is due. Returns how many tombstones went.</summary>
    public async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await PurgeRecordsAsync(now - RecordTime, cancellationToken);
        var purged = 0;
        while (true)
        {
            var count = await PurgeTombstonesAsync(now - SalesforceLimits.RecycleBin, cancellationToken);
            purged += count;
            if (count < ChunkSize)
            {
                return purged;
            }
        }
    }

    /// <summary>
    /// One chunk in one transaction: the database is free for others between them. The rows are locked and looked at again before anything goes: one that was
    /// restored meanwhile keeps its history.
    /// </summary>
    private Task<int> PurgeTombstonesAsync(DateTimeOffset before, CancellationToken cancellationToken) => databases.TransactAsync(
        async db =>
        {
            var due = await Purgeable(db, before).OrderBy(t => t.Id).Select(t => t.Id).Take(ChunkSize).ToListAsync(cancellationToken);
            if (due.Count > 0)
            {
                await db.Tasks.Where(t => due.Contains(t.Id)).ExecuteUpdateAsync(set => set.SetProperty(t => t.Revision, t => t.Revision), cancellationToken);
                var ids = await Purgeable(db, before).Where(t => due.Contains(t.Id)).Select(t => t.Id).ToListAsync(cancellationToken);
                await db.History.Where(h => ids.Contains(h.TaskId)).OrderBy(h => h.TaskId).DeleteInPartsAsync(cancellationToken);
                await db.Conflicts.Where(c => ids.Contains(c.TaskId)).ExecuteDeleteAsync(cancellationToken);
                await db.Problems.Where(p => ids.Contains(p.TaskId!.Value)).ExecuteDeleteAsync(cancellationToken);
                await db.Tasks.Where(t => ids.Contains(t.Id)).ExecuteDeleteAsync(cancellationToken);
            }

            return due.Count;
        },
        cancellationToken);

    /// <summary>Removed, nothing waiting to be sent, and long enough ago by the clock that counts: Salesforce's confirmation where there is a counterpart, else the removal itself.</summary>
    private static IQueryable<TaskItem> Purgeable(TaskSyncDb db, DateTimeOffset before) => db.Tasks.Where(t => t.RemovedAt < before
        && !db.PendingWrites.Any(p => p.TaskId == t.Id)
        && (t.Link == null || t.Link.State != LinkState.Open || (t.Link.AgreedGone && t.Link.GoneConfirmedAt < before)));

    private async Task PurgeRecordsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var day = DateOnly.FromDateTime(before.UtcDateTime);
        await db.Runs.Where(r => r.StartedAt < before).OrderBy(r => r.StartedAt).DeleteInPartsAsync(cancellationToken);
        await db.Audits.Where(a => a.StartedAt < before).OrderBy(a => a.StartedAt).DeleteInPartsAsync(cancellationToken);
        await db.ApiUsage.Where(u => u.Day < day).OrderBy(u => u.Day).DeleteInPartsAsync(cancellationToken);
    }
}
