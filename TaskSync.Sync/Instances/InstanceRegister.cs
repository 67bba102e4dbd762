using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Instances;

/// <summary>The rows of the instances. Who comes in must fit those who are there: the same schema, the same number of shards.</summary>
/// <param name="self">Who this is.</param>
/// <param name="shards">Into how many shards the connections are divided.</param>
/// <param name="databases">Where the rows are.</param>
/// <param name="time">Our clock.</param>
public sealed class InstanceRegister(ThisInstance self, ShardCount shards, IDbContextFactory<TaskSyncDb> databases, TimeProvider time)
{
    /// <summary>Rows of the dead are kept so long, so that everybody has seen that they died.</summary>
    internal static readonly TimeSpan Remembered = TimeSpan.FromMinutes(2);

    /// <summary>Who this is.</summary>
    internal ThisInstance Self => self;

    /// <summary>Writes this instance's row.</summary>
    public Task EnterAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return databases.SaveAsync(
            db =>
            {
                db.Instances.Add(new Instance { Id = self.Id, StartedAt = now, SeenAt = now, RunsEngine = self.RunsEngine, Shards = shards.Value, Version = self.Version });
                return Task.FromResult(true);
            },
            cancellationToken);
    }

    /// <summary>Says that it is still there.</summary>
    /// <returns>False when it was taken for dead; it is there again.</returns>
    public async Task<bool> StayAsync(CancellationToken cancellationToken)
    {
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            var now = time.GetUtcNow();
            if (await db.Instances.Where(i => i.Id == self.Id).ExecuteUpdateAsync(set => set.SetProperty(i => i.SeenAt, now), cancellationToken) == 1)
            {
                return true;
            }
        }

        await EnterAsync(cancellationToken);
        return false;
    }

    /// <summary>Takes its row away.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Instances.Where(i => i.Id == self.Id).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>The others, dead or alive, and whose the shards are.</summary>
    internal async Task<(List<Instance> Others, List<ShardFence> Fences)> LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return (await db.Instances.AsNoTracking().Where(i => i.Id != self.Id).ToListAsync(cancellationToken), await db.Fences.AsNoTracking().ToListAsync(cancellationToken));
    }

    /// <summary>Whether another instance that lives serves the shard.</summary>
    public async Task<bool> IsServedElsewhereAsync(int shard, CancellationToken cancellationToken)
    {
        if (!self.IsShared)
        {
            return false;
        }

        var alive = time.GetUtcNow() - Instance.DeadAfter;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Fences.AnyAsync(f => f.Shard == shard && f.Holder != null && f.Holder != self.Id && db.Instances.Any(i => i.Id == f.Holder && i.SeenAt >= alive), cancellationToken);
    }

    /// <summary>Takes the rows of the dead away.</summary>
    internal async Task ForgetAsync(IEnumerable<Instance> dead, CancellationToken cancellationToken)
    {
        foreach (var one in dead)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.Instances.Where(i => i.Id == one.Id && i.SeenAt == one.SeenAt).ExecuteDeleteAsync(cancellationToken);
        }
    }

    /// <summary>Divides the connections anew if the number of shards was changed. Nobody may be serving them.</summary>
    /// <exception cref="SetupException">An instance runs that divides them otherwise; the message says what to do.</exception>
    public async Task DivideAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var stored = await db.Connections.Select(c => new { c.Id, c.Shard }).ToListAsync(cancellationToken);
        await LivingInstances.DemandNoneAsync(
            db,
            living => living.Where(i => i.Shards != shards.Value).Select(i => new LivingInstances.Seen<int>(i.Id, i.SeenAt, i.Shards)),
            other => $"Another TaskSync runs on this database with Sync:Shards = {other}, and here it is {shards.Value}. All instances must have the same: stop all of them, change it everywhere, and start them again.",
            time,
            cancellationToken);
        var moved = stored.Where(c => c.Shard != Shards.Of(c.Id, shards.Value)).ToList();
        foreach (var shard in moved.GroupBy(c => Shards.Of(c.Id, shards.Value)))
        {
            foreach (var some in shard.Select(c => c.Id).Chunk(500))
            {
                await db.Connections.Where(c => some.Contains(c.Id)).ExecuteUpdateAsync(set => set.SetProperty(c => c.Shard, shard.Key), cancellationToken);
            }
        }
    }
}

/// <summary>Into how many shards the connections are divided.</summary>
public sealed record ShardCount(int Value);
