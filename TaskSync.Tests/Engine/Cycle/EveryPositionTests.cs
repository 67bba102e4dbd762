using TaskSync.Sync.Model;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>Whatever the engine is doing for a connection: a session or a grant may end before each of its calls, and the database may fail at each of its statements.</summary>
public sealed class EveryPositionTests
{
    [Theory]
    [MemberData(nameof(Positions.Cycles), MemberType = typeof(Positions))]
    public async Task Section6_a_session_that_ends_before_any_call_costs_nothing(Work work, bool useComposite)
    {
        await using var rounds = Rounds.Start(work, useComposite);
        var positions = await Positions.AtEveryCallAsync(rounds, Now(() => rounds.World.Org.ExpireAccessTokens(rounds.Rep.User.Id)), () => Task.CompletedTask);
        Assert.InRange(positions, 2, 40);
    }

    [Theory]
    [MemberData(nameof(Positions.Cycles), MemberType = typeof(Positions))]
    public async Task Section6_a_grant_revoked_before_any_call_loses_nothing_once_the_rep_has_reconnected(Work work, bool useComposite)
    {
        await using var rounds = Rounds.Start(work, useComposite);
        var positions = await Positions.AtEveryCallAsync(rounds, Now(() => rounds.World.Org.RevokeGrants(rounds.Rep.User.Id)), async () =>
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
    public Task A_database_that_fails_at_any_statement_loses_and_doubles_nothing(Work work, bool useComposite) => Positions.AtEveryStatementAsync(Rounds.Start(work, useComposite));

    private static Func<Task> Now(Action trouble) => () =>
    {
        trouble();
        return Task.CompletedTask;
    };
}
