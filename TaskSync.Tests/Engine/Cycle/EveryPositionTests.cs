using TaskSync.Sync.Model;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>Whatever the engine is doing: a session or a grant may end before each of its calls, and the database may fail at each of its statements.</summary>
public sealed class EveryPositionTests
{
    /// <summary>SQLite's codes: busy, locked, I/O error, full.</summary>
    private static readonly int[] Codes = [5, 6, 10, 13];

    public static TheoryData<Work, bool> Cycles => [.. from work in Enum.GetValues<Work>() from useComposite in new[] { true, false } select new TheoryDataRow<Work, bool>(work, useComposite)];

    [Theory]
    [MemberData(nameof(Cycles))]
    public async Task Section6_a_session_that_ends_before_any_call_costs_nothing(Work work, bool useComposite)
    {
        await using var rounds = Rounds.Start(work, useComposite);
        var positions = await AtEveryCallAsync(rounds, () => rounds.World.Org.ExpireAccessTokens(rounds.Rep.User.Id), () => Task.CompletedTask);
        Assert.InRange(positions, 2, 40);
    }

    [Theory]
    [MemberData(nameof(Cycles))]
    public async Task Section6_a_grant_revoked_before_any_call_loses_nothing_once_the_rep_has_reconnected(Work work, bool useComposite)
    {
        await using var rounds = Rounds.Start(work, useComposite);
        var positions = await AtEveryCallAsync(rounds, () => rounds.World.Org.RevokeGrants(rounds.Rep.User.Id), async () =>
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
    public async Task A_database_that_fails_at_any_statement_loses_and_doubles_nothing(Work work, bool useComposite)
    {
        await using var rounds = Rounds.Start(work, useComposite);
        var position = 0;
        for (var fails = true; fails; position++)
        {
            await rounds.PrepareAsync();
            rounds.Database.FailAt(position, Codes[position % Codes.Length]);
            await rounds.RunAsync();
            fails = rounds.Database.HasFailed;
            rounds.Database.Heal();
            await rounds.CheckAsync($"{work}, the database failed at statement {position}");
        }

        Assert.InRange(position, 20, 400);
        TestContext.Current.TestOutputHelper?.WriteLine($"{position} positions");
    }

    /// <summary>Until the cycle has fewer calls than the position.</summary>
    private static async Task<int> AtEveryCallAsync(Rounds rounds, Action trouble, Func<Task> mend)
    {
        var position = 0;
        for (var happened = true; happened; position++)
        {
            await rounds.PrepareAsync();
            var until = position;
            happened = false;
            rounds.BeforeRequest = () =>
            {
                if (until-- == 0)
                {
                    happened = true;
                    trouble();
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
