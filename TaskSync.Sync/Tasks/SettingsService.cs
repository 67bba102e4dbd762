#pragma warning disable CS9113 // to be filled in
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Reads and saves the settings page. Every card but the sync card saves on change.</summary>
public sealed class SettingsService(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, ChangeFeed feed)
{
    /// <summary>Null when there is no such person.</summary>
    public Task<SettingsModel?> LoadAsync(Guid personId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The button Save of the sync card. Null means saved; else the reason why not, in words.</summary>
    public Task<string?> SaveSyncAsync(Guid personId, bool on, ImportWindow window, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task SavePolicyAsync(Guid personId, ConflictPolicyKind policy, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>An IANA zone, or null for "as in Salesforce, else as in the browser". Null means saved; else the reason why not, in words.</summary>
    public Task<string?> SaveZoneAsync(Guid personId, string? zone, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task SaveShortcutsAsync(Guid personId, bool enabled, CancellationToken cancellationToken) => throw new NotImplementedException();
}
