namespace TaskSync.Tests.Engine.Cycle;

/// <summary>Whatever a shard is doing: another instance may take it over before each of its calls, and the database may fail at each of its statements.</summary>
public sealed class ShardPositionTests
{
    [Theory]
    [InlineData(Work.Changes, true)]
    [InlineData(Work.Changes, false)]
    [InlineData(Work.CatchUp, true)]
    public Task A_database_that_fails_at_any_statement_of_a_shard_loses_and_doubles_nothing(Work work, bool useComposite) =>
        Positions.AtEveryStatementAsync(Rounds.Start(work, useComposite, runsShard: true));

    [Theory]
    [MemberData(nameof(Positions.Cycles), MemberType = typeof(Positions))]
    public async Task A_shard_that_another_instance_takes_over_before_any_call_loses_and_doubles_nothing(Work work, bool useComposite)
    {
        await using var rounds = Rounds.Start(work, useComposite, runsShard: true);
        await using var other = rounds.World.Beside();
        var positions = await Positions.AtEveryCallAsync(rounds, () => other.RunShardAsync(rounds.Shard), () => Task.CompletedTask);
        Assert.InRange(positions, 2, 80);
    }
}
