using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.SwitchOn.Preview;

/// <summary>Reads for the preview what the run would read, with the run's own queries.</summary>
public sealed class PreviewReader(IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, CompletenessSweep sweep, TimeProvider time)
{
    private static readonly ImportStage[] InOrder = [ImportStage.FromToday, ImportStage.Overdue, ImportStage.NoDate];

    /// <summary>How many tasks are in the window, and at least the first 2,000 of them by due date.</summary>
    internal async Task<(int Found, IReadOnlyList<RemoteTask> Rows)> WindowAsync(SyncContext context, InitialSync initial, CancellationToken cancellationToken)
    {
        var everything = TaskQuery.ImportWindow(context.Connection.UserId, initial);
        var found = await api.CountTasksAsync(context.Caller, ApiPurpose.Preview, everything, cancellationToken);
        var rows = new List<RemoteTask>();
        if (found <= Preview.MostRows)
        {
            await AddPagesAsync(context, everything, int.MaxValue, rows, cancellationToken);
            return (rows.Count, rows);
        }

        foreach (var stage in InOrder.TakeWhile(_ => rows.Count < Preview.MostRows))
        {
            initial.Import = stage;
            await AddPagesAsync(context, TaskQuery.ImportPage(context.Connection.UserId, initial), Preview.MostRows, rows, cancellationToken);
        }

        return (Math.Max(found, rows.Count), rows);
    }

    /// <summary>What changed since the cursor, deleted rows included.</summary>
    internal async Task<IReadOnlyList<RemoteTask>> ChangesAsync(SyncContext context, CancellationToken cancellationToken)
    {
        var cursor = await CursorAsync(context, cancellationToken);
        var rows = new List<RemoteTask>();
        await AddPagesAsync(context, CatchUp.ChangedSince(context, cursor), int.MaxValue, rows, cancellationToken);
        return rows;
    }

    /// <summary>The present state of linked tasks, and how many of them Salesforce no longer knows.</summary>
    /// <param name="context">Whose.</param>
    /// <param name="onlyWaiting">Only those that have something to be sent: what a push looks at.</param>
    /// <param name="cancellationToken">Stops between calls.</param>
    internal async Task<(IReadOnlyList<RemoteTask> Rows, IReadOnlySet<string> Lost)> LinkedAsync(SyncContext context, bool onlyWaiting, CancellationToken cancellationToken)
    {
        List<string> ids;
        bool hasLost;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            hasLost = !onlyWaiting && await db.Links.AnyAsync(l => l.ConnectionId == context.ConnectionId && l.State == LinkState.Lost && !l.AgreedGone, cancellationToken);
            ids = await db.Links
                .Where(l => l.ConnectionId == context.ConnectionId && l.State == LinkState.Open && l.SalesforceId != null
                    && (onlyWaiting ? db.PendingWrites.Any(p => p.TaskId == l.TaskId) : !l.AgreedGone || db.PendingWrites.Any(p => p.TaskId == l.TaskId)))
                .Select(l => l.SalesforceId!).ToListAsync(cancellationToken);
        }

        var rows = new List<RemoteTask>();
        var absent = new List<string>();
        foreach (var chunk in ids.Chunk(SalesforceLimits.RowsPerPage))
        {
            var answer = await api.RetrieveAsync(context.Caller, ApiPurpose.Preview, chunk, cancellationToken);
            rows.AddRange(answer.Values.OfType<RemoteTask>());
            absent.AddRange(chunk.Where(id => answer.GetValueOrDefault(id) is null));
        }

        if (absent.Count > 0 || hasLost)
        {
            // In the order of the run: what getDeleted confirms, then queryAll; what neither knows is lost.
            var deleted = onlyWaiting ? [] : await DeletionsAsync(context, cancellationToken);
            var shown = rows.Select(row => row.Id).ToHashSet();
            rows.AddRange(deleted.Where(row => !shown.Contains(row.Id)));
            var unknown = absent.Except(rows.Select(row => row.Id)).ToList();
            rows.AddRange(unknown.Count == 0 ? [] : await api.TasksByIdAsync(context.Caller, ApiPurpose.Preview, unknown, cancellationToken));
        }

        return (rows, absent.Except(rows.Select(row => row.Id)).ToHashSet());
    }

    private async Task<IReadOnlyList<RemoteTask>> DeletionsAsync(SyncContext context, CancellationToken cancellationToken)
    {
        var cursor = await CursorAsync(context, cancellationToken);
        try
        {
            return (await sweep.DeletedRowsAsync(context, cursor.SweepDeleted, context.ToSalesforce(time.GetUtcNow()), cancellationToken)).Rows;
        }
        catch (SalesforceCallException e) when (e.Failure.IsLogTooShort)
        {
            return [];
        }
    }

    private async Task AddPagesAsync(SyncContext context, TaskQuery query, int enough, List<RemoteTask> rows, CancellationToken cancellationToken)
    {
        var page = await api.QueryTasksAsync(context.Caller, ApiPurpose.Preview, query, cancellationToken);
        rows.AddRange(page.Tasks);
        while (page.NextPage is { } next && rows.Count < enough)
        {
            page = await api.NextTasksAsync(context.Caller, ApiPurpose.Preview, next, cancellationToken);
            rows.AddRange(page.Tasks);
        }
    }

    private async Task<SyncCursor> CursorAsync(SyncContext context, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Cursors.AsNoTracking().FirstAsync(c => c.ConnectionId == context.ConnectionId, cancellationToken);
    }
}
