#pragma warning disable CS9113 // to be filled in
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;

namespace TaskSync.Sync.Tasks;

/// <summary>Reads one task for its dialog.</summary>
public sealed class TaskDetailsQuery(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock)
{
    /// <summary>Null when there is no such task, or it is somebody else's. Removed tasks are found.</summary>
    public Task<TaskDetails?> LoadAsync(Guid personId, Guid taskId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>What the form of a new task offers.</summary>
    public Task<TaskForm> FormAsync(Guid personId, CancellationToken cancellationToken) => throw new NotImplementedException();
}
