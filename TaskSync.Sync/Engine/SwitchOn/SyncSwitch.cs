using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.SwitchOn;

/// <summary>What pressing Save came to.</summary>
/// <param name="Saved">Whether the choice is stored.</param>
/// <param name="Reason">Why not, in plain words; null when saved.</param>
public readonly record struct SwitchResult(bool Saved, string? Reason)
{
    public static SwitchResult Done { get; } = new(true, null);

    public static SwitchResult Refused(string reason) => new(false, reason);
}

/// <summary>The checkbox of Settings: what starts and what stops when it is saved (F1–F9).</summary>
public sealed class SyncSwitch(IDbContextFactory<TaskSyncDb> databases, TimeProvider time, SyncDoorbell doorbell, ChangeFeed feed)
{
    /// <summary>
    /// Ticks the box. The first time for a connection that means a first sync, afterwards a catch-up; an interrupted first sync is finished with its
    /// original window. Saving again while sync is on changes nothing but the window of a later first sync.
    /// </summary>
    public async Task<SwitchResult> TurnOnAsync(Guid personId, ImportWindow window, CancellationToken cancellationToken)
    {
        var ticked = await databases.TransactAsync(db => TurnOnAsync(db, personId, window, cancellationToken), cancellationToken);
        if (ticked is not { } connectionId)
        {
            return SwitchResult.Refused("Connect Salesforce first, then tick the box and press Save.");
        }

        feed.Publish(personId);
        doorbell.Ring(connectionId, readChanges: true);
        return SwitchResult.Done;
    }

    /// <summary>Unticks the box. Always works: nothing is deleted on either side, links are kept, no new call starts (F7).</summary>
    public async Task TurnOffAsync(Guid personId, CancellationToken cancellationToken)
    {
        await databases.TransactAsync(db => StopAsync(db, personId, cancellationToken), cancellationToken);
        feed.Publish(personId);
    }

    /// <summary>The same inside the caller's transaction, for disconnecting and for connecting as somebody else.</summary>
    public static async Task StopAsync(TaskSyncDb db, Guid personId, CancellationToken cancellationToken)
    {
        await ReaderRoster.LeaveAsync(db, personId, cancellationToken);
        await db.People.Where(p => p.Id == personId && p.SyncEnabled)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.SyncEnabled, false).SetProperty(p => p.Version, p => p.Version + 1), cancellationToken);
        await db.InitialSyncs
            .Where(i => i.State == InitialSyncState.Running && db.Connections.Any(c => c.Id == i.ConnectionId && c.PersonId == personId))
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.State, InitialSyncState.Interrupted).SetProperty(i => i.Version, i => i.Version + 1), cancellationToken);
    }

    /// <returns>The connection that syncs now; null without one that can.</returns>
    private async Task<Guid?> TurnOnAsync(TaskSyncDb db, Guid personId, ImportWindow window, CancellationToken cancellationToken)
    {
        var person = await db.People.FirstAsync(p => p.Id == personId, cancellationToken);
        var connection = person.ConnectionId is { } id ? await db.Connections.FirstAsync(c => c.Id == id, cancellationToken) : null;
        if (connection is null || connection.State is ConnectionState.Disconnected or ConnectionState.Parked)
        {
            return null;
        }

        var wasOn = person.SyncEnabled;
        person.SyncEnabled = true;
        person.ImportWindow = window;
        if (!wasOn)
        {
            await StartAsync(db, connection, window, cancellationToken);
        }

        return connection.Id;
    }

    private async Task StartAsync(TaskSyncDb db, Connection connection, ImportWindow window, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var initial = await db.InitialSyncs.FirstOrDefaultAsync(i => i.ConnectionId == connection.Id, cancellationToken);
        if (initial is null)
        {
            // Never synced as this Salesforce user: a first sync, which pushes nothing (F5).
            db.InitialSyncs.Add(new InitialSync { ConnectionId = connection.Id, Kind = InitialSyncKind.FirstSync, Window = window, RequestedAt = now });
            return;
        }

        initial.State = InitialSyncState.Running;
        initial.FinishedAt = null;
        if (initial.Import == ImportStage.Prepare)
        {
            // Interrupted before it had begun: the window counts from its own Save, as promised (F7).
            return;
        }

        // Links exist: first what happened meanwhile (F6), then the rest of an interrupted import, if any.
        initial.CatchUp = CatchUpStage.Changes;
        initial.CatchUpPage = null;
        if (initial.Import == ImportStage.Finished)
        {
            initial.Kind = InitialSyncKind.CatchUp;
            initial.RequestedAt = now;
            initial.Found = null;
            initial.Done = 0;
            (initial.Calls, initial.Created, initial.Updated, initial.Deleted) = (0, 0, 0, 0);
        }

        connection.EntryFloor = ImportPlanner.FloorAtCatchUp(connection.EntryFloor, now);
    }
}
