using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.SwitchOn;

/// <summary>What happened on both sides while sync was off (F6).</summary>
public sealed class CatchUp(SalesforceApi api, ObservationApplier applier, LinkVerifier verifier, CompletenessSweep sweep, InitialProgress progress, TimeProvider time)
{
    /// <summary>Changes on both sides since the cursor, and what was deleted in Salesforce in the last 15 days (F6).</summary>
    internal async Task<ApplyResult> ChangesAsync(SyncContext context, InitialSync initial, CancellationToken cancellationToken)
    {
        var cursor = await progress.CursorAsync(context, cancellationToken);
        TaskPage page;
        try
        {
            page = initial.CatchUpPage is null
                ? await api.QueryTasksAsync(context.Caller, ApiPurpose.Import, ChangedSince(context, cursor), cancellationToken)
                : await api.NextTasksAsync(context.Caller, ApiPurpose.Import, initial.CatchUpPage, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsLocatorExpired)
        {
            await progress.MoveCatchUpAsync(context, CatchUpStage.Changes, null, cancellationToken);
            return new ApplyResult { StartedOver = true };
        }

        if (page.NextPage is not null)
        {
            return await applier.ApplyAsync(context, CaughtUp(context, page), (db, ct) => InitialProgress.MoveCatchUpAsync(db, context, CatchUpStage.Changes, page.NextPage, ct), cancellationToken);
        }

        var total = await applier.ApplyAsync(context, CaughtUp(context, page), null, cancellationToken);
        try
        {
            var end = context.ToSalesforce(time.GetUtcNow());
            await sweep.DeletionsAsync(context, cursor.SweepDeleted, end, isCatchUp: true, total, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsLogTooShort)
        {
            // The log does not reach back: the next stage looks at every link anyway.
        }

        await progress.MoveCatchUpAsync(context, CatchUpStage.Links, null, cancellationToken);
        return total;
    }

    private static Reading CaughtUp(SyncContext context, TaskPage page) => context.Reading(ReadKind.Changes, page.Tasks, page.Schema) with { IsCatchUp = true };

    /// <summary>The catch-up's query: further back than a poll, for what was committed late just before sync was switched off.</summary>
    internal static TaskQuery ChangedSince(SyncContext context, SyncCursor cursor)
    {
        // What committed late since the last sweep only that sweep's cursor knows to be missing.
        var polled = cursor.Fast - SalesforceLimits.LongestTransaction;
        return TaskQuery.ChangedSince(context.Connection.UserId, cursor.SweepUpdated < polled ? cursor.SweepUpdated : polled);
    }

    /// <summary>Every link is looked at by id: what Salesforce no longer knows becomes "Only here" (F6).</summary>
    internal async Task<ApplyResult> LinksAsync(SyncContext context, InitialSync initial, CancellationToken cancellationToken)
    {
        var total = new ApplyResult();
        var requested = context.ToSalesforce(initial.RequestedAt);
        var sweepFrom = requested - SalesforceLimits.LongestTransaction;
        await verifier.VerifyPageAsync(context, initial.CatchUpPage, isCatchUp: true, total, async (db, last, count, ct) =>
        {
            await InitialProgress.Of(db, context).ExecuteUpdateAsync(set => set.SetProperty(i => i.Done, i => i.Done + (initial.Kind == InitialSyncKind.CatchUp ? count : 0)), ct);
            await InitialProgress.MoveCatchUpAsync(db, context, last is null ? CatchUpStage.None : CatchUpStage.Links, last, ct);
            if (last is null)
            {
                // All that happened before this Save is in; polls go on from there.
                await db.Cursors.Where(c => c.ConnectionId == context.ConnectionId).ExecuteUpdateAsync(
                    set => set.SetProperty(c => c.Fast, requested).SetProperty(c => c.SweepUpdated, sweepFrom).SetProperty(c => c.SweepDeleted, sweepFrom), ct);
                await progress.FinishIfDoneAsync(db, context, ct);
            }
        }, cancellationToken);
        return total;
    }
}
