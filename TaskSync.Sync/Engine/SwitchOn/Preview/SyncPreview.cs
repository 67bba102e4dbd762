using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.SwitchOn.Preview;

/// <summary>
/// What pressing Save would do (F8): reads what the first sync or the catch-up would read, and hands it to the very batch and planner that the run uses, with a
/// database context that is thrown away. Writes nothing on either side.
/// </summary>
public sealed class SyncPreview(
    IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ObservationApplier applier, PreviewReader reader, ClockOffset clocks, TimeProvider time)
{
    /// <summary>Never throws for what Salesforce answers: the reason is then in the answer.</summary>
    public async Task<PreviewAnswer> LookAsync(Guid personId, ImportWindow window, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var person = await db.People.AsNoTracking().FirstOrDefaultAsync(p => p.Id == personId, cancellationToken);
        if (person is null || await db.Connections.AsNoTracking().FirstOrDefaultAsync(c => c.Id == person.ConnectionId, cancellationToken)
            is not { State: ConnectionState.Active or ConnectionState.NeedsReconnect } connection)
        {
            return new PreviewAnswer.NotNow("Connect Salesforce first.");
        }

        if (connection.State == ConnectionState.NeedsReconnect)
        {
            return new PreviewAnswer.NotNow(connection.StateReason ?? "Reconnect Salesforce first.");
        }

        var initial = await db.InitialSyncs.AsNoTracking().FirstOrDefaultAsync(i => i.ConnectionId == connection.Id, cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            var context = new SyncContext(person, connection, connection.Schema, default, clocks, Caller.Unasked(connection.Id)) { OpenedAt = now };
            var ahead = await api.ServerTimeAsync(context.Caller, cancellationToken) - now;
            return new PreviewAnswer.Ready(initial is null or { Import: ImportStage.Prepare }
                ? await FirstSyncAsync(context, initial?.Window ?? window, (initial?.RequestedAt ?? now) + ahead, cancellationToken)
                : await CatchUpAsync(context, initial, now, cancellationToken));
        }
        catch (SalesforceCallException e)
        {
            return new PreviewAnswer.NotNow(SalesforceErrors.Explain(e.Failure.Code, e.Failure.Message));
        }
    }

    private async Task<Preview> FirstSyncAsync(SyncContext context, ImportWindow window, DateTimeOffset save, CancellationToken cancellationToken)
    {
        var initial = new InitialSync
        {
            ConnectionId = context.ConnectionId,
            Window = window,
            WindowStart = ImportPlanner.WindowStart(window, save),
            Today = Today(context),
        };
        var (found, rows) = await reader.WindowAsync(context, initial, cancellationToken);
        var (linked, lost) = await reader.LinkedAsync(context, onlyWaiting: true, cancellationToken);
        var all = linked.UnionBy(rows, row => row.Id).ToList();
        var sheet = new PreviewSheet(context, InitialSyncKind.FirstSync, window, Today(context), lost);
        await applier.DryRunAsync(context, context.Reading(ReadKind.Import, all) with { IsById = true }, sheet.ReadAsync, cancellationToken);
        return sheet.Finish(notRead: found - rows.Count);
    }

    private async Task<Preview> CatchUpAsync(SyncContext context, InitialSync initial, DateTimeOffset save, CancellationToken cancellationToken)
    {
        context.Connection.EntryFloor = ImportPlanner.FloorAtCatchUp(context.Connection.EntryFloor, save);
        var changed = await reader.ChangesAsync(context, cancellationToken);
        var (linked, lost) = await reader.LinkedAsync(context, onlyWaiting: false, cancellationToken);
        var rows = linked.UnionBy(changed, row => row.Id).ToList();
        var sheet = new PreviewSheet(context, InitialSyncKind.CatchUp, initial.Window, Today(context), lost);
        await applier.DryRunAsync(context, context.Reading(ReadKind.Present, rows) with { IsCatchUp = true }, sheet.ReadAsync, cancellationToken);
        if (initial.Import == ImportStage.Finished)
        {
            return sheet.Finish(notRead: 0);
        }

        // The rest of an interrupted first sync, with its original window (F7).
        var (found, window) = await reader.WindowAsync(context, initial, cancellationToken);
        var known = rows.Select(row => row.Id).ToHashSet();
        sheet.ReadEntries(await applier.DryRunAsync(context, context.Reading(ReadKind.Import, [.. window.Where(row => !known.Contains(row.Id))]) with { IsById = true }, null, cancellationToken));
        return sheet.Finish(notRead: Math.Max(0, found - window.Count));
    }

    private DateOnly Today(SyncContext context) =>
        RepTime.At(time.GetUtcNow(), context.Person.TimeZone, context.Connection.UserTimeZone, context.Person.BrowserTimeZone).Today;
}
