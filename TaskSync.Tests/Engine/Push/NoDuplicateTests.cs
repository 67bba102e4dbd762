using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Push;

/// <summary>S5: a create whose fate is unknown is never a second task, with the key field and without it.</summary>
public sealed class NoDuplicateTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, FaultKind.DropAfterCommit)]
    [InlineData(true, FaultKind.DropBeforeCommit)]
    [InlineData(true, FaultKind.TruncatedJson)]
    [InlineData(true, FaultKind.ServiceUnavailableHtml)]
    [InlineData(false, FaultKind.DropAfterCommit)]
    [InlineData(false, FaultKind.DropBeforeCommit)]
    [InlineData(false, FaultKind.TruncatedJson)]
    [InlineData(false, FaultKind.ServiceUnavailableHtml)]
    public async Task S5_a_create_whose_answer_was_lost_is_one_task_in_Salesforce(bool hasKeyField, FaultKind fault)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = hasKeyField);
        var rep = await world.SyncedRepAsync();
        var rule = world.Org.Faults.Add(new FaultRule { Kind = fault, Method = "POST", Resource = "/composite/sobjects" });

        var id = await rep.CreateAsync("Call Ana");
        await rep.RunAsync();
        Assert.Equal(1, rule.Fired);
        await rep.SettleAsync();

        Assert.Equal("Call Ana", Assert.Single(world.Org.Tasks(includeDeleted: true)).Subject);
        Assert.Equal(rep.Remote()[0].Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.Equal(0, await rep.WaitingAsync());
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Fact]
    public async Task S5_without_a_unique_key_a_create_that_may_still_land_is_not_sent_again_before_its_wait_is_over()
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = false);
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropBeforeCommit, Method = "POST", Resource = "/composite/sobjects" });
        await rep.CreateAsync("Call Ana");
        await rep.RunAsync();

        world.Time.Advance(TimeSpan.FromMinutes(9));
        await rep.SyncAsync();
        Assert.Empty(rep.Remote());

        world.Time.Advance(TimeSpan.FromMinutes(2));
        await rep.SyncAsync();
        Assert.Single(rep.Remote());
    }

    [Fact]
    public async Task S5_our_row_is_adopted_by_whichever_read_sees_it_first()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "POST", Resource = "/composite/sobjects" });
        var id = await rep.CreateAsync("Call Ana");
        await rep.RunAsync();

        // The attempt's deadline is not over, so nobody has looked it up; the poll sees the row with our key.
        world.Time.Advance(TimeSpan.FromSeconds(10));
        world.Get<SyncDoorbell>().Ring(rep.ConnectionId, readChanges: true);
        await rep.RunAsync();

        Assert.Equal(Assert.Single(rep.Remote()).Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.Single(await rep.ListAsync());
    }

    [Fact]
    public async Task S5_edited_again_before_the_lost_create_is_found_the_newer_values_arrive_and_there_is_no_conflict()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "POST", Resource = "/composite/sobjects" });
        var id = await rep.CreateAsync("v1");
        await rep.RunAsync();
        await rep.EditAsync(id, draft => draft with { Subject = "v2" });
        await rep.SettleAsync();

        Assert.Equal("v2", Assert.Single(rep.Remote()).Subject);
        Assert.Equal(["v2"], await rep.SubjectsAsync());
        Assert.Empty(await world.ReadAsync(db => Task.FromResult(db.Conflicts.ToList())));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_a_delete_after_an_attempted_create_waits_for_its_id(bool applied)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = applied ? FaultKind.DropAfterCommit : FaultKind.DropBeforeCommit, Method = "POST", Resource = "/composite/sobjects" });
        var id = await rep.CreateAsync("Call Ana");
        await rep.RunAsync();
        await rep.DeleteAsync(id);
        await rep.SettleAsync();

        Assert.Empty(rep.Remote());
        Assert.Equal(applied ? 1 : 0, world.Org.Tasks(includeDeleted: true).Count);
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_killed_between_sending_and_storing_the_answer_it_is_one_task_after_the_restart(bool hasKeyField)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = hasKeyField);
        var rep = await world.SyncedRepAsync();
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var rule = world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.DelayAnswer,
            Method = "POST",
            Resource = "/composite/sobjects",
        });
        var id = await rep.CreateAsync("Call Ana");
        var run = world.Get<SyncEngine>().RunConnectionAsync(rep.ConnectionId, killed.Token);
        await Until.TrueAsync(() => world.Org.Tasks(rep.User.Id).Count == 1);

        // The process dies here: what it had stored is the attempt.
        await killed.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => run);
        rule.Release();
        await rep.SettleAsync();

        Assert.Single(world.Org.Tasks(includeDeleted: true));
        Assert.Equal(rep.Remote()[0].Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
    }

    [Fact]
    public async Task S5_a_lost_answer_to_an_update_or_a_delete_does_no_harm()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var (edited, deleted) = (await rep.CreateAsync("edited"), await rep.CreateAsync("deleted"));
        await rep.SyncAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "PATCH", Resource = "/composite/sobjects" });
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "DELETE", Resource = "/composite/sobjects" });
        await rep.EditAsync(edited, draft => draft with { Subject = "edited once" });
        await rep.DeleteAsync(deleted);
        await rep.SettleAsync();

        Assert.Equal("edited once", Assert.Single(rep.Remote()).Subject);
        Assert.Equal(["edited once"], await rep.SubjectsAsync());
        Assert.Equal(0, await rep.WaitingAsync());
        Assert.Empty(await world.ReadAsync(db => Task.FromResult(db.Conflicts.ToList())));
    }

    [Fact]
    public async Task Section6_an_outage_is_backed_off_and_what_waits_goes_out_afterwards()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var outage = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, Times = 0 });
        await rep.CreateAsync("Call Ana");
        var next = await rep.RunAsync();

        Assert.InRange((next!.Value - world.Time.GetUtcNow()).TotalSeconds, 0.5, 2);
        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            world.Time.Advance(next.Value - world.Time.GetUtcNow());
            next = await rep.RunAsync();
            waits.Add((next!.Value - world.Time.GetUtcNow()).TotalSeconds);
        }

        Assert.All(waits, wait => Assert.InRange(wait, 1, 30));
        Assert.True(waits[^1] > 15);
        Assert.Equal(1, await rep.WaitingAsync());

        world.Org.Faults.Remove(outage.Id);
        await rep.SettleAsync();
        Assert.Single(rep.Remote());
    }

    [Fact]
    public async Task Section6_a_revoked_grant_pauses_with_nothing_lost_and_goes_on_after_reconnecting()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.RevokeGrants(rep.User.Id);
        await rep.CreateAsync("Call Ana");
        await rep.RunAsync();

        var connection = await world.ReadAsync(db => Task.FromResult(db.Connections.Single()));
        Assert.Equal(ConnectionState.NeedsReconnect, connection.State);
        Assert.NotEmpty(connection.StateReason!);
        Assert.Equal(1, await rep.WaitingAsync());

        await rep.ConnectAsync(rep.User);
        await rep.SettleAsync();
        Assert.Equal("Call Ana", Assert.Single(rep.Remote()).Subject);
    }

    [Fact]
    public async Task Section6_a_sign_in_that_is_refused_again_and_again_although_renewed_asks_for_a_reconnect()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.SessionExpired, Times = 0, When = target => !target.Path.Contains("/oauth2/", StringComparison.Ordinal) });
        await rep.CreateAsync("Call Ana");
        var next = await rep.RunAsync();
        for (var tries = 1; next is not null; tries++)
        {
            Assert.InRange(tries, 1, 10);
            world.Time.Advance(next.Value - world.Time.GetUtcNow());
            next = await rep.RunAsync();
        }

        Assert.Equal(ConnectionState.NeedsReconnect, await world.ReadAsync(db => Task.FromResult(db.Connections.Single().State)));
        Assert.Equal(1, await rep.WaitingAsync());
    }
}
