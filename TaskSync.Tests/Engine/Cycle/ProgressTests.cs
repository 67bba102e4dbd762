using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Simulator.Setup;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>Whatever Salesforce answers, nothing is repeated without a back-off and a limit; one connection has one cycle at a time.</summary>
public sealed class ProgressTests
{
    private const string Writes = "/composite/sobjects";
    private const int TooMany = 12;

    private static readonly string[] Codes =
    [
        "INVALID_CROSS_REFERENCE_KEY", "ENTITY_IS_DELETED", "NOT_FOUND", "MISSING_RECORD", "UNABLE_TO_LOCK_ROW", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "REQUIRED_FIELD_MISSING",
        "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_FIELD", "STRING_TOO_LONG", "DUPLICATE_VALUE",
        "DUPLICATES_DETECTED", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "FIELD_INTEGRITY_EXCEPTION", "ENTITY_IS_LOCKED", "INACTIVE_OWNER_OR_USER", "STORAGE_LIMIT_EXCEEDED",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED", "UNKNOWN_EXCEPTION", "MALFORMED_ID", "A_CODE_THAT_NOBODY_KNOWS",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> RowCodes => [.. Codes];

    public static TheoryData<string, int> CallCodes =>
    [
        .. from pair in new[]
        {
            ("UNSUPPORTED_API_VERSION", 410), ("NOT_FOUND", 404), ("METHOD_NOT_ALLOWED", 405), ("API_DISABLED_FOR_ORG", 403), ("REQUEST_LIMIT_EXCEEDED", 403), ("INVALID_FIELD", 400),
            ("MALFORMED_QUERY", 400), ("JSON_PARSER_ERROR", 400), ("INVALID_QUERY_LOCATOR", 400), ("UNKNOWN_EXCEPTION", 500), ("SERVER_UNAVAILABLE", 503), ("A_CODE_THAT_NOBODY_KNOWS", 400),
        }
        select new TheoryDataRow<string, int>(pair.Item1, pair.Item2),
    ];

    [Fact]
    public async Task S4_gone_is_believed_only_if_a_read_shows_it()
    {
        await using var world = SyncWorld.StartInProcess();
        var (rep, id, remote) = await world.PairAsync();
        var rule = world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.Error,
            Method = "PATCH",
            Resource = Writes,
            RecordContains = remote,
            Code = "INVALID_CROSS_REFERENCE_KEY",
            Message = "The contact was merged away.",
            Times = 0,
        });
        await rep.EditAsync(id, draft => draft with { Subject = "Call Ana again" });
        await PassAsync(world, rep, TimeSpan.FromMinutes(5));

