using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Data;

/// <summary>A shard's fence as one instance holds it.</summary>
public readonly record struct Fence(int Shard, long Value)
{
    /// <summary>The connection that the work is for: it must still be there when it is committed. Null for work of the whole shard.</summary>
    public Guid? Connection { get; init; }
}

/// <summary>Another instance has taken the shard over, or the connection was erased: the work no longer counts.</summary>
public sealed class FenceLostException(Fence fence) : Exception($"Shard {fence.Shard} was taken over by another instance, or the connection was erased.");

/// <summary>
/// Decides whose work counts. Quartz decides who should run; but a stopped instance can wake up after its shard was taken over.
/// So a fence is raised when an instance takes a shard, and every commit is conditional on it.
/// </summary>
public sealed class ShardFences(IDbContextFactory<TaskSyncDb> databases)
{
    private readonly ConcurrentDictionary<int, Fence> _held = new();

    /// <summary>The fence this instance holds, raised if it holds none.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="stored">The fence's value as the caller has just read it; null when nobody ever held it.</param>
    /// <param name="cancellationToken">Cancels; what was raised stays raised.</param>
    /// <exception cref="FenceLostException">Another instance raised it at the same time.</exception>
    public async Task<Fence> HoldAsync(int shard, long? stored, CancellationToken cancellationToken)
    {
        if (_held.TryGetValue(shard, out var held) && stored == held.Value)
        {
            return held;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (stored is not { } current)
        {
            db.Fences.Add(new ShardFence { Shard = shard, Value = 1 });
            await db.SaveChangesAsync(cancellationToken);
            return _held[shard] = new Fence(shard, 1);
        }

        var raised = current + 1;
        var won = await db.Fences.Where(f => f.Shard == shard && f.Value == current)
            .ExecuteUpdateAsync(set => set.SetProperty(f => f.Value, raised), cancellationToken);
        return won == 1 ? _held[shard] = new Fence(shard, raised) : throw new FenceLostException(new Fence(shard, current));
    }

    /// <summary>Checks the fence inside the caller's transaction and keeps its row locked until the commit.</summary>
    /// <exception cref="FenceLostException">The transaction must be rolled back.</exception>
    public static async Task CheckAsync(TaskSyncDb db, Fence fence, CancellationToken cancellationToken)
    {
        var held = await db.Fences.Where(f => f.Shard == fence.Shard && f.Value == fence.Value && (fence.Connection == null || db.Connections.Any(c => c.Id == fence.Connection)))
            .ExecuteUpdateAsync(set => set.SetProperty(f => f.Commits, f => f.Commits + 1), cancellationToken);
        if (held != 1)
        {
            throw new FenceLostException(fence);
        }
    }

    /// <summary>Waits for every commit of the engine that is under way, and holds up those that follow until the caller's transaction ends.</summary>
    public static Task HoldAllAsync(TaskSyncDb db, CancellationToken cancellationToken) =>
        db.Fences.ExecuteUpdateAsync(set => set.SetProperty(f => f.Commits, f => f.Commits + 1), cancellationToken);
}
