using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Data;

/// <summary>What a connection takes along when its org's reader no longer reads or speaks for it. Always inside the caller's transaction.</summary>
public static class Following
{
    /// <summary>These connections, or all of the org, read on their own from where the reader has got.</summary>
    public static async Task<int> LeaveAsync(TaskSyncDb db, string organizationId, IReadOnlyCollection<Guid>? connectionIds, CancellationToken cancellationToken)
    {
        var reader = await db.Readers.AsNoTracking().FirstOrDefaultAsync(r => r.OrganizationId == organizationId, cancellationToken);
        if (reader is null)
        {
            return 0;
        }

        var connections = db.Connections.Where(c => c.OrganizationId == organizationId);
        connections = connectionIds is null ? connections : connections.Where(c => connectionIds.Contains(c.Id));
        await KeepSuccessAsync(db, connections, cancellationToken);
        return await db.Cursors.Where(c => c.FollowsReader && connections.Any(x => x.Id == c.ConnectionId)).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.FollowsReader, false).SetProperty(c => c.Fast, reader.Fast).SetProperty(c => c.SweepUpdated, reader.SweepUpdated)
                .SetProperty(c => c.SweepDeleted, reader.SweepDeleted).SetProperty(c => c.SweptAt, reader.SweptAt), cancellationToken);
    }

    /// <summary>Followers are in step as of what their reader says. From here on their own word counts: it begins with the reader's last one, unless they have been in trouble of their own since.</summary>
    public static Task KeepSuccessAsync(TaskSyncDb db, IQueryable<Connection> connections, CancellationToken cancellationToken) =>
        connections
            .Where(c => c.BackOffUntil == null && c.FailingSince == null && db.Cursors.Any(x => x.ConnectionId == c.Id && x.FollowsReader)
                && db.Readers.Any(r => r.OrganizationId == c.OrganizationId && r.Connection!.LastSuccessAt != null && (c.LastSuccessAt == null || c.LastSuccessAt < r.Connection.LastSuccessAt)))
            .ExecuteUpdateAsync(
                set => set.SetProperty(c => c.LastSuccessAt, c => db.Readers.Where(r => r.OrganizationId == c.OrganizationId).Select(r => r.Connection!.LastSuccessAt).FirstOrDefault()), cancellationToken);
}
