using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Engine.Push;

/// <summary>While calls are scarce plain edits and creates go out without a call of their own to read first.</summary>
public sealed class ScarceCallsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task F8_a_pair_that_the_rep_linked_is_read_before_it_is_written()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana", ["Description"] = "from there" });
        var rep = await world.RepAsync();
        var ana = await rep.CreateAsync("Call Ana");
        await world.Tasks.LinkAsync(rep.Id, ana, remote.Id, Token);
        await rep.SaveAsync(true);

        await PushAsync(world, rep);

        Assert.Equal(remote.Id, Assert.Single(rep.Remote()).Id);
        Assert.Equal("from there", (await rep.TaskAsync(ana)).Details);
    }

    [Fact]
    public async Task S9_answers_are_recorded_even_if_nobody_can_tell_what_became_of_a_row_that_is_missing()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.SyncedRepAsync();
        var (hidden, shown) = (await rep.CreateAsync("Hidden"), await rep.CreateAsync("Shown"));
        await rep.SyncAsync();
        world.Org.SetVisible((await rep.InSalesforceAsync(hidden))!.Id, rep.User.Id, false);
        await rep.EditAsync(hidden, draft => draft with { Details = "edited" });
        await rep.EditAsync(shown, draft => draft with { Details = "edited" });
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServerTooBusy, Resource = "/sobjects/Task/deleted" });

        await Assert.ThrowsAsync<SalesforceCallException>(() => PushAsync(world, rep));

        Assert.Equal("edited", (await rep.InSalesforceAsync(shown))!.Description);
        Assert.Null((await rep.TaskAsync(shown)).Link!.AttemptsJson);
        Assert.Equal(1, await rep.WaitingAsync());
    }

    private static async Task PushAsync(SyncWorld world, SyncWorld.Rep rep)
    {
        world.Time.Advance(TimeSpan.FromSeconds(6));
        var context = (await world.Get<SyncContexts>().OpenAsync(rep.ConnectionId, Token))!;
        await world.Get<PushRound>().RunAsync(new PushTurn(context, new ConnectionPulse()) { IsScarce = true }, Token);
    }
}
