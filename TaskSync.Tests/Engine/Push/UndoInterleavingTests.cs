using Microsoft.EntityFrameworkCore.Diagnostics;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Push;

/// <summary>The rep takes an action back, or does the opposite, while what it had led to is under way. The newest action is what both sides show.</summary>
public sealed class UndoInterleavingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S2_a_deletion_undone_in_time_does_not_take_back_what_somebody_edited_there_before_it()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        world.Org.UpdateTask(remote, new FieldValues { ["Description"] = "Theirs" }, world.Org.Adam.Id);
        world.Time.Advance(TimeSpan.FromSeconds(10));
        world.Org.Calls.Reset();
        var deleted = await world.Tasks.DeleteAsync(rep.Id, [id], Token);
        world.Get<SyncDoorbell>().Ring(rep.ConnectionId, readChanges: true);
        await rep.RunAsync();
        await world.Tasks.UndoAsync(rep.Id, deleted.Undo!, Token);
        await rep.SettleAsync();
        Assert.Equal(("Theirs", "Theirs"), ((await rep.TaskAsync(id)).Details, world.Org.FindTask(remote)!.Description));
        Assert.Equal(0, world.Org.Calls.RowsWritten);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S2_a_deletion_between_the_read_and_the_plan_of_an_edit_waits_for_the_undo_bar(bool useComposite)
    {
        await using var world = await SyncWorld.StartAsync(settings: new() { ["Sync:UseComposite"] = useComposite.ToString() });
        var (rep, id, remote) = await world.PairAsync();
        await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
        BulkResult? deleted = null;
        var meanwhile = world.BeforeRequest("GET", () => deleted = world.Tasks.DeleteAsync(rep.Id, [id], Token).GetAwaiter().GetResult(), "/queryAll");
        await rep.RunAsync();
        Assert.Equal(1, meanwhile.Fired);
        Assert.False(world.Org.FindTask(remote)!.IsDeleted);
        await world.Tasks.UndoAsync(rep.Id, deleted!.Undo!, Token);
        await rep.SettleAsync();
        Assert.Equal(0, world.Org.Calls.RowsDeleted);
    }

    [Fact]
    public async Task S2_an_edit_put_off_by_a_row_lock_does_not_cut_the_undo_bar_of_a_deletion_short()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
        var fault = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.RowLock, Item = 0, Method = "PATCH", Resource = "/composite/sobjects" });
        var slow = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayAnswer, Method = "PATCH", Resource = "/composite/sobjects" });
        var run = rep.RunAsync();
        await Until.TrueAsync(() => slow.Fired == 1 && fault.Fired == 1);
        await rep.DeleteAsync(id);
        slow.Release();
        await run;
        for (var i = 0; i < 3; i++)
        {
            world.Time.Advance(TimeSpan.FromSeconds(1));
            await rep.RunAsync();
            Assert.False(world.Org.FindTask(remote)!.IsDeleted);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S2_completed_and_undone_while_a_read_moves_the_base_both_sides_are_equal(bool deletedThere)
    {
        var between = new Between();
        await using var world = await SyncWorld.StartAsync(database: new TestDatabase(between));
        var (rep, id, remote) = await world.PairAsync();
        if (deletedThere)
        {
            world.Org.DeleteTask(remote, world.Org.Adam.Id);
        }
        else
        {
            world.Org.UpdateTask(remote, new FieldValues { ["Status"] = "In Progress" }, world.Org.Adam.Id);
        }

        world.Time.Advance(TimeSpan.FromSeconds(10));
        var done = await world.Tasks.CompleteAsync(rep.Id, [id], Token);
        world.Time.Advance(TimeSpan.FromSeconds(2));
        var rows = await rep.ReadAsync($"Id = '{remote}'");
        between.Act = async () => await rep.ApplyAsync(rows);
        await world.Tasks.UndoAsync(rep.Id, done.Undo!, Token);
        Assert.Null(between.Act);
        await rep.SettleAsync();
        var (here, there) = (await rep.TaskAsync(id), world.Org.FindTask(remote)!);
        Assert.Equal(there.IsDeleted, here.RemovedAt is not null);
        Assert.Equal(there.Status, here.Status);
    }

    [Fact]
    public async Task S2_deleted_and_undone_while_a_read_moves_the_base_both_sides_are_equal()
    {
        var between = new Between();
        await using var world = await SyncWorld.StartAsync(database: new TestDatabase(between));
        var (rep, id, remote) = await world.PairAsync();
        world.Org.UpdateTask(remote, new FieldValues { ["Description"] = "Theirs" }, world.Org.Adam.Id);
        world.Time.Advance(TimeSpan.FromSeconds(10));
        var deleted = await world.Tasks.DeleteAsync(rep.Id, [id], Token);
        world.Time.Advance(TimeSpan.FromSeconds(2));
        var rows = await rep.ReadAsync($"Id = '{remote}'");
        between.Act = async () => await rep.ApplyAsync(rows);
        await world.Tasks.UndoAsync(rep.Id, deleted.Undo!, Token);
        Assert.Null(between.Act);
        await rep.SettleAsync();
        Assert.Equal(world.Org.FindTask(remote)!.Description, (await rep.TaskAsync(id)).Details);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S4_a_deletion_without_answer_a_change_there_and_a_restore_and_deletion_here_the_newest_action_wins(bool applied)
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        world.Org.Faults.Add(new FaultRule { Kind = applied ? FaultKind.DropAfterCommit : FaultKind.DropBeforeCommit, Method = "DELETE", Resource = "/composite/sobjects" });
        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        Assert.Equal(applied, world.Org.FindTask(remote)!.IsDeleted);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        if (applied)
        {
            world.Org.UndeleteTask(remote, world.Org.Adam.Id);
        }
        else
        {
            world.Org.UpdateTask(remote, new FieldValues { ["Subject"] = "Theirs" }, world.Org.Adam.Id);
        }

        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.RestoreAsync(id);
        await rep.DeleteAsync(id);
        await rep.SettleAsync();
        Assert.Empty(await rep.ListAsync());
        Assert.True(world.Org.FindTask(remote)!.IsDeleted);
    }

    [Fact]
    public async Task S4_deleted_again_while_the_undelete_is_under_way_and_its_answer_is_lost_it_is_deleted()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        Assert.True(world.Org.FindTask(remote)!.IsDeleted);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        var fault = DeletedWhileUndeleted(world, rep, id, FaultKind.DropAfterCommit);
        await rep.RestoreAsync(id);
        await rep.RunAsync();
        Assert.Equal(1, fault.Fired);
        Assert.False(world.Org.FindTask(remote)!.IsDeleted);
        await rep.SettleAsync();
        Assert.Empty(await rep.ListAsync());
        Assert.True(world.Org.FindTask(remote)!.IsDeleted);
    }

    [Fact]
    public async Task S4_deleted_again_while_the_undelete_is_under_way_and_seen_by_the_reader_before_the_answer_it_is_deleted()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var (rep, id, remote) = await world.PairAsync();
        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        Assert.True(world.Org.FindTask(remote)!.IsDeleted);
        await rep.SettleAsync();
        var answer = DeletedWhileUndeleted(world, rep, id, FaultKind.DelayAnswer);
        await rep.RestoreAsync(id);
        var run = rep.RunAsync();
        await Until.TrueAsync(() => !world.Org.FindTask(remote)!.IsDeleted);
        await world.ReadAllAsync();
        answer.Release();
        await run;
        await rep.SettleAsync();
        Assert.Empty(await rep.ListAsync());
        Assert.True(world.Org.FindTask(remote)!.IsDeleted);
    }

    [Fact]
    public async Task S4_an_undelete_that_hung_and_lands_after_the_task_was_deleted_again_resurrects_nothing()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.RestoreAsync(id);
        var late = await rep.HangAsync("POST", "/Soap");
        await rep.DeleteAsync(id);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.SyncAsync();
        Assert.True(world.Org.FindTask(remote)!.IsDeleted);
        late.Release();
        await Until.TrueAsync(() => !world.Org.FindTask(remote)!.IsDeleted);
        await rep.SettleAsync();
        Assert.Empty(await rep.ListAsync());
        Assert.True(world.Org.FindTask(remote)!.IsDeleted);
    }

    [Fact]
    public async Task S4_a_hung_deletion_whose_repetition_succeeded_and_that_lands_after_the_restore_is_taken_back()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await rep.DeleteAsync(id);
        world.Time.Advance(TimeSpan.FromSeconds(6));
        var late = await rep.HangAsync("DELETE");
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.SyncAsync();
        Assert.True(world.Org.FindTask(remote)!.IsDeleted);
        await rep.RestoreAsync(id);
        await rep.SyncAsync();
        await rep.SyncAsync();
        Assert.False(world.Org.FindTask(remote)!.IsDeleted);
        late.Release();
        await Until.TrueAsync(() => world.Org.FindTask(remote)!.IsDeleted);
        await rep.SettleAsync();
        Assert.Single(await rep.ListAsync());
        Assert.False(world.Org.FindTask(remote)!.IsDeleted);
    }

    [Fact]
    public async Task S4_an_undelete_there_when_ours_can_no_longer_arrive_is_somebody_elses()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, Resource = "/Soap" });
        await rep.RestoreAsync(id);
        await rep.SyncAsync();
        var sent = world.Time.GetUtcNow();
        world.Time.Advance(TimeSpan.FromMinutes(3));
        await rep.SyncAsync();
        Assert.False(world.Org.FindTask(remote)!.IsDeleted);
        await rep.DeleteAsync(id);
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await rep.SyncAsync();
        Assert.True(world.Org.FindTask(remote)!.IsDeleted);

        world.Time.Advance(sent + TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(5) - world.Time.GetUtcNow());
        world.Org.UndeleteTask(remote, world.Org.Adam.Id);
        await rep.SettleAsync();
        Assert.Single(await rep.ListAsync());
        Assert.False(world.Org.FindTask(remote)!.IsDeleted);
    }

    [Fact]
    public async Task S4_restored_deleted_and_restored_again_after_the_bin_was_emptied_it_is_created_anew()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, _) = await world.PairAsync();
        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        world.Org.PurgeRecycleBin();
        await rep.RestoreAsync(id);
        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        await rep.RestoreAsync(id);
        await rep.SettleAsync();
        Assert.Single(await rep.ListAsync());
        Assert.Single(rep.Remote());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public async Task S4_a_deletion_there_that_the_rep_is_not_shown_wins_over_an_older_edit_here(int minutesUntilSent)
    {
        await using var world = await SyncWorld.StartAsync(o => o.QueryAllShowsForeignDeletions = false);
        var (rep, id, remote) = await world.PairAsync();
        await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
        world.Time.Advance(TimeSpan.FromSeconds(10));
        world.Org.DeleteTask(remote, world.Org.Adam.Id);

        // getDeleted tells of it a minute or two later.
        world.Time.Advance(TimeSpan.FromMinutes(minutesUntilSent));
        await rep.RunAsync();
        await rep.SettleAsync();
        Assert.Equal(Removal.DeletedInSalesforce, (await rep.TaskAsync(id)).Removal);
        Assert.True(world.Org.FindTask(remote)!.IsDeleted);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public async Task S4_an_edit_here_that_is_newer_than_a_deletion_the_rep_is_not_shown_brings_the_task_back(int minutesUntilSent)
    {
        await using var world = await SyncWorld.StartAsync(o => o.QueryAllShowsForeignDeletions = false);
        var (rep, id, remote) = await world.PairAsync();
        world.Org.DeleteTask(remote, world.Org.Adam.Id);
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
        world.Time.Advance(TimeSpan.FromMinutes(minutesUntilSent));
        await rep.RunAsync();
        await rep.SettleAsync();
        Assert.Equal("Ours", Assert.Single(await rep.ListAsync()).Subject);
        Assert.Equal(("Ours", false), (world.Org.FindTask(remote)!.Subject, world.Org.FindTask(remote)!.IsDeleted));
    }

    [Fact]
    public async Task S7_a_task_that_was_no_longer_shown_and_is_then_deleted_there_is_deleted_here()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.LostPairAsync();
        world.Org.SetVisible(remote, rep.User.Id, true);
        world.Org.DeleteTask(remote, world.Org.Adam.Id);
        await rep.SettleAsync();
        Assert.Equal(Removal.DeletedInSalesforce, (await rep.TaskAsync(id)).Removal);
    }

    [Theory]
    [InlineData("Description", 1)]
    [InlineData("CallType", 0)]
    public async Task S7_what_was_deleted_while_it_was_only_here_is_deleted_only_here_unless_it_is_edited_there(string edited, int listed)
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.LostPairAsync();
        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        world.Org.SetVisible(remote, rep.User.Id, true);
        world.Org.UpdateTask(remote, new FieldValues { [edited] = "touched" });
        await rep.SettleAsync();

        Assert.False(world.Org.FindTask(remote)!.IsDeleted);
        Assert.Equal(listed, (await rep.ListAsync()).Count);
    }

    [Fact]
    public async Task S4_a_deletion_there_beats_what_was_deleted_and_restored_here_while_it_was_no_longer_shown()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        world.Org.SetVisible(remote, rep.User.Id, false);
        await rep.DeleteAsync(id);
        await rep.SettleAsync();
        Assert.Equal((LinkState.Lost, true), ((await rep.TaskAsync(id)).Link!.State, (await rep.TaskAsync(id)).Link!.AgreedGone));
        await rep.RestoreAsync(id);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        world.Org.SetVisible(remote, rep.User.Id, true);
        world.Org.DeleteTask(remote, world.Org.Adam.Id);
        await rep.SettleAsync();

        Assert.True(world.Org.FindTask(remote)!.IsDeleted);
        Assert.Equal(Removal.DeletedInSalesforce, (await rep.TaskAsync(id)).Removal);
        Assert.Empty(rep.Remote());
    }

    /// <summary>The rep deletes the task once more when its undelete has left, four seconds before Salesforce carries that out; and then something happens to the answer.</summary>
    private static FaultRule DeletedWhileUndeleted(SyncWorld world, SyncWorld.Rep rep, Guid id, FaultKind answer) => world.Org.Faults.Add(new FaultRule
    {
        Kind = answer,
        Resource = "/Soap",
        When = _ =>
        {
            rep.DeleteAsync(id).GetAwaiter().GetResult();
            world.Time.Advance(TimeSpan.FromSeconds(4));
            return true;
        },
    });

    /// <summary>Does something between what an action of the rep has loaded and what it stores.</summary>
    private sealed class Between : SaveChangesInterceptor
    {
        public Func<Task>? Act { get; set; }

        public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            if (Act is { } act)
            {
                Act = null;
                await act();
            }

            return result;
        }
    }
}