        Assert.InRange(rule.Fired, 1, 2);
        Assert.Equal("The contact was merged away.", Assert.Single(await rep.ProblemsAsync()).Message);
        Assert.Null((await rep.TaskAsync(id)).RemovedAt);
    }

    [Theory]
    [MemberData(nameof(RowCodes))]
    public async Task Section6_a_row_that_is_refused_for_ever_costs_few_calls(string code)
    {
        await using var world = SyncWorld.StartInProcess();
        var rep = await world.SyncedRepAsync();
        var (edited, deleted) = (await rep.CreateAsync("Call Ana"), await rep.CreateAsync("Call Ben"));
        await rep.SyncAsync();
        foreach (var part in new[] { "00T", "Call" })
        {
            world.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Resource = Writes, RecordContains = part, Code = code, Message = "Not now.", Times = 0 });
        }

        world.Org.Calls.Reset();
        await rep.CreateAsync("Call Cem");
        await rep.EditAsync(edited, draft => draft with { Subject = "Call Ana again" });
        await rep.DeleteAsync(deleted);
        await PassAsync(world, rep, TimeSpan.FromMinutes(10));

        Assert.InRange(world.Org.Calls.Total, 1, 100);
    }

    [Theory]
    [MemberData(nameof(CallCodes))]
    public async Task Section6_calls_that_are_refused_for_ever_are_few(string code, int status)
    {
        await using var world = SyncWorld.StartInProcess();
        var rep = await world.SyncedRepAsync();
        var rule = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, PathContains = "/services/data/v", Status = status, Code = code, Message = "Not now.", Times = 0 });
        await rep.CreateAsync("Call Ana");
        await PassAsync(world, rep, TimeSpan.FromMinutes(10));
        Assert.InRange(rule.Fired, 1, 100);

        // Put right, and retried where a person was asked.
        world.Org.Faults.Clear();
        await rep.ConnectAsync(rep.User);
        foreach (var problem in await rep.ProblemsAsync())
        {
            await world.Get<MySyncQuery>().RetryAsync(rep.Id, problem.Id, Token);
        }

        await PassAsync(world, rep, TimeSpan.FromMinutes(6));
        Assert.Equal("Call Ana", Assert.Single(world.Org.Tasks()).Subject);
    }

    [Fact]
    public async Task Section6_a_list_whose_second_page_is_never_there_costs_few_calls()
    {
        await using var world = SyncWorld.StartInProcess();
        for (var i = 0; i < 2001; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" });
        }

        var rule = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, PathContains = "/query/", Code = "INVALID_QUERY_LOCATOR", Message = "No such page.", Times = 0 });
        var rep = await world.RepAsync();
        await rep.SaveAsync(true);
        await PassAsync(world, rep, TimeSpan.FromMinutes(10));

        Assert.InRange(rule.Fired, 1, 60);
        var connection = await world.ReadAsync(async db => await db.Connections.FindAsync(rep.ConnectionId));
        Assert.NotNull(connection!.BackOffReason);
    }

    [Fact]
    public async Task Section6_what_fails_for_a_reason_of_our_own_costs_few_calls_is_said_once_and_shown()
    {
        var broken = new BrokenStatement("INSERT INTO \"Tasks\"");
        await using var database = new TestDatabase(broken);
        await using var world = SyncWorld.StartInProcess(database: database);
        using var log = new LogSink();
        world.Get<ILoggerFactory>().AddProvider(log);
        var rep = await world.SyncedRepAsync();
        CreateTasks(world);
        broken.IsBroken = true;
        world.Org.Calls.Reset();
        await PassAsync(world, rep.RunAsync, TimeSpan.FromMinutes(10));

        Assert.InRange(world.Org.Calls.Total, 1, 12);
        Assert.Single(log.Lines, line => line.Contains("the cycle failed", StringComparison.Ordinal));
        Assert.Equal(1, await world.ReadAsync(db => db.Runs.CountAsync(r => r.Outcome == SyncRunOutcome.Failed && r.Message == ProblemCodes.OurFault, Token)));
        Assert.Contains("TaskSync or its database failed", (await ConnectionAsync(world, rep.ConnectionId)).BackOffReason, StringComparison.Ordinal);

        // All is well again: the wait ends, and the next fault begins with a short one.
        broken.IsBroken = false;
        await PassAsync(world, rep.RunAsync, TimeSpan.FromMinutes(7));
        Assert.Equal(TooMany, (await rep.SubjectsAsync()).Count);
        Assert.Null((await ConnectionAsync(world, rep.ConnectionId)).BackOffReason);
        broken.IsBroken = true;
        CreateTasks(world);
        await rep.SyncAsync();
        Assert.InRange((await ConnectionAsync(world, rep.ConnectionId)).BackOffUntil!.Value - world.Time.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Section6_a_reader_that_fails_for_a_reason_of_our_own_costs_few_calls_and_is_said_once()
    {
        var broken = new BrokenStatement("SELECT r.\"Roster\"");
        await using var database = new TestDatabase(broken);
        await using var world = SyncWorld.StartInProcess(database: database);
        using var log = new LogSink();
        world.Get<ILoggerFactory>().AddProvider(log);
        await world.AddReaderAsync();
        var rep = await world.SyncedRepAsync();
        await rep.SyncAsync();
        CreateTasks(world);
        broken.IsBroken = true;
        world.Org.Calls.Reset();
        await PassAsync(world, world.RunReaderAsync, TimeSpan.FromMinutes(10));

        Assert.InRange(world.Org.Calls.Total, 1, 12);
        Assert.Single(log.Lines, line => line.Contains("the cycle failed", StringComparison.Ordinal));
        Assert.Contains("TaskSync or its database failed", (await ConnectionAsync(world, world.ReaderId!.Value)).BackOffReason, StringComparison.Ordinal);

        broken.IsBroken = false;
        await PassAsync(world, world.RunReaderAsync, TimeSpan.FromMinutes(7));
        Assert.Equal(TooMany, (await rep.SubjectsAsync()).Count);
        Assert.Null((await ConnectionAsync(world, world.ReaderId!.Value)).BackOffReason);
    }

    [Fact]
    public async Task S5_one_connection_has_one_cycle_at_a_time()
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = false);
        var rep = await world.SyncedRepAsync();
        await rep.CreateAsync("Call Ana");
        var hung = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayRequest, Method = "POST", Resource = Writes });
        var first = rep.RunAsync();
        await Until.TrueAsync(() => hung.Fired == 1);

        Assert.NotNull(await rep.RunAsync());
        Assert.Equal(1, hung.Fired);
        hung.Release();
        await first;
        Assert.Single(world.Org.Tasks());
    }

    [Fact]
    public async Task S5_a_shard_that_fails_ends_only_when_its_cycles_have_ended()
    {
        var failing = new FailingDatabase();
        await using var database = new TestDatabase(failing);
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = false, database: database);
        var rep = await world.SyncedRepAsync();
        await rep.CreateAsync("Call Ana");
        var hung = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayRequest, Method = "POST", Resource = Writes });
        var shard = world.Get<SyncEngine>().RunShardAsync(Shards.Of(rep.ConnectionId, Shards.Usual), Token);
        await Until.TrueAsync(() => hung.Fired == 1);
        failing.FailAt(0, 5);
        world.Get<SyncDoorbell>().HearAll();
        await Until.TrueAsync(() => failing.HasFailed);
        Assert.False(shard.IsCompleted);

        hung.Release();
        await shard;
        await rep.SettleAsync();
        Assert.Single(world.Org.Tasks());
        Assert.Single(await rep.SubjectsAsync());
    }

    /// <summary>More than one batch may set aside, so that a database which can store none of them counts as our fault.</summary>
    private static void CreateTasks(SyncWorld world)
    {
        for (var i = 0; i < TooMany; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" });
        }
    }

    private static Task<Connection> ConnectionAsync(SyncWorld world, Guid id) => world.ReadAsync(db => db.Connections.AsNoTracking().SingleAsync(c => c.Id == id, Token));

    private static Task PassAsync(SyncWorld world, SyncWorld.Rep rep, TimeSpan time) => PassAsync(world, rep.RunAsync, time);

    /// <summary>Time passes and the engine does what is due, all the while.</summary>
    private static async Task PassAsync(SyncWorld world, Func<Task> run, TimeSpan time)
    {
        for (var end = world.Time.GetUtcNow() + time; world.Time.GetUtcNow() < end; world.Time.Advance(TimeSpan.FromSeconds(20)))
        {
            await run();
        }
    }

    /// <summary>A fault of ours: what has these words cannot be done.</summary>
    private sealed class BrokenStatement(string words) : StatementInterceptor
    {
        public bool IsBroken { get; set; }

        protected override void Before(DbCommand command)
        {
            // PostgreSQL needs no quotes around small letters.
            if (IsBroken && Sql(command).Replace("\"r\".", "r.", StringComparison.Ordinal).Contains(words, StringComparison.Ordinal))
            {
                throw new InvalidOperationException("It cannot be done.");
            }
        }
    }
}
