using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Tells today and the zone of a person.</summary>
public sealed class RepClock(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock)
{
    /// <summary>UTC for an unknown person.</summary>
    public async Task<RepTime> NowAsync(Guid personId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return (await db.LoadRepAsync(personId, cancellationToken))?.Time(clock.GetUtcNow()) ?? RepTime.At(clock.GetUtcNow(), null, null, null);
    }
}
