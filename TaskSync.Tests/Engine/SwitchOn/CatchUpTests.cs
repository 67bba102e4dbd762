using TaskSync.Simulator;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Model;

namespace TaskSync.Tests.Engine.SwitchOn;

public class CatchUpTests
{
    /// <summary>Whether the org's reader reads, instead of each rep's own token.</summary>
    protected virtual bool WithReader => false;

    [Fact]
    public async Task F6_every_task_deleted_in_Salesforce_while_sync_was_off_is_removed_here()
    {
        await using var world = await StartAsync();
        for (var i = 0; i < 25; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" });
        }

        var rep = await world.SyncedRepAsync();
        Assert.Equal(25, (await rep.ListAsync()).Count);
        await rep.SaveAsync(false);
        world.Time.Advance(TimeSpan.FromDays(10));
        foreach (var task in rep.Remote())
        {
            world.Org.DeleteTask(task.Id);
        }

        world.Time.Advance(TimeSpan.FromDays(4));
        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Empty(await rep.ListAsync());
        Assert.Equal(0, world.Org.Calls.RowsWritten);
    }

    [Fact]
    public async Task F6_a_deletion_in_Salesforce_beats_an_edit_made_here_while_sync_was_off_and_the_edit_can_be_restored()
    {
        await using var world = await StartAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana" });
        var rep = await world.SyncedRepAsync();
        var task = (await rep.OfAsync(remote))!;
        await rep.SaveAsync(false);
        world.Org.DeleteTask(remote.Id);
        world.Time.Advance(TimeSpan.FromHours(1));
        await rep.EditAsync(task.Id, draft => draft with { Subject = "Call Ana about the offer" });

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        var removed = await rep.TaskAsync(task.Id);
        Assert.Equal((Removal.DeletedInSalesforce, "Call Ana about the offer"), (removed.Removal, removed.Subject));
        await rep.RestoreAsync(task.Id);
        await rep.SyncAsync();
        Assert.Equal("Call Ana about the offer", Assert.Single(rep.Remote()).Subject);
        Assert.Equal(remote.Id, Assert.Single(rep.Remote()).Id);
    }

    [Fact]
    public async Task F6_tasks_that_Salesforce_no_longer_knows_become_only_here_and_are_never_recreated()
    {
        await using var world = await StartAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana" });
        var rep = await world.SyncedRepAsync();
        var id = (await rep.OfAsync(remote))!.Id;
        await rep.SaveAsync(false);
        world.Org.DeleteTask(remote.Id);
        world.Time.Advance(TimeSpan.FromDays(40));
        world.Org.PurgeRecycleBin();

        await rep.SaveAsync(true);
        await rep.SyncAsync();
        await rep.EditAsync(id, draft => draft with { Subject = "still mine" });
        await rep.SyncAsync();

        Assert.Equal(LinkState.Lost, (await rep.TaskAsync(id)).Link!.State);
        Assert.Equal(["still mine"], await rep.SubjectsAsync());
        Assert.Empty(rep.Remote());
    }

