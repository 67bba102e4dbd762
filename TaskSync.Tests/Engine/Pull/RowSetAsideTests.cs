using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Pull;

/// <summary>A row that breaks the applying of its whole batch.</summary>
public sealed class RowSetAsideTests
{
    private const int Count = 8;

    private static readonly string[] All = [.. Enumerable.Range(0, Count).Select(i => $"task {i}")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> Positions => new(Enumerable.Range(0, Count));

    [Theory]
    [MemberData(nameof(Positions))]
    public async Task S9_a_row_that_cannot_be_stored_is_set_aside_and_the_first_sync_counts_each_row_once(int bad)
    {
        var odd = new OddRows($"task {bad}");
        await using var database = new TestDatabase(odd);
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = Count / 2, database: database, withReader: false);
        CreateTasks(world);

        // Too old for a poll: the import brings them.
        world.Time.Advance(TimeSpan.FromHours(1));
        var rep = await world.SyncedRepAsync();

        await AssertSetAsideAsync(rep, $"task {bad}");
        var initial = await world.ReadAsync(db => db.InitialSyncs.SingleAsync(Token));
        Assert.Equal((InitialSyncState.Done, Count), (initial.State, initial.Done));
    }

    [Theory]
    [MemberData(nameof(Positions))]
    public async Task S9_a_row_that_cannot_be_stored_is_set_aside_and_a_poll_takes_the_others_in(int bad)
    {
        await using var database = new TestDatabase(new OddRows($"task {bad}"));
        await using var world = await SyncWorld.StartAsync(database: database, withReader: false);
        var rep = await world.SyncedRepAsync();
        CreateTasks(world);

        await rep.SyncAsync();

        await AssertSetAsideAsync(rep, $"task {bad}");
    }

    [Fact]
    public async Task S9_each_row_that_is_set_aside_has_a_problem_of_its_own_in_words()
    {
        await using var odd = await OddWorld.StartAsync("task 2", "task 5");

        Assert.Equal(odd.Ids("task 2", "task 5"), (await odd.Rep.ProblemsAsync()).Select(p => p.SalesforceId!).Order(StringComparer.Ordinal));
        var cards = (await odd.World.Get<MySyncQuery>().LoadAsync(odd.Rep.Id, Token))!.Problems;
        Assert.Equal(2, cards.Count);
        Assert.All(cards, card => Assert.Contains(card.Message[..18], card.Title, StringComparison.Ordinal));
        Assert.All(cards, card => Assert.Contains("could not be stored", card.Text.Words, StringComparison.Ordinal));
    }

    [Fact]
    public async Task S9_a_row_that_is_set_aside_comes_in_with_the_first_audit_that_can_store_it()
    {
        await using var odd = await OddWorld.StartAsync("task 2", "task 5");
        await odd.NextNightAsync();
        Assert.Equal(2, (await odd.Rep.ProblemsAsync()).Count);
        Assert.Equal(All.Except(["task 2", "task 5"]), await odd.Rep.SubjectsAsync());

        odd.Rows.Subjects = ["task 5"];
        await odd.NextNightAsync();
        Assert.Equal(odd.Ids("task 5"), (await odd.Rep.ProblemsAsync()).Select(p => p.SalesforceId!));

        odd.Rows.Subjects = [];
        await odd.NextNightAsync();
        Assert.Empty(await odd.Rep.ProblemsAsync());
        Assert.Equal(All, await odd.Rep.SubjectsAsync());
    }

    [Fact]
    public async Task S9_a_retry_reads_a_row_that_is_set_aside_again_and_ends_its_problem_only_if_it_comes_in()
    {
        await using var odd = await OddWorld.StartAsync("task 2");
        await odd.RetryAsync();
        var problem = Assert.Single(await odd.Rep.ProblemsAsync());
        Assert.Equal(2, problem.Times);

        odd.Rows.Subjects = [];
        await odd.RetryAsync();
        Assert.Empty(await odd.Rep.ProblemsAsync());
        Assert.Equal(All, await odd.Rep.SubjectsAsync());
    }

    [Fact]
    public async Task S9_a_row_of_an_import_that_is_older_than_the_window_comes_in_by_retry()
    {
        var rows = new OddRows("task 3");
        await using var database = new TestDatabase(rows);
        await using var world = await SyncWorld.StartAsync(database: database, withReader: false);
        CreateTasks(world);
        world.Time.Advance(TimeSpan.FromDays(30));
        var rep = await world.SyncedRepAsync(window: ImportWindow.AllOpen);
        await AssertSetAsideAsync(rep, "task 3");

        rows.Subjects = [];
        await RetryAsync(world, rep);

        Assert.Equal(All, await rep.SubjectsAsync());
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Fact]
    public async Task S9_an_edit_of_a_linked_task_that_cannot_be_stored_comes_in_by_retry()
    {
        await using var odd = await OddWorld.StartAsync();
        odd.Rows.Subjects = ["odd"];
        odd.World.Org.UpdateTask(odd.Id("task 4"), new FieldValues { ["Subject"] = "odd" });
        await odd.Rep.SyncAsync();
        Assert.Equal(odd.Id("odd"), Assert.Single(await odd.Rep.ProblemsAsync()).SalesforceId);

        await odd.RetryAsync();
        Assert.Single(await odd.Rep.ProblemsAsync());
        odd.Rows.Subjects = [];
        await odd.RetryAsync();

        Assert.Empty(await odd.Rep.ProblemsAsync());
        Assert.Contains("odd", await odd.Rep.SubjectsAsync());
    }

