using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.SwitchOn;

/// <summary>
/// Runs a first sync or a catch-up one step at a time: one page is read, applied and committed with the progress, so that a restart does at most one
/// page again (F2), and continuous sync goes on between the steps (F3).
/// </summary>
public sealed class InitialSyncRunner(
    IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ObservationApplier applier, LinkVerifier verifier,
    CompletenessSweep sweep, TimeProvider time, ChangeFeed feed)
{
    /// <summary>Does the next step.</summary>
    public async Task<ApplyResult> StepAsync(SyncContext context, InitialSync initial, CancellationToken cancellationToken)
    {
        var result = (initial.CatchUp, initial.Import) switch
        {
            (CatchUpStage.Changes, _) => await ChangesAsync(context, initial, cancellationToken),
            (CatchUpStage.Links, _) => await LinksAsync(context, initial, cancellationToken),
            (_, ImportStage.Prepare) => await PrepareAsync(context, initial, cancellationToken),
            _ => await ImportPageAsync(context, initial, cancellationToken),
        };
        feed.Publish(context.Person.Id);
        return result;
    }

    /// <summary>
    /// Fixes the window and, before the import's first query, the cursor: Salesforce's time now. From here on continuous sync sees every change, whatever
    /// the import has read by then (F3).
    /// </summary>
    private async Task<ApplyResult> PrepareAsync(SyncContext context, InitialSync initial, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var serverNow = await api.ServerTimeAsync(context.Caller, cancellationToken);
        var windowEnd = initial.RequestedAt + (serverNow - now);
        var start = ImportPlanner.WindowStart(initial.Window, windowEnd);
        var today = RepTime.At(now, context.Person.TimeZone, context.Connection.UserTimeZone, context.Person.BrowserTimeZone).Today;

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await ShardFences.CheckAsync(db, context.Fence, cancellationToken);
        if (!await db.Cursors.AnyAsync(c => c.ConnectionId == context.ConnectionId, cancellationToken))
        {
            db.Cursors.Add(new SyncCursor { ConnectionId = context.ConnectionId, Fast = windowEnd, SweepUpdated = windowEnd - SalesforceLimits.LongestTransaction, SweepDeleted = windowEnd - SalesforceLimits.LongestTransaction, SweptAt = now, AuditedAt = now });
            await db.SaveChangesAsync(cancellationToken);
        }

        await db.Connections.Where(c => c.Id == context.ConnectionId).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.EntryFloor, start).SetProperty(c => c.Version, c => c.Version + 1), cancellationToken);
        await Progress(db, context).ExecuteUpdateAsync(
            set => set.SetProperty(i => i.WindowStart, start).SetProperty(i => i.Today, today).SetProperty(i => i.Import, ImportStage.FromToday)
                .SetProperty(i => i.Version, i => i.Version + 1), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ApplyResult();
    }

    private async Task<ApplyResult> ImportPageAsync(SyncContext context, InitialSync initial, CancellationToken cancellationToken)
    {
        if (initial.Found is null)
        {
            var found = await api.CountTasksAsync(context.Caller, ApiPurpose.Import, TaskQuery.ImportWindow(context.Connection.UserId, initial), cancellationToken);
            await StoreFoundAsync(context, found, cancellationToken);
        }

        TaskPage page;
        try
        {
            page = initial.ImportPage is null
                ? await api.QueryTasksAsync(context.Caller, ApiPurpose.Import, TaskQuery.ImportPage(context.Connection.UserId, initial), cancellationToken)
                : await api.NextTasksAsync(context.Caller, ApiPurpose.Import, initial.ImportPage, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsLocatorExpired)
        {
            // Interrupted for more than two days: the stage is read from its start, what is in already does nothing.
            await MoveImportAsync(context, initial.Import, null, 0, cancellationToken);
            return new ApplyResult { StartedOver = true };
        }

        var next = page.NextPage is not null ? initial.Import : initial.Import + 1;
        return await applier.ApplyAsync(
            context, context.Reading(ReadKind.Import, page.Tasks, page.Schema), (db, ct) => MoveImportAsync(db, context, next, page.NextPage, page.Tasks.Count, ct), cancellationToken);
    }

    /// <summary>Changes on both sides since the cursor, and what was deleted in Salesforce in the last 15 days (F6).</summary>
    private async Task<ApplyResult> ChangesAsync(SyncContext context, InitialSync initial, CancellationToken cancellationToken)
    {
        SyncCursor cursor;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            cursor = await db.Cursors.AsNoTracking().FirstAsync(c => c.ConnectionId == context.ConnectionId, cancellationToken);
        }

        TaskPage page;
        try
        {
            page = initial.CatchUpPage is null
                ? await api.QueryTasksAsync(context.Caller, ApiPurpose.Import, ChangedSince(context, cursor), cancellationToken)
                : await api.NextTasksAsync(context.Caller, ApiPurpose.Import, initial.CatchUpPage, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsLocatorExpired)
        {
            await MoveCatchUpAsync(context, CatchUpStage.Changes, null, cancellationToken);
            return new ApplyResult { StartedOver = true };
        }

        if (page.NextPage is not null)
        {
            return await applier.ApplyAsync(context, CaughtUp(context, page), (db, ct) => MoveCatchUpAsync(db, context, CatchUpStage.Changes, page.NextPage, ct), cancellationToken);
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

        await MoveCatchUpAsync(context, CatchUpStage.Links, null, cancellationToken);
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
    private async Task<ApplyResult> LinksAsync(SyncContext context, InitialSync initial, CancellationToken cancellationToken)
    {
        var total = new ApplyResult();
        var requested = context.ToSalesforce(initial.RequestedAt);
        var sweepFrom = requested - SalesforceLimits.LongestTransaction;
        await verifier.VerifyPageAsync(context, initial.CatchUpPage, isCatchUp: true, total, async (db, last, count, ct) =>
        {
            await Progress(db, context).ExecuteUpdateAsync(set => set.SetProperty(i => i.Done, i => i.Done + (initial.Kind == InitialSyncKind.CatchUp ? count : 0)), ct);
            await MoveCatchUpAsync(db, context, last is null ? CatchUpStage.None : CatchUpStage.Links, last, ct);
            if (last is null)
            {
                // All that happened before this Save is in; polls go on from there.
                await db.Cursors.Where(c => c.ConnectionId == context.ConnectionId).ExecuteUpdateAsync(
                    set => set.SetProperty(c => c.Fast, requested).SetProperty(c => c.SweepUpdated, sweepFrom).SetProperty(c => c.SweepDeleted, sweepFrom), ct);
                await FinishIfDoneAsync(db, context, ct);
            }
        }, cancellationToken);
        return total;
    }

    private static IQueryable<InitialSync> Progress(TaskSyncDb db, SyncContext context) => db.InitialSyncs.Where(i => i.ConnectionId == context.ConnectionId);

    private async Task StoreFoundAsync(SyncContext context, int found, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await Progress(db, context).ExecuteUpdateAsync(set => set.SetProperty(i => i.Found, found).SetProperty(i => i.Version, i => i.Version + 1), cancellationToken);
        feed.Publish(context.Person.Id);
    }

    private async Task MoveImportAsync(SyncContext context, ImportStage stage, string? page, int done, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await MoveImportAsync(db, context, stage, page, done, cancellationToken);
    }

    /// <summary>
    /// Moves the progress whatever the state: a page that was under way when the box was unticked is recorded too (F7). A stage that is read from its start
    /// again counts its tasks again, so no more are done than were found.
    /// </summary>
    private async Task MoveImportAsync(TaskSyncDb db, SyncContext context, ImportStage stage, string? page, int done, CancellationToken cancellationToken)
    {
        await Progress(db, context).ExecuteUpdateAsync(
            set => set.SetProperty(i => i.Import, stage).SetProperty(i => i.ImportPage, page).SetProperty(i => i.Done, i => i.Done + done > i.Found ? i.Found!.Value : i.Done + done)
                .SetProperty(i => i.Version, i => i.Version + 1), cancellationToken);
        await FinishIfDoneAsync(db, context, cancellationToken);
    }

    private async Task MoveCatchUpAsync(SyncContext context, CatchUpStage stage, string? page, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await MoveCatchUpAsync(db, context, stage, page, cancellationToken);
    }

    private static Task<int> MoveCatchUpAsync(TaskSyncDb db, SyncContext context, CatchUpStage stage, string? page, CancellationToken cancellationToken) =>
        Progress(db, context).ExecuteUpdateAsync(
            set => set.SetProperty(i => i.CatchUp, stage).SetProperty(i => i.CatchUpPage, page).SetProperty(i => i.Version, i => i.Version + 1), cancellationToken);

    private async Task FinishIfDoneAsync(TaskSyncDb db, SyncContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var finished = await Progress(db, context).Where(i => i.Import == ImportStage.Finished && i.CatchUp == CatchUpStage.None)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.State, InitialSyncState.Done).SetProperty(i => i.FinishedAt, now), cancellationToken);
        if (finished == 0)
        {
            return;
        }

        var initial = await Progress(db, context).AsNoTracking().FirstAsync(cancellationToken);

        // What this last step took and did is added when it has ended.
        db.Runs.Add(new SyncRun
        {
            PersonId = context.Person.Id,
            ConnectionId = context.ConnectionId,
            Kind = initial.Kind == InitialSyncKind.FirstSync ? SyncRunKind.FirstSync : SyncRunKind.CatchUp,
            StartedAt = initial.RequestedAt,
            EndedAt = now,
            Outcome = SyncRunOutcome.Succeeded,
            Created = initial.Kind == InitialSyncKind.FirstSync ? initial.Done : initial.Created,
            Updated = initial.Updated,
            Deleted = initial.Deleted,
            ApiCalls = initial.Calls,
        });
        await db.SaveChangesAsync(cancellationToken);
    }
}
