#pragma warning disable CS9113 // to be filled in
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;

namespace TaskSync.Sync.Tasks;

/// <summary>Reads the Command Center in a fixed number of SQL queries, however many tasks there are.</summary>
public sealed class CommandCenterQuery(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock)
{
    /// <summary>How many rows of a group are shown in full; further ones are counted.</summary>
    public const int MaxRows = 500;

    /// <summary>Null when there is no such person.</summary>
    public Task<CommandCenter?> LoadAsync(Guid personId, TaskView view, string? search, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
