using TaskSync.Simulator.Faults;
using TaskSync.Sync.Signals;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>Whatever a shard is doing: each of its calls may hang, while the shard fails or another instance takes it over.</summary>
public sealed class HungCallTests
{
    public static TheoryData<Work, bool, bool, bool> Hangs =>
    [
        .. from cycle in Positions.Cycles
           from isTakenOver in new[] { true, false }
           from isLate in new[] { true, false }
           select new TheoryDataRow<Work, bool, bool, bool>(cycle.Data.Item1, cycle.Data.Item2, isTakenOver, isLate),
    ];

    [Theory]
    [MemberData(nameof(Hangs))]
    public async Task S5_a_call_that_hangs_at_any_position_of_a_shard_loses_and_doubles_nothing(Work work, bool useComposite, bool isTakenOver, bool isLate)
    {
        await using var rounds = Rounds.Start(work, useComposite, runsShard: true);
        await using var other = rounds.World.Beside();
        var position = 0;
        for (var happened = true; happened; position++)
        {
            await rounds.PrepareAsync();
            var hung = rounds.World.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayRequest, Skip = position });
            var shard = rounds.RunAsync();
            await Until.TrueAsync(() => hung.Fired == 1 || shard.IsCompleted);
            happened = hung.Fired == 1;
            if (happened)
            {
                await (isTakenOver ? other.RunShardAsync(rounds.Shard) : FailAsync(rounds, shard));
            }

            if (isLate)
            {
                // Until our side gives the call up: a page of an import has longer than other calls.
                await Until.TrueAsync(() =>
                {
                    rounds.World.Time.Advance(TimeSpan.FromSeconds(5));
                    return shard.IsCompleted;
                });
            }

            rounds.World.Org.Faults.Remove(hung.Id);
            hung.Release();
            await shard;
            await rounds.CheckAsync($"call {position} hung");
        }

        Assert.InRange(position, 3, 80);
    }

    /// <summary>While a call hangs the shard fails, and is started again.</summary>
    private static async Task FailAsync(Rounds rounds, Task shard)
    {
        rounds.Database.FailAt(0, Positions.Codes[0]);
        rounds.World.Get<SyncDoorbell>().HearAll();
        await Until.TrueAsync(() => rounds.Database.HasFailed);
        rounds.Database.Heal();
        Assert.False(shard.IsCompleted);
        await rounds.RunAsync();
    }
}
