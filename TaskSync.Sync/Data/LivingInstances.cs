using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Data;

/// <summary>Asks who runs on a database, before something is done that nobody may be in the middle of.</summary>
internal static class LivingInstances
{
    /// <summary>Refuses while one is in the way. One that was killed a moment ago is not: it is waited for, to see whether it says that it lives.</summary>
    /// <param name="db">The database.</param>
    /// <param name="inTheWay">Those that are; of an older schema no more than <see cref="Instance.SeenAt"/> and the selected columns may be read.</param>
    /// <param name="words">What to say of the column that was selected.</param>
    /// <param name="time">Our clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="SetupException">One lives that is in the way.</exception>
    public static async Task DemandNoneAsync<T>(TaskSyncDb db, Func<IQueryable<Instance>, IQueryable<Seen<T>>> inTheWay, Func<T, string> words, TimeProvider time, CancellationToken cancellationToken)
    {
        var alive = time.GetUtcNow() - Instance.DeadAfter;
        var before = await inTheWay(db.Instances.Where(i => i.SeenAt >= alive)).ToListAsync(cancellationToken);
        if (before.Count == 0)
        {
            return;
        }

        await Task.Delay(Instance.LookInterval * 2, time, cancellationToken);
        foreach (var one in await inTheWay(db.Instances).ToListAsync(cancellationToken))
        {
            if (before.Find(b => b.Id == one.Id) is not { } seen || one.At > seen.At)
            {
                throw new SetupException(words(one.What));
            }
        }
    }

    /// <summary>An instance that was seen.</summary>
    public sealed record Seen<T>(string Id, DateTimeOffset At, T What);
}
