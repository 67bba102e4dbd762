using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine;

public class TwoWayTests
{
    /// <summary>Whether the org's reader reads, instead of each rep's own token.</summary>
    protected virtual bool WithReader => false;

    [Fact]
    public async Task S1_create_edit_complete_reopen_and_delete_travel_to_Salesforce()
    {
        await using var world = await StartAsync();
        var rep = await world.SyncedRepAsync();
        var id = await rep.CreateAsync("Call Ana");
        await rep.SyncAsync();
        var salesforceId = Assert.Single(rep.Remote()).Id;

        await rep.EditAsync(id, draft => draft with { Subject = "Call Ana again", DueDate = world.Today.AddDays(3) });
        await rep.SyncAsync();
        Assert.Equal(("Call Ana again", world.Today.AddDays(3)), (world.Org.FindTask(salesforceId)!.Subject, world.Org.FindTask(salesforceId)!.ActivityDate));

        await rep.CompleteAsync(id);
        await rep.SyncAsync();
        Assert.True(world.Org.FindTask(salesforceId)!.IsClosed);

        await rep.ReopenAsync(id);
        await rep.SyncAsync();
        Assert.False(world.Org.FindTask(salesforceId)!.IsClosed);

        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        Assert.True(world.Org.FindTask(salesforceId)!.IsDeleted);
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task S1_create_edit_complete_reopen_delete_and_undelete_travel_from_Salesforce()
    {
        await using var world = await StartAsync();
        var rep = await world.SyncedRepAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana" });
        await rep.SyncAsync();
        var id = (await rep.OfAsync(remote))!.Id;

        world.Org.UpdateTask(remote.Id, new FieldValues { ["Subject"] = "Call Ana again", ["Description"] = "About the offer" });
        await rep.SyncAsync();
        Assert.Equal(("Call Ana again", "About the offer"), ((await rep.TaskAsync(id)).Subject, (await rep.TaskAsync(id)).Details));

        world.Org.CompleteTask(remote.Id);
        await rep.SyncAsync();
        Assert.True((await rep.TaskAsync(id)).IsCompleted);
        Assert.NotNull((await rep.TaskAsync(id)).CompletedAt);

        world.Org.UpdateTask(remote.Id, new FieldValues { ["Status"] = "In Progress" });
        await rep.SyncAsync();
        Assert.False((await rep.TaskAsync(id)).IsCompleted);
        Assert.Equal("In Progress", (await rep.TaskAsync(id)).Status);

        world.Org.DeleteTask(remote.Id);
        await rep.SyncAsync();
        Assert.Equal(Removal.DeletedInSalesforce, (await rep.TaskAsync(id)).Removal);

        world.Org.UndeleteTask(remote.Id);
        await rep.SyncAsync();
        Assert.Equal(["Call Ana again"], await rep.SubjectsAsync());
        Assert.Equal(0, world.Org.Calls.RowsWritten);
    }

    [Fact]
    public async Task S2_a_completion_undone_within_the_undo_time_is_never_sent()
    {
        await using var world = await StartAsync();
        var rep = await world.SyncedRepAsync();
        var id = await rep.CreateAsync("Call Ana");
        await rep.SyncAsync();
        world.Org.Calls.Reset();

        var done = await world.Tasks.CompleteAsync(rep.Id, [id], TestContext.Current.CancellationToken);
        await rep.RunAsync();
        Assert.Equal(0, world.Org.Calls.RowsWritten);
        world.Time.Advance(TimeSpan.FromSeconds(4));
        await world.Tasks.UndoAsync(rep.Id, done.Undo!, TestContext.Current.CancellationToken);
        await rep.SyncAsync();

        Assert.Equal(0, world.Org.Calls.RowsWritten);
        Assert.False((await rep.InSalesforceAsync(id))!.IsClosed);
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task S3_different_fields_edited_on_both_sides_both_survive()
    {
        await using var world = await StartAsync();
        var (rep, id, remote) = await world.PairAsync();

        await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
        world.Org.UpdateTask(remote, new FieldValues { ["Priority"] = "High", ["Description"] = "Theirs" });
        await rep.SyncAsync();

        var (here, there) = (await rep.TaskAsync(id), world.Org.FindTask(remote)!);
        Assert.Equal(("Ours", "High", "Theirs"), (here.Subject, here.Priority, here.Details));
        Assert.Equal(("Ours", "High", "Theirs"), (there.Subject, there.Priority, there.Description));
    }

    [Theory]
    [InlineData(30, "Theirs")]
    [InlineData(-30, "Ours")]
    public async Task S3_one_field_edited_on_both_sides_the_newer_edit_wins_and_both_values_are_kept(int theirsSecondsLater, string expected)
    {
        await using var world = await StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        if (theirsSecondsLater < 0)
        {
            world.Org.UpdateTask(remote, new FieldValues { ["Subject"] = "Theirs" });
            world.Time.Advance(TimeSpan.FromSeconds(-theirsSecondsLater));
        }

        await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
        if (theirsSecondsLater > 0)
        {
            world.Time.Advance(TimeSpan.FromSeconds(theirsSecondsLater));
            world.Org.UpdateTask(remote, new FieldValues { ["Subject"] = "Theirs" });
        }

        await rep.SyncAsync();

        Assert.Equal((expected, expected), ((await rep.TaskAsync(id)).Subject, world.Org.FindTask(remote)!.Subject));
        var conflict = (await world.ReadAsync(db => Task.FromResult(db.Conflicts.ToList()))).Single();
        Assert.Equal(("Ours", "Theirs", expected == "Ours" ? TaskSide.TaskSync : TaskSide.Salesforce), (conflict.OurValue, conflict.TheirValue, conflict.Winner));

        // One click takes the other value, on both sides.
        await world.Tasks.TakeOtherValueAsync(rep.Id, conflict.Id, TestContext.Current.CancellationToken);
        await rep.SyncAsync();
        var other = expected == "Ours" ? "Theirs" : "Ours";
        Assert.Equal((other, other), ((await rep.TaskAsync(id)).Subject, world.Org.FindTask(remote)!.Subject));
    }

    [Fact]
    public async Task S4_deleted_there_after_our_edit_the_deletion_wins_before_it_our_edit_brings_the_task_back()
    {
        await using var world = await StartAsync();
        var (rep, first, firstRemote) = await world.PairAsync();
        await rep.EditAsync(first, draft => draft with { Subject = "edited, then deleted there" });
        world.Time.Advance(TimeSpan.FromMinutes(1));
        world.Org.DeleteTask(firstRemote);
        await rep.SyncAsync();
        Assert.Equal(Removal.DeletedInSalesforce, (await rep.TaskAsync(first)).Removal);

        var second = await rep.CreateAsync("second");
        await rep.SyncAsync();
        var secondRemote = (await rep.InSalesforceAsync(second))!.Id;
        world.Org.DeleteTask(secondRemote);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.EditAsync(second, draft => draft with { Subject = "deleted there, then edited" });
        await rep.SyncAsync();

        var revived = world.Org.FindTask(secondRemote)!;
        Assert.Equal((false, "deleted there, then edited"), (revived.IsDeleted, revived.Subject));
        Assert.Contains("deleted there, then edited", await rep.SubjectsAsync());
    }

    [Fact]
    public async Task S4_what_was_edited_there_before_the_deletion_is_part_of_what_is_deleted()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        world.Org.UpdateTask(remote, new FieldValues { ["Description"] = "last words" });
        world.Org.DeleteTask(remote);
        world.Time.Advance(TimeSpan.FromMinutes(1));

        await rep.SyncAsync();

        var removed = await rep.TaskAsync(id);
        Assert.NotNull(removed.RemovedAt);
        Assert.Equal("last words", removed.Details);
        Assert.Contains(await rep.HistoryAsync(id), entry => entry.Kind == HistoryKind.Edited && entry.Changes.Any(change => change.After == "last words"));
    }

    [Fact]
    public async Task S4_a_task_restored_here_is_taken_out_of_the_recycle_bin_or_created_anew_where_that_was_emptied()
    {
        await using var world = await StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        await rep.RestoreAsync(id);
        await rep.SyncAsync();
        Assert.Equal(remote, Assert.Single(rep.Remote()).Id);

        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        world.Org.PurgeRecycleBin();
        await rep.RestoreAsync(id);
        await rep.SyncAsync();

        Assert.NotEqual(remote, Assert.Single(rep.Remote()).Id);
        Assert.Equal(["Call Ana"], await rep.SubjectsAsync());
        Assert.Contains(await rep.HistoryAsync(id), line => line.Note?.Contains("anew", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task S6_our_own_write_coming_back_causes_no_write_no_history_and_an_idle_poll_is_one_call_that_writes_nothing()
    {
        var writes = new WriteCounter();
        await using var world = await SyncWorld.StartAsync(database: new TaskSync.Tests.Support.TestDatabase(writes), withReader: false);
        var (rep, id, _) = await world.PairAsync();
        await rep.SyncAsync();
        var history = (await rep.HistoryAsync(id)).Count;
        world.Org.Calls.Reset();
        writes.Reset();

        // Our row is still inside the overlap, so it does come back.
        world.Time.Advance(TimeSpan.FromSeconds(1));
        world.Get<TaskSync.Sync.Signals.SyncDoorbell>().Ring(rep.ConnectionId, readChanges: true);
        await rep.RunAsync();

        Assert.Equal(1, world.Org.Calls.Total);
        Assert.Empty(writes.Statements);
        Assert.Equal(history, (await rep.HistoryAsync(id)).Count);
    }

    [Fact]
    public async Task S6_a_foreign_edit_in_the_same_window_as_our_own_write_is_still_seen()
    {
        await using var world = await StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await rep.EditAsync(id, draft => draft with { Priority = "High" });
        await rep.RunAsync();

        // Within the very second of our write.
        world.Org.UpdateTask(remote, new FieldValues { ["Subject"] = "Theirs" });
        await rep.SyncAsync();

        Assert.Equal(("Theirs", "High"), ((await rep.TaskAsync(id)).Subject, (await rep.TaskAsync(id)).Priority));
    }

    [Fact]
    public async Task S6_a_field_that_Salesforce_changes_back_three_times_becomes_a_problem_and_is_no_longer_written()
    {
        await using var world = await StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        for (var i = 0; i < 3; i++)
        {
            await rep.EditAsync(id, draft => draft with { Priority = "High" });
            await rep.SyncAsync();
            world.Org.UpdateTask(remote, new FieldValues { ["Priority"] = "Normal" }, world.Org.Adam.Id);
            await rep.SyncAsync();
        }

        Assert.Equal("KEEPS_CHANGING_BACK", Assert.Single(await rep.ProblemsAsync()).Code);
        world.Org.Calls.Reset();
        await rep.EditAsync(id, draft => draft with { Priority = "High" });
        await rep.SyncAsync();
        Assert.Equal(0, world.Org.Calls.RowsWritten);

        // Other fields of the task go on.
        await rep.EditAsync(id, draft => draft with { Subject = "goes on" });
        await rep.SyncAsync();
        Assert.Equal("goes on", world.Org.FindTask(remote)!.Subject);
    }

    [Fact]
    public async Task S7_a_reassigned_task_closes_here_enters_the_new_owners_list_and_nothing_is_written()
    {
        await using var world = await StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        var sam = await world.SyncedRepAsync(world.Org.Sam, "Sam Seller");
        world.Org.Calls.Reset();
        world.Org.Reassign(remote, world.Org.Sam.Id, world.Org.Adam.Id);
        await rep.EditAsync(id, draft => draft with { Subject = "unsent" });
        await rep.SyncAsync();
        await sam.SyncAsync();

        Assert.Equal(Removal.Reassigned, (await rep.TaskAsync(id)).Removal);
        Assert.Equal(["Call Ana"], await sam.SubjectsAsync());
        Assert.Equal(0, world.Org.Calls.RowsWritten);
        Assert.Contains(await rep.HistoryAsync(id), line => line.Kind == HistoryKind.Reassigned && line.Changes.Any(c => c.After == "unsent"));
    }

    [Fact]
    public async Task S7_a_reassignment_nobody_touched_here_is_found_by_the_sweep()
    {
        await using var world = await StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        world.Org.PutUnder(world.Org.Rita.Id, world.Org.Sam.Id);
        world.Org.Reassign(remote, world.Org.Sam.Id, world.Org.Adam.Id);

        world.Time.Advance(TimeSpan.FromMinutes(16));
        await rep.SyncAsync();

        Assert.Equal(Removal.Reassigned, (await rep.TaskAsync(id)).Removal);
        Assert.Empty(await rep.ListAsync());
    }

    [Fact]
    public async Task S8_a_row_that_became_visible_within_the_overlap_is_found_by_the_next_poll()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        using var late = world.Org.BeginTransaction();
        late.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "A little late" });
        await rep.SyncAsync();
        Assert.Empty(await rep.ListAsync());

        late.Commit();
        await rep.SyncAsync();

        Assert.Equal(["A little late"], await rep.SubjectsAsync());
    }

    [Fact]
    public async Task S8_a_row_that_became_visible_late_is_found_by_the_sweep()
    {
        await using var world = await StartAsync();
        var rep = await world.SyncedRepAsync();
        var late = world.Time.GetUtcNow().AddSeconds(10);
        world.Time.Advance(TimeSpan.FromMinutes(5));
        await rep.SyncAsync();
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "committed late" }, new AuditStamps(late, late, late));
        await rep.SyncAsync();
        Assert.Empty(await rep.ListAsync());

