#pragma warning disable CS9113 // to be filled in
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;

namespace TaskSync.Sync.Tasks;

/// <summary>Reads the page My sync, and what can be done there.</summary>
public sealed class MySyncQuery(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock, SyncDoorbell doorbell, ChangeFeed feed)
{
    public Task<MySync> LoadAsync(Guid personId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Sends again what a problem holds up. False when there is no such problem of this person.</summary>
    public Task<bool> RetryAsync(Guid personId, Guid problemId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The person knows and lets it be. False when there is no such problem of this person.</summary>
    public Task<bool> IgnoreAsync(Guid personId, Guid problemId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Rings the engine for the person's connection. False when there is none or sync is off.</summary>
    public Task<bool> SyncNowAsync(Guid personId, CancellationToken cancellationToken) => throw new NotImplementedException();
}
