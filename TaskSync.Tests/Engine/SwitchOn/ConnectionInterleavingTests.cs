using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.SwitchOn;

/// <summary>Switching off, reconnecting and long absences while something is under way.</summary>
public sealed class ConnectionInterleavingTests
{
    /// <summary>A refresh copies the records with their ids and gives the sandbox another organization id.</summary>
    private const string Refreshed = "00DWs0100000001MAA";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task F7_unticked_with_a_create_in_flight_its_outcome_is_recorded_and_nothing_is_doubled_afterwards(bool hasKeyField, bool answerIsLost)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = hasKeyField);
        var rep = await world.SyncedRepAsync();
        var create = world.Org.Faults.Add(new FaultRule
        {
            Kind = answerIsLost ? FaultKind.DropAfterCommit : FaultKind.DelayAnswer,
            Method = "POST",
            Resource = "/composite/sobjects",
            When = _ =>
            {
                if (answerIsLost)
                {
                    rep.SaveAsync(false).GetAwaiter().GetResult();
                }

                return true;
            },
        });
        var id = await rep.CreateAsync("Call Ana");
        var run = rep.RunAsync();
        await Until.TrueAsync(() => rep.Remote().Count == 1);
        await rep.SaveAsync(false);
        create.Release();
        await run;
        var calls = world.Org.Calls.Total;
        world.Time.Advance(TimeSpan.FromMinutes(20));
        await rep.SyncAsync();

        Assert.Equal(calls, world.Org.Calls.Total);
        Assert.Equal(answerIsLost ? null : rep.Remote()[0].Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        await rep.SaveAsync(true);
        await rep.SettleAsync();
        Assert.Equal(Assert.Single(world.Org.Tasks(includeDeleted: true)).Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.Equal(["Call Ana"], await rep.SubjectsAsync());
    }

    [Fact]
    public async Task F9_a_refreshed_sandbox_with_the_same_ids_is_another_organization_and_nothing_happens_on_either_side()
    {
        await using var world = await SyncWorld.StartAsync();
        var before = Enumerable.Range(0, 5).Select(i => world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" })).ToList();
        var rep = await world.SyncedRepAsync();
        var unsent = (await rep.OfAsync(before[0]))!.Id;
        var organization = world.Org.OrganizationId;
        await world.RefreshSandboxAsync(Refreshed);
        var after = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "refreshed" });
        Assert.Equal(before[0].Id, after.Id);
        Assert.NotEqual(organization, world.Org.OrganizationId);

        await rep.EditAsync(unsent, draft => draft with { Subject = "unsent" });
        await rep.SettleAsync();
        var refused = Assert.IsType<ConnectResult.Refused>(await rep.ConnectAsync(world.Org.Rita));

        // The rep is asked to reconnect; that is another organization, which the admin has to allow.
        Assert.Equal(ConnectionState.NeedsReconnect, await world.ReadAsync(db => db.Connections.Select(c => c.State).SingleAsync(Token)));
        Assert.Equal(ConnectRefusal.OrganizationNotAllowed, refused.Reason);
        Assert.Equal(["task 1", "task 2", "task 3", "task 4", "unsent"], await rep.SubjectsAsync());
        Assert.Equal("refreshed", Assert.Single(world.Org.Tasks(includeDeleted: true)).Subject);
        Assert.Equal(0, world.Org.Calls.RowsWritten);
    }

    [Fact]
    public async Task F9_connected_to_a_refreshed_sandbox_the_same_id_is_another_task()
    {
        await using var world = await SyncWorld.StartAsync(settings: new() { ["Salesforce:AllowedOrganizations"] = $"00DWs0000000001MAA,{Refreshed}" });
        var before = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "of the old sandbox" });
        var rep = await world.SyncedRepAsync();
        var old = (await rep.OfAsync(before))!.Id;
        await rep.EditAsync(old, draft => draft with { Subject = "of the old sandbox, unsent" });
        await world.RefreshSandboxAsync(Refreshed);
        var after = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "of the new sandbox" });
        Assert.Equal(before.Id, after.Id);

        Assert.IsType<ConnectResult.Connected>(await rep.ConnectAsync(world.Org.Rita));
        await rep.SaveAsync(true);
        await rep.SettleAsync();
        Assert.Equal(["of the new sandbox", "of the old sandbox, unsent"], await rep.SubjectsAsync());
        Assert.Equal("of the new sandbox", world.Org.FindTask(after.Id)!.Subject);

        world.Org.DeleteTask(after.Id);
        await rep.SettleAsync();
        Assert.Equal(["of the old sandbox, unsent"], await rep.SubjectsAsync());
        Assert.Equal(0, world.Org.Calls.RowsWritten);
    }

    [Fact]
    public async Task F9_a_second_person_who_takes_over_a_Salesforce_user_gets_the_tasks_and_the_first_ones_stay_as_they_are()
    {
        await using var world = await SyncWorld.StartAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana" });
        var first = await world.SyncedRepAsync();
        var mine = (await first.OfAsync(remote))!.Id;
        await first.EditAsync(mine, draft => draft with { Subject = "unsent edit of the first" });
        await first.CreateAsync("unsent task of the first");
        await world.Get<ConnectionService>().DisconnectAsync(first.Id, Token);

        var second = await world.SyncedRepAsync(world.Org.Rita, "Rob Rep");
        await second.SyncAsync();
        await first.SyncAsync();

        Assert.Equal(["Call Ana"], await second.SubjectsAsync());
        Assert.Equal(["unsent edit of the first", "unsent task of the first"], await first.SubjectsAsync());
        Assert.Equal(LinkState.Lost, (await first.TaskAsync(mine)).Link!.State);
        Assert.Equal("Call Ana", Assert.Single(first.Remote()).Subject);
        Assert.IsType<ConnectResult.Refused>(await first.ConnectAsync(world.Org.Rita));

        // The second deletes the task: the first one's copy is none of it.
        await second.DeleteAsync((await second.ListAsync()).Single().Id);
        await second.SyncAsync();
        Assert.Empty(first.Remote());
        Assert.Equal(2, (await first.ListAsync()).Count);
    }

    [Fact]
    public async Task S7_a_task_of_a_user_whom_two_people_were_connected_as_goes_to_whom_it_is_given_and_back()
    {
        await using var world = await SyncWorld.StartAsync();
        List<SimulatedTask> tasks = [.. Enumerable.Range(0, 4).Select(i => world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" }))];
        var first = await world.SyncedRepAsync();
        await world.Get<ConnectionService>().DisconnectAsync(first.Id, Token);
        var second = await world.SyncedRepAsync(world.Org.Rita, "Rob Rep");
        var sam = await world.SyncedRepAsync(world.Org.Sam, "Sam Seller");
        foreach (var (to, from) in new[] { (sam, second), (second, sam) })
        {
            tasks.ForEach(task => world.Org.Reassign(task.Id, to.User.Id, world.Org.Adam.Id));
            await to.SyncAsync();
            await from.SettleAsync();
            Assert.Equal(["task 0", "task 1", "task 2", "task 3"], (await to.SubjectsAsync()).Order());
            Assert.Empty(await from.SubjectsAsync());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S4_a_deletion_unconfirmed_for_30_days_is_kept_and_sent(bool salesforceIsAway)
    {
        await using var world = await SyncWorld.StartAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana" });
        var rep = await world.SyncedRepAsync();
        var id = (await rep.OfAsync(remote))!.Id;
        var outage = salesforceIsAway ? world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, Times = 0 }) : null;
        await rep.DeleteAsync(id);
        if (!salesforceIsAway)
        {
            await rep.SaveAsync(false);
        }

        for (var day = 0; day < 31; day++)
        {
            world.Time.Advance(TimeSpan.FromDays(1));
            await rep.SyncAsync();
        }

        var tombstone = await rep.TaskAsync(id);
        Assert.Equal((Removal.DeletedHere, (DateTimeOffset?)null, false), (tombstone.Removal, tombstone.Link!.GoneConfirmedAt, tombstone.Link.AgreedGone));
        Assert.Equal(1, await rep.WaitingAsync());
        Assert.False(world.Org.FindTask(remote.Id)!.IsDeleted);
        if (outage is not null)
        {
            world.Org.Faults.Remove(outage.Id);
        }

        await rep.SaveAsync(true);
        await rep.SettleAsync();

        Assert.True(world.Org.FindTask(remote.Id)!.IsDeleted);
        Assert.NotNull((await rep.TaskAsync(id)).Link!.GoneConfirmedAt);
        Assert.Empty(await rep.ListAsync());
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task S4_a_deletion_unconfirmed_for_30_days_of_a_task_that_Salesforce_no_longer_knows_is_confirmed()
    {
        await using var world = await SyncWorld.StartAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana" });
        var rep = await world.SyncedRepAsync();
        var id = (await rep.OfAsync(remote))!.Id;
        await rep.SaveAsync(false);
        await rep.DeleteAsync(id);
        world.Org.DeleteTask(remote.Id);
        world.Time.Advance(TimeSpan.FromDays(40));
        world.Org.PurgeRecycleBin();
        await rep.SaveAsync(true);
        await rep.SettleAsync();

        Assert.NotNull((await rep.TaskAsync(id)).Link!.GoneConfirmedAt);
        Assert.Empty(await rep.ListAsync());
        Assert.Equal(0, await rep.WaitingAsync());
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_value_that_the_org_cannot_hold_stays_here_and_out_of_the_comparison(bool madeWithIt)
    {
        await using var world = await SyncWorld.StartAsync();
        world.Org.SetPicklistValues("Type", "Call", "Email");
        world.Org.RestrictPicklist("Type");
        var rep = await world.SyncedRepAsync();
        var id = await rep.CreateAsync("Call Ana", more: draft => draft with { Type = madeWithIt ? "InMail" : "Call" });
        await rep.SyncAsync();
        if (!madeWithIt)
        {
            await rep.EditAsync(id, draft => draft with { Type = "InMail" });
            await rep.SyncAsync();
        }

        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(0, await rep.WaitingAsync());
        var remote = (await rep.InSalesforceAsync(id))!;
        Assert.Equal(madeWithIt ? null : "Call", remote.Type);

        // Other fields go on in both directions, and the value here is not taken back by what Salesforce has.
        world.Org.UpdateTask(remote.Id, new FieldValues { ["Description"] = "Theirs" });
        await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
        world.Org.Calls.Reset();
        for (var i = 0; i < 4; i++)
        {
            await rep.SyncAsync();
        }

        var here = await rep.TaskAsync(id);
        Assert.Equal(("Ours", "Theirs", "InMail"), (here.Subject, here.Details, here.Type));
        Assert.Equal("Ours", world.Org.FindTask(remote.Id)!.Subject);
        Assert.Equal(1, world.Org.Calls.RowsUpdated);

        // The org learns the value: now it can be kept in step.
        world.Org.SetPicklistValues("Type", "Call", "Email", "InMail");
        await world.Get<SalesforceApi>().ReadSchemaAsync(Caller.Unasked(rep.ConnectionId), Token);
        await rep.EditAsync(id, draft => draft with { Subject = "Ours again" });
        await rep.SyncAsync();
        Assert.Equal("InMail", world.Org.FindTask(remote.Id)!.Type);
    }
}
