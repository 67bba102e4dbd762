using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>
/// Sorts out the rows that tell nothing new, above all our own writes coming back in the overlap (S6): they equal the base, what follows from other data included, and cost one read, no write.
/// Leaves in whatever is not certainly old.
/// </summary>
internal static class News
{
    public static async Task<Reading> OnlyAsync(IDbContextFactory<TaskSyncDb> databases, SyncContext context, Reading reading, CancellationToken cancellationToken)
    {
        // The rows of an import are news, as a rule: to look first would be one more look.
        if (reading.Rows.Count == 0 || reading.Kind is ReadKind.Audit or ReadKind.Import)
        {
            return reading;
        }

        var organization = context.Connection.OrganizationId;
        var ids = reading.Rows.Select(r => r.Id).ToList();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var links = (await db.Links.AsNoTracking()
                .Where(l => l.OrganizationId == organization && ids.Contains(l.SalesforceId!))
                .Select(l => new Known(
                    l.SalesforceId!, l.ConnectionId, l.State, l.AgreedGone, l.BaseJson, l.AttemptsJson != null || db.PendingWrites.Any(p => p.TaskId == l.TaskId),
                    new Derived(l.Task!.Status, l.Task.IsCompleted, l.Task.WhoId, l.Task.WhoName, l.Task.WhatId, l.Task.WhatName)))
                .ToListAsync(cancellationToken))
            .ToLookup(l => l.SalesforceId);
        return reading with { Rows = [.. reading.Rows.Where(row => IsNews(context, reading, row, [.. links[row.Id]]))] };
    }

    private static bool IsNews(SyncContext context, Reading reading, RemoteTask row, IReadOnlyList<Known> links)
    {
        if (links.Count == 0)
        {
            // Not linked: it may be ours to adopt by key, or one that may enter.
            return row.Key is not null || reading.MayEnter(row);
        }

        if (links.Count > 1 || links[0] is not { State: LinkState.Open, IsWaiting: false } link || link.ConnectionId != context.ConnectionId)
        {
            return true;
        }

        if (row.IsDeleted || link.AgreedGone)
        {
            return row.IsDeleted != link.AgreedGone;
        }

        var agreed = TaskValues.FromJson(link.BaseJson);
        var shown = row.Values.Only(reading.Schema.Readable);
        return row.OwnerId != reading.UserId || (shown.Known & ~agreed.Known) != TaskFields.None || shown.DifferencesFrom(agreed) != TaskFields.None
            || link.Derived.DiffersFrom(row, reading.Schema.Readable);
    }

    private sealed record Known(string SalesforceId, Guid ConnectionId, LinkState State, bool AgreedGone, string? BaseJson, bool IsWaiting, Derived Derived);
}
