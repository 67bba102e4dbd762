namespace TaskSync.Sync.Jobs;

/// <summary>
/// How many shards an instance has. Any instance takes any shard that nobody serves, at once: a share that is a limit would leave shards to a neighbour that has
/// died and is still taken for living. What is over the share is given up afterwards, now and then, and left to the others for a moment.
/// </summary>
/// <param name="shards">How many there are.</param>
internal sealed class ShardShare(int shards)
{
    /// <summary>So long nothing new is taken after something was given up. The others look every second or two.</summary>
    internal static readonly TimeSpan LeftToOthers = TimeSpan.FromSeconds(6);

    /// <summary>Between two times that something is given up. Who is there and takes nothing all the same is offered nothing for so long.</summary>
    internal static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private DateTimeOffset _gaveUpAt = DateTimeOffset.MinValue;

    /// <summary>What to do now.</summary>
    /// <param name="held">Shards that this instance has.</param>
    /// <param name="engines">Instances that live and run the engine, this one included.</param>
    /// <param name="now">The time.</param>
    /// <returns>How many it may have until the next look, and how many of those it has it gives up.</returns>
    public (int Most, int GiveUp) Next(int held, int engines, DateTimeOffset now)
    {
        var share = (shards + engines - 1) / Math.Max(1, engines);
        if (held > share && now - _gaveUpAt >= Rest)
        {
            _gaveUpAt = now;
            return (share, held - share);
        }

        return (now - _gaveUpAt < LeftToOthers ? Math.Max(1, held) : shards, 0);
    }
}
