using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Signals;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>Unticked, a running call ends and no further call starts, whichever part of the engine would make it (F7).</summary>
public sealed class UntickedCallTests
{
    [Fact]
    public async Task F7_unticked_between_two_pages_of_a_poll_the_next_page_is_not_read()
    {
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = 100, withReader: false);
        var rep = await world.SyncedRepAsync();
        for (var i = 0; i < 150; i++)
        {
            world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = $"task {i:000}" });
        }

        UntickAtRead(world, rep);
        await rep.SyncAsync();

        Assert.Equal(1, world.Org.Calls.Total);
        Assert.Equal(100, (await rep.ListAsync()).Count);
    }

    [Fact]
    public async Task F7_unticked_while_a_poll_is_read_no_row_of_it_is_read_again()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rep, remote) = await ImportedAsync(world, world.Org.Rita, "Rita Rep");
        world.Org.UpdateTask(remote, new FieldValues { ["Subject"] = "First" });
        await PollAsync(world, rep);
        world.Org.UpdateTask(remote, new FieldValues { ["Subject"] = "Second, with the same stamp" });

        UntickAtRead(world, rep);
        await PollAsync(world, rep);

        Assert.Equal(1, world.Org.Calls.Total);
        Assert.Equal(["First"], await rep.SubjectsAsync());
    }

    [Fact]
    public async Task F7_unticked_between_two_pages_of_rows_to_be_written_nothing_else_is_read_or_sent()
    {
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = 100, withReader: false);
        var rep = await ImportedAsync(world, tasks: 150);
        await RescheduleAllAsync(world, rep);

        UntickAtRead(world, rep);
        await rep.RunAsync();

        Assert.Equal((1, 0), (world.Org.Calls.Total, world.Org.Calls.RowsWritten));
        Assert.Equal(150, await rep.WaitingAsync());
    }

    [Fact]
    public async Task F7_unticked_while_rows_are_read_ahead_their_next_page_is_not_read()
    {
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = 100, withReader: false);
        var rep = await ImportedAsync(world, tasks: 750);
        await RescheduleAllAsync(world, rep);
        UntickAt(world, request => request.Parts.Any(part => part.Method == "PATCH"), rep);

        await rep.RunAsync();

        // Six pages of the rows to be written, and the call that wrote them and read the first page of the others.
        Assert.Equal((7, 600), (world.Org.Calls.Total, world.Org.Calls.RowsUpdated));
        Assert.Equal(150, await rep.WaitingAsync());
    }

    [Fact]
    public async Task F7_reps_who_untick_while_the_reader_reads_rows_again_cause_no_further_call()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var (rita, hers) = await ImportedAsync(world, world.Org.Rita, "Rita Rep");
        var (sam, his) = await ImportedAsync(world, world.Org.Sam, "Sam Seller");
        foreach (var subject in (string[])["First", "Second, with the same stamp"])
        {
            await world.ReadAllAsync();
            world.Org.UpdateTask(hers, new FieldValues { ["Subject"] = subject });
            world.Org.UpdateTask(his, new FieldValues { ["Subject"] = subject });
        }

        var reads = 0;
        UntickAt(world, request => request.Method == "GET" && ++reads == 2, rita, sam);
        await world.ReadAllAsync();

        Assert.Equal(2, world.Org.Calls.Total);
        Assert.Equal(["First", "Second, with the same stamp"], ((string?[])[.. await rita.SubjectsAsync(), .. await sam.SubjectsAsync()]).Order());
    }

    [Fact]
    public async Task F7_reps_who_untick_while_names_are_read_for_the_reader_cause_no_further_call()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var (rita, _) = await ImportedAsync(world, world.Org.Rita, "Rita Rep");
        var (sam, _) = await ImportedAsync(world, world.Org.Sam, "Sam Seller");
        await world.ReadAllAsync();
        var contact = world.Org.CreateRecord("Contact", new FieldValues { ["FirstName"] = "Ada", ["LastName"] = "Lovelace" });
        world.Org.CreateTask(rita.User.Id, new FieldValues { ["Subject"] = "Hers", ["WhoId"] = contact });
        world.Org.CreateTask(sam.User.Id, new FieldValues { ["Subject"] = "His", ["WhoId"] = contact });

        UntickAt(world, ReadOf(rita, sam), rita, sam);
        await world.ReadAllAsync();

        Assert.Equal(1, CallsOf(world, rita) + CallsOf(world, sam));
        Assert.Equal(2, world.Org.Calls.Total);
    }

    [Fact]
    public async Task F7_reps_who_untick_while_a_reader_is_examined_are_not_asked_any_more()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rita, _) = await ImportedAsync(world, world.Org.Rita, "Rita Rep");
        var (sam, _) = await ImportedAsync(world, world.Org.Sam, "Sam Seller");

        UntickAt(world, ReadOf(rita, sam), rita, sam);
        await world.AddReaderAsync(world.Org.AddUser("Iris", "Blind"));

        Assert.Equal(1, CallsOf(world, rita) + CallsOf(world, sam));
    }

    [Fact]
    public async Task F7_a_rep_whose_sync_is_off_is_not_asked_when_a_reader_is_examined()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rep, _) = await ImportedAsync(world, world.Org.Rita, "Rita Rep");
        await rep.SaveAsync(false);
        world.Org.Calls.Reset();

        await world.AddReaderAsync(world.Org.AddUser("Iris", "Blind"));

        Assert.Equal(0, CallsOf(world, rep));
    }

    [Fact]
    public async Task F7_unticked_while_a_hidden_field_refuses_a_write_the_refusal_is_recorded_and_no_call_follows()
    {
        await using var world = await SyncWorld.StartAsync(settings: new() { ["Sync:UseComposite"] = "false" }, withReader: false);
        var (rep, id, _) = await world.PairAsync();
        await rep.EditAsync(id, draft => draft with { Details = "About the offer" });
        UntickAt(
            world,
            request =>
            {
                if (request.Method == "PATCH")
                {
                    world.Org.HideField("Description", rep.User.Id);
                }

                return request.Method == "PATCH";
            },
            rep);

        await rep.RunAsync();

        Assert.Equal((2, 0), (world.Org.Calls.Total, world.Org.Calls.RowsWritten));
        Assert.Null((await rep.TaskAsync(id)).Link!.AttemptsJson);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task F7_unticked_while_an_ended_session_is_renewed_the_write_is_not_repeated(bool useComposite)
    {
        await using var world = await SyncWorld.StartAsync(settings: new() { ["Sync:UseComposite"] = useComposite.ToString() }, withReader: false);
        var (rep, id, _) = await world.PairAsync();
        await rep.EditAsync(id, draft => draft with { Details = "About the offer" });
        UntickAt(
            world,
            request =>
            {
                if (request.Method == "PATCH" || request.Parts.Any(part => part.Method == "PATCH"))
                {
                    world.Org.ExpireAccessTokens(rep.User.Id);
                }

                return request.Resource == "/oauth2/token";
            },
            rep);

        await rep.RunAsync();

        Assert.Equal((1, 0), (await rep.WaitingAsync(), world.Org.Calls.RowsWritten));
        Assert.Null((await rep.TaskAsync(id)).Link!.AttemptsJson);
    }

    private static int CallsOf(SyncWorld world, SyncWorld.Rep rep) => world.Org.Calls.Count(userId: rep.User.Id);

    private static async Task<(SyncWorld.Rep Rep, string Remote)> ImportedAsync(SyncWorld world, SimulatedUser user, string name)
    {
        var remote = world.Org.CreateTask(user.Id, new FieldValues { ["Subject"] = "As imported" });
        return (await world.SyncedRepAsync(user, name), remote.Id);
    }

    private static async Task<SyncWorld.Rep> ImportedAsync(SyncWorld world, int tasks)
    {
        for (var i = 0; i < tasks; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i:000}" });
        }

        return await world.SyncedRepAsync();
    }

    private static async Task RescheduleAllAsync(SyncWorld world, SyncWorld.Rep rep) =>
        await world.Tasks.RescheduleAsync(rep.Id, [.. (await rep.ListAsync()).Select(t => t.Id)], world.Today.AddDays(3), TestContext.Current.CancellationToken);

    private static async Task PollAsync(SyncWorld world, SyncWorld.Rep rep)
    {
        world.Get<SyncDoorbell>().Ring(rep.ConnectionId, readChanges: true);
        await rep.RunAsync();
    }

    private static void UntickAtRead(SyncWorld world, SyncWorld.Rep rep) => UntickAt(world, request => request is { Method: "GET", Resource: "/queryAll" }, rep);

    /// <summary>All of them untick while Salesforce carries out the first such request. Calls are counted from here on.</summary>
    private static void UntickAt(SyncWorld world, Func<FaultTarget, bool> request, params SyncWorld.Rep[] reps)
    {
        world.Org.Calls.Reset();
        var isDone = false;
        world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.DelayRequest,
            Delay = TimeSpan.Zero,
            When = target =>
            {
                if (isDone || !request(target))
                {
                    return false;
                }

                isDone = true;
                foreach (var rep in reps)
                {
                    rep.SaveAsync(false).GetAwaiter().GetResult();
                }

                return true;
            },
        });
    }

    private static Func<FaultTarget, bool> ReadOf(params SyncWorld.Rep[] reps) =>
        request => request.Method == "GET" && reps.Any(rep => rep.User.Id == request.UserId);
}
