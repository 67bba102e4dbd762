using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>One bell per shard, one ring deep: ten edits while a push runs are one more look. Whoever serves the shard hears it; on other instances it rings in vain.</summary>
public sealed class ShardBells
{
    private readonly ConcurrentDictionary<Guid, byte>[] _rung;
    private readonly TaskCompletionSource[] _bells;
    private readonly ConcurrentDictionary<Guid, byte> _readRequests = new();
    private readonly bool[] _missed;

    public ShardBells(SyncDoorbell doorbell, IOptions<SyncOptions> options)
    {
        var count = options.Value.Shards;
        _rung = [.. Enumerable.Range(0, count).Select(_ => new ConcurrentDictionary<Guid, byte>())];
        _bells = [.. Enumerable.Range(0, count).Select(_ => NewBell())];
        _missed = new bool[count];
        doorbell.Rung += Ring;
        doorbell.Missed += RingAll;
    }

    /// <summary>Ends at the next ring of the shard. Taken before looking for work, so that no ring falls between.</summary>
    public Task Wait(int shard)
    {
        if (_bells[shard].Task.IsCompleted)
        {
            Interlocked.Exchange(ref _bells[shard], NewBell());
        }

        return _bells[shard].Task;
    }

    /// <summary>Who was rung for since last asked.</summary>
    public List<Guid> TakeRings(int shard) => [.. _rung[shard].Where(ring => _rung[shard].TryRemove(ring.Key, out _)).Select(ring => ring.Key)];

    /// <summary>Whether a ring since last asked wants Salesforce's changes read as well.</summary>
    public bool TakeReadRequest(Guid connectionId) => _readRequests.TryRemove(connectionId, out _);

    /// <summary>Whether rings of the shard may have been missed since last asked.</summary>
    public bool TakeMissed(int shard) => Interlocked.Exchange(ref _missed[shard], false);

    /// <summary>Forgets who was rung for while another instance served the shard: whoever takes it over looks at everybody.</summary>
    public void Begin(int shard)
    {
        _rung[shard].Clear();
        Volatile.Write(ref _missed[shard], true);
    }

    private static TaskCompletionSource NewBell() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Ring(Guid connectionId, bool readChanges)
    {
        var shard = Shards.Of(connectionId, _bells.Length);
        if (readChanges)
        {
            _readRequests[connectionId] = 0;
        }

        _rung[shard][connectionId] = 0;
        _bells[shard].TrySetResult();
    }

    private void RingAll()
    {
        for (var shard = 0; shard < _bells.Length; shard++)
        {
            Volatile.Write(ref _missed[shard], true);
            _bells[shard].TrySetResult();
        }
    }
}
