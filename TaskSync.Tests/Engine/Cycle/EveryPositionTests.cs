using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>Whatever the engine is doing: a session or a grant may end before each of its calls, and the database may fail at each of its statements.</summary>
public sealed class EveryPositionTests
{
    /// <summary>SQLite's codes: busy, locked, I/O error, full.</summary>
    private static readonly int[] Codes = [5, 6, 10, 13];

    public static TheoryData<Work, bool> Cycles => [.. from work in Enum.GetValues<Work>() from useComposite in new[] { true, false } select new TheoryDataRow<Work, bool>(work, useComposite)];

    public static TheoryData<Work, bool, bool, bool> Hangs =>
    [
        .. from cycle in Cycles
           from isTakenOver in new[] { true, false }
           from isLate in new[] { true, false }
           select new TheoryDataRow<Work, bool, bool, bool>(cycle.Data.Item1, cycle.Data.Item2, isTakenOver, isLate),
    ];

    [Theory]
    [MemberData(nameof(Cycles))]
    public async Task Section6_a_session_that_ends_before_any_call_costs_nothing(Work work, bool useComposite)
    {
        await using var rounds = Rounds.Start(work, useComposite);
        var positions = await AtEveryCallAsync(rounds, Now(() => rounds.World.Org.ExpireAccessTokens(rounds.Rep.User.Id)), () => Task.CompletedTask);
        Assert.InRange(positions, 2, 40);
    }

    [Theory]
    [MemberData(nameof(Cycles))]
    public async Task Section6_a_grant_revoked_before_any_call_loses_nothing_once_the_rep_has_reconnected(Work work, bool useComposite)
    {
        await using var rounds = Rounds.Start(work, useComposite);
        var positions = await AtEveryCallAsync(rounds, Now(() => rounds.World.Org.RevokeGrants(rounds.Rep.User.Id)), async () =>
        {
            var connection = await rounds.World.ReadAsync(async db => await db.Connections.FindAsync(rounds.Rep.ConnectionId));
            Assert.Equal(ConnectionState.NeedsReconnect, connection!.State);
            await rounds.Rep.ConnectAsync(rounds.Rep.User);
        });
        Assert.InRange(positions, 2, 40);
    }

    [Theory]
    [InlineData(Work.FirstSync, true)]
    [InlineData(Work.Changes, true)]
    [InlineData(Work.Changes, false)]
    [InlineData(Work.Sweep, true)]
    [InlineData(Work.CatchUp, true)]
    [InlineData(Work.Undelete, true)]
    public Task A_database_that_fails_at_any_statement_loses_and_doubles_nothing(Work work, bool useComposite) => AtEveryStatementAsync(Rounds.Start(work, useComposite));

    [Theory]
    [InlineData(Work.Changes, true)]
    [InlineData(Work.Changes, false)]
    [InlineData(Work.CatchUp, true)]
    public Task A_database_that_fails_at_any_statement_of_a_shard_loses_and_doubles_nothing(Work work, bool useComposite) =>
        AtEveryStatementAsync(Rounds.Start(work, useComposite, runsShard: true));

    [Theory]
    [MemberData(nameof(Cycles))]
    public async Task A_shard_that_another_instance_takes_over_before_any_call_loses_and_doubles_nothing(Work work, bool useComposite)
    {
        await using var rounds = Rounds.Start(work, useComposite, runsShard: true);
        await using var other = rounds.World.Beside();
        var positions = await AtEveryCallAsync(rounds, () => other.RunShardAsync(rounds.Shard), () => Task.CompletedTask);
        Assert.InRange(positions, 2, 80);
    }

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
        rounds.Database.FailAt(0, Codes[0]);
        rounds.World.Get<SyncDoorbell>().Ring(rounds.Rep.ConnectionId);
        await Until.TrueAsync(() => rounds.Database.HasFailed);
        rounds.Database.Heal();
        Assert.False(shard.IsCompleted);
        await rounds.RunAsync();
    }

    private static async Task AtEveryStatementAsync(Rounds rounds)
    {
        await using var _ = rounds;
        var position = 0;
        for (var fails = true; fails; position++)
        {
            await rounds.PrepareAsync();
            rounds.Database.FailAt(position, Codes[position % Codes.Length]);
            await rounds.RunAsync();
            fails = rounds.Database.HasFailed;
            rounds.Database.Heal();
            await rounds.CheckAsync($"the database failed at statement {position}");
        }

        Assert.InRange(position, 20, 400);
        TestContext.Current.TestOutputHelper?.WriteLine($"{position} positions");
    }

    private static Func<Task> Now(Action trouble) => () =>
    {
        trouble();
        return Task.CompletedTask;
    };

    /// <summary>Until the cycle has fewer calls than the position.</summary>
    private static async Task<int> AtEveryCallAsync(Rounds rounds, Func<Task> trouble, Func<Task> mend)
    {
        var position = 0;
        for (var happened = true; happened; position++)
        {
            await rounds.PrepareAsync();
            var until = position;
            happened = false;
            rounds.BeforeRequest = async () =>
            {
                if (until-- == 0)
                {
                    happened = true;
                    await trouble();
                }
            };
            await rounds.RunAsync();
            rounds.BeforeRequest = null;
            if (happened)
            {
                await mend();
            }

            await rounds.CheckAsync($"before call {position}");
        }

        return position - 1;
    }
}
