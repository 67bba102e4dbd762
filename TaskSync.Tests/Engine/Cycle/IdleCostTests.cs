using System.Data.Common;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using TaskSync.Simulator;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>What an organization in which nothing happens costs the database and the processor, and that it does not grow with its reps.</summary>
public sealed class IdleCostTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S8_an_idle_minute_with_a_reader_takes_the_same_statements_for_10_and_for_1000_reps()
    {
        var (few, many) = (await AnHourAsync(10), await AnHourAsync(1000));

        Assert.Equal(few, many);
        Assert.InRange(few.Sum(statement => statement.Value) / 60.0, 8, 40);
        Assert.DoesNotContain(few.Keys, sql => sql.StartsWith("UPDATE \"Cursors\"", StringComparison.Ordinal));

        static async Task<Dictionary<string, int>> AnHourAsync(int reps)
        {
            await using var idle = await Idle.StartAsync(reps, withReader: true);
            var from = idle.Statements.Count;
            await idle.PassAsync(TimeSpan.FromHours(1));

            // How many reps there are is asked the more rarely the more there are.
            return idle.Statements.Texts(from).Where(statement => !statement.Key.Contains(" AS \"Follows\"", StringComparison.Ordinal)).ToDictionary();
        }
    }

    [Fact]
    public async Task A_ring_takes_the_same_statements_however_many_reps_its_shard_has()
    {
        var (few, many) = (await ARingAsync(10), await ARingAsync(1000));

        Assert.Equal(few.Stranger, many.Stranger);
        Assert.Equal(few.Known, many.Known);

        static async Task<(Dictionary<string, int> Stranger, Dictionary<string, int> Known)> ARingAsync(int reps)
        {
            await using var idle = await Idle.StartAsync(reps, withReader: true);

            // Another one of its shard raises the fence.
            var neighbours = idle.Connections.Skip(1).GroupBy(id => Shards.Of(id, Shards.Usual)).First(same => same.Count() > 1).Take(2).ToList();
            idle.World.Get<SyncDoorbell>().Ring(neighbours[0]);
            await idle.ServeAsync();
            return (await RingAsync(idle, neighbours[1]), await RingAsync(idle, neighbours[1]));
        }

        // The first time nothing is known of the connection.
        static async Task<Dictionary<string, int>> RingAsync(Idle idle, Guid id)
        {
            var from = idle.Statements.Count;
            idle.World.Get<SyncDoorbell>().Ring(id);
            await idle.ServeAsync();
            var texts = idle.Statements.Texts(from);
            Assert.InRange(texts.Values.Sum(), 2, 3);
            return texts;
        }
    }

    [Fact]
    public async Task A_start_with_a_reader_takes_the_same_statements_for_10_and_for_1000_reps()
    {
        var (few, many) = (await AStartAsync(10), await AStartAsync(1000));

        Assert.Equal(few, many);

        static async Task<Dictionary<string, int>> AStartAsync(int reps)
        {
            await using var idle = await Idle.StartAsync(reps, withReader: true);
            await idle.RestartAsync();
            var from = idle.Statements.Count;
            await idle.ServeAsync();
            return idle.Statements.Texts(from);
        }
    }

    [Fact]
    public async Task Without_a_reader_an_idle_minute_costs_those_reps_whose_poll_is_due()
    {
        var (few, many) = (await BetweenPollsAsync(10), await BetweenPollsAsync(300));

        // One look of each shard at what waits, and nothing of each rep.
        Assert.Equal(Shards.Usual, few.Minute);
        Assert.Equal(Shards.Usual, many.Minute);
        Assert.InRange(many.Polls / 300, 1, (few.Polls / 10) + 1);

        static async Task<(int Minute, int Polls)> BetweenPollsAsync(int reps)
        {
            await using var idle = await Idle.StartAsync(reps, withReader: false, pollsRarely: true);
            await idle.PassAsync(TimeSpan.FromMinutes(90));
            var from = idle.Statements.Count;
            await idle.PassAsync(TimeSpan.FromMinutes(1));
            var minute = idle.Statements.Count - from;
            idle.World.Org.Calls.Reset();
            from = idle.Statements.Count;
            await idle.PassAsync(TimeSpan.FromHours(1));
            Assert.InRange(idle.World.Org.Calls.Count("/queryAll"), reps, reps * 2);
            return (minute, idle.Statements.Count - from - (60 * Shards.Usual));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S2_what_waits_is_sent_within_a_minute_although_nobody_rang(bool withReader)
    {
        await using var idle = await Idle.StartAsync(3, withReader, pollsRarely: true);
        var link = await idle.World.ReadAsync(db => db.Links.AsNoTracking().FirstAsync(l => l.ConnectionId == idle.Connections[2], Token));
        await idle.World.ReadAsync(async db =>
        {
            var task = await db.Tasks.FirstAsync(t => t.Id == link.TaskId, Token);
            (task.Subject, task.Revision) = ("Edited", task.Revision + 1);
            db.PendingWrites.Add(new PendingWrite { TaskId = link.TaskId, ConnectionId = link.ConnectionId, QueuedAt = idle.World.Time.GetUtcNow(), DueAt = idle.World.Time.GetUtcNow() });
            return await db.SaveChangesAsync(Token);
        });

        await idle.PassAsync(TimeSpan.FromSeconds(61));

        Assert.Equal("Edited", idle.World.Org.FindTask(link.SalesforceId!)!.Subject);
    }

    [Fact]
    public async Task What_waits_is_asked_of_the_writes_that_wait_not_of_each_connection()
    {
        TestDatabase.DemandSqlite();
        var plans = new QueryPlans();
        await using var database = new TestDatabase(plans);
        await new DueConnections(database, new FakeTimeProvider()).WaitingAsync(0, Token);

        var plan = Assert.Single(plans.Of(database));

        Assert.Contains(plan, step => step.StartsWith("SCAN p USING COVERING INDEX IX_PendingWrites_ConnectionId_ProblemId_DueAt", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.StartsWith("SCAN l USING INDEX IX_Links_ConnectionId_UnknownUntil", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step.Contains("IX_Connections_Shard", StringComparison.Ordinal));
    }

    /// <summary>An audit that was asked for is not among what waits each minute.</summary>
    [Fact]
    public async Task Whatever_else_was_asked_for_is_found_within_the_hour_although_nobody_rang()
    {
        await using var idle = await Idle.StartAsync(3, withReader: true);
        await idle.World.ReadAsync(db => db.Cursors.Where(c => c.ConnectionId == idle.Connections[2]).ExecuteUpdateAsync(set => set.SetProperty(c => c.AuditAsked, AuditReason.Asked), Token));

        await idle.PassAsync(TimeSpan.FromHours(1));

        Assert.True(await idle.World.ReadAsync(db => db.Audits.AnyAsync(a => a.ConnectionId == idle.Connections[2] && a.Reason == AuditReason.Asked, Token)));
    }

    [Fact]
    public async Task S8_the_night_brings_followers_their_audit_and_nothing_else_opens_them()
    {
        await using var idle = await Idle.StartAsync(5, withReader: true);
        await idle.PassAsync(TimeSpan.FromHours(10));
        Assert.Empty(await idle.World.ReadAsync(db => db.Audits.ToListAsync(Token)));

        await idle.PassAsync(TimeSpan.FromHours(14));

        var audits = await idle.World.ReadAsync(db => db.Audits.AsNoTracking().ToListAsync(Token));
        Assert.Equal(idle.Connections.Order(), audits.Select(a => a.ConnectionId).Order());
        Assert.All(audits, audit => Assert.Equal((AuditReason.Nightly, true), (audit.Reason, audit.StartedAt.Hour is >= 1 and < 5)));
    }

    /// <summary>The processor time of an idle organization with a reader, and of one without.</summary>
    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(10, true)]
    [InlineData(1000, true)]
    [InlineData(10000, true)]
    [InlineData(10, false)]
    [InlineData(100, false)]
    [InlineData(1000, false)]
    public async Task What_an_idle_second_takes_of_a_processor(int reps, bool withReader)
    {
        await using var idle = await Idle.StartAsync(reps, withReader);
        await idle.PassAsync(TimeSpan.FromMinutes(20));
        for (var i = 0; i < 5; i++)
        {
            var (statements, calls) = (idle.Statements.Count, idle.World.Org.Calls.Total);
            var (before, org) = (Process.GetCurrentProcess().TotalProcessorTime, idle.InOrg.Elapsed);
            await idle.PassAsync(TimeSpan.FromMinutes(30));
            var (took, inOrg) = (Process.GetCurrentProcess().TotalProcessorTime - before, idle.InOrg.Elapsed - org);
            TestContext.Current.SendDiagnosticMessage(
                $"{reps} reps, {(withReader ? "with" : "without")} a reader: {(took - inOrg).TotalMilliseconds / 1800:F2} ms of CPU a second, and {inOrg.TotalMilliseconds / 1800:F2} ms in the org; {(idle.Statements.Count - statements) / 30.0:F1} statements and {(idle.World.Org.Calls.Total - calls) / 30.0:F1} calls a minute.");
        }
    }

    /// <summary>An organization whose shards this instance serves, with a clock that the test sets.</summary>
    private sealed class Idle : IAsyncDisposable
    {
        private readonly DateTimeOffset[] _due = new DateTimeOffset[Shards.Usual];
        private readonly Task[] _bells = new Task[Shards.Usual];
        private DateTimeOffset _flushedAt;

        private Idle(SyncWorld world, StatementLog statements, Stopwatch inOrg) => (World, Statements, InOrg) = (world, statements, inOrg);

        public SyncWorld World { get; }

        public StatementLog Statements { get; }

        /// <summary>Time spent in the simulated organization.</summary>
        public Stopwatch InOrg { get; }

        public List<Guid> Connections { get; private set; } = [];

        /// <param name="reps">How many.</param>
        /// <param name="withReader">Whether an integration user reads for all of them.</param>
        /// <param name="pollsRarely">Without a reader there are minutes in which nobody's poll is due: each rep is read once an hour.</param>
        public static async Task<Idle> StartAsync(int reps, bool withReader, bool pollsRarely = false)
        {
            var (statements, inOrg) = (new StatementLog(), new Stopwatch());
            var world = SyncWorld.StartInProcess(
                org => org.DailyApiLimit = 100_000_000, !pollsRarely ? null : new() { ["Sync:IdlePollInterval"] = "01:00:00", ["Sync:SweepInterval"] = "1.00:00:00" },
                new TestDatabase(statements), org => new Timed(org, inOrg));
            var idle = new Idle(world, statements, inOrg);
            if (withReader)
            {
                await world.AddReaderAsync();
            }

            var first = await world.SyncedRepAsync();
            world.Org.CreateTask(first.User.Id, new FieldValues { ["Subject"] = "Known" });
            await first.SyncAsync();
            idle.Connections = [first.ConnectionId, .. await ManyReps.AddAsync(world, first, reps - 1, withReader, tasks: 1)];

            // What was made just now is no idleness: it is swept once.
            await idle.PassAsync(TimeSpan.FromMinutes(20));
            return idle;
        }

        /// <summary>Time passes, and each shard is served as it is by its keeper: when something is due, when somebody rings, and every minute.</summary>
        public async Task PassAsync(TimeSpan span)
        {
            var end = World.Time.GetUtcNow() + span;
            while (true)
            {
                await ServeAsync();
                var next = _due.Min();
                World.Time.Advance((next < end ? next : end) - World.Time.GetUtcNow());
                if (World.Time.GetUtcNow() >= end)
                {
                    return;
                }
            }
        }

        /// <summary>The server starts again.</summary>
        public async Task RestartAsync()
        {
            await World.RestartAsync();
            Array.Clear(_bells);
        }

        /// <summary>Does what is due now.</summary>
        public async Task ServeAsync()
        {
            var engine = World.Get<SyncEngine>();
            for (var shard = 0; shard < Shards.Usual; shard++)
            {
                var now = World.Time.GetUtcNow();
                if (_bells[shard] is null or { IsCompleted: true } || _due[shard] <= now)
                {
                    (var next, _bells[shard]) = await engine.RunShardAsync(shard, CancellationToken.None, Token);
                    _due[shard] = next < now + SyncEngine.SafetyNet ? next.Value : now + SyncEngine.SafetyNet;
                    shard = -1; // it may have rung for another one
                }
            }

            if (World.Time.GetUtcNow() - _flushedAt >= ApiCallFlush.Interval)
            {
                _flushedAt = World.Time.GetUtcNow();
                await World.Get<ApiCallFlush>().FlushAsync(Token);
            }
        }

        public ValueTask DisposeAsync() => World.DisposeAsync();
    }

    private sealed class Timed(HttpMessageHandler org, Stopwatch time) : DelegatingHandler(org)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            time.Start();
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            finally
            {
                time.Stop();
            }
        }
    }

    private sealed class StatementLog : StatementInterceptor
    {
        private readonly List<string> _statements = [];

        public int Count => _statements.Count;

        /// <summary>How often each was sent from the n-th statement on.</summary>
        public Dictionary<string, int> Texts(int from) => _statements.Skip(from).GroupBy(sql => sql).ToDictionary(same => same.Key, same => same.Count());

        protected override void Before(DbCommand command)
        {
            lock (_statements)
            {
                _statements.Add(Sql(command));
            }
        }
    }
}
