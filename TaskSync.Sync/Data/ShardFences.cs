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
    private readonly ConcurrentDictionary<int, SemaphoreSlim> _gates = new();

    /// <summary>The fence this instance holds, raised if it holds none. One raise per shard at a time: several connections of a shard begin together after a start.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="stored">The fence's value as the caller has read it; null when nobody ever held it.</param>
    /// <param name="cancellationToken">Cancels; what was raised stays raised.</param>
    /// <exception cref="FenceLostException">Another instance raised it at the same time.</exception>
    public async Task<Fence> HoldAsync(int shard, long? stored, CancellationToken cancellationToken)
    {
        if (_held.TryGetValue(shard, out var held) && stored == held.Value)
        {
            return held;
        }

        var gate = _gates.GetOrAdd(shard, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            return await RaiseAsync(shard, stored, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Reads it again first: whoever held the gate before may have raised it, and what this instance raised is its own.</summary>
    private async Task<Fence> RaiseAsync(int shard, long? stored, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var current = await db.Fences.Where(f => f.Shard == shard).Select(f => (long?)f.Value).SingleOrDefaultAsync(cancellationToken);
        if (_held.TryGetValue(shard, out var held) && current == held.Value)
        {
            return held;
        }

        var raised = new Fence(shard, (stored ?? 0) + 1);
        return current == stored && await StoreAsync(db, raised, isFirst: stored is null, cancellationToken) ? _held[shard] = raised : throw new FenceLostException(raised);
    }

    /// <returns>False when another instance was faster.</returns>
    private static async Task<bool> StoreAsync(TaskSyncDb db, Fence raised, bool isFirst, CancellationToken cancellationToken)
    {
        if (!isFirst)
        {
            return await db.Fences.Where(f => f.Shard == raised.Shard && f.Value == raised.Value - 1)
                .ExecuteUpdateAsync(set => set.SetProperty(f => f.Value, raised.Value), cancellationToken) == 1;
        }

        try
        {
            db.Fences.Add(new ShardFence { Shard = raised.Shard, Value = raised.Value });
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException e) when (DatabaseFailures.IsRace(e))
        {
            return false;
        }
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
