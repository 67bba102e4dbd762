using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;

namespace TaskSync.Tests.Engine.Check;

public sealed class SweepTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S7_a_task_given_to_somebody_unseen_is_only_here_with_the_next_sweep()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rep, id, remote) = await world.PairAsync();
        await SweepAsync(world, rep);
        world.Org.Reassign(remote, world.Org.Sam.Id, world.Org.Adam.Id);

        await SweepAsync(world, rep);

        var task = await rep.TaskAsync(id);
        Assert.Equal((LinkState.Lost, null), (task.Link!.State, task.RemovedAt));
    }

    [Fact]
    public async Task S7_what_is_shown_again_is_in_step_with_the_next_sweep()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rep, id, remote) = await world.PairAsync();
        world.Org.SetVisible(remote, rep.User.Id, false);
        await SweepAsync(world, rep);
        Assert.Equal(LinkState.Lost, (await rep.TaskAsync(id)).Link!.State);
        world.Org.SetVisible(remote, rep.User.Id, true);

        await SweepAsync(world, rep);

        Assert.Equal(LinkState.Open, (await rep.TaskAsync(id)).Link!.State);
    }

    [Fact]
    public async Task S8_each_sweep_looks_at_the_next_2000_links_with_one_call()
    {
        await using var world = SyncWorld.StartInProcess();
        var rep = await world.RepAsync();
        var earlier = world.Org.Now - TimeSpan.FromHours(1);
        for (var i = 0; i < 2001; i++)
        {
            world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = $"task {i}" }, new AuditStamps(earlier, earlier, earlier));
        }

        await rep.SaveAsync(true);
        await rep.RunAsync();
        var last = await world.ReadAsync(db => db.Links.OrderByDescending(l => l.SalesforceId).FirstAsync(Token));
        world.Org.SetVisible(last.SalesforceId!, rep.User.Id, false);
        world.Org.Calls.Reset();
        await SweepAsync(world, rep);

        // A poll, both feeds, and the links.
        Assert.Equal(4, world.Org.Calls.Total);
        Assert.Equal(LinkState.Open, (await rep.TaskAsync(last.TaskId)).Link!.State);
        await SweepAsync(world, rep);
        Assert.Equal(LinkState.Lost, (await rep.TaskAsync(last.TaskId)).Link!.State);
    }

    [Fact]
    public async Task S8_asked_to_compare_every_link_once_more_meanwhile_it_does_so_afterwards()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rep, _, _) = await world.PairAsync();
        await AskAsync();
        var asked = false;
        world.BeforeRequest("GET", () =>
        {
            if (!asked)
            {
                asked = true;
                AskAsync().GetAwaiter().GetResult();
            }
        }, "/sobjects/Task/updated");
        world.Org.Calls.Reset();

        await rep.RunAsync();
        await rep.RunAsync();
        await rep.RunAsync();

        Assert.Equal(2, world.Org.Calls.Count("/sobjects/Task/updated"));

        // As the engine does when a field is shown again.
        Task AskAsync() => world.ReadAsync(db => db.Cursors.ExecuteUpdateAsync(set => set.SetProperty(c => c.SweptAt, default(DateTimeOffset)), Token));
    }

    private static async Task SweepAsync(SyncWorld world, SyncWorld.Rep rep)
    {
        world.Time.Advance(TimeSpan.FromMinutes(16));
        await rep.RunAsync();
    }
}
