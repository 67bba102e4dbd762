using System.Collections.Concurrent;
using System.Data.Common;
using TaskSync.Simulator;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Signals;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>What the paths that are gone most often cost, counted.</summary>
public sealed class CycleCostTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(10)]
    [InlineData(300)]
    public async Task P5_an_idle_poll_is_one_call_and_two_reads_whatever_the_number_of_tasks(int tasks)
    {
        var statements = new Statements();
        await using var database = new TestDatabase(statements);
        await using var world = await SyncWorld.StartAsync(database: database, withReader: false);
        for (var i = 0; i < tasks; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" });
        }

        var rep = await world.SyncedRepAsync();
        world.Time.Advance(TimeSpan.FromMinutes(5));
        await PollAsync();
        statements.Seen.Clear();
        world.Org.Calls.Reset();

        await PollAsync();

        Assert.Equal(1, world.Org.Calls.Total);
        Assert.Equal(2, statements.Seen.Count);
        Assert.All(statements.Seen, sql => Assert.StartsWith("SELECT", sql, StringComparison.Ordinal));

        Task<DateTimeOffset?> PollAsync()
        {
            world.Get<SyncDoorbell>().Ring(rep.ConnectionId, readChanges: true);
            return world.Get<SyncEngine>().RunConnectionAsync(rep.ConnectionId, Token);
        }
    }

    [Fact]
    public async Task P4_the_statements_of_an_import_do_not_grow_with_the_rows_of_a_page()
    {
        Assert.Equal(await ImportAsync(100), await ImportAsync(1_000));

        static async Task<int> ImportAsync(int tasks)
        {
            var statements = new Statements();
            await using var database = new TestDatabase(statements);
            await using var world = await SyncWorld.StartAsync(database: database, withReader: false);
            for (var i = 0; i < tasks; i++)
            {
                world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" });
            }

            var rep = await world.RepAsync();
            await rep.SaveAsync(true);
            statements.Seen.Clear();
            await rep.RunAsync();
            Assert.Equal(tasks, (await rep.ListAsync()).Count);
            return statements.Seen.Count;
        }
    }

    private sealed class Statements : StatementInterceptor
    {
        public ConcurrentQueue<string> Seen { get; } = new();

        protected override void Before(DbCommand command) => Seen.Enqueue(Sql(command));
    }
}
