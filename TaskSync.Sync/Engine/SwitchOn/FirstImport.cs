using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.SwitchOn;

/// <summary>The import of a first sync: what Salesforce has of the last hours, what is due from today on first (F1, F2).</summary>
public sealed class FirstImport(IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ObservationApplier applier, InitialProgress progress, TimeProvider time)
{
    /// <summary>
    /// Fixes the window and, before the import's first query, the cursor: Salesforce's time now. From here on continuous sync sees every change, whatever
    /// the import has read by then (F3).
    /// </summary>
    internal async Task<ApplyResult> PrepareAsync(SyncContext context, InitialSync initial, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var serverNow = await api.ServerTimeAsync(context.Caller, cancellationToken);
        var windowEnd = initial.RequestedAt + (serverNow - now);
        var start = ImportPlanner.WindowStart(initial.Window, windowEnd);
        var today = RepTime.At(now, context.Person.TimeZone, context.Connection.UserTimeZone, context.Person.BrowserTimeZone).Today;

        await databases.CommitAsync(
            context.Fence,
            async db =>
            {
                if (!await db.Cursors.AnyAsync(c => c.ConnectionId == context.ConnectionId, cancellationToken))
                {
                    db.Cursors.Add(new SyncCursor { ConnectionId = context.ConnectionId, Fast = windowEnd, SweepUpdated = windowEnd - SalesforceLimits.LongestTransaction, SweepDeleted = windowEnd - SalesforceLimits.LongestTransaction, SweptAt = now, AuditedAt = now });
                }

                await db.Connections.Where(c => c.Id == context.ConnectionId).ExecuteUpdateAsync(
                    set => set.SetProperty(c => c.EntryFloor, start).SetProperty(c => c.Version, c => c.Version + 1), cancellationToken);
                await InitialProgress.Of(db, context).ExecuteUpdateAsync(
                    set => set.SetProperty(i => i.WindowStart, start).SetProperty(i => i.Today, today).SetProperty(i => i.Import, ImportStage.FromToday)
                        .SetProperty(i => i.Version, i => i.Version + 1), cancellationToken);
            },
            cancellationToken);
        return new ApplyResult();
    }

    /// <summary>Reads one page and stores how far it has got with it. The page after it is read meanwhile.</summary>
    internal async Task<ApplyResult> PageAsync(SyncContext context, InitialSync initial, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        if (initial.Found is null)
        {
            var found = await api.CountTasksAsync(context.Caller, ApiPurpose.Import, TaskQuery.ImportWindow(context.Connection.UserId, initial), cancellationToken);
            await progress.StoreFoundAsync(context, found, cancellationToken);
        }

        using var ahead = pulse.PageAhead?.Address == initial.ImportPage ? pulse.PageAhead : null;
        pulse.PageAhead = ahead is null ? pulse.PageAhead : null;
        TaskPage page;
        try
        {
            page = ahead is not null ? await ahead.Page
                : initial.ImportPage is null ? await api.QueryTasksAsync(context.Caller, ApiPurpose.Import, TaskQuery.ImportPage(context.Connection.UserId, initial), cancellationToken)
                : await api.NextTasksAsync(context.Caller, ApiPurpose.Import, initial.ImportPage, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsLocatorExpired)
        {
            // Interrupted for more than two days: the stage is read from its start, what is in already does nothing.
            await progress.MoveImportAsync(context, initial.Import, null, 0, cancellationToken);
            return new ApplyResult { StartedOver = true };
        }

        if (page.NextPage is { } next && !pulse.IsCrowded)
        {
            // Somebody may have switched sync off while this page was read.
            var caller = context.Caller with { JustRead = null };
            pulse.PageAhead = PageAhead.Read(next, time.GetUtcNow(), (address, unwanted) => api.NextTasksAsync(caller, ApiPurpose.Import, address, unwanted), cancellationToken);
        }

        var stage = page.NextPage is not null ? initial.Import : initial.Import + 1;
        var reading = context.Reading(ReadKind.Import, page.Tasks, page.Schema);
        reading = ahead is null ? reading : reading with { BeganAt = ahead.BeganAt, NotBefore = ahead.BeganAt };
        return await applier.ApplyAsync(context, reading, (db, ct) => progress.MoveImportAsync(db, context, stage, page.NextPage, page.Tasks.Count, ct), cancellationToken);
    }

    /// <summary>Sync was switched off while the next page was being read: the call comes to its end, and what it brought is recorded (F7). None is read after it.</summary>
    /// <param name="context">What the cycle worked with until then.</param>
    /// <param name="pulse">Has the page.</param>
    /// <param name="cancellationToken">Stops; nothing of the page is stored then.</param>
    internal async Task FinishAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await InitialProgress.Of(db, context).AsNoTracking().FirstOrDefaultAsync(cancellationToken) is { } initial && initial.ImportPage == pulse.PageAhead?.Address)
        {
            pulse.IsCrowded = true;
            await PageAsync(context, initial, pulse, cancellationToken);
        }
    }
}
