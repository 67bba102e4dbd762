using System.Collections.Concurrent;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>
/// One bell per shard, one ring deep: ten edits while a push runs are one more look. A shard that is running hears its bell itself,
/// and <see cref="ShardRung"/> asks once for a start after it.
/// </summary>
public sealed class ShardBells
{
    private readonly ConcurrentDictionary<Guid, byte>[] _rung = [.. Enumerable.Range(0, Shards.Count).Select(_ => new ConcurrentDictionary<Guid, byte>())];
    private readonly TaskCompletionSource[] _bells = [.. Enumerable.Range(0, Shards.Count).Select(_ => NewBell())];
    private readonly ConcurrentDictionary<Guid, byte> _readRequests = new();
    private readonly int[] _starting = new int[Shards.Count];

    public ShardBells(SyncDoorbell doorbell) => doorbell.Rung += Ring;

    /// <summary>A connection of this shard was rung for, and no start of the shard is pending yet.</summary>
    public event Action<int>? ShardRung;

    /// <summary>The shard starts, or could not be started: the next ring asks for a start again.</summary>
    public void Starts(int shard) => Interlocked.Exchange(ref _starting[shard], 0);

    /// <summary>Ends at the next ring of the shard. Taken before looking for work, so that no ring falls between.</summary>
    public Task Wait(int shard)
    {
        if (_bells[shard].Task.IsCompleted)
        {
            Interlocked.Exchange(ref _bells[shard], NewBell());
        }

        return _bells[shard].Task;
    }

    /// <summary>Whether the connection was rung for since last asked.</summary>
    public bool TakeRing(int shard, Guid connectionId) => _rung[shard].TryRemove(connectionId, out _);

    /// <summary>Whether a ring since last asked wants Salesforce's changes read as well.</summary>
    public bool TakeReadRequest(Guid connectionId) => _readRequests.TryRemove(connectionId, out _);

    private static TaskCompletionSource NewBell() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Ring(Guid connectionId, bool readChanges)
    {
        var shard = Shards.Of(connectionId);
        if (readChanges)
        {
            _readRequests[connectionId] = 0;
        }

        _rung[shard][connectionId] = 0;
        _bells[shard].TrySetResult();
        if (Interlocked.Exchange(ref _starting[shard], 1) == 0)
        {
            ShardRung?.Invoke(shard);
        }
    }
}
