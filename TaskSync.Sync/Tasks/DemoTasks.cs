#pragma warning disable CS9113 // to be filled in
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;

namespace TaskSync.Sync.Tasks;

/// <summary>Gives a demo person a believable list to begin with.</summary>
public sealed class DemoTasks(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock)
{
    /// <summary>Adds local tasks once: a person who has, or ever had, any task gets none.</summary>
    public Task SeedAsync(Guid personId, CancellationToken cancellationToken) => throw new NotImplementedException();
}
