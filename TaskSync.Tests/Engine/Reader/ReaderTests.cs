using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Tests.Engine.Pull;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Reader;

/// <summary>One connection reads for everybody (docs/rules/reading-cheaply.md): what it costs, whom it serves, and what happens when it cannot.</summary>
public sealed class ReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S2_changes_reach_every_rep_through_the_reader_and_no_rep_reads()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rita = await FollowerAsync(world, world.Org.Rita, "Rita Rep");
        var sam = await FollowerAsync(world, world.Org.Sam, "Sam Seller");
        world.Org.Calls.Reset();

        var hers = world.Org.CreateTask(rita.User.Id, new FieldValues { ["Subject"] = "Call Ada" });
        var his = world.Org.CreateTask(sam.User.Id, new FieldValues { ["Subject"] = "Call Bob" });
        await world.ReadAllAsync();
        Assert.Equal(["Call Ada"], await rita.SubjectsAsync());
        Assert.Equal(["Call Bob"], await sam.SubjectsAsync());

        world.Time.Advance(TimeSpan.FromSeconds(1));
        world.Org.UpdateTask(hers.Id, new FieldValues { ["Subject"] = "Call Ada again" });
        world.Org.DeleteTask(his.Id);
        await world.ReadAllAsync();

        Assert.Equal(["Call Ada again"], await rita.SubjectsAsync());
        Assert.Empty(await sam.SubjectsAsync());
        Assert.Equal(2, world.Org.Calls.Total);
        Assert.Equal(0, world.Org.Calls.Count(userId: rita.User.Id) + world.Org.Calls.Count(userId: sam.User.Id));
    }

    [Fact]
    public async Task S7_a_reassignment_is_seen_by_the_next_poll_whoever_gets_the_task()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rita = await FollowerAsync(world, world.Org.Rita, "Rita Rep");
        var sam = await FollowerAsync(world, world.Org.Sam, "Sam Seller");
        var stranger = world.Org.AddUser("Not", "Connected");
        var first = world.Org.CreateTask(rita.User.Id, new FieldValues { ["Subject"] = "To Sam" });
        var second = world.Org.CreateTask(rita.User.Id, new FieldValues { ["Subject"] = "To a stranger" });
        await world.ReadAllAsync();

        world.Org.UpdateTask(first.Id, new FieldValues { ["OwnerId"] = sam.User.Id });
        world.Org.UpdateTask(second.Id, new FieldValues { ["OwnerId"] = stranger.Id });
        await world.ReadAllAsync();

        Assert.Empty(await rita.SubjectsAsync());
        Assert.Equal(["To Sam"], await sam.SubjectsAsync());
        Assert.Equal(LinkState.Reassigned, (await rita.OfAsync(second))!.Link!.State);
    }

    [Fact]
    public async Task S5_a_row_that_bears_the_key_of_a_create_without_an_answer_is_adopted_through_the_reader()
    {
        await using var world = await SyncWorld.StartAsync(settings: new() { ["Sync:UseComposite"] = "false" }, withReader: true);
        var rep = await FollowerAsync(world, world.Org.Rita, "Rita Rep");
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "POST", Resource = "/composite/sobjects*", Times = 1 });
        var task = await rep.CreateAsync("Only once");
        await rep.RunAsync();
        Assert.Null((await rep.TaskAsync(task)).Link!.SalesforceId);

        await world.ReadAllAsync();

        Assert.NotNull((await rep.TaskAsync(task)).Link!.SalesforceId);
        Assert.Single(rep.Remote());
        Assert.Equal(["Only once"], await rep.SubjectsAsync());
    }

    [Fact]
    public async Task S3_a_row_that_our_own_write_overtook_is_read_again_and_never_taken_for_an_edit()
    {
        await using var world = await SyncWorld.StartAsync(settings: new() { ["Sync:UseComposite"] = "false" }, withReader: true);
        var rep = await FollowerAsync(world, world.Org.Rita, "Rita Rep");
        var remote = world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "First" });
        await world.ReadAllAsync();
        var task = (await rep.OfAsync(remote))!;
        world.Time.Advance(TimeSpan.FromSeconds(10));

        // The rep's change is under way; somebody edits the task there, and the reader reads that row just before the change lands.
        await rep.EditAsync(task.Id, draft => draft with { Subject = "Second" });
        var write = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayRequest, Method = "PATCH" });
        var push = Task.Run(rep.RunAsync, Token);
        await Until.TrueAsync(() => Task.FromResult(write.Fired == 1));
        world.Org.UpdateTask(remote.Id, new FieldValues { ["Description"] = "from there" });
        var read = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayAnswer, Resource = "/queryAll", UserId = world.Org.Integration.Id });
        var poll = Task.Run(world.ReadAllAsync, Token);
        await Until.TrueAsync(() => Task.FromResult(read.Fired == 1));
        world.Time.Advance(TimeSpan.FromSeconds(2));
        write.Release();
        await push;
        read.Release();
        await poll;

        Assert.Equal("Second", (await rep.TaskAsync(task.Id)).Subject);
        Assert.DoesNotContain(await rep.HistoryAsync(task.Id), h => h.Changes.Any(c => c.After == "First"));
        await rep.SyncAsync();
        Assert.Equal("Second", world.Org.FindTask(remote.Id)!.Subject);
        Assert.Equal("from there", (await rep.TaskAsync(task.Id)).Details);
    }

    [Fact]
    public async Task Names_of_people_and_records_come_with_the_reps_own_token()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await FollowerAsync(world, world.Org.Rita, "Rita Rep");
        var contact = world.Org.CreateRecord("Contact", new FieldValues { ["FirstName"] = "Ada", ["LastName"] = "Lovelace" });
        world.Org.Calls.Reset();
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Call", ["WhoId"] = contact });

        await world.ReadAllAsync();

        Assert.Equal("Ada Lovelace", Assert.Single(await rep.ListAsync()).WhoName);
        Assert.Equal(1, world.Org.Calls.Count(userId: rep.User.Id));
        Assert.DoesNotContain(world.Org.Calls.Recent, call => call.UserId != rep.User.Id && call.Path.Contains("Who.Name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task F7_a_rep_who_was_paused_misses_nothing_of_what_the_reader_read_meanwhile()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rita = await FollowerAsync(world, world.Org.Rita, "Rita Rep");
        var sam = await FollowerAsync(world, world.Org.Sam, "Sam Seller");
        await PauseAsync(world, rita);
        world.Org.CreateTask(rita.User.Id, new FieldValues { ["Subject"] = "While paused" });
        await world.ReadAllAsync();
        Assert.False(await FollowsAsync(world, rita));
        Assert.Empty(await rita.SubjectsAsync());
        for (var i = 0; i < 5; i++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(20));
            world.Org.CreateTask(sam.User.Id, new FieldValues { ["Subject"] = $"Sam's {i}" });
            await world.ReadAllAsync();
        }

        await ResumeAsync(world, rita);
        await rita.SyncAsync();

        Assert.Equal(["While paused"], await rita.SubjectsAsync());
        Assert.True(await FollowsAsync(world, rita));
    }

    [Fact]
    public async Task S8_what_changed_between_a_reps_last_own_read_and_their_joining_is_read_by_the_reader()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await world.SyncedRepAsync();
        await world.ReadAllAsync();

        // The reader has read past this row while the rep did not follow yet; the rep's own read is older still.
        await using (var db = world.Database.CreateDbContext())
        {
            await db.Cursors.ExecuteUpdateAsync(set => set.SetProperty(c => c.FollowsReader, false), Token);
        }

        var reached = world.Time.GetUtcNow();
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "In between" });
        world.Time.Advance(TimeSpan.FromMinutes(5));
        await world.ReadAllAsync();
        Assert.Empty(await rep.SubjectsAsync());

        await world.Get<ReaderRoster>().JoinAsync((await world.Get<SyncContexts>().OpenAsync(rep.ConnectionId, Token))!, reached, Token);
        await world.ReadAllAsync();

        Assert.Equal(["In between"], await rep.SubjectsAsync());
    }

    [Fact]
    public async Task A_reader_that_loses_sight_of_the_reps_stands_down_says_so_and_serves_again_by_itself()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var remote = world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Seen" });
        await rep.SyncAsync();
        var reader = await world.AddReaderAsync();
        await rep.SyncAsync();
        await world.ReadAllAsync();
        Assert.True(await FollowsAsync(world, rep));

        world.Org.UpdateUser(reader.Id, new FieldValues { ["$ViewAllData"] = false });
        world.Org.UpdateTask(remote.Id, new FieldValues { ["Subject"] = "Not seen by the reader" });
        await world.ReadAllAsync();

        var state = await world.ReaderAsync();
        Assert.Equal(ReaderState.Standby, state.State);
        Assert.Contains("no longer sees tasks of Rita Rep", state.StateReason, StringComparison.Ordinal);
        Assert.False(await FollowsAsync(world, rep));
        await rep.RunAsync();
        Assert.Equal(["Not seen by the reader"], await rep.SubjectsAsync());

        world.Time.Advance(TimeSpan.FromMinutes(6));
        await world.RunReaderAsync();
        Assert.Contains("View All Data", (await world.ReaderAsync()).StateReason, StringComparison.Ordinal);

        world.Org.UpdateUser(reader.Id, new FieldValues { ["$ViewAllData"] = true });
        world.Time.Advance(TimeSpan.FromMinutes(6));
        await world.RunReaderAsync();
        await rep.SyncAsync();
        Assert.Equal(ReaderState.Serving, (await world.ReaderAsync()).State);
        Assert.True(await FollowsAsync(world, rep));
    }

    [Fact]
    public async Task A_reader_whose_sign_in_ended_stands_down_at_once_and_nothing_is_lost()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await FollowerAsync(world, world.Org.Rita, "Rita Rep");
        var integration = world.Org.Integration;
        world.Org.UpdateUser(integration.Id, new FieldValues { ["IsActive"] = false });
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Meanwhile" });

        for (var i = 0; i < 8 && (await world.ReaderAsync()).State == ReaderState.Serving; i++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(1));
            await world.ReadAllAsync();
        }

        Assert.Equal(ReaderState.Standby, (await world.ReaderAsync()).State);
        await rep.RunAsync();
        Assert.Equal(["Meanwhile"], await rep.SubjectsAsync());
    }

    [Fact]
    public async Task A_passing_fault_and_the_daily_limit_do_not_make_everybody_read_alone()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await FollowerAsync(world, world.Org.Rita, "Rita Rep");
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServerTooBusy, Times = 3 });
        for (var i = 0; i < 3; i++)
        {
            world.Time.Advance(TimeSpan.FromSeconds(40));
            await world.ReadAllAsync();
        }

        Assert.True(await FollowsAsync(world, rep));
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Afterwards" });
        world.Time.Advance(TimeSpan.FromSeconds(40));
        await world.ReadAllAsync();
        Assert.Equal(["Afterwards"], await rep.SubjectsAsync());
    }

    [Fact]
    public async Task Section6_a_reader_whose_polls_fail_is_not_taken_for_well_between_two_of_them()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        await FollowerAsync(world, world.Org.Rita, "Rita Rep");
        await world.ReadAllAsync();
        var began = world.Time.GetUtcNow();
        world.Org.Calls.Reset();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServerTooBusy, UserId = world.Org.Integration.Id, Times = 0 });

        while ((await world.ReaderAsync()).State == ReaderState.Serving && world.Time.GetUtcNow() < began + TimeSpan.FromMinutes(10))
        {
            var next = await world.RunReaderAsync();
            world.Time.Advance(TimeSpan.FromSeconds(Math.Clamp((next!.Value - world.Time.GetUtcNow()).TotalSeconds, 1, 60)));
        }

        Assert.Equal(ReaderState.Standby, (await world.ReaderAsync()).State);
        Assert.InRange(world.Org.Calls.Count(userId: world.Org.Integration.Id), 4, 20);
        Assert.True(await world.ReadAsync(db => db.Connections.Where(c => c.Id == world.ReaderId).Select(c => c.LastSuccessAt).SingleAsync(Token)) <= began);
    }

    [Fact]
    public void What_a_reader_has_in_memory_holds_only_while_no_other_instance_had_its_shard()
    {
        var pulse = new ReaderPulse { Roster = 3, FastReached = DateTimeOffset.UnixEpoch };
        pulse.Witnesses.Add("00TWs00000A1b2cMAB", Guid.Empty);

        Assert.False(pulse.Hold(new Fence(1, 7)));
        Assert.False(pulse.Hold(new Fence(1, 7)));
        Assert.Equal((3, 1), (pulse.Roster, pulse.Witnesses.Count));
        Assert.True(pulse.Hold(new Fence(1, 9)));
        Assert.Equal((-1, 0, default), (pulse.Roster, pulse.Witnesses.Count, pulse.FastReached));
    }

    [Fact]
    public async Task S8_what_the_reader_reads_while_a_rep_is_paused_waits_for_that_rep()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rita = await FollowerAsync(world, world.Org.Rita, "Rita Rep");
        var sam = await FollowerAsync(world, world.Org.Sam, "Sam Seller");
        world.Org.CreateTask(rita.User.Id, new FieldValues { ["Subject"] = "Hers" });
        world.Org.CreateTask(sam.User.Id, new FieldValues { ["Subject"] = "His" });
        world.Time.Advance(TimeSpan.FromMinutes(5));
        world.BeforeRequest("GET", () => PauseAsync(world, rita).GetAwaiter().GetResult(), "/queryAll");
        await world.ReadAllAsync();
        Assert.Equal(["His"], await sam.SubjectsAsync());
        Assert.Empty(await rita.ListAsync());
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await world.ReadAllAsync();

        await ResumeAsync(world, rita);
        await rita.RunAsync();

        Assert.Equal(["Hers"], await rita.SubjectsAsync());
    }

    [Fact]
    public async Task An_examination_asked_for_while_one_runs_is_done_afterwards()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        world.Time.Advance(TimeSpan.FromHours(25));
        var asked = false;
        world.BeforeRequest("GET", () =>
        {
            if (!asked)
            {
                asked = true;
                world.Get<ReaderService>().ExamineAsync(Admins.Adam, world.ReaderId!.Value, Token).GetAwaiter().GetResult();
            }
        }, "/sobjects/Task/updated");

        await world.RunReaderAsync();
        Assert.True(asked);
        Assert.Null((await world.ReaderAsync()).CheckedAt);

        await world.RunReaderAsync();
        Assert.Equal(world.Time.GetUtcNow(), (await world.ReaderAsync()).CheckedAt);
    }

    [Fact]
    public async Task A_rep_who_sees_a_field_that_the_reader_does_not_reads_alone()
    {
        await using var world = await SyncWorld.StartAsync();
        var reader = world.Org.Integration;
        world.Org.HideField("Description", reader.Id);
        var rep = await world.SyncedRepAsync();
        await world.AddReaderAsync(reader);
        await rep.SyncAsync();

        Assert.False(await FollowsAsync(world, rep));
        Assert.Equal(ReaderState.Serving, (await world.ReaderAsync()).State);
        var report = ReaderReport.FromJson((await world.ReaderAsync()).ChecksJson)!;
        Assert.Contains(report.Findings, f => f.Verdict == ReaderVerdict.Lacking && f.Words.Contains("Details", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reader_that_does_not_see_other_peoples_tasks_never_begins_to_serve()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Hers" });
        await rep.SyncAsync();

        await world.AddReaderAsync(world.Org.AddUser("Iris", "Blind"));

        var state = await world.ReaderAsync();
        Assert.Equal(ReaderState.Standby, state.State);
        Assert.Contains("does not see tasks of Rita Rep", state.StateReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S9_rows_of_one_rep_that_cannot_be_stored_hold_up_nobody_else()
    {
        var odd = new OddRows();
        await using var database = new TestDatabase(odd);
        await using var world = await SyncWorld.StartAsync(database: database, withReader: true);
        var rita = await FollowerAsync(world, world.Org.Rita, "Rita Rep");
        var sam = await FollowerAsync(world, world.Org.Sam, "Sam Seller");

        // More than are set aside one by one.
        string[] bad = [.. Enumerable.Range(0, UnitOfWork.MostSetAside + 1).Select(i => $"bad {i}")];
        odd.Subjects = [.. bad];
        foreach (var subject in bad)
        {
            world.Org.CreateTask(sam.User.Id, new FieldValues { ["Subject"] = subject });
        }

        world.Org.CreateTask(rita.User.Id, new FieldValues { ["Subject"] = "Call Ada" });
        await world.ReadAllAsync();

        Assert.Equal(["Call Ada"], await rita.SubjectsAsync());
        Assert.True(await FollowsAsync(world, rita));
        Assert.False(await FollowsAsync(world, sam));
        Assert.Null(await world.ReadAsync(db => db.Connections.Where(c => c.Kind == ConnectionKind.Reader).Select(c => c.BackOffReason).SingleAsync(Token)));

        odd.Subjects = [];
        world.Time.Advance(TimeSpan.FromHours(2));
        await sam.SyncAsync();
        Assert.Equal(bad.Order(StringComparer.Ordinal), (await sam.SubjectsAsync()).Order(StringComparer.Ordinal));
    }

    private static async Task<SyncWorld.Rep> FollowerAsync(SyncWorld world, SimulatedUser user, string name)
    {
        var rep = await world.SyncedRepAsync(user, name);
        Assert.True(await FollowsAsync(world, rep));
        return rep;
    }

    private static Task<bool> PauseAsync(SyncWorld world, SyncWorld.Rep rep) => world.Get<AdminActions>().PauseAsync(Admins.Adam, rep.Id, null, Token);

    private static Task<bool> ResumeAsync(SyncWorld world, SyncWorld.Rep rep) => world.Get<AdminActions>().ResumeAsync(Admins.Adam, rep.Id, Token);

    private static Task<bool> FollowsAsync(SyncWorld world, SyncWorld.Rep rep) =>
        world.ReadAsync(db => db.Cursors.AnyAsync(c => c.ConnectionId == rep.ConnectionId && c.FollowsReader, Token));
}
