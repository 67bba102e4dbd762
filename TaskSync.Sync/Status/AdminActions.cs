#pragma warning disable CS9113 // to be filled in
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;

namespace TaskSync.Sync.Status;

/// <summary>What an admin can do. The page checks the role; the name of the acting admin is kept with what was done.</summary>
public sealed class AdminActions(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, SyncDoorbell doorbell, ChangeFeed feed)
{
    /// <summary>Pauses all sync. Changes wait; reps see the reason.</summary>
    public Task PauseAllAsync(string admin, string? reason, CancellationToken cancellationToken) => throw new NotImplementedException();

    public Task ResumeAllAsync(string admin, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Pauses one person's sync. False when there is no such person.</summary>
    public Task<bool> PauseAsync(string admin, Guid personId, string? reason, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>False when there is no such person.</summary>
    public Task<bool> ResumeAsync(string admin, Guid personId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Rings the engine for one person. False when sync is off or there is no such person.</summary>
    public Task<bool> SyncNowAsync(string admin, Guid personId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Sends again what the open problems of one code, or of all codes (null), hold up. Returns how many there were.</summary>
    public Task<int> RetryAllAsync(string admin, string? code, CancellationToken cancellationToken) => throw new NotImplementedException();
}