    [Fact]
    public async Task S9_an_edit_that_cannot_be_stored_and_is_taken_back_in_Salesforce_leaves_no_problem_after_a_retry()
    {
        await using var odd = await OddWorld.StartAsync();
        odd.Rows.Subjects = ["odd"];
        odd.World.Org.UpdateTask(odd.Id("task 4"), new FieldValues { ["Subject"] = "odd" });
        await odd.Rep.SyncAsync();
        odd.World.Org.UpdateTask(odd.Id("odd"), new FieldValues { ["Subject"] = "task 4" });

        await odd.RetryAsync();

        Assert.Empty(await odd.Rep.ProblemsAsync());
    }

    [Fact]
    public async Task S9_a_row_that_is_edited_until_it_can_be_stored_ends_its_problem_by_itself()
    {
        await using var odd = await OddWorld.StartAsync("task 2", "task 5");
        odd.World.Org.UpdateTask(odd.Id("task 2"), new FieldValues { ["Subject"] = "well" });

        await odd.Rep.SyncAsync();

        Assert.Equal(odd.Ids("task 5"), (await odd.Rep.ProblemsAsync()).Select(p => p.SalesforceId!));
        Assert.Contains("well", await odd.Rep.SubjectsAsync());
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("reassigned")]
    [InlineData("hidden")]
    public async Task S9_a_row_that_is_set_aside_and_no_longer_the_reps_leaves_no_problem_after_the_next_audit(string end)
    {
        await using var odd = await OddWorld.StartAsync("task 2");
        var (org, id) = (odd.World.Org, odd.Id("task 2"));
        switch (end)
        {
            case "deleted":
                org.DeleteTask(id);
                break;
            case "reassigned":
                org.PutUnder(org.Rita.Id, org.Sam.Id);
                org.Reassign(id, org.Sam.Id, org.Adam.Id);
                break;
            default:
                org.SetVisible(id, org.Rita.Id, false);
                break;
        }

        await odd.NextNightAsync();

        Assert.Empty(await odd.Rep.ProblemsAsync());
        Assert.Equal(All.Except(["task 2"]), await odd.Rep.SubjectsAsync());
    }

    [Fact]
    public async Task S9_more_rows_than_one_batch_may_set_aside_stop_no_audit()
    {
        await using var odd = await OddWorld.StartAsync(All);

        // Poll and sweep are past the first ones: fewer than ten in one read are not a fault of ours.
        await odd.Rep.SettleAsync();
        CreateTasks(odd.World);
        await odd.Rep.SettleAsync();
        Assert.Equal(2 * Count, (await odd.Rep.ProblemsAsync()).Count);

        await odd.NextNightAsync();
        Assert.Equal(1, await odd.World.ReadAsync(db => db.Audits.CountAsync(Token)));
        odd.Rows.Subjects = [];
        await odd.NextNightAsync();

        Assert.Equal(2 * Count, (await odd.Rep.SubjectsAsync()).Count);
        Assert.Empty(await odd.Rep.ProblemsAsync());
    }

    private static void CreateTasks(SyncWorld world)
    {
        foreach (var subject in All)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = subject });
        }
    }

    private static async Task AssertSetAsideAsync(SyncWorld.Rep rep, string subject)
    {
        Assert.Equal(All.Where(other => other != subject), (await rep.SubjectsAsync()).Order(StringComparer.Ordinal));
        var problem = Assert.Single(await rep.ProblemsAsync());
        var id = rep.Remote().Single(t => t.Subject == subject).Id;
        Assert.Equal((ProblemCodes.RowSetAside, id), (problem.Code, problem.SalesforceId));
        Assert.Contains(id, problem.Message, StringComparison.Ordinal);
    }

    /// <summary>Presses Retry on every problem, and lets the engine do what is due.</summary>
    private static async Task RetryAsync(SyncWorld world, SyncWorld.Rep rep)
    {
        foreach (var problem in await rep.ProblemsAsync())
        {
            Assert.True(await world.Get<MySyncQuery>().RetryAsync(rep.Id, problem.Id, Token));
        }

        await rep.RunAsync();
    }

    /// <summary>A rep whose poll has brought tasks, of which some could not be stored.</summary>
    private sealed class OddWorld(TestDatabase database, SyncWorld world, SyncWorld.Rep rep, OddRows rows) : IAsyncDisposable
    {
        public SyncWorld World => world;

        public SyncWorld.Rep Rep => rep;

        public OddRows Rows => rows;

        public static async Task<OddWorld> StartAsync(params string[] odd)
        {
            var rows = new OddRows(odd);
            var database = new TestDatabase(rows);
            var world = await SyncWorld.StartAsync(database: database, withReader: false);
            var rep = await world.SyncedRepAsync();
            CreateTasks(world);
            await rep.SyncAsync();
            Assert.Equal(odd.Length, (await rep.ProblemsAsync()).Count);
            return new OddWorld(database, world, rep, rows);
        }

        public string Id(string subject) => rep.Remote().Single(t => t.Subject == subject).Id;

        public IEnumerable<string> Ids(params string[] subjects) => subjects.Select(Id).Order(StringComparer.Ordinal);

        public Task RetryAsync() => RowSetAsideTests.RetryAsync(world, rep);

        public async Task NextNightAsync()
        {
            world.Time.Advance(TimeSpan.FromDays(1));
            await rep.RunAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await world.DisposeAsync();
            await database.DisposeAsync();
        }
    }
}
