using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Tests.Engine.Cycle;

namespace TaskSync.Tests.Engine.Reader;

/// <summary>What an idle org costs with a reader, counted by the simulator: one call a poll and two a sweep, however many reps and tasks there are.</summary>
public sealed class ReaderCostTests
{
    private const int TasksPerRep = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1000)]
    public async Task S8_an_idle_org_with_a_reader_makes_one_call_a_poll_and_two_a_sweep(int reps)
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var first = await world.SyncedRepAsync();
        world.Org.CreateTask(first.User.Id, new FieldValues { ["Subject"] = "Known" });
        await world.ReadAllAsync();
        await ManyReps.AddAsync(world, first, reps - 1, follows: true, TasksPerRep);

        // What was made just now is no idleness: it is swept once.
        world.Time.Advance(TimeSpan.FromMinutes(20));
        await world.ReadAllAsync();
        world.Org.Calls.Reset();
        var (polls, sweeps) = (0, 0);
        for (var i = 0; i < 3; i++)
        {
            var before = (await world.ReaderAsync()).SweptAt;
            world.Time.Advance(TimeSpan.FromSeconds(15));
            await world.RunReaderAsync();
            polls++;
            sweeps += (await world.ReaderAsync()).SweptAt > before ? 1 : 0;
        }

        Assert.Equal(0, sweeps);
        Assert.Equal(polls, world.Org.Calls.Total);
        world.Time.Advance(TimeSpan.FromMinutes(15));
        await world.RunReaderAsync();
        Assert.Equal(polls + 1 + 2, world.Org.Calls.Total);
        Assert.Equal(1, world.Org.Calls.Count("/sobjects/Task/updated"));
        Assert.Equal(1, world.Org.Calls.Count("/sobjects/Task/deleted"));

        // The reps' own cycles call nobody.
        await first.RunAsync();
        Assert.Equal(polls + 1 + 2, world.Org.Calls.Total);
        Assert.Equal(reps, await world.ReadAsync(db => db.Cursors.CountAsync(c => c.FollowsReader, Token)));

        // And a change of the last of them still arrives with the one call.
        var last = world.Org.Users[^1];
        world.Org.CreateTask(reps == 1 ? first.User.Id : last.Id, new FieldValues { ["Subject"] = "Arrives" });
        await world.ReadAllAsync();
        Assert.Equal(1, await world.ReadAsync(db => db.Tasks.CountAsync(t => t.Subject == "Arrives", Token)));
        Assert.Equal(polls + 1 + 2 + 1, world.Org.Calls.Total);
    }
}