        world.Time.Advance(TimeSpan.FromMinutes(16));
        await rep.SyncAsync();

        Assert.Equal(["committed late"], await rep.SubjectsAsync());
    }

    [Fact]
    public async Task S8_a_transaction_that_outlasts_a_sweep_is_found_by_the_next()
    {
        await using var world = await StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Time.Advance(TimeSpan.FromMinutes(8));
        using var late = world.Org.BeginTransaction();
        late.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "A long one" });
        var sweeps = world.Org.Calls.Count("/sobjects/Task/updated", "GET");
        world.Time.Advance(TimeSpan.FromMinutes(8));
        await rep.SyncAsync();
        Assert.Equal(sweeps + 1, world.Org.Calls.Count("/sobjects/Task/updated", "GET"));
        world.Time.Advance(TimeSpan.FromMinutes(1));
        late.Commit();
        await rep.SyncAsync();
        Assert.Empty(await rep.ListAsync());

        world.Time.Advance(TimeSpan.FromMinutes(16));
        await rep.SyncAsync();

        Assert.Equal(["A long one"], await rep.SubjectsAsync());
    }

    [Fact]
    public async Task F3_an_old_task_that_a_system_job_touches_stays_outside()
    {
        await using var world = await StartAsync();
        var old = world.Time.GetUtcNow().AddDays(-9);
        var touched = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "old" }, new AuditStamps(old, old, old));
        var rep = await world.SyncedRepAsync();
        world.Time.Advance(TimeSpan.FromMinutes(5));
        world.Org.TouchBySystem(touched.Id);
        await rep.SyncAsync();
        world.Time.Advance(TimeSpan.FromMinutes(16));
        await rep.SyncAsync();
        Assert.Empty(await rep.ListAsync());

        // Somebody who works on it brings it in.
        world.Org.UpdateTask(touched.Id, new FieldValues { ["Subject"] = "taken up again" });
        await rep.SyncAsync();
        Assert.Equal(["taken up again"], await rep.SubjectsAsync());
    }

    [Fact]
    public async Task F3_tasks_of_others_that_a_manager_sees_stay_theirs()
    {
        await using var world = await StartAsync();
        world.Org.PutUnder(world.Org.Rita.Id, world.Org.Sam.Id);
        var rep = await world.SyncedRepAsync();
        world.Org.CreateTask(world.Org.Sam.Id, new FieldValues { ["Subject"] = "Sam's" });
        await rep.SyncAsync();
        var sweeps = world.Org.Calls.Count("/sobjects/Task/updated", "GET");
        world.Time.Advance(TimeSpan.FromMinutes(16));
        await rep.SyncAsync();

        // The sweep's feed named it, for Rita may see it.
        Assert.Equal(sweeps + 1, world.Org.Calls.Count("/sobjects/Task/updated", "GET"));
        Assert.Empty(await rep.ListAsync());
    }

    [Fact]
    public async Task S9_one_refused_task_becomes_a_problem_with_the_exact_message_and_the_others_go_on()
    {
        await using var world = await StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message = "Calls need a phone number.", Item = 1, Resource = "/composite/sobjects" });
        for (var i = 0; i < 3; i++)
        {
            await rep.CreateAsync($"task {i}");
        }

        await rep.RunAsync();

        Assert.Equal(2, rep.Remote().Count);
        var problem = Assert.Single(await rep.ProblemsAsync());
        Assert.Equal(("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Calls need a phone number."), (problem.Code, problem.Message));

        await world.Get<TaskSync.Sync.Tasks.MySyncQuery>().RetryAsync(rep.Id, problem.Id, TestContext.Current.CancellationToken);
        await rep.SyncAsync();
        Assert.Equal(3, rep.Remote().Count);
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Fact]
    public async Task S6_text_that_Salesforce_trims_comes_back_without_a_trace()
    {
        await using var world = await StartAsync(simulate => simulate.Readings.TrimsText = true);
        var rep = await world.SyncedRepAsync();
        var id = await rep.CreateAsync("Call Ana", more: draft => draft with { Details = "   - first\n   - second" });
        await rep.SyncAsync();
        await rep.EditAsync(id, draft => draft with { Details = "\n\n   - third\n" });
        await rep.SettleAsync();

        Assert.Equal("- third", (await rep.TaskAsync(id)).Details);
        Assert.Equal("- third", (await rep.InSalesforceAsync(id))!.Description);
        Assert.DoesNotContain(await rep.HistoryAsync(id), line => line.Side == TaskSide.Salesforce);
    }

    [Fact]
    public async Task S11_a_series_definition_is_no_task_its_occurrences_are()
    {
        await using var world = await StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Weekly call", ["IsRecurrence"] = true, ["RecurrenceType"] = "RecursDaily", ["RecurrenceInterval"] = 1, ["RecurrenceStartDateOnly"] = world.Today, ["RecurrenceEndDateOnly"] = world.Today.AddDays(2) });

        await rep.SyncAsync();

        var list = await rep.ListAsync();
        Assert.All(list, task => Assert.False(world.Org.FindTask(task.Link!.SalesforceId!)!.IsRecurrence));
        Assert.Equal(world.Org.Tasks(world.Org.Rita.Id).Count(t => !t.IsRecurrence), list.Count);
    }

    [Fact]
    public async Task Completing_writes_the_orgs_own_closed_status_and_custom_values_survive_a_round_trip()
    {
        await using var world = await StartAsync();
        world.Org.SetStatuses(new PicklistEntry("Open", IsDefault: true), new PicklistEntry("Waiting for Ana"), new PicklistEntry("Won", IsFlagged: true), new PicklistEntry("Lost", IsFlagged: true));
        world.Org.SetPriorities(new PicklistEntry("Hot", IsFlagged: true), new PicklistEntry("Low", IsDefault: true));
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana", ["Status"] = "Waiting for Ana", ["Priority"] = "Low" });
        var rep = await world.SyncedRepAsync();
        var id = (await rep.OfAsync(remote))!.Id;

        await rep.EditAsync(id, draft => draft with { Subject = "Call Ana again" });
        await rep.SyncAsync();
        Assert.Equal(("Waiting for Ana", "Low"), (world.Org.FindTask(remote.Id)!.Status, world.Org.FindTask(remote.Id)!.Priority));

        await rep.CompleteAsync(id);
        await rep.SyncAsync();
        Assert.Equal("Won", world.Org.FindTask(remote.Id)!.Status);

        world.Org.UpdateTask(remote.Id, new FieldValues { ["Status"] = "Lost" });
        await rep.SyncAsync();
        Assert.True((await rep.TaskAsync(id)).IsCompleted);
        Assert.Equal("Lost", (await rep.TaskAsync(id)).Status);
    }

    private Task<SyncWorld> StartAsync(Action<SimulatorOptions>? simulate = null) => SyncWorld.StartAsync(simulate, withReader: WithReader);
}
