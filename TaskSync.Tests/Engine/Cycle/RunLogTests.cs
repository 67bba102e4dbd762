using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

public sealed class RunLogTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_call_backs_off_even_if_its_run_cannot_be_stored()
    {
        var busy = new BusyRuns();
        await using var database = new TestDatabase(busy);
        await using var world = await SyncWorld.StartAsync(database: database, withReader: false);
        var rep = await world.SyncedRepAsync();
        busy.IsOn = true;
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServerTooBusy });

        await rep.SyncAsync();

        Assert.True(busy.HasFailed);
        Assert.True((await world.ReadAsync(db => db.Connections.SingleAsync(Token))).BackOffUntil > world.Time.GetUtcNow());
    }

    [Fact]
    public async Task A_cycle_goes_on_even_if_a_run_cannot_be_stored()
    {
        var busy = new BusyRuns();
        await using var database = new TestDatabase(busy);
        await using var world = await SyncWorld.StartAsync(database: database, withReader: false);
        var rep = await world.SyncedRepAsync();
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Call" });
        busy.IsOn = true;

        var next = await rep.SyncAsync();

        Assert.True(busy.HasFailed);
        Assert.Equal(["Call"], await rep.SubjectsAsync());
        Assert.True(next > world.Time.GetUtcNow() + TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task F2_the_run_of_a_first_sync_tells_what_it_took_and_did(int tasks)
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        for (var i = 0; i < tasks; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" });
        }

        var rep = await world.SyncedRepAsync();

        var run = await world.ReadAsync(db => db.Runs.SingleAsync(r => r.Kind == SyncRunKind.FirstSync, Token));
        Assert.Equal(tasks, run.Created);
        Assert.Equal(world.Get<ApiCallCounter>().CallsToday(rep.ConnectionId, ApiPurpose.Import), run.ApiCalls);
        Assert.NotEqual(0, run.ApiCalls);
    }

    [Fact]
    public async Task F6_the_run_of_a_catch_up_tells_what_it_took_and_did()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rep, _, remote) = await world.PairAsync();
        await rep.SaveAsync(false);
        world.Time.Advance(TimeSpan.FromMinutes(5));
        world.Org.UpdateTask(remote, new FieldValues { ["Subject"] = "Theirs" });
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "New" });

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        var run = await world.ReadAsync(db => db.Runs.SingleAsync(r => r.Kind == SyncRunKind.CatchUp, Token));

        // The changes, the deletions, and the links.
        Assert.Equal((1, 1, 0, 3), (run.Created, run.Updated, run.Deleted, run.ApiCalls));
    }

    /// <summary>A database that is busy whenever a run is to be stored.</summary>
    private sealed class BusyRuns : StatementInterceptor
    {
        public bool IsOn { get; set; }

        public bool HasFailed { get; private set; }

        protected override void Before(DbCommand command)
        {
            if (IsOn && Sql(command).Contains("INSERT INTO \"Runs\"", StringComparison.Ordinal))
            {
                HasFailed = true;
                throw new SqliteException("The database failed.", 5);
            }
        }
    }
}
