using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Tests.Simulation;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>Long trouble: a day on which most calls fail, and hours in which edits become visible long after they were made.</summary>
public sealed class StormTests
{
    private static readonly FaultKind[] Kinds =
    [
        FaultKind.ServerTooBusy, FaultKind.ServiceUnavailableHtml, FaultKind.ConcurrentLimit, FaultKind.LongTransactionLimit, FaultKind.UnknownException,
        FaultKind.DropBeforeCommit, FaultKind.DropAfterCommit, FaultKind.DelayRequest, FaultKind.TruncatedJson,
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The engine is asked when it says that something is due, as the host does, and nobody waits longer than it says.</summary>
    [Fact]
    public async Task Section6_after_a_day_on_which_four_of_five_calls_fail_all_is_in_step_and_Salesforce_was_not_pestered()
    {
        // The clock runs while somebody waits: a database that takes its own time would be given up on.
        TestDatabase.DemandSqlite();
        var random = new Random(11);
        await using var world = SyncWorld.StartInProcess();
        var rep = await world.SyncedRepAsync();
        foreach (var kind in Kinds)
        {
            // A call that hangs is carried out after ten minutes, or never is.
            world.Org.Faults.Add(new FaultRule { Kind = kind, Times = 0, Delay = TimeSpan.FromMinutes(10), When = target => !target.Resource.StartsWith("/oauth2/", StringComparison.Ordinal) && random.Next(6) == 0 });
        }

        var expected = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        var (ours, theirs) = (new Queue<Guid>(), new Queue<string>());
        var (end, act) = (world.Time.GetUtcNow().AddDays(1), world.Time.GetUtcNow());
        DateTimeOffset? due = act;
        for (var i = 0; world.Time.GetUtcNow() < end;)
        {
            if (world.Time.GetUtcNow() >= act)
            {
                await ActAsync(world, rep, i++, expected, ours, theirs);
                act = world.Time.GetUtcNow().AddMinutes(random.Next(5, 20));
                due = world.Time.GetUtcNow();
            }

            var next = due < act ? due.Value : act;
            if (next > world.Time.GetUtcNow())
            {
                world.Time.Advance(next - world.Time.GetUtcNow());
            }

            var run = rep.RunAsync();
            while (!run.IsCompleted)
            {
                world.Time.Advance(TimeSpan.FromSeconds(31));
            }

            due = await run;
        }

        // A calm day costs a poll every two minutes and a sweep every quarter of an hour: 912 calls. Where one of five succeeds, that is 4,560 tries.
        Assert.All(world.Org.Faults.Fired, kind => Assert.InRange(kind.Value, 100, 1000));
        Assert.InRange(world.Org.Faults.Fired.Sum(kind => kind.Value), 1000, 4560);
        world.Org.Faults.Clear();
        for (var i = 0; i < 12; i++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(3));
            await rep.SyncAsync();
        }

        Assert.Equal(expected, (await rep.ListAsync()).ToDictionary(t => t.Subject!, t => t.Details));
        Assert.Equal(expected, rep.Remote().ToDictionary(t => t.Subject!, t => t.Description));
        Assert.Equal(0, await rep.WaitingAsync());
        Assert.Empty(await rep.ProblemsAsync());
    }

    /// <summary>In all three together 10,000 edits of long transactions, many with the same stamp.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task S8_no_edit_that_becomes_visible_up_to_ten_minutes_late_is_missed(int minutesFast)
    {
        const int Tasks = 500;
        const int Rounds = 335;
        var random = new Random(minutesFast);
        await using var world = SyncWorld.StartInProcess(o => o.TimeProvider = new SkewedClock(o.TimeProvider, TimeSpan.FromMinutes(minutesFast)));
        var ids = Enumerable.Range(0, Tasks).Select(i => world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" }).Id).ToList();
        var rep = await world.SyncedRepAsync();
        var open = new List<(OpenTransaction Transaction, DateTimeOffset CommitAt, string Id)>();
        var free = new HashSet<string>(ids);
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < 10; i++)
            {
                var id = free.ElementAt(random.Next(free.Count));
                free.Remove(id);
                var transaction = world.Org.BeginTransaction();
                transaction.UpdateTask(id, new FieldValues { ["Description"] = $"{round}.{i}" });
                open.Add((transaction, world.Time.GetUtcNow().AddSeconds(random.Next(600)), id));
            }

            await EndAsync(TimeSpan.FromSeconds(15));
        }

        await EndAsync(TimeSpan.FromMinutes(10));
        await EndAsync(TimeSpan.FromMinutes(16));
        var details = (await rep.ListAsync()).ToDictionary(t => t.Link!.SalesforceId!, t => t.Details);
        Assert.Equal(Tasks, details.Count);
        Assert.All(ids, id => Assert.Equal(world.Org.FindTask(id)!.Description, details[id]));

        async Task EndAsync(TimeSpan after)
        {
            world.Time.Advance(after);
            foreach (var late in open.Where(t => t.CommitAt <= world.Time.GetUtcNow()).ToList())
            {
                late.Transaction.Commit();
                open.Remove(late);
                free.Add(late.Id);
            }

            world.Get<SyncDoorbell>().Ring(rep.ConnectionId, readChanges: true);
            await rep.RunAsync();
        }
    }

    private static async Task ActAsync(SyncWorld world, SyncWorld.Rep rep, int i, SortedDictionary<string, string?> expected, Queue<Guid> ours, Queue<string> theirs)
    {
        // Created, edited an act later, deleted ten acts after that, on each side by turns.
        ours.Enqueue(await rep.CreateAsync($"here {i}"));
        theirs.Enqueue(world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = $"there {i}" }).Id);
        (expected[$"here {i}"], expected[$"there {i}"]) = (null, null);
        if (i > 0)
        {
            await rep.EditAsync(ours.ElementAt(ours.Count - 2), draft => draft with { Details = "edited here" });
            world.Org.UpdateTask(theirs.ElementAt(theirs.Count - 2), new FieldValues { ["Description"] = "edited there" });
            (expected[$"here {i - 1}"], expected[$"there {i - 1}"]) = ("edited here", "edited there");
        }

        if (i > 10)
        {
            await rep.DeleteAsync(ours.Dequeue());
            world.Org.DeleteTask(theirs.Dequeue());
            expected.Remove($"here {i - 11}");
            expected.Remove($"there {i - 11}");
        }
    }
}
