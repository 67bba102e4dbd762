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

/// <summary>The time in which this instance serves a shard.</summary>
public sealed class ShardTenure : IDisposable
{
    private readonly ConcurrentDictionary<int, ShardTenure> _all;
    private readonly CancellationTokenSource _over;

    internal ShardTenure(int shard, ConcurrentDictionary<int, ShardTenure> all, CancellationToken letGo)
    {
        (Shard, _all) = (shard, all);
        _over = CancellationTokenSource.CreateLinkedTokenSource(letGo);
        all[shard] = this;
    }

    public int Shard { get; }

    /// <summary>As it was raised; null as long as there was nothing to do.</summary>
    public Fence? Fence { get; internal set; }

    /// <summary>Another instance has raised the fence since.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Cancelled when nothing new is to begin: it was let go, or lost.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>The source is left to the collector: somebody may just be finding out that the shard is lost.</summary>
    public void Dispose() => _all.TryRemove(new KeyValuePair<int, ShardTenure>(Shard, this));

    internal void Lose()
    {
        IsLost = true;
        _over.Cancel();
    }
}

/// <summary>
/// Decides whose work counts. Quartz decides who should run; but a stopped instance can wake up after its shard was taken over.
/// So a fence is raised when an instance takes a shard, and every commit is conditional on it.
/// </summary>
/// <param name="databases">Where the fences are.</param>
/// <param name="self">Who raises them; null where nobody asks.</param>
public sealed class ShardFences(IDbContextFactory<TaskSyncDb> databases, ThisInstance? self = null)
{
    private readonly ConcurrentDictionary<int, Fence> _held = new();
    private readonly ConcurrentDictionary<int, ShardTenure> _tenures = new();
    private readonly ConcurrentDictionary<int, SemaphoreSlim> _gates = new();

    /// <summary>Begins to serve a shard for as long as it is this instance's. Its fence is raised anew, once: what was taken over is not taken back by whoever lost it.</summary>
    public ShardTenure Begin(int shard, CancellationToken letGo)
    {
        _held.TryRemove(shard, out _);
        return new ShardTenure(shard, _tenures, letGo);
    }

    /// <summary>Gives it up: the next instance that takes the shard need not wait until this one is taken for dead.</summary>
    public async Task ReleaseAsync(ShardTenure tenure, CancellationToken cancellationToken)
    {
        if (_held.TryRemove(tenure.Shard, out var held) && !tenure.IsLost)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.Fences.Where(f => f.Shard == held.Shard && f.Value == held.Value).ExecuteUpdateAsync(set => set.SetProperty(f => f.Holder, (string?)null), cancellationToken);
        }
    }

    /// <summary>Gives back what this instance is still written down for and serves no more: it was cut off from the database when it gave it up, and the others take it for served.</summary>
    public async Task GiveBackAsync(IEnumerable<ShardFence> current, CancellationToken cancellationToken)
    {
        foreach (var fence in current.Where(fence => fence.Holder is { } holder && holder == self?.Id && !_tenures.ContainsKey(fence.Shard)))
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.Fences.Where(f => f.Shard == fence.Shard && f.Value == fence.Value).ExecuteUpdateAsync(set => set.SetProperty(f => f.Holder, (string?)null), cancellationToken);
        }
    }

    /// <summary>What the fences are now, by somebody who has read them: whose was raised by another instance is lost.</summary>
    public void Compare(IEnumerable<ShardFence> current)
    {
        foreach (var fence in current)
        {
            if (_tenures.TryGetValue(fence.Shard, out var tenure) && tenure.Fence is { } mine && mine.Value != fence.Value)
            {
                tenure.Lose();
            }
        }
    }

    /// <summary>The fence this instance holds, raised if it holds none. One raise per shard at a time: several connections of a shard begin together after a start.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="stored">The fence's value as the caller has read it; null when nobody ever held it.</param>
    /// <param name="cancellationToken">Cancels; what was raised stays raised.</param>
    /// <exception cref="FenceLostException">Another instance raised it at the same time, or since this one began to serve the shard.</exception>
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
        var tenure = _tenures.GetValueOrDefault(shard);
        if (tenure is not (null or { Fence: null, IsLost: false }) || current != stored || !await StoreAsync(db, raised, isFirst: stored is null, cancellationToken))
        {
            tenure?.Lose();
            throw new FenceLostException(raised);
        }

        if (tenure is not null)
        {
            tenure.Fence = raised;
        }

        return _held[shard] = raised;
    }

    /// <returns>False when another instance was faster.</returns>
    private async Task<bool> StoreAsync(TaskSyncDb db, Fence raised, bool isFirst, CancellationToken cancellationToken)
    {
        var holder = self?.Id;
        if (!isFirst)
        {
            return await db.Fences.Where(f => f.Shard == raised.Shard && f.Value == raised.Value - 1)
                .ExecuteUpdateAsync(set => set.SetProperty(f => f.Value, raised.Value).SetProperty(f => f.Holder, holder), cancellationToken) == 1;
        }

        try
        {
            db.Fences.Add(new ShardFence { Shard = raised.Shard, Value = raised.Value, Holder = holder });
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

    /// <summary>A connection, unless another instance has taken its shard since: how a cycle went is nothing to its successor.</summary>
    /// <param name="db">The database.</param>
    /// <param name="connectionId">Which one.</param>
    /// <param name="fence">What the cycle worked under; null when it had not come so far.</param>
    internal static IQueryable<Connection> Held(TaskSyncDb db, Guid connectionId, Fence? fence) =>
        fence is not { } held ? db.Connections.Where(c => c.Id == connectionId) : db.Connections.Where(c => c.Id == connectionId && db.Fences.Any(f => f.Shard == held.Shard && f.Value == held.Value));

    /// <summary>Waits for every commit of the engine that is under way, and holds up those that follow until the caller's transaction ends.</summary>
    public static Task HoldAllAsync(TaskSyncDb db, CancellationToken cancellationToken) =>
        db.Fences.ExecuteUpdateAsync(set => set.SetProperty(f => f.Commits, f => f.Commits + 1), cancellationToken);
}
