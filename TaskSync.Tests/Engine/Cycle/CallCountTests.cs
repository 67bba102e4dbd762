using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>Salesforce's calls are the scarce resource: what an amount of work costs, by the simulator's own counter.</summary>
public sealed class CallCountTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, 1, 2)]
    [InlineData(true, 200, 2)]
    [InlineData(true, 201, 2)]
    [InlineData(true, 600, 2)]
    [InlineData(true, 601, 3)]
    [InlineData(true, 2000, 5)]
    [InlineData(false, 1, 2)]
    [InlineData(false, 200, 2)]
    [InlineData(false, 201, 3)]
    [InlineData(false, 600, 4)]
    [InlineData(false, 601, 5)]
    [InlineData(false, 2000, 11)]
    public async Task Pushing_changes_takes_one_read_and_a_call_for_each_600_or_200_of_them(bool useComposite, int changes, int calls)
    {
        await using var world = Start(useComposite);
        var rep = await ImportedAsync(world, changes);
        var list = await rep.ListAsync();
        await world.Tasks.RescheduleAsync(rep.Id, [.. list.Select(t => t.Id)], world.Today.AddDays(3), Token);
        world.Org.Calls.Reset();

        await rep.RunAsync();

        Assert.Equal((calls, changes), (world.Org.Calls.Total, world.Org.Calls.RowsUpdated));
        Assert.Equal(0, await rep.WaitingAsync());
        Assert.All(rep.Remote(), task => Assert.Equal(world.Today.AddDays(3), task.ActivityDate));
    }

    [Theory]
    [InlineData(true, 601, 2)]
    [InlineData(false, 601, 4)]
    public async Task Creates_have_nothing_to_read(bool useComposite, int changes, int calls)
    {
        await using var world = Start(useComposite);
        var rep = await world.SyncedRepAsync();
        for (var i = 0; i < changes; i++)
        {
            await rep.CreateAsync($"task {i}");
        }

        world.Org.Calls.Reset();
        await rep.RunAsync();

        Assert.Equal((calls, changes), (world.Org.Calls.Total, world.Org.Calls.RowsCreated));
    }

    [Theory]
    [InlineData(true, 601, 3)]
    [InlineData(false, 601, 5)]
    public async Task Deletions_take_the_same_and_each_is_read_first(bool useComposite, int changes, int calls)
    {
        await using var world = Start(useComposite);
        var rep = await ImportedAsync(world, changes);
        await world.Tasks.DeleteAsync(rep.Id, [.. (await rep.ListAsync()).Select(t => t.Id)], Token);
        await rep.ConfirmDeletionsAsync();
        world.Org.Calls.Reset();
        await rep.RunAsync();

        Assert.Equal((calls, changes), (world.Org.Calls.Total, world.Org.Calls.RowsDeleted));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S9_one_record_in_200_that_is_refused_costs_no_call_and_holds_up_nobody(bool useComposite)
    {
        await using var world = Start(useComposite);
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Item = 137, Resource = "/composite/sobjects", Method = "POST", Code = "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message = "Not this one." });
        for (var i = 0; i < 200; i++)
        {
            await rep.CreateAsync($"task {i}");
        }

        world.Org.Calls.Reset();
        await rep.RunAsync();

        Assert.Equal((1, 199), (world.Org.Calls.Total, world.Org.Calls.RowsCreated));
        Assert.Equal("Not this one.", Assert.Single(await rep.ProblemsAsync()).Message);
        Assert.Equal(1, await rep.WaitingAsync());
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 3)]
    public async Task A_poll_that_is_due_goes_along_with_the_writes(bool useComposite, int calls)
    {
        await using var world = Start(useComposite);
        var rep = await ImportedAsync(world, 3);
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "made there" });
        await rep.EditAsync((await rep.ListAsync())[0].Id, draft => draft with { Subject = "edited here" });
        world.Org.Calls.Reset();

        await rep.SyncAsync();

        Assert.Equal(calls, world.Org.Calls.Total);
        Assert.Contains("made there", await rep.SubjectsAsync());
        Assert.Contains(rep.Remote(), task => task.Subject == "edited here");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2000)]
    [InlineData(10000)]
    public async Task F2_a_first_sync_takes_a_call_for_each_2000_tasks_and_at_most_six_more(int tasks)
    {
        await using var world = Start(useComposite: true);
        var rep = await world.RepAsync();
        Fill(world, rep.User.Id, tasks);
        world.Org.Calls.Reset();

        await rep.SaveAsync(true);
        await rep.RunAsync();

        Assert.InRange(world.Org.Calls.Total, 1, ((tasks + 1999) / 2000) + 6);
        Assert.Equal(tasks, await world.ReadAsync(db => Task.FromResult(db.Links.Count(l => l.State == LinkState.Open))));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2000, 1)]
    [InlineData(2001, 2)]
    public async Task S8_what_the_sweep_found_is_read_2000_ids_a_call(int tasks, int calls)
    {
        await using var world = Start(useComposite: true);
        var rep = await world.SyncedRepAsync();

        // Committed late: older than what the poll looks at, so only the sweep tells of them.
        world.Time.Advance(TimeSpan.FromMinutes(5));
        await rep.SyncAsync();
        var late = world.Org.Now - TimeSpan.FromMinutes(3);
        Fill(world, rep.User.Id, tasks, new AuditStamps(late, late, late));
        world.Time.Advance(TimeSpan.FromMinutes(11));
        world.Org.Calls.Reset();
        await rep.RunAsync();

        Assert.Equal(calls, world.Org.Calls.Count("/composite/sobjects/Task"));
        Assert.Equal(tasks, (await rep.ListAsync()).Count);
    }

    [Fact]
    public async Task SE4_a_thousand_times_Sync_now_by_anybody_is_one_call()
    {
        await using var world = Start(useComposite: true);
        var rep = await world.SyncedRepAsync();
        var (page, admin, asked) = (world.Get<MySyncQuery>(), world.Get<AdminActions>(), world.Get<AskedReads>());
        world.Time.Advance(AskedReads.Interval);
        world.Org.Calls.Reset();

        for (var i = 0; i < 1000; i++)
        {
            await page.SyncNowAsync(rep.Id, Token);
            await admin.SyncNowAsync(Admins.Adam, rep.Id, Token);
            asked.Arrive(rep.ConnectionId);
            if (i % 10 == 0)
            {
                await rep.RunAsync();
            }
        }

        Assert.Equal(1, world.Org.Calls.Total);
    }

    [Fact]
    public async Task SE4_Sync_now_has_the_reader_look_where_it_reads_for_the_rep_once_for_all()
    {
        await using var world = SyncWorld.StartInProcess();
        await world.AddReaderAsync();
        var (rita, sam) = (await world.SyncedRepAsync(), await world.SyncedRepAsync(world.Org.Sam, "Sam Seller"));
        await rita.SyncAsync();
        await sam.SyncAsync();
        Assert.True(await world.ReadAsync(async db => !await db.Cursors.AnyAsync(c => c.ConnectionId != world.ReaderId && !c.FollowsReader, Token)));
        var row = world.Org.CreateTask(rita.User.Id, new FieldValues { ["Subject"] = "There" });
        await world.RunReaderAsync();
        Assert.Null(await rita.OfAsync(row));

        Assert.Equal(AskedRead.Looking, await world.Get<MySyncQuery>().SyncNowAsync(rita.Id, Token));
        Assert.Equal(AskedRead.JustLooked, await world.Get<AdminActions>().SyncNowAsync(Admins.Adam, sam.Id, Token));
        await world.RunReaderAsync();

        Assert.NotNull(await rita.OfAsync(row));
    }

    [Fact]
    public async Task SE4_searching_for_records_too_often_costs_no_call_and_is_said()
    {
        await using var world = Start(useComposite: true);
        var (rep, other) = (await world.SyncedRepAsync(), await world.SyncedRepAsync(world.Org.Sam, "Sam Seller"));
        var (picker, limit) = (world.Get<RecordPicker>(), world.Get<SearchLimit>());
        await Until.TrueAsync(() => limit.Refuse(rep.Id) is not null);
        world.Org.Calls.Reset();

        var answer = await picker.SearchAsync(rep.Id, RecordKind.Person, "ana", Token);

        Assert.Equal("You have searched very often in a short time. What you typed stays. Try again in 1 second.", answer.Reason);
        Assert.Equal(0, world.Org.Calls.Total);
        Assert.Null((await picker.SearchAsync(other.Id, RecordKind.Person, "ana", Token)).Reason);
        Assert.Equal(1, world.Org.Calls.Total);
    }

    private static SyncWorld Start(bool useComposite) => SyncWorld.StartInProcess(settings: new() { ["Sync:UseComposite"] = useComposite.ToString() });

    private static async Task<SyncWorld.Rep> ImportedAsync(SyncWorld world, int tasks)
    {
        var rep = await world.RepAsync();
        Fill(world, rep.User.Id, tasks);
        await rep.SaveAsync(true);
        await rep.RunAsync();
        Assert.Equal(tasks, (await rep.ListAsync()).Count);
        return rep;
    }

    private static void Fill(SyncWorld world, string owner, int tasks, AuditStamps? stamps = null)
    {
        var earlier = world.Org.Now - TimeSpan.FromHours(1);
        stamps ??= new AuditStamps(earlier, earlier, earlier);
        for (var i = 0; i < tasks; i++)
        {
            world.Org.CreateTask(owner, new FieldValues { ["Subject"] = $"task {i}", ["ActivityDate"] = world.Today }, stamps);
        }
    }
}
