using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Tests.Engine.Pull;

/// <summary>S8: pages that were read before something happened and are applied after it. Nothing old overwrites anything new, nothing gone comes back.</summary>
public sealed class ReadInterleavingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ReadKind.Import)]
    [InlineData(ReadKind.Changes)]
    public async Task S8_an_import_page_read_before_a_poll_and_applied_after_it_changes_nothing(ReadKind kind)
    {
        await using var world = await SyncWorld.StartAsync();
        var (edited, deleted) = (Add(world, "edited"), Add(world, "deleted"));
        var rep = await world.SyncedRepAsync();
        var stale = await rep.ReadAsync($"OwnerId = '{rep.User.Id}'");
        world.Time.Advance(TimeSpan.FromMinutes(1));
        world.Org.UpdateTask(edited.Id, new FieldValues { ["Subject"] = "edited since" });
        world.Org.DeleteTask(deleted.Id);
        await rep.SyncAsync();

        await rep.ApplyAsync(stale, kind);

        Assert.Equal(["edited since"], await rep.SubjectsAsync());
        await rep.SyncAsync();
        Assert.Equal(["edited since"], await rep.SubjectsAsync());
        Assert.Equal(0, world.Org.Calls.RowsWritten);
    }

    [Fact]
    public async Task S8_a_poll_that_was_cut_off_between_two_pages_is_read_again_as_a_whole_even_by_a_new_process()
    {
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = 2);
        var rep = await world.SyncedRepAsync();
        world.Time.Advance(TimeSpan.FromMinutes(5));
        foreach (var subject in new[] { "a", "b", "c", "d", "e" })
        {
            Add(world, subject);
        }

        // Long enough ago for the overlap of polls not to reach them again by itself.
        world.Time.Advance(TimeSpan.FromMinutes(1));
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, Resource = "/query/{locator}" });
        await rep.SyncAsync();
        Assert.Equal(["a", "b"], await rep.SubjectsAsync());

        await world.RestartAsync();
        world.Time.Advance(TimeSpan.FromMinutes(2));
        await rep.SyncAsync();

        Assert.Equal(["a", "b", "c", "d", "e"], await rep.SubjectsAsync());
        Assert.Equal(0, world.Org.Calls.Count("/sobjects/Task/updated", "GET")); // not by the sweep, which would find them later
    }

    [Theory]
    [InlineData(ReadKind.Import)]
    [InlineData(ReadKind.Changes)]
    public async Task S4_a_stale_page_after_both_sides_forgot_a_task_does_not_bring_it_back(ReadKind kind)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var ours = await rep.CreateAsync("made here");
        var theirs = Add(world, "made there");
        await rep.SyncAsync();
        var stale = await rep.ReadAsync($"OwnerId = '{rep.User.Id}'");
        Assert.Equal(2, stale.Count);
        await rep.DeleteAsync(ours);
        await rep.DeleteAsync((await rep.OfAsync(theirs))!.Id);

        // Within the very second of the page, so that no stamp tells them apart.
        await rep.SyncAsync();
        Assert.Empty(rep.Remote());
        var history = (await rep.HistoryAsync(ours)).Count;

        await rep.ApplyAsync(stale, kind);
        await rep.SyncAsync();

        Assert.Empty(await rep.ListAsync());
        Assert.Empty(rep.Remote());
        Assert.Equal(history, (await rep.HistoryAsync(ours)).Count);
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task S4_a_page_that_shows_a_task_live_again_is_believed_after_reading_it_once_more()
    {
        await using var world = await SyncWorld.StartAsync();
        var remote = Add(world, "comes back");
        var rep = await world.SyncedRepAsync();
        world.Org.DeleteTask(remote.Id);
        await rep.SyncAsync();
        Assert.Empty(await rep.ListAsync());
        world.Org.UndeleteTask(remote.Id);
        world.Org.Calls.Reset();

        await rep.SyncAsync();

        Assert.Equal(["comes back"], await rep.SubjectsAsync());
        Assert.Equal(2, world.Org.Calls.Total);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S8_a_page_read_before_our_own_write_and_applied_after_it_does_not_take_the_write_back(bool madeHere)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var id = madeHere ? await rep.CreateAsync("v1") : default;
        id = madeHere ? id : (await EnterAsync(world, rep, "v1")).Id;
        await rep.SyncAsync();
        world.Time.Advance(TimeSpan.FromMinutes(1));
        var stale = await rep.ReadAsync($"OwnerId = '{rep.User.Id}'");
        await rep.EditAsync(id, draft => draft with { Subject = "v2" });
        await rep.SyncAsync();
        var history = (await rep.HistoryAsync(id)).Count;

        await rep.ApplyAsync(stale, ReadKind.Changes);

        Assert.Equal("v2", (await rep.TaskAsync(id)).Subject);
        Assert.Equal(history, (await rep.HistoryAsync(id)).Count);
        Assert.Equal("v2", Assert.Single(rep.Remote()).Subject);
    }

    private static SimulatedTask Add(SyncWorld world, string subject) => world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = subject });

    private static async Task<TaskItem> EnterAsync(SyncWorld world, SyncWorld.Rep rep, string subject)
    {
        var remote = Add(world, subject);
        await rep.SyncAsync();
        return (await rep.OfAsync(remote))!;
    }
}
