using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;
using TaskSync.Tests.Simulation;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Push;

/// <summary>S5: what else happens while the fate of a create is open. In the end there is one task on each side.</summary>
public sealed class CreateInterleavingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_a_retry_after_a_foreign_edit_adopts_the_row_and_takes_the_edit(bool hasKeyField)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = hasKeyField);
        var rep = await world.SyncedRepAsync();
        var id = await LoseTheAnswerAsync(world, rep);
        world.Org.UpdateTask(Assert.Single(rep.Remote()).Id, new FieldValues { ["Subject"] = "Theirs", ["Description"] = "Theirs too" }, world.Org.Adam.Id);
        await rep.SettleAsync();

        var (here, there) = (await rep.TaskAsync(id), Assert.Single(world.Org.Tasks(includeDeleted: true)));
        Assert.Equal(("Theirs", "Theirs too"), (there.Subject, there.Description));
        Assert.Equal(("Theirs", "Theirs too", there.Id), (here.Subject, here.Details, here.Link!.SalesforceId));
        Assert.Single(await rep.ListAsync());
        Assert.Empty(await world.ReadAsync(db => db.Conflicts.ToListAsync(Token)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_a_retry_after_a_foreign_deletion_resurrects_nothing(bool hasKeyField)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = hasKeyField);
        var rep = await world.SyncedRepAsync();
        var id = await LoseTheAnswerAsync(world, rep);
        world.Org.DeleteTask(Assert.Single(rep.Remote()).Id, world.Org.Adam.Id);
        await rep.SettleAsync();

        Assert.True(Assert.Single(world.Org.Tasks(includeDeleted: true)).IsDeleted);
        Assert.Equal(Removal.DeletedInSalesforce, (await rep.TaskAsync(id)).Removal);
        Assert.Empty(await rep.ListAsync());
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_our_row_seen_by_another_instances_poll_before_the_answer_to_its_create_is_one_task(bool hasKeyField)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = hasKeyField);
        var rep = await world.SyncedRepAsync();
        var answer = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayAnswer, Method = "POST", Resource = "/composite/sobjects" });
        var id = await rep.CreateAsync("Call Ana");
        var run = rep.RunAsync();
        await Until.TrueAsync(() => rep.Remote().Count == 1);

        // Another instance takes the shard over and polls; the first one's answer comes only then.
        await using (var other = world.Beside())
        {
            world.Time.Advance(TimeSpan.FromSeconds(10));
            await other.RunAsync(rep.ConnectionId);
            Assert.Equal(rep.Remote()[0].Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        }

        answer.Release();
        await run;
        await rep.SettleAsync();
        Assert.Single(world.Org.Tasks(includeDeleted: true));
        Assert.Single(await rep.ListAsync());
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task S5_our_row_seen_and_edited_by_others_before_the_answer_to_its_create_keeps_the_edit()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var answer = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayAnswer, Method = "POST", Resource = "/composite/sobjects" });
        var id = await rep.CreateAsync("Call Ana");
        var run = rep.RunAsync();
        await Until.TrueAsync(() => rep.Remote().Count == 1);
        world.Time.Advance(TimeSpan.FromSeconds(5));
        world.Org.UpdateTask(rep.Remote()[0].Id, new FieldValues { ["Subject"] = "Theirs" }, world.Org.Adam.Id);

        // A read of the same instance, as an org-wide reader's would be, sees it with the edit.
        await rep.ApplyAsync(await rep.ReadAsync("Subject != null"));
        Assert.Equal("Theirs", (await rep.TaskAsync(id)).Subject);

        answer.Release();
        await run;
        await rep.SettleAsync();
        Assert.Equal("Theirs", Assert.Single(world.Org.Tasks(includeDeleted: true)).Subject);
        Assert.Equal(["Theirs"], await rep.SubjectsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_a_create_attempted_then_deleted_here_that_lands_late_is_deleted_there(bool hasKeyField)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = hasKeyField);
        var rep = await world.SyncedRepAsync();
        var (id, late) = await HoldTheRequestAsync(rep);
        await rep.DeleteAsync(id);
        world.Time.Advance(TimeSpan.FromMinutes(2));
        await rep.SyncAsync();
        Assert.Empty(world.Org.Tasks(includeDeleted: true));

        late.Release();
        await Until.TrueAsync(() => rep.Remote().Count == 1);
        await rep.SettleAsync();

        Assert.True(Assert.Single(world.Org.Tasks(includeDeleted: true)).IsDeleted);
        Assert.Empty(await rep.ListAsync());
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_a_create_attempted_deleted_and_restored_here_is_one_task(bool applied)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = applied ? FaultKind.DropAfterCommit : FaultKind.DropBeforeCommit, Method = "POST", Resource = "/composite/sobjects" });
        var id = await rep.CreateAsync("Call Ana");
        await rep.RunAsync();
        await rep.DeleteAsync(id);
        await rep.RestoreAsync(id);
        await rep.SettleAsync();

        Assert.Equal(Assert.Single(world.Org.Tasks(includeDeleted: true)).Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.False(world.Org.Tasks(includeDeleted: true)[0].IsDeleted);
        Assert.Equal(["Call Ana"], await rep.SubjectsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_a_look_up_while_the_first_request_still_runs_does_not_make_a_second_task(bool hasKeyField)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = hasKeyField);
        var rep = await world.SyncedRepAsync();
        var (id, first) = await HoldTheRequestAsync(rep);

        // The look-up finds nothing; then the first request is carried out.
        var lookedUp = world.Org.Calls.Count("/queryAll", "GET");
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.SyncAsync();
        Assert.True(world.Org.Calls.Count("/queryAll", "GET") > lookedUp);
        first.Release();
        await Until.TrueAsync(() => rep.Remote().Count == 1);
        await rep.SettleAsync();

        Assert.Equal(Assert.Single(world.Org.Tasks(includeDeleted: true)).Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.Single(await rep.ListAsync());
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_a_create_that_is_carried_out_after_its_repetition_was_deleted_is_deleted_too(bool deletedHere)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var (id, first) = await RepeatAsync(world, rep);
        await DeleteAsync(world, rep, id, deletedHere);
        await LandAsync(rep, first);
        await rep.SettleAsync();

        Assert.Equal([true, true], world.Org.Tasks(includeDeleted: true).Select(t => t.IsDeleted));
        Assert.Empty(await rep.ListAsync());
        Assert.Single(await world.ReadAsync(db => db.Tasks.ToListAsync(Token)));
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_a_create_that_is_carried_out_before_the_deletion_of_its_repetition_was_seen_is_deleted_too(bool deletedHere)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var (id, first) = await RepeatAsync(world, rep);
        if (deletedHere)
        {
            world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "DELETE", Resource = "/composite/sobjects" });
            await rep.DeleteAsync(id);
            await rep.SyncAsync();
        }
        else
        {
            world.Org.DeleteTask(Assert.Single(rep.Remote()).Id, world.Org.Adam.Id);
        }

        // What shows first is the task of the first request; the deletion that made room for it becomes visible later.
        Assert.Empty(rep.Remote());
        await LandAsync(rep, first);
        world.Time.Advance(TimeSpan.FromMinutes(3));
        var applied = await rep.ApplyAsync(await rep.ReadAsync($"Id = '{Assert.Single(rep.Remote()).Id}'"));
        Assert.Equal(2, applied.ReadAgain.Count);
        Assert.Single(await world.ReadAsync(db => db.Tasks.ToListAsync(Token)));

        var rows = await rep.ReadAsync(Soql.In("Id", applied.ReadAgain));
        await rep.ApplyAsync([.. rows.OrderBy(row => row.IsDeleted)], ReadKind.Present);
        await rep.SettleAsync();
        Assert.Equal([true, true], world.Org.Tasks(includeDeleted: true).Select(t => t.IsDeleted));
        Assert.Empty(await rep.ListAsync());
        Assert.Single(await world.ReadAsync(db => db.Tasks.ToListAsync(Token)));
    }

    [Fact]
    public async Task S4_a_create_that_is_carried_out_after_its_repetition_was_deleted_and_is_then_edited_there_comes_back()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var (id, first) = await RepeatAsync(world, rep);
        await DeleteAsync(world, rep, id, here: true);
        await LandAsync(rep, first);
        world.Time.Advance(TimeSpan.FromSeconds(5));
        world.Org.UpdateTask(Assert.Single(rep.Remote()).Id, new FieldValues { ["Subject"] = "Theirs" }, world.Org.Adam.Id);
        await rep.SettleAsync();

        Assert.Equal("Theirs", Assert.Single(rep.Remote()).Subject);
        Assert.Equal(["Theirs"], await rep.SubjectsAsync());
        Assert.Equal(rep.Remote()[0].Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_a_create_that_is_carried_out_after_its_repetition_was_deleted_is_the_task_that_was_restored_here(bool andDeletedAgain)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var (id, first) = await RepeatAsync(world, rep);
        await DeleteAsync(world, rep, id, here: true);
        await LandAsync(rep, first);
        await rep.RestoreAsync(id);
        if (andDeletedAgain)
        {
            await rep.DeleteAsync(id);
            await rep.SettleAsync();
            Assert.Empty(rep.Remote());
            Assert.Empty(await rep.ListAsync());
            return;
        }

        await rep.SettleAsync();
        var there = Assert.Single(rep.Remote());
        Assert.Equal((there.Id, "Call Ana"), ((await rep.TaskAsync(id)).Link!.SalesforceId, there.Subject));
        Assert.Equal(["Call Ana"], await rep.SubjectsAsync());
        Assert.Equal(0, await rep.WaitingAsync());
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_an_answer_that_comes_when_its_link_has_moved_on_to_a_late_row_changes_nothing(bool withReader)
    {
        await using var world = await SyncWorld.StartAsync(withReader: withReader);
        var rep = await world.SyncedRepAsync();
        var (id, first) = await RepeatAsync(world, rep);
        await rep.SettleAsync();
        var answer = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayAnswer, Method = "DELETE", Resource = "/composite/sobjects" });
        await rep.DeleteAsync(id);
        world.Time.Advance(TimeSpan.FromSeconds(6));
        var run = rep.RunAsync();
        await Until.TrueAsync(() => rep.Remote().Count == 0);
        await LandAsync(rep, first);
        world.Time.Advance(TimeSpan.FromSeconds(4));
        if (withReader)
        {
            await world.ReadAllAsync();
        }
        else
        {
            var applied = await rep.ApplyAsync(await rep.ReadAsync("Subject != null"));
            await rep.ApplyAsync(await rep.ReadAsync(Soql.In("Id", applied.ReadAgain)), ReadKind.Present);
        }

        // A reader waits until the call is answered; a read of the connection itself takes the row at once.
        Assert.Equal(withReader, Assert.Single(rep.Remote()).Id != (await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.Equal(1, await rep.WaitingAsync());
        answer.Release();
        await run;
        await rep.SettleAsync();
        Assert.Empty(await rep.ListAsync());
        Assert.Empty(rep.Remote());
    }

    [Fact]
    public async Task S5_a_late_create_where_others_deletions_are_not_shown_is_deleted_too()
    {
        await using var world = await SyncWorld.StartAsync(o => o.QueryAllShowsForeignDeletions = false);
        var rep = await world.SyncedRepAsync();
        var (id, first) = await RepeatAsync(world, rep);
        world.Org.DeleteTask(Assert.Single(rep.Remote()).Id, world.Org.Adam.Id);
        await LandAsync(rep, first);
        await rep.SettleAsync();
        Assert.Single(await world.ReadAsync(db => db.Tasks.ToListAsync(Token)));
        Assert.Empty(rep.Remote());
        Assert.Empty(await rep.ListAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_created_anew_and_the_late_row_of_its_first_request_are_one_task(bool landsFirst)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var (id, first) = await RepeatAsync(world, rep);
        await rep.DeleteAsync(id);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.SyncAsync();
        world.Org.PurgeRecycleBin();
        if (landsFirst)
        {
            await LandAsync(rep, first);
        }

        await rep.RestoreAsync(id);
        await rep.RunAsync();
        first.Release();
        await rep.SettleAsync();
        Assert.Single(await rep.ListAsync());
        Assert.Single(rep.Remote());
    }

    [Fact]
    public async Task S5_a_late_row_of_a_task_that_was_edited_deleted_and_restored_takes_the_edit()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var (id, first) = await RepeatAsync(world, rep);
        await rep.EditAsync(id, draft => draft with { Subject = "v2" });
        await rep.SyncAsync();
        await rep.DeleteAsync(id);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.SyncAsync();
        await LandAsync(rep, first);
        await rep.RestoreAsync(id);
        await rep.SettleAsync();
        Assert.Equal("v2", Assert.Single(rep.Remote()).Subject);
        Assert.Equal(["v2"], await rep.SubjectsAsync());
        Assert.Equal(0, await rep.WaitingAsync());
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Fact]
    public async Task S7_a_create_whose_task_was_given_to_another_rep_before_its_answer_was_known_is_theirs_and_holds_up_nothing()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rita, sam) = (await world.SyncedRepAsync(), await world.SyncedRepAsync(world.Org.Sam, "Sam Seller"));
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "POST", Resource = "/composite/sobjects" });
        var given = await rita.CreateAsync("Given away");
        await rita.RunAsync();
        world.Org.Reassign(Assert.Single(rita.Remote()).Id, sam.User.Id);
        await sam.SyncAsync();
        Assert.Equal(["Given away"], await sam.SubjectsAsync());

        // Rita cannot see Sam's tasks: only Salesforce's refusal to create a second one tells.
        await rita.CreateAsync("Another");
        await rita.SettleAsync();

        Assert.Equal(["Another"], await rita.SubjectsAsync());
        Assert.Equal(Removal.Reassigned, (await rita.TaskAsync(given)).Removal);
        Assert.Equal(["Another"], rita.Remote().Select(t => t.Subject));
        Assert.Equal(["Given away"], sam.Remote().Select(t => t.Subject));
        Assert.Equal((0, 0), (await rita.WaitingAsync(), await sam.WaitingAsync()));
        Assert.Empty(await rita.ProblemsAsync());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task S5_after_a_restart_a_lost_create_is_recognised_though_the_clocks_differ(int minutesFast)
    {
        await using var world = await SyncWorld.StartAsync(o =>
        {
            o.HasKeyField = false;
            o.TimeProvider = new SkewedClock(o.TimeProvider, TimeSpan.FromMinutes(minutesFast));
        });
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "POST", Resource = "/composite/sobjects" });
        var id = await rep.CreateAsync("Call Ana");
        await rep.RunAsync();

        // A new process does not know yet how far the clocks are apart: the very answer to the look-up tells.
        await world.RestartAsync();
        await rep.SettleAsync();

        Assert.Equal(Assert.Single(world.Org.Tasks(includeDeleted: true)).Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.Empty(await world.ReadAsync(db => db.Problems.ToListAsync()));
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task S5_a_clone_that_somebody_else_made_is_not_taken_for_a_lost_create()
    {
        // Cloning a record copies CallObject. Here the clone is all that is left when we look.
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = false);
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "POST", Resource = "/composite/sobjects" });
        var id = await rep.CreateAsync("Call Ana");
        await rep.RunAsync();
        var ours = Assert.Single(rep.Remote());
        var key = (await rep.TaskAsync(id)).Link!.Key;
        var clone = world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Call Ana (clone)", ["CallObject"] = key }, asUser: world.Org.Adam.Id);
        world.Org.DeleteTask(ours.Id, world.Org.Adam.Id);
        world.Org.PurgeRecycleBin();
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.SyncAsync();

        Assert.Null((await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.Equal("AMBIGUOUS_MATCH", Assert.Single(await rep.ProblemsAsync()).Code);
        Assert.Equal("Call Ana (clone)", world.Org.FindTask(clone.Id)!.Subject);
    }

    [Fact]
    public async Task S5_nothing_is_looked_up_or_sent_again_before_the_first_request_has_run_out_of_time()
    {
        // Edited again a moment after its create was cut off: what is not there now may be there in a moment.
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropBeforeCommit, Method = "POST", Resource = "/composite/sobjects" });
        var id = await rep.CreateAsync("Call Ana");
        await rep.RunAsync();
        Assert.Empty(rep.Remote());
        var reads = world.Org.Calls.Count("/queryAll", "GET");

        world.Time.Advance(TimeSpan.FromSeconds(20));
        await world.ReadAsync(db => db.Connections.ExecuteUpdateAsync(set => set.SetProperty(c => c.BackOffUntil, (DateTimeOffset?)null)));
        await rep.EditAsync(id, draft => draft with { Subject = "Call Ana again" });
        await rep.CreateAsync("Another");
        await rep.RunAsync();
        Assert.Equal("Another", Assert.Single(rep.Remote()).Subject);
        Assert.Equal(reads, world.Org.Calls.Count("/queryAll", "GET"));

        await rep.SettleAsync();
        Assert.Equal(["Another", "Call Ana again"], rep.Remote().Select(t => t.Subject).Order());
    }

    [Fact]
    public async Task S5_the_first_request_carried_out_between_look_up_and_retry_makes_the_retry_a_duplicate_that_is_adopted()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var (id, first) = await HoldTheRequestAsync(rep);
        var second = world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.DelayRequest,
            Delay = TimeSpan.Zero,
            Method = "POST",
            Resource = "/composite/sobjects",
            When = _ =>
            {
                first.Release();
                SpinWait.SpinUntil(() => rep.Remote().Count == 1, TimeSpan.FromSeconds(30));
                world.Org.UpdateTask(rep.Remote()[0].Id, new FieldValues { ["Description"] = "Theirs" }, world.Org.Adam.Id);
                return true;
            },
        });
        await rep.EditAsync(id, draft => draft with { Subject = "v2" });
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.SyncAsync();
        Assert.Equal(1, second.Fired);
        await rep.SettleAsync();

        // v1 landed, somebody edited another field, v2 was refused as a duplicate: both edits survive in the one task.
        var there = Assert.Single(world.Org.Tasks(includeDeleted: true));
        Assert.Equal(("v2", "Theirs"), (there.Subject, there.Description));
        Assert.Equal(("v2", "Theirs"), ((await rep.TaskAsync(id)).Subject, (await rep.TaskAsync(id)).Details));
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Fact]
    public async Task S5_the_key_field_installed_while_a_create_is_unknown_does_not_make_a_second_task_on_either_side()
    {
        await using var world = await SyncWorld.StartAsync();
        world.Org.HideField("TaskSync_Key__c");
        var rep = await world.SyncedRepAsync();
        var id = await LoseTheAnswerAsync(world, rep);
        world.Org.ShowField("TaskSync_Key__c");
        await world.Get<SalesforceApi>().ReadSchemaAsync(Caller.Unasked(rep.ConnectionId), Token);
        await rep.SettleAsync();

        Assert.Equal(Assert.Single(world.Org.Tasks(includeDeleted: true)).Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.Single(await rep.ListAsync());

        // The next reading of the org's fields takes the new field into use.
        await world.Get<SalesforceApi>().ReadSchemaAsync(Caller.Unasked(rep.ConnectionId), Token);
        var next = await rep.CreateAsync("Write to Ana");
        await rep.SyncAsync();
        Assert.NotNull((await rep.InSalesforceAsync(next))!.Key);
        Assert.Equal(2, rep.Remote().Count);
    }

    [Fact]
    public async Task S5_the_key_field_installed_and_CallObject_hidden_while_a_create_is_unknown_the_reads_go_on()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        world.Org.HideField("TaskSync_Key__c");
        var rep = await world.SyncedRepAsync();
        var id = await LoseTheAnswerAsync(world, rep);
        world.Org.ShowField("TaskSync_Key__c");
        world.Org.HideField("CallObject");
        await rep.SettleAsync();

        Assert.Equal(KeyPlace.KeyField, (await world.ReadAsync(db => db.Connections.SingleAsync(c => c.Id == rep.ConnectionId))).Schema.Key);
        await IsOneTaskAsync(world, rep, id);
    }

    [Fact]
    public async Task S5_the_key_field_is_used_once_a_create_of_unknown_outcome_can_no_longer_land()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        world.Org.HideField("TaskSync_Key__c");
        var rep = await world.SyncedRepAsync();
        await LoseTheRequestAsync(world, rep);
        world.Org.ShowField("TaskSync_Key__c");
        Assert.Equal(KeyPlace.CallObject, (await world.Get<SalesforceApi>().ReadSchemaAsync(Caller.Unasked(rep.ConnectionId), Token)).Key);

        world.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(KeyPlace.KeyField, (await world.Get<SalesforceApi>().ReadSchemaAsync(Caller.Unasked(rep.ConnectionId), Token)).Key);
    }

    [Fact]
    public async Task S5_the_key_field_taken_away_while_a_create_that_never_arrived_is_unknown_asks_the_rep()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        await LoseTheRequestAsync(world, rep);
        world.Org.HideField("TaskSync_Key__c");
        await world.Get<SalesforceApi>().ReadSchemaAsync(Caller.Unasked(rep.ConnectionId), Token);
        await rep.SettleAsync();

        Assert.Empty(world.Org.Tasks(includeDeleted: true));
        Assert.Equal("OUTCOME_UNKNOWN", Assert.Single(await rep.ProblemsAsync()).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_the_key_field_taken_away_while_a_create_is_unknown_the_task_is_known_by_what_is_in_it(bool known)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var id = await LoseTheAnswerAsync(world, rep);
        world.Org.HideField("TaskSync_Key__c");
        if (known)
        {
            await world.Get<SalesforceApi>().ReadSchemaAsync(Caller.Unasked(rep.ConnectionId), Token);
        }
        else
        {
            // A read is what learns of it.
            await world.ReadAsync(db => db.PendingWrites.ExecuteUpdateAsync(set => set.SetProperty(p => p.DueAt, world.Time.GetUtcNow().AddMinutes(2)), Token));
            await rep.SyncAsync();
        }

        await rep.SettleAsync();

        await IsOneTaskAsync(world, rep, id);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(30, false)]
    [InlineData(30, true)]
    public async Task S5_without_any_place_for_a_key_a_create_whose_answer_was_lost_is_one_task_on_both_sides(int minutesUntilSeen, bool edited)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = false);
        var rep = await KeylessAsync(world);
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Call Bob" });
        await rep.SyncAsync();
        var id = await LoseTheAnswerAsync(world, rep);
        var row = rep.Remote().Single(t => t.Subject == "Call Ana");
        world.Org.SetVisible(row.Id, rep.User.Id, minutesUntilSeen == 0);
        for (var minute = 0; minute < minutesUntilSeen; minute++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(1));
            await rep.SyncAsync();
        }

        if (edited)
        {
            await rep.EditAsync(id, draft => draft with { Details = "edited meanwhile" });
        }

        // The rep is asked when it can no longer arrive; and if it is seen after all, the question is answered.
        await rep.SyncAsync();
        Assert.Equal(minutesUntilSeen == 0 ? [] : ["OUTCOME_UNKNOWN"], (await rep.ProblemsAsync()).Select(p => p.Code));
        world.Org.SetVisible(row.Id, rep.User.Id, true);
        world.Org.UpdateTask(row.Id, new FieldValues { ["Subject"] = "Call Ana" });
        await rep.SettleAsync();

        world.Org.DeleteTask(rep.Remote().Single(t => t.Subject == "Call Bob").Id);
        await rep.SettleAsync();
        await IsOneTaskAsync(world, rep, id);
        Assert.Equal(edited ? "edited meanwhile" : null, Assert.Single(rep.Remote()).Description);
    }

    [Fact]
    public async Task S5_without_any_place_for_a_key_the_rep_is_not_asked_before_a_read_could_have_shown_the_task()
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = false);
        var rep = await KeylessAsync(world);
        var id = await LoseTheAnswerAsync(world, rep);
        var outage = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, Times = 0 });
        for (var minute = 0; minute < 30; minute++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(1));
            await rep.SyncAsync();
        }

        Assert.Empty(await rep.ProblemsAsync());
        world.Org.Faults.Remove(outage.Id);
        await rep.SettleAsync();
        await IsOneTaskAsync(world, rep, id);
    }

    [Fact]
    public async Task S5_without_any_place_for_a_key_what_is_typed_anew_in_Salesforce_is_another_task_than_the_one_deleted_here()
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = false);
        var rep = await KeylessAsync(world);
        var id = await LoseTheRequestAsync(world, rep);
        world.Time.Advance(TimeSpan.FromMinutes(5));
        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        world.Time.Advance(TimeSpan.FromMinutes(1));
        var anew = world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Call Ana" });
        await rep.SettleAsync();

        Assert.False(world.Org.FindTask(anew.Id)!.IsDeleted);
        Assert.Equal(anew.Id, Assert.Single(await rep.ListAsync()).Link!.SalesforceId);
    }

    [Fact]
    public async Task S5_without_any_place_for_a_key_what_is_typed_when_a_create_can_no_longer_arrive_is_another_task()
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = false);
        var rep = await KeylessAsync(world);
        var id = await LoseTheRequestAsync(world, rep);
        await rep.SettleAsync();
        Assert.Equal("OUTCOME_UNKNOWN", Assert.Single(await rep.ProblemsAsync()).Code);
        await rep.EditAsync(id, draft => draft with { Subject = "Call Bob" });
        var unrelated = world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Call Ana" });
        await rep.SettleAsync();

        Assert.Equal("Call Ana", world.Org.FindTask(unrelated.Id)!.Subject);
        Assert.Equal(["Call Ana", "Call Bob"], (await rep.SubjectsAsync()).Order());
    }

    /// <summary>A rep of an organization that has no place for a key.</summary>
    private static async Task<SyncWorld.Rep> KeylessAsync(SyncWorld world)
    {
        world.Org.HideField("CallObject");
        var rep = await world.SyncedRepAsync();
        await world.Get<SalesforceApi>().ReadSchemaAsync(Caller.Unasked(rep.ConnectionId), Token);
        Assert.Equal(KeyPlace.None, (await world.ReadAsync(db => db.Connections.SingleAsync(c => c.Id == rep.ConnectionId))).Schema.Key);
        return rep;
    }

    private static async Task IsOneTaskAsync(SyncWorld world, SyncWorld.Rep rep, Guid id)
    {
        Assert.Equal(Assert.Single(rep.Remote()).Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.Equal(id, Assert.Single(await rep.ListAsync()).Id);
        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(0, await rep.WaitingAsync());
    }

    /// <summary>A task is created, its row is in Salesforce, the answer is lost.</summary>
    private static Task<Guid> LoseTheAnswerAsync(SyncWorld world, SyncWorld.Rep rep) => DropAsync(world, rep, FaultKind.DropAfterCommit);

    /// <summary>A task is created, but Salesforce never hears of it, and our side cannot know.</summary>
    private static Task<Guid> LoseTheRequestAsync(SyncWorld world, SyncWorld.Rep rep) => DropAsync(world, rep, FaultKind.DropBeforeCommit);

    private static async Task<Guid> DropAsync(SyncWorld world, SyncWorld.Rep rep, FaultKind kind)
    {
        world.Org.Faults.Add(new FaultRule { Kind = kind, Method = "POST", Resource = "/composite/sobjects" });
        var id = await rep.CreateAsync("Call Ana");
        await rep.RunAsync();
        world.Time.Advance(TimeSpan.FromSeconds(20));
        return id;
    }

    /// <summary>The request of a create hangs, and its repetition succeeds.</summary>
    private static async Task<(Guid Id, FaultRule Held)> RepeatAsync(SyncWorld world, SyncWorld.Rep rep)
    {
        var (id, first) = await HoldTheRequestAsync(rep);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.SyncAsync();
        Assert.Equal(Assert.Single(rep.Remote()).Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        return (id, first);
    }

    private static async Task DeleteAsync(SyncWorld world, SyncWorld.Rep rep, Guid id, bool here)
    {
        if (here)
        {
            await rep.DeleteAsync(id);
        }
        else
        {
            world.Org.DeleteTask(Assert.Single(rep.Remote()).Id, world.Org.Adam.Id);
        }

        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.SyncAsync();
        Assert.True(Assert.Single(world.Org.Tasks(includeDeleted: true)).IsDeleted);
        Assert.Empty(await rep.ListAsync());
    }

    /// <summary>What hung is carried out after all.</summary>
    private static async Task LandAsync(SyncWorld.Rep rep, FaultRule held)
    {
        held.Release();
        await Until.TrueAsync(() => rep.Remote().Count == 1);
    }

    /// <summary>A task is created; the request hangs in Salesforce, and our side has given up waiting.</summary>
    private static async Task<(Guid Id, FaultRule Held)> HoldTheRequestAsync(SyncWorld.Rep rep)
    {
        var id = await rep.CreateAsync("Call Ana");
        return (id, await rep.HangAsync("POST"));
    }
}