    [Fact]
    public async Task F6_after_three_weeks_what_was_deleted_lately_is_removed_and_what_Salesforce_has_forgotten_stays()
    {
        await using var world = await SyncWorld.StartAsync();
        var early = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "deleted on the second day" });
        var late = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "deleted on the last day" });
        var rep = await world.SyncedRepAsync();
        await rep.SaveAsync(false);
        world.Time.Advance(TimeSpan.FromDays(1));
        world.Org.DeleteTask(early.Id);
        world.Time.Advance(TimeSpan.FromDays(19));
        world.Org.PurgeRecycleBin();
        world.Org.DeleteTask(late.Id);
        world.Time.Advance(TimeSpan.FromDays(1));

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal(["deleted on the second day"], await rep.SubjectsAsync());
        Assert.Equal(LinkState.Lost, (await rep.OfAsync(early))!.Link!.State);
        Assert.Equal(Removal.DeletedInSalesforce, (await rep.OfAsync(late))!.Removal);
    }

    [Fact]
    public async Task F6_after_six_weeks_new_Salesforce_tasks_come_in_at_most_30_days_back()
    {
        await using var world = await SyncWorld.StartAsync();
        var linked = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "linked" });
        var rep = await world.SyncedRepAsync();
        await rep.SaveAsync(false);
        world.Time.Advance(TimeSpan.FromDays(5));
        world.Org.UpdateTask(linked.Id, new FieldValues { ["Subject"] = "linked, edited 37 days ago" });
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "37 days old" });
        world.Time.Advance(TimeSpan.FromDays(8));
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "29 days old" });
        world.Time.Advance(TimeSpan.FromDays(29));

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal(["29 days old", "linked, edited 37 days ago"], await rep.SubjectsAsync());
        Assert.Equal(0, world.Org.Calls.RowsWritten);
    }

    [Fact]
    public async Task F6_changes_of_both_sides_are_merged_and_nothing_is_duplicated()
    {
        await using var world = await StartAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana", ["Priority"] = "Normal" });
        var rep = await world.SyncedRepAsync();
        var id = (await rep.OfAsync(remote))!.Id;
        await rep.SaveAsync(false);
        world.Time.Advance(TimeSpan.FromDays(20));
        await rep.EditAsync(id, draft => draft with { Subject = "Call Ana again" });
        world.Org.UpdateTask(remote.Id, new FieldValues { ["Priority"] = "High" });
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "new there" });
        await rep.CreateAsync("made here while off");

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal(["Call Ana again", "made here while off", "new there"], await rep.SubjectsAsync());
        var merged = world.Org.FindTask(remote.Id)!;
        Assert.Equal(("Call Ana again", "High"), (merged.Subject, merged.Priority));
        Assert.Equal(2, rep.Remote().Count);
    }

    [Fact]
    public async Task F6_deletions_by_others_that_the_reps_query_does_not_show_are_found_as_well()
    {
        await using var world = await StartAsync(o => o.QueryAllShowsForeignDeletions = false);
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana" });
        var rep = await world.SyncedRepAsync();
        await rep.SaveAsync(false);
        world.Time.Advance(TimeSpan.FromDays(1));
        world.Org.DeleteTask(remote.Id, world.Org.Adam.Id);
        world.Time.Advance(TimeSpan.FromMinutes(5));

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Empty(await rep.ListAsync());
    }

    [Fact]
    public async Task F7_what_was_still_waiting_goes_out_at_the_next_catch_up()
    {
        await using var world = await StartAsync();
        var rep = await world.SyncedRepAsync();
        await rep.CreateAsync("made while ticked");
        await rep.SaveAsync(false);
        await rep.SyncAsync();
        Assert.Empty(rep.Remote());

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal("made while ticked", Assert.Single(rep.Remote()).Subject);
    }

    [Fact]
    public async Task F9_connecting_as_another_user_parks_the_links_and_the_next_save_is_a_first_sync()
    {
        await using var world = await StartAsync();
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Rita's" });
        world.Org.CreateTask(world.Org.Sam.Id, new FieldValues { ["Subject"] = "Sam's" });
        var rep = await world.SyncedRepAsync();
        var mine = (await rep.ListAsync()).Single();

        Assert.IsType<ConnectResult.Connected>(await rep.ConnectAsync(world.Org.Sam));
        Assert.False((await world.ReadAsync(db => Task.FromResult(db.People.Single(p => p.Id == rep.Id)))).SyncEnabled);
        await rep.SaveAsync(true);
        await rep.SyncAsync();
        await rep.EditAsync(mine.Id, draft => draft with { Subject = "Rita's, edited" });
        await rep.SyncAsync();

        Assert.Equal(["Rita's, edited", "Sam's"], await rep.SubjectsAsync());
        Assert.Equal(0, world.Org.Calls.RowsWritten);
        Assert.Equal("Rita's", Assert.Single(world.Org.Tasks(world.Org.Rita.Id)).Subject);

        // Back as the former user: the links are revived by a catch-up, and the edit goes out.
        await rep.ConnectAsync(world.Org.Rita);
        await rep.SaveAsync(true);
        await rep.SyncAsync();
        Assert.Equal("Rita's, edited", Assert.Single(world.Org.Tasks(world.Org.Rita.Id)).Subject);
        Assert.Equal(2, (await rep.ListAsync()).Count);
    }

    [Fact]
    public async Task F9_one_Salesforce_user_can_be_connected_by_one_person_only()
    {
        await using var world = await StartAsync();
        await world.SyncedRepAsync();
        var other = await world.RepAsync(world.Org.Sam, "Sam Seller");

        var refused = Assert.IsType<ConnectResult.Refused>(await other.ConnectAsync(world.Org.Rita));

        Assert.Equal(ConnectRefusal.InUse, refused.Reason);
        Assert.NotEmpty(refused.Words);
    }

    private Task<SyncWorld> StartAsync(Action<SimulatorOptions>? simulate = null) => SyncWorld.StartAsync(simulate, withReader: WithReader);
}
