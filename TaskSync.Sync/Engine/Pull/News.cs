using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>
/// Sorts out the rows that tell nothing new, above all our own writes coming back in the overlap (S6): they equal the base and cost one read, no write.
/// Leaves in whatever is not certainly old.
/// </summary>
internal static class News
{
    public static async Task<IReadOnlyList<RemoteTask>> OnlyAsync(
        IDbContextFactory<TaskSyncDb> databases, SyncContext context, IReadOnlyList<RemoteTask> rows, ApplyMode mode, CancellationToken cancellationToken)
    {
        if (rows.Count == 0 || mode == ApplyMode.Audit)
        {
            return rows;
        }

        var organization = context.Connection.OrganizationId;
        var ids = rows.Select(r => r.Id).ToList();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var links = (await db.Links.AsNoTracking()
                .Where(l => l.OrganizationId == organization && ids.Contains(l.SalesforceId!))
                .Select(l => new Known(l.SalesforceId!, l.ConnectionId, l.State, l.AgreedGone, l.BaseJson, db.PendingWrites.Any(p => p.TaskId == l.TaskId)))
                .ToListAsync(cancellationToken))
            .ToLookup(l => l.SalesforceId);
        return [.. rows.Where(row => IsNews(context, row, [.. links[row.Id]], mode))];
    }

    private static bool IsNews(SyncContext context, RemoteTask row, IReadOnlyList<Known> links, ApplyMode mode)
    {
        if (links.Count == 0)
        {
            // Not linked: it may be ours to adopt by key, or one that may enter.
            return row.Key is not null || ObservationBatch.MayEnter(context, row, mode);
        }

        if (links.Count > 1 || links[0] is not { State: LinkState.Open, IsWaiting: false } link || link.ConnectionId != context.ConnectionId)
        {
            return true;
        }

        if (row.IsDeleted || link.AgreedGone)
        {
            return row.IsDeleted != link.AgreedGone;
        }

        var @base = TaskValues.FromJson(link.BaseJson);
        var shown = row.Values.Only(context.Schema.Readable);
        return row.OwnerId != context.Connection.UserId || (shown.Known & ~@base.Known) != TaskFields.None || shown.DifferencesFrom(@base) != TaskFields.None;
    }

    private sealed record Known(string SalesforceId, Guid ConnectionId, LinkState State, bool AgreedGone, string? BaseJson, bool IsWaiting);
}
