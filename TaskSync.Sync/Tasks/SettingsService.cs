using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Tasks;

/// <summary>Reads and saves the settings page. Every card but the sync card saves on change.</summary>
public sealed class SettingsService(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, ChangeFeed feed, SyncSwitch syncSwitch)
{
    /// <summary>Null when there is no such person.</summary>
    public async Task<SettingsModel?> LoadAsync(Guid personId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.LoadRepAsync(personId, cancellationToken) is not { } rep)
        {
            return null;
        }

        var person = rep.Person;
        var connection = rep.Connection;

        // A disconnected one is kept for its links and for what waits, but there is nothing to show or to tick.
        var isConnected = connection is { State: ConnectionState.Active or ConnectionState.NeedsReconnect };
        var initial = connection is null ? null : await db.InitialSyncs.AsNoTracking().SingleOrDefaultAsync(i => i.ConnectionId == connection.Id, cancellationToken);
        var waiting = connection is null ? null : await db.PendingWrites.Where(w => w.ConnectionId == connection.Id && w.ProblemId == null)
            .GroupBy(_ => 1).Select(all => new { Count = all.Count(), DueAt = (DateTimeOffset?)all.Min(w => w.DueAt) }).FirstOrDefaultAsync(cancellationToken);
        var readAt = connection is null ? null : await db.Readers.Where(r => r.OrganizationId == connection.OrganizationId && db.Cursors.Any(c => c.ConnectionId == connection.Id && c.FollowsReader))
            .Select(r => r.Connection!.LastSuccessAt).FirstOrDefaultAsync(cancellationToken);
        var control = await db.Control.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        return new SettingsModel(
            person.Name,
            person.Email,
            isConnected ? Card(connection!) : null,
            new SyncCard(
                person.SyncEnabled,
                person.ImportWindow,
                isConnected ? null : "Connect Salesforce first.",
                HasSyncedBefore: initial is { Import: not ImportStage.Prepare },
                initial is null ? null : Progress.Of(initial),
                connection is null ? null : InStep.AsOf(connection, readAt, waiting?.DueAt),
                waiting?.Count ?? 0,
                Pauses.Words(person, control)),
            person.ConflictPolicy,
            rep.Time(clock.GetUtcNow()),
            person.TimeZone,
            person.ShortcutsEnabled,
            FieldTable.Of(rep.Schema));
    }

    /// <summary>The button Save of the sync card. Null means saved; else the reason why not, in words. Unticking always works (F7).</summary>
    public async Task<string?> SaveSyncAsync(Guid personId, bool on, ImportWindow window, CancellationToken cancellationToken)
    {
        if (on)
        {
            await using (var db = await databases.CreateDbContextAsync(cancellationToken))
            {
                if (!await db.People.AnyAsync(p => p.Id == personId, cancellationToken))
                {
                    return "You are not signed in any more. Sign in again.";
                }
            }

            return (await syncSwitch.TurnOnAsync(personId, window, cancellationToken)).Reason;
        }

        await syncSwitch.TurnOffAsync(personId, cancellationToken);
        await SaveAsync(personId, person => person.ImportWindow = window, cancellationToken);
        return null;
    }

    public Task SavePolicyAsync(Guid personId, ConflictPolicyKind policy, CancellationToken cancellationToken) =>
        SaveAsync(personId, person => person.ConflictPolicy = policy, cancellationToken);

    /// <summary>An IANA zone, or null for "as in Salesforce, else as in the browser". Null means saved; else the reason why not, in words.</summary>
    public async Task<string?> SaveZoneAsync(Guid personId, string? zone, CancellationToken cancellationToken)
    {
        zone = string.IsNullOrWhiteSpace(zone) ? null : zone.Trim();
        if (zone is not null && RepTime.Find(zone) is null)
        {
            return "This time zone is not known. Choose one from the list, like Europe/Berlin.";
        }

        await SaveAsync(personId, person => person.TimeZone = zone, cancellationToken);
        return null;
    }

    public Task SaveShortcutsAsync(Guid personId, bool enabled, CancellationToken cancellationToken) =>
        SaveAsync(personId, person => person.ShortcutsEnabled = enabled, cancellationToken);

    private async Task SaveAsync(Guid personId, Action<Person> change, CancellationToken cancellationToken)
    {
        if (await databases.ChangePersonAsync(personId, change, cancellationToken))
        {
            feed.Publish(personId);
        }
    }

    private static ConnectionCard Card(Connection connection) => new(
        connection.Id, connection.DisplayName, connection.Username, connection.OrganizationName, connection.OrganizationId, connection.IsSandbox,
        connection.State, connection.StateReason, connection.ConnectedAt, connection.InstanceUrl);
}
