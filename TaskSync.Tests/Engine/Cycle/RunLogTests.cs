using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
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

    /// <summary>A database that is busy whenever a run is to be stored.</summary>
    private sealed class BusyRuns : StatementInterceptor
    {
        public bool IsOn { get; set; }

        public bool HasFailed { get; private set; }

        protected override void Before(DbCommand command)
        {
            if (IsOn && command.CommandText.Contains("INSERT INTO \"Runs\"", StringComparison.Ordinal))
            {
                HasFailed = true;
                throw new SqliteException("The database failed.", 5);
            }
        }
    }
}
