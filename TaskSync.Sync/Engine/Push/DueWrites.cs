using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Push;

/// <summary>Step one of a push: what is due, the oldest first.</summary>
public sealed class DueWrites(IDbContextFactory<TaskSyncDb> databases, TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>As much as one call takes, and which rows come after that.</summary>
    internal async Task<DueTasks> DueAsync(PushTurn turn, CancellationToken cancellationToken)
    {
        var (now, connectionId) = (time.GetUtcNow(), turn.Context.ConnectionId);
        var size = PushSender.RoundSize(options.Value.UseComposite, turn.Pulse);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var all = db.PendingWrites.AsNoTracking()
            .Where(p => p.ConnectionId == connectionId && p.ProblemId == null && p.DueAt <= now)
            .OrderBy(p => p.DueAt).ThenBy(p => p.TaskId);
        var due = (await all.Include(p => p.Link!.Task).Take(size).ToListAsync(cancellationToken)).ConvertAll(p => new DueTask(p.Link!, p));
        if (due.Count < size)
        {
            var unknown = await Unknown(db, connectionId, now).Include(l => l.Task).OrderBy(l => l.UnknownUntil).Take(size - due.Count).ToListAsync(cancellationToken);
            return new DueTasks([.. due, .. unknown.Select(l => new DueTask(l, null))], []);
        }

        var next = await all.Skip(size).Take(PushReader.LookAhead(options.Value.UseComposite, size)).Where(p => p.Link!.SalesforceId != null)
            .Select(p => new WantedRow(p.Link!.SalesforceId!, p.Link.AgreedGone)).ToListAsync(cancellationToken);
        return new DueTasks(due, next);
    }

    /// <summary>Links whose requests of unknown outcome can no longer land, and for which nothing else waits.</summary>
    internal static IQueryable<TaskLink> Unknown(TaskSyncDb db, Guid connectionId, DateTimeOffset until) => db.Links.AsNoTracking()
        .Where(l => l.ConnectionId == connectionId && l.UnknownUntil <= until && l.State == LinkState.Open && !db.PendingWrites.Any(p => p.TaskId == l.TaskId));
}
