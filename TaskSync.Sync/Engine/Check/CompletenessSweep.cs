using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Check;

/// <summary>
/// The slow, complete read: the replication API tells of late commits (it holds latestDateCovered back while a transaction runs), of reassignments and of
/// deletions that the rep's own query does not show (S7, S8). No feed tells that a row went out of the rep's sight, so it looks at links as well.
/// </summary>
public sealed class CompletenessSweep(
    IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ObservationApplier applier, LinkVerifier verifier, ChangePoller poller, TimeProvider time)
{
    /// <summary>In place of <see cref="SyncCursor.SweptAt"/> while the sweep that compares every link runs: another one can then be asked for meanwhile.</summary>
    private static readonly DateTimeOffset ComparingAll = DateTimeOffset.UnixEpoch;

    /// <summary>Reads both feeds from their cursors on, and looks at the next 2,000 links.</summary>
    internal async Task<ApplyResult> SweepAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        var cursor = await BeginAsync(context, cancellationToken);
        var end = context.ToSalesforce(time.GetUtcNow());
        var total = new ApplyResult();
        try
        {
            // Deletions first: one may have made room for a task with the same key, which is among the updated.
            var deletedUpTo = await DeletionsAsync(context, cursor.SweepDeleted, end, isCatchUp: false, total, cancellationToken);
            var updated = await api.UpdatedAsync(context.Caller, Start(cursor.SweepUpdated, end, SalesforceLimits.UpdatedHorizon), end, cancellationToken);
            total.Add(await verifier.ReadAsync(context, updated.Ids, cancellationToken));
            if (cursor.SweptAt == ComparingAll || cursor.SweepUpdated < end - SalesforceLimits.UpdatedHorizon || cursor.SweepDeleted < end - SalesforceLimits.DeletedHorizon)
            {
                // A field is shown again, or sync was paused for longer than Salesforce remembers: look at every link as well.
                total.Add(await verifier.VerifyAllAsync(context, cancellationToken));
            }
            else
            {
                pulse.VerifiedUpTo = await verifier.VerifyPageAsync(context, pulse.VerifiedUpTo, isCatchUp: false, total, null, cancellationToken);
            }

            await StoreAsync(context, cursor, updated.LatestDateCovered, deletedUpTo, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsLogTooShort)
        {
            // The log no longer reaches back far enough: look at every link instead, and at what changed since; what is not committed yet is for the next sweep.
            total.Add(await verifier.VerifyAllAsync(context, cancellationToken));
            total.Add(await poller.ReadSinceAsync(context, Start(cursor.SweepUpdated, end, SalesforceLimits.UpdatedHorizon) - SalesforceLimits.LongestTransaction, cancellationToken));
            await StoreAsync(context, cursor, end - SalesforceLimits.LongestTransaction, end - SalesforceLimits.LongestTransaction, cancellationToken);
        }

        return total;
    }

    /// <summary>Where to go on from. A request to compare every link is marked as begun.</summary>
    private async Task<SyncCursor> BeginAsync(SyncContext context, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var cursor = await db.Cursors.AsNoTracking().FirstAsync(c => c.ConnectionId == context.ConnectionId, cancellationToken);
        if (cursor.SweptAt == default)
        {
            cursor.SweptAt = ComparingAll;
            await db.Cursors.Where(c => c.ConnectionId == context.ConnectionId).ExecuteUpdateAsync(set => set.SetProperty(c => c.SweptAt, ComparingAll), cancellationToken);
        }

        return cursor;
    }

    /// <summary>Applies what getDeleted confirms, our links only.</summary>
    /// <returns>latestDateCovered: where to go on.</returns>
    internal async Task<DateTimeOffset> DeletionsAsync(
        SyncContext context, DateTimeOffset since, DateTimeOffset end, bool isCatchUp, ApplyResult total, CancellationToken cancellationToken)
    {
        var (rows, covered) = await DeletedRowsAsync(context, since, end, cancellationToken);
        foreach (var chunk in rows.Chunk(500))
        {
            total.Add(await applier.ApplyAsync(context, context.Reading(ReadKind.Present, chunk) with { IsCatchUp = isCatchUp }, null, cancellationToken));
        }

        return covered;
    }

    /// <summary>What getDeleted tells of our links, as rows that can be applied, and latestDateCovered.</summary>
    internal async Task<(IReadOnlyList<RemoteTask> Rows, DateTimeOffset Covered)> DeletedRowsAsync(
        SyncContext context, DateTimeOffset since, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var deleted = await api.DeletedAsync(context.Caller, Start(since, end, SalesforceLimits.DeletedHorizon), end, cancellationToken);
        var rows = new List<RemoteTask>();
        foreach (var chunk in deleted.Records.Chunk(500))
        {
            var ours = await OursAsync(context, [.. chunk.Select(r => r.Id)], cancellationToken);
            rows.AddRange(chunk.Where(r => ours.Contains(r.Id)).Select(r => Deleted(context, r)));
        }

        return (rows, deleted.LatestDateCovered);
    }

    /// <summary>Asks getDeleted about links that no read shows, as far back as Salesforce remembers, and applies what it confirms: absent is not deleted (S7).</summary>
    /// <returns>What it did; the ids it confirmed are among the verdicts. Nothing if its log does not reach back.</returns>
    internal async Task<ApplyResult> ConfirmDeletionsAsync(SyncContext context, CancellationToken cancellationToken)
    {
        var deleted = new ApplyResult();
        try
        {
            var end = context.ToSalesforce(time.GetUtcNow());
            await DeletionsAsync(context, end - SalesforceLimits.DeletedHorizon, end, isCatchUp: false, deleted, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsLogTooShort)
        {
            // queryAll has to do.
        }

        return deleted;
    }

    internal static DateTimeOffset Start(DateTimeOffset cursor, DateTimeOffset end, TimeSpan horizon)
    {
        var start = cursor < end - horizon ? end - horizon : cursor;
        return start > end - SalesforceLimits.ShortestWindow ? end - SalesforceLimits.ShortestWindow : start;
    }

    private async Task<HashSet<string>> OursAsync(SyncContext context, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var ours = await db.Links
            .Where(l => l.ConnectionId == context.ConnectionId && l.State != LinkState.Reassigned && !l.AgreedGone && ids.Contains(l.SalesforceId!))
            .Select(l => l.SalesforceId!).ToListAsync(cancellationToken);
        return [.. ours];
    }

    /// <summary>getDeleted tells id and date only; that is all a deletion needs.</summary>
    internal static RemoteTask Deleted(SyncContext context, DeletedRecord record) => new()
    {
        Id = record.Id,
        Values = TaskValues.Unknown,
        OwnerId = context.Connection.UserId,
        IsDeleted = true,
        CreatedDate = record.DeletedDate,
        CreatedById = context.Connection.UserId,
        LastModifiedDate = record.DeletedDate,
        SystemModstamp = record.DeletedDate,
    };

    private async Task StoreAsync(SyncContext context, SyncCursor before, DateTimeOffset updated, DateTimeOffset deleted, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();

        // A field that was shown again meanwhile has asked for a sweep that compares every link: that one is still to come.
        await databases.CommitAsync(
            context.Fence,
            db => db.Cursors.Where(c => c.ConnectionId == context.ConnectionId).ExecuteUpdateAsync(
                set => set.SetProperty(c => c.SweepUpdated, updated).SetProperty(c => c.SweepDeleted, deleted).SetProperty(c => c.SweptAt, c => c.SweptAt == before.SweptAt ? now : c.SweptAt),
                cancellationToken),
            cancellationToken);
    }
}
