using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Pull;

/// <summary>A row that breaks the applying of its whole batch.</summary>
public sealed class RowSetAsideTests
{
    private const int Count = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int> Positions => new(Enumerable.Range(0, Count));

    [Theory]
    [MemberData(nameof(Positions))]
    public async Task S9_a_row_that_cannot_be_stored_is_set_aside_and_the_first_sync_counts_each_row_once(int bad)
    {
        var odd = new OddRow { Subject = $"task {bad}" };
        await using var database = new TestDatabase(odd);
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = Count / 2, database: database, withReader: false);
        CreateTasks(world);

        // Too old for a poll: the import brings them.
        world.Time.Advance(TimeSpan.FromHours(1));
        var rep = await world.SyncedRepAsync();

        await AssertSetAsideAsync(rep, odd.Subject);
        var initial = await world.ReadAsync(db => db.InitialSyncs.SingleAsync(Token));
        Assert.Equal((InitialSyncState.Done, Count), (initial.State, initial.Done));
    }

    [Theory]
    [MemberData(nameof(Positions))]
    public async Task S9_a_row_that_cannot_be_stored_is_set_aside_and_a_poll_takes_the_others_in(int bad)
    {
        var odd = new OddRow { Subject = $"task {bad}" };
        await using var database = new TestDatabase(odd);
        await using var world = await SyncWorld.StartAsync(database: database, withReader: false);
        var rep = await world.SyncedRepAsync();
        CreateTasks(world);

        await rep.SyncAsync();

        await AssertSetAsideAsync(rep, odd.Subject);
    }

    private static void CreateTasks(SyncWorld world)
    {
        for (var i = 0; i < Count; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" });
        }
    }

    private static async Task AssertSetAsideAsync(SyncWorld.Rep rep, string subject)
    {
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"task {i}").Where(other => other != subject), (await rep.SubjectsAsync()).Order(StringComparer.Ordinal));
        var problem = Assert.Single(await rep.ProblemsAsync());
        Assert.Equal(ProblemCodes.RowSetAside, problem.Code);
        Assert.Contains(rep.Remote().Single(t => t.Subject == subject).Id, problem.Message, StringComparison.Ordinal);
    }

    /// <summary>A database that cannot hold one task, whoever brings it.</summary>
    private sealed class OddRow : StatementInterceptor
    {
        public required string Subject { get; init; }

        protected override void Before(DbCommand command)
        {
            if (command.CommandText.Contains("INSERT INTO \"Tasks\"", StringComparison.Ordinal) && command.Parameters.Cast<DbParameter>().Any(p => Equals(p.Value, Subject)))
            {
                throw new FormatException("It cannot be stored.");
            }
        }
    }
}
