using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Sync.Engine.Push;

/// <summary>Which deletions made here the delete brake holds back (S10).</summary>
internal static class HeldDeletions
{
    /// <summary>Those of one connection.</summary>
    public static async Task<IReadOnlySet<Guid>> OfAsync(TaskSyncDb db, Guid connectionId, CancellationToken cancellationToken)
    {
        var inSalesforce = db.Links.AsNoTracking().Where(l => l.ConnectionId == connectionId && l.State == LinkState.Open && l.SalesforceId != null && !l.AgreedGone);
        var waiting = await Made(inSalesforce).ToListAsync(cancellationToken);
        if (waiting.Count == 0)
        {
            return new HashSet<Guid>();
        }

        var since = waiting.Min(d => d.At) - DeleteBrake.Window;
        var gone = db.Links.AsNoTracking().Where(l => l.ConnectionId == connectionId && l.State == LinkState.Open && l.SalesforceId != null && l.AgreedGone && l.Task!.RemovedAt >= since);
        var sent = await Made(gone).ToListAsync(cancellationToken);
        return DeleteBrake.Hold(
            [.. waiting.Select(d => d.As(DeletionState.Waiting)), .. sent.Select(d => d.As(DeletionState.Sent))],
            await inSalesforce.CountAsync(cancellationToken));
    }

    /// <summary>The same for links that are all at hand.</summary>
    public static IReadOnlySet<Guid> Of(IEnumerable<TaskLink> links)
    {
        var ours = links.Where(l => l is { State: LinkState.Open, SalesforceId: not null }).ToList();
        return DeleteBrake.Hold(
            ours.Where(l => l.Task is { RemovedAt: not null, Removal: Removal.DeletedHere })
                .Select(l => new Removed(l.TaskId, l.Task!.RemovedAt!.Value, l.DeletionAllowed).As(l.AgreedGone ? DeletionState.Sent : DeletionState.Waiting)),
            ours.Count(l => !l.AgreedGone));
    }

    private static IQueryable<Removed> Made(IQueryable<TaskLink> links) => links
        .Where(l => l.Task!.RemovedAt != null && l.Task.Removal == Removal.DeletedHere)
        .Select(l => new Removed(l.TaskId, l.Task!.RemovedAt!.Value, l.DeletionAllowed));

    private sealed record Removed(Guid TaskId, DateTimeOffset At, DateTimeOffset? Allowed)
    {
        /// <summary>A task that was restored and deleted again is a new deletion.</summary>
        public Deletion As(DeletionState state) => new(TaskId, At, Allowed == At ? DeletionState.Allowed : state);
    }
}
