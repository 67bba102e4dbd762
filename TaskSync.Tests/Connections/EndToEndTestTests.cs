using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Model;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Simulation;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Connections;

/// <summary>"Test end to end": it runs only where an admin allowed it, tells how long each step took, and leaves nothing behind.</summary>
public sealed class EndToEndTestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_creates_finds_edits_completes_and_deletes_one_marked_task()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.RepAsync();
        await AllowAsync(world);

        Assert.Null(await RunAsync(world, rep));

        var test = await TestAsync(world);
        Assert.Equal(["Create", "Find it by a query of what changed", "Edit", "Read the edit", "Complete", "See it closed", "Delete", "See it gone"], test.Result.Select(s => s.Name));
        Assert.All(test.Result, step => Assert.Null(step.Trouble));
        Assert.False(test.MustCleanUp);
        Assert.Empty(world.Org.Tasks(rep.User.Id));
        var made = Assert.Single(world.Org.Tasks(rep.User.Id, includeDeleted: true));
        Assert.Contains(test.Marker!, made.Subject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(30)]
    public async Task It_finds_its_task_though_our_clock_is_not_Salesforces(int minutesOff)
    {
        await using var world = await SyncWorld.StartAsync(o => o.TimeProvider = new SkewedClock(o.TimeProvider, TimeSpan.FromMinutes(minutesOff)), withReader: false);
        var rep = await world.RepAsync();
        await AllowAsync(world);

        Assert.Null(await RunAsync(world, rep));

        Assert.All((await TestAsync(world)).Result, step => Assert.Null(step.Trouble));
    }

    [Fact]
    public async Task Without_being_allowed_it_calls_nobody()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.RepAsync();
        world.Org.Calls.Reset();

        Assert.NotNull(await RunAsync(world, rep));

        Assert.Equal(0, world.Org.Calls.Total);
    }

    [Fact]
    public async Task An_admin_who_is_not_connected_tests_as_the_reader()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        await AllowAsync(world);

        Assert.Null(await world.Get<EndToEndTest>().RunAsync(Admins.Adam, world.Org.OrganizationId, Token));

        Assert.All((await TestAsync(world)).Result, step => Assert.Null(step.Trouble));
        Assert.Single(world.Org.Tasks(world.Org.Integration.Id, includeDeleted: true));
    }

    /// <summary>The steps' calls in order: create, query, update, read, update, read, delete, read.</summary>
    [Theory]
    [InlineData(0, FaultKind.DropBeforeCommit)]
    [InlineData(0, FaultKind.DropAfterCommit)]
    [InlineData(1, FaultKind.DropAfterCommit)]
    [InlineData(2, FaultKind.DropAfterCommit)]
    [InlineData(3, FaultKind.TruncatedJson)]
    [InlineData(4, FaultKind.DropBeforeCommit)]
    [InlineData(5, FaultKind.ServerTooBusy)]
    [InlineData(6, FaultKind.DropBeforeCommit)]
    [InlineData(6, FaultKind.DropAfterCommit)]
    [InlineData(7, FaultKind.ServiceUnavailableHtml)]
    public async Task A_fault_at_any_step_is_told_and_the_task_is_removed(int call, FaultKind kind)
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.RepAsync();
        await AllowAsync(world);
        world.Org.Faults.Add(new FaultRule { Kind = kind, Skip = call, Resource = null, When = target => !target.Path.Contains("/oauth2/", StringComparison.Ordinal) });

        Assert.Null(await RunAsync(world, rep));

        var test = await TestAsync(world);
        Assert.NotNull(test.Result[^1].Trouble);
        Assert.Equal(call + 1, test.Result.Count);
        Assert.Empty(world.Org.Tasks(rep.User.Id));

        // Where the create may still be running in Salesforce, it is looked for until it no longer can be.
        world.Time.Advance(TimeSpan.FromMinutes(11));
        await world.Get<EndToEndTest>().CleanUpAllAsync(Token);
        Assert.False((await TestAsync(world)).MustCleanUp);
        Assert.Empty(world.Org.Tasks(rep.User.Id));
    }

    [Fact]
    public async Task What_a_run_that_was_killed_left_behind_is_removed_at_the_next_start()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.RepAsync();
        await LeaveBehindAsync(world, rep);

        await world.Get<EndToEndTest>().CleanUpAllAsync(Token);

        Assert.Empty(world.Org.Tasks(rep.User.Id));
        Assert.False((await TestAsync(world)).MustCleanUp);
    }

    [Fact]
    public async Task After_a_disconnect_another_sign_in_of_the_same_user_cleans_up()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.RepAsync();
        await LeaveBehindAsync(world, rep);
        await world.Get<ConnectionService>().DisconnectAsync(rep.Id, Token);
        await world.RepAsync(rep.User, "Henry Heir");

        await world.Get<EndToEndTest>().CleanUpAllAsync(Token);

        Assert.Empty(world.Org.Tasks(rep.User.Id));
        Assert.False((await TestAsync(world)).MustCleanUp);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_task_that_nobody_may_remove_is_told_and_the_next_test_runs(bool isDisconnected)
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var (rep, other) = (await world.RepAsync(), await world.RepAsync(world.Org.Sam, "Sam Seller"));
        await LeaveBehindAsync(world, rep);
        if (isDisconnected)
        {
            await world.Get<ConnectionService>().DisconnectAsync(rep.Id, Token);
        }

        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Method = "DELETE", UserId = isDisconnected ? world.Org.Integration.Id : null, Item = 0, Times = 0, Code = "INSUFFICIENT_ACCESS_OR_READONLY", Message = "No" });
        await world.Get<EndToEndTest>().CleanUpAllAsync(Token);
        Assert.True((await TestAsync(world)).MustCleanUp);

        world.Time.Advance(TimeSpan.FromMinutes(11));
        await world.Get<EndToEndTest>().CleanUpAllAsync(Token);

        var test = await TestAsync(world);
        Assert.False(test.MustCleanUp);
        Assert.Contains("TSK-killed", test.Result[^1].Trouble, StringComparison.Ordinal);
        Assert.Null(await RunAsync(world, other));
    }

    [Fact]
    public async Task An_outage_does_not_make_it_give_the_task_up()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.RepAsync();
        await LeaveBehindAsync(world, rep);
        world.Org.Faults.Add(FaultKind.ServiceUnavailableHtml, times: 0);
        world.Time.Advance(TimeSpan.FromHours(1));
        await world.Get<EndToEndTest>().CleanUpAllAsync(Token);
        Assert.True((await TestAsync(world)).MustCleanUp);

        world.Org.Faults.Clear();
        await world.Get<EndToEndTest>().CleanUpAllAsync(Token);
        Assert.Empty(world.Org.Tasks(rep.User.Id));
        Assert.False((await TestAsync(world)).MustCleanUp);
    }

    [Fact]
    public async Task A_test_that_hangs_in_one_organization_leaves_the_others_free()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.RepAsync();
        await AllowAsync(world);
        var hung = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayRequest, Method = "POST", Resource = "/composite/sobjects" });
        var test = RunAsync(world, rep);
        await Until.TrueAsync(() => hung.Fired == 1);

        Assert.Equal("A test is running already.", await RunAsync(world, rep));
        Assert.Equal("The test is not allowed for this organization.", await world.Get<EndToEndTest>().RunAsync(Admins.Of(rep.Id), "00D000000000001AAA", Token));

        hung.Release();
        Assert.Null(await test);
    }

    [Fact]
    public async Task A_refusal_of_the_org_is_told_in_its_own_words()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.RepAsync();
        await AllowAsync(world);
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Method = "POST", Resource = "/composite/sobjects", Item = 0, Code = "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message = "Only on weekdays" });

        await RunAsync(world, rep);

        var test = await TestAsync(world);
        Assert.Contains("Only on weekdays", Assert.Single(test.Result).Trouble, StringComparison.Ordinal);
        Assert.False(test.MustCleanUp);
    }

    /// <summary>As it stands in the database and in the org when the process dies after the create.</summary>
    private static async Task LeaveBehindAsync(SyncWorld world, SyncWorld.Rep rep)
    {
        await AllowAsync(world);
        await using var db = world.Database.CreateDbContext();
        var test = await db.OrgTests.SingleAsync(Token);
        (test.Marker, test.ConnectionId, test.StartedAt, test.MustCleanUp) = ("TSK-killed", rep.ConnectionId, world.Time.GetUtcNow(), true);
        await db.SaveChangesAsync(Token);
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "TaskSync test, removed by itself TSK-killed (edited)" });
    }

    private static Task AllowAsync(SyncWorld world) => world.Get<EndToEndTest>().AllowAsync(Admins.Adam, world.Org.OrganizationId, true, Token);

    private static Task<string?> RunAsync(SyncWorld world, SyncWorld.Rep rep) => world.Get<EndToEndTest>().RunAsync(Admins.Of(rep.Id), world.Org.OrganizationId, Token);

    private static Task<OrgTest> TestAsync(SyncWorld world) => world.ReadAsync(db => db.OrgTests.AsNoTracking().SingleAsync(Token));
}
