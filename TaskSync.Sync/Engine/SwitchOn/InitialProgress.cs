using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.SwitchOn;

/// <summary>How far a first sync or a catch-up has got, kept in the database so that a restart does at most one page again (F2).</summary>
public sealed class InitialProgress(IDbContextFactory<TaskSyncDb> databases, TimeProvider time, ChangeFeed feed)
{
    /// <summary>The row itself.</summary>
    internal static IQueryable<InitialSync> Of(TaskSyncDb db, SyncContext context) => db.InitialSyncs.Where(i => i.ConnectionId == context.ConnectionId);

    /// <summary>Where the reads of before sync was switched off ended.</summary>
    internal async Task<SyncCursor> CursorAsync(SyncContext context, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Cursors.AsNoTracking().FirstAsync(c => c.ConnectionId == context.ConnectionId, cancellationToken);
    }

    /// <summary>Keeps how many tasks the import will bring, for the progress bar.</summary>
    internal async Task StoreFoundAsync(SyncContext context, int found, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await Of(db, context).ExecuteUpdateAsync(set => set.SetProperty(i => i.Found, found).SetProperty(i => i.Version, i => i.Version + 1), cancellationToken);
        feed.Publish(context.Person.Id);
    }

    /// <summary>Moves an import on in a transaction of its own.</summary>
    internal async Task MoveImportAsync(SyncContext context, ImportStage stage, string? page, int done, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await MoveImportAsync(db, context, stage, page, done, cancellationToken);
    }

    /// <summary>
    /// Moves the progress whatever the state: a page that was under way when the box was unticked is recorded too (F7). A stage that is read from its start
    /// again counts its tasks again, so no more are done than were found.
    /// </summary>
    internal async Task MoveImportAsync(TaskSyncDb db, SyncContext context, ImportStage stage, string? page, int done, CancellationToken cancellationToken)
    {
        await Of(db, context).ExecuteUpdateAsync(
            set => set.SetProperty(i => i.Import, stage).SetProperty(i => i.ImportPage, page).SetProperty(i => i.Done, i => i.Done + done > i.Found ? i.Found!.Value : i.Done + done)
                .SetProperty(i => i.Version, i => i.Version + 1), cancellationToken);
        await FinishIfDoneAsync(db, context, cancellationToken);
    }

    /// <summary>Moves a catch-up on in a transaction of its own.</summary>
    internal async Task MoveCatchUpAsync(SyncContext context, CatchUpStage stage, string? page, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await MoveCatchUpAsync(db, context, stage, page, cancellationToken);
    }

    /// <summary>Moves a catch-up on, whatever the state.</summary>
    internal static Task<int> MoveCatchUpAsync(TaskSyncDb db, SyncContext context, CatchUpStage stage, string? page, CancellationToken cancellationToken) =>
        Of(db, context).ExecuteUpdateAsync(
            set => set.SetProperty(i => i.CatchUp, stage).SetProperty(i => i.CatchUpPage, page).SetProperty(i => i.Version, i => i.Version + 1), cancellationToken);

    /// <summary>Ends it when nothing of it is left, with a run for the history.</summary>
    internal async Task FinishIfDoneAsync(TaskSyncDb db, SyncContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var finished = await Of(db, context).Where(i => i.Import == ImportStage.Finished && i.CatchUp == CatchUpStage.None)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.State, InitialSyncState.Done).SetProperty(i => i.FinishedAt, now), cancellationToken);
        if (finished == 0)
        {
            return;
        }

        var initial = await Of(db, context).AsNoTracking().FirstAsync(cancellationToken);

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
