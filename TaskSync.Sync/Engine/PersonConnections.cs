using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;

namespace TaskSync.Sync.Engine;

/// <summary>Tells which connection a person uses.</summary>
public sealed class PersonConnections(IDbContextFactory<TaskSyncDb> databases)
{
    /// <summary>The connection in use while sync is on, else null.</summary>
    public async Task<Guid?> CurrentAsync(Guid personId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.People.Where(p => p.Id == personId && p.SyncEnabled).Select(p => p.ConnectionId).FirstOrDefaultAsync(cancellationToken);
    }
}
