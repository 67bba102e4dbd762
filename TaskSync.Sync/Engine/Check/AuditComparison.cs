using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Check;

/// <summary>What an audit has found so far.</summary>
internal sealed class AuditFindings
{
    public int Compared { get; set; }

    public int Different { get; set; }

    public int Healed { get; set; }

    public ApplyResult Applied { get; } = new();

    public static bool IsDifferent(RowVerdict verdict) =>
        verdict.Fate is RowFate.Reassigned or RowFate.ComesIn or RowFate.ShownAgain || verdict is { Fate: RowFate.Planned, Action: not SyncAction.InStep };

    public void Count(ApplyResult applied)
    {
        var different = applied.Verdicts.Count(IsDifferent);
        Different += different;
        Healed += different;
        Applied.Add(applied);
    }
}

/// <summary>Tasks that are there more than once.</summary>
/// <param name="SalesforceIds">The tasks in question.</param>
/// <param name="TooMany">Tasks, or links, beyond the one there should be.</param>
internal sealed record DuplicateTasks(IReadOnlyList<string> SalesforceIds, int TooMany);

/// <summary>Compares linked tasks with Salesforce, a page at a time, and looks for tasks that are there twice.</summary>
public sealed class AuditComparison(
    IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ObservationApplier applier, CompletenessSweep sweep, TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>Compares the next links in the order of their ids.</summary>
    /// <returns>The last id of this page, or null when there are no more.</returns>
    internal async Task<string?> PageAsync(SyncContext context, string? after, AuditFindings found, CancellationToken cancellationToken)
    {
        var links = await LinksAsync(context, after, cancellationToken);
        if (links.Count == 0)
        {
            return null;
        }

        var page = await api.ManyByIdAsync(context.Caller, ApiPurpose.Audit, [.. links.Select(l => l.SalesforceId)], options.Value.UseComposite, cancellationToken);
        var expected = links.Where(l => l.IsExpected).Select(l => l.SalesforceId).ToHashSet();
        var rows = page.Tasks.Where(row => !row.IsDeleted || expected.Contains(row.Id)).ToList();
        var shown = rows.Select(row => row.Id).ToHashSet();
        found.Compared += links.Count(l => !l.IsLost || shown.Contains(l.SalesforceId));
        await TellApartAsync(context, [.. expected.Except(shown)], found, cancellationToken);

        var different = await DifferentAsync(context, rows, cancellationToken);
        if (different.Count > 0)
        {
            found.Different += different.Count;
            found.Applied.Add(await applier.ApplyAsync(context, context.Reading(ReadKind.Audit, different), null, cancellationToken));
            found.Healed += different.Count - (await DifferentAsync(context, different, cancellationToken)).Count;
        }

        // What follows from other data is taken too; it is no difference.
        found.Applied.Add(await applier.ApplyAsync(context, context.Reading(ReadKind.Present, rows), null, cancellationToken));
        return links.Count == SalesforceLimits.RowsPerPage ? links[^1].SalesforceId : null;
    }

    /// <summary>Those in use, and those that the rep had lost sight of.</summary>
    private async Task<List<LinkedId>> LinksAsync(SyncContext context, string? after, CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - SalesforceLimits.RecycleBin;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
#pragma warning disable CA1309 // Translated to SQL: the database compares, ordinally.
        return await db.Links
            .Where(l => l.ConnectionId == context.ConnectionId && l.State != LinkState.Reassigned && l.SalesforceId != null
                && (!l.AgreedGone || l.GoneConfirmedAt > oldest) && (after == null || string.Compare(l.SalesforceId, after) > 0))
            .OrderBy(l => l.SalesforceId)
            .Select(l => new LinkedId(
                l.SalesforceId!,
                l.State == LinkState.Open && (!l.AgreedGone || (l.Task!.RemovedAt == null && !db.PendingWrites.Any(p => p.TaskId == l.TaskId))),
                l.State == LinkState.Lost))
            .Take(SalesforceLimits.RowsPerPage).ToListAsync(cancellationToken);
#pragma warning restore CA1309
    }

    /// <summary>What queryAll does not show may be a deletion by somebody else: getDeleted says so. What that does not know either is no longer shown to us (S7).</summary>
    private async Task TellApartAsync(SyncContext context, IReadOnlyCollection<string> absent, AuditFindings found, CancellationToken cancellationToken)
    {
        if (absent.Count == 0)
        {
            return;
        }

        var deleted = await sweep.ConfirmDeletionsAsync(context, cancellationToken);
        found.Count(deleted);
        var lost = 0;
        foreach (var chunk in absent.Except(deleted.Verdicts.Select(v => v.Row.Id)).Chunk(500))
        {
            lost += await applier.LoseAsync(context, chunk, LinkVerifier.LostNote, cancellationToken);
        }

        found.Different += lost;
        found.Healed += lost;
    }

    /// <summary>The rows that the planner would do something about, without those whose change is known to wait for sending.</summary>
    private async Task<List<RemoteTask>> DifferentAsync(SyncContext context, IReadOnlyList<RemoteTask> rows, CancellationToken cancellationToken)
    {
        var different = (await applier.DryRunAsync(context, context.Reading(ReadKind.Audit, rows), null, cancellationToken)).Verdicts.Where(AuditFindings.IsDifferent).ToList();
        if (different.Count == 0)
        {
            return [];
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var waiting = (await db.PendingWrites.Where(p => p.ConnectionId == context.ConnectionId).Select(p => p.TaskId).ToListAsync(cancellationToken)).ToHashSet();
        return [.. different.Where(v => v.TaskId is not { } id || !waiting.Contains(id)).Select(v => v.Row)];
    }

    /// <summary>Salesforce ids of live tasks that bear the same key, and of tasks that two open links claim.</summary>
    internal async Task<IReadOnlyList<DuplicateTasks>> DuplicatesAsync(SyncContext context, CancellationToken cancellationToken)
    {
        // A unique key field is Salesforce's own guarantee; CallObject can be copied by cloning a record.
        IReadOnlyList<RemoteTask> keyed = [];
        if (context.Schema.Key == KeyPlace.CallObject)
        {
            keyed = await api.KeyedTasksAsync(context.Caller, ApiPurpose.Audit, context.Connection.UserId, TaskKey.Start, cancellationToken);
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var claimed = await db.Links
            .Where(mine => mine.ConnectionId == context.ConnectionId && mine.State == LinkState.Open && mine.SalesforceId != null && db.Links.Any(other =>
                other.OrganizationId == mine.OrganizationId && other.SalesforceId == mine.SalesforceId && other.State == LinkState.Open && other.Id != mine.Id))
            .Select(mine => mine.SalesforceId!).ToListAsync(cancellationToken);
        return
        [
            .. keyed.Where(row => row is { IsDeleted: false, Key: { } key } && TaskKey.Is(key)).GroupBy(row => row.Key).Where(same => same.Count() > 1)
                .Select(same => new DuplicateTasks([.. same.Select(row => row.Id)], same.Count() - 1)),
            .. claimed.GroupBy(id => id).Select(same => new DuplicateTasks([same.Key], Math.Max(1, same.Count() - 1))),
        ];
    }

    /// <param name="SalesforceId">The task's id.</param>
    /// <param name="IsExpected">It should be there: its deletion is not agreed on, or it is in the list all the same and nothing waits to bring it back.</param>
    /// <param name="IsLost">Salesforce has not shown it lately: whether it does again only an audit finds out, for a permission leaves no trace in the row (S7).</param>
    private sealed record LinkedId(string SalesforceId, bool IsExpected, bool IsLost);
}
