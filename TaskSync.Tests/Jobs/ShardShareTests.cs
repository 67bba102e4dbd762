using TaskSync.Sync.Jobs;

namespace TaskSync.Tests.Jobs;

/// <summary>How many shards an instance takes, and when it gives some up.</summary>
public sealed class ShardShareTests
{
    private const int Shards = 8;

    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly ShardShare _share = new(Shards);

    [Theory]
    [InlineData(0, 1, Shards, 0)] // alone
    [InlineData(8, 1, Shards, 0)]
    [InlineData(0, 3, Shards, 0)] // whatever nobody serves is taken, however many there are
    [InlineData(3, 3, Shards, 0)] // its share, rounded up
    [InlineData(4, 3, 3, 1)]
    [InlineData(8, 2, 4, 4)]
    [InlineData(8, 20, 1, 7)] // one at least
    [InlineData(0, 0, Shards, 0)] // not seen itself yet
    public void What_is_over_the_share_is_given_up(int held, int engines, int most, int giveUp) => Assert.Equal((most, giveUp), _share.Next(held, engines, Start));

    [Fact]
    public void What_was_given_up_is_left_to_the_others_for_a_moment_and_then_whoever_comes_first_takes_it()
    {
        _share.Next(8, 2, Start);

        Assert.Equal((4, 0), _share.Next(4, 2, Start + TimeSpan.FromSeconds(3)));
        Assert.Equal((Shards, 0), _share.Next(4, 2, Start + ShardShare.LeftToOthers));
    }

    [Fact]
    public void Who_is_there_and_takes_nothing_is_not_offered_more_at_once()
    {
        _share.Next(8, 2, Start);

        Assert.Equal((Shards, 0), _share.Next(8, 2, Start + ShardShare.LeftToOthers));
        Assert.Equal((4, 4), _share.Next(8, 2, Start + ShardShare.Rest));
    }
}
