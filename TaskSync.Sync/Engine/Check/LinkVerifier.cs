using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Check;

/// <summary>Asks Salesforce for tasks by id and tells apart what an absence means: deleted, archived, reassigned, or no longer known (S7).</summary>
public sealed class LinkVerifier(
    IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ObservationApplier applier, IOptions<SyncOptions> options)
{
    /// <summary>What the history says of a task that Salesforce neither shows nor knows.</summary>
    internal const string LostNote = "Salesforce no longer knows this task, or no longer shows it to you. It stays here only.";

    /// <summary>Reads rows by id, 2,000 a call, and applies them. Rows that the answer leaves out stay as they are.</summary>
    public async Task<ApplyResult> ReadAsync(SyncContext context, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var total = new ApplyResult();
        foreach (var chunk in ids.Chunk(SalesforceLimits.RowsPerPage))
        {
            var found = await api.RetrieveAsync(context.Caller, ApiPurpose.Sweep, chunk, cancellationToken);
            var rows = found.Values.OfType<RemoteTask>().ToList();
            total.Add(await applier.ApplyAsync(context, context.Reading(ReadKind.Present, rows), null, cancellationToken));
        }

        return total;
    }

    /// <summary>Looks at every link of the connection.</summary>
    public async Task<ApplyResult> VerifyAllAsync(SyncContext context, CancellationToken cancellationToken)
    {
        var total = new ApplyResult();
        string? after = null;
        do
        {
            after = await VerifyPageAsync(context, after, isCatchUp: false, total, null, cancellationToken);
        }
        while (after is not null);
        return total;
    }

    /// <summary>
    /// Looks at the next links in the order of their ids: the open ones, and but for a catch-up those that the rep has lost sight of. Neither way leaves a trace in the row (S7).
    /// </summary>
    /// <param name="context">The cycle.</param>
    /// <param name="after">The last Salesforce id of the page before; null to begin.</param>
    /// <param name="isCatchUp">A deletion there also beats an edit made here while sync was off (F6).</param>
    /// <param name="total">What was done is added here.</param>
    /// <param name="progress">Committed with the page: the last id, and how many were looked at.</param>
    /// <param name="cancellationToken">Stops between calls.</param>
    /// <returns>The last id of this page, or null when there are no more.</returns>
    internal async Task<string?> VerifyPageAsync(
        SyncContext context, string? after, bool isCatchUp, ApplyResult total, Func<TaskSyncDb, string?, int, CancellationToken, Task>? progress, CancellationToken cancellationToken)
    {
        var ids = await NextAsync(context, after, isCatchUp, cancellationToken);
        IReadOnlyList<RemoteTask> rows = [];
        if (ids.Count > 0)
        {
            // Absent is not deleted: deleted and archived rows are shown here; what is not shown at all is no longer known.
            rows = (await api.ManyByIdAsync(context.Caller, ApiPurpose.Sweep, ids, options.Value.UseComposite, cancellationToken)).Tasks;
        }

        List<string> lost = [.. ids.Except(rows.Select(row => row.Id))];
        var last = ids.Count == SalesforceLimits.RowsPerPage ? ids[^1] : null;
        await LoseAsync(context, lost, cancellationToken);
        total.Add(await applier.ApplyAsync(
            context, context.Reading(ReadKind.Present, rows) with { IsCatchUp = isCatchUp }, progress is null ? null : (db, ct) => progress(db, last, ids.Count, ct), cancellationToken));
        return last;
    }

    private async Task<List<string>> NextAsync(SyncContext context, string? after, bool isCatchUp, CancellationToken cancellationToken)
    {
        var lostToo = !isCatchUp;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
#pragma warning disable CA1309 // Translated to SQL: the database compares, ordinally.
        return await db.Links
            .Where(l => l.ConnectionId == context.ConnectionId && (l.State == LinkState.Open || (lostToo && l.State == LinkState.Lost)) && !l.AgreedGone && l.SalesforceId != null
                && (after == null || string.Compare(l.SalesforceId, after) > 0))
            .OrderBy(l => l.SalesforceId).Select(l => l.SalesforceId!).Take(SalesforceLimits.RowsPerPage).ToListAsync(cancellationToken);
#pragma warning restore CA1309
    }

    private async Task LoseAsync(SyncContext context, List<string> lost, CancellationToken cancellationToken)
    {
        foreach (var chunk in lost.Chunk(500))
        {
            await applier.LoseAsync(context, chunk, LostNote, cancellationToken);
        }
    }
}
