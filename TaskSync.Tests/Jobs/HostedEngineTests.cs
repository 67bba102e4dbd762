using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Quartz;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Jobs;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Jobs;

/// <summary>The engine as it is hosted: Quartz, the system clock, nobody who calls it.</summary>
public sealed class HostedEngineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task F2_save_starts_the_sync_at_once_S2_edits_go_out_at_once_and_changes_come_in_by_themselves()
    {
        await using var hosted = await Hosted.StartAsync();
        var rita = await hosted.ConnectAsync("Rita Rep", hosted.Org.Rita);
        var there = hosted.Org.CreateTask(hosted.Org.Rita.Id, new FieldValues { ["Subject"] = "was there" });

        using var page = hosted.Get<Presence>().Enter(rita);
        await hosted.Get<SyncSwitch>().TurnOnAsync(rita, ImportWindow.Last24Hours, Token);
        await Until.TrueAsync(async () => (await hosted.SubjectsAsync(rita)).Contains("was there"));

        await hosted.Get<TaskService>().CreateAsync(rita, new TaskDraft { Subject = "made here" }, Token);
        await Until.TrueAsync(() => hosted.Org.Tasks(hosted.Org.Rita.Id).Any(t => t.Subject == "made here"));

        hosted.Org.CompleteTask(there.Id);
        await Until.TrueAsync(() => hosted.ReadAsync(db => db.Tasks.AnyAsync(t => t.Subject == "was there" && t.IsCompleted, Token)));
    }

    [Fact]
    public async Task The_shards_are_woken_by_the_clock_of_the_host()
    {
        var time = new FakeTimeProvider(WallClock.Now.AddYears(-1));
        await using var hosted = await Hosted.StartAsync(time);
        var scheduler = await hosted.Get<ISchedulerFactory>().GetScheduler(Token);

        var starts = await Task.WhenAll(Enumerable.Range(0, Shards.Usual).Select(async shard => (await scheduler.GetTrigger(new TriggerKey($"shard-{shard:000}", "sync"), Token))!.StartTimeUtc));

        Assert.All(starts, start => Assert.InRange(start, time.GetUtcNow(), time.GetUtcNow().AddMinutes(1)));
    }

    [Fact]
    public async Task SE11_the_daily_job_cuts_the_history_of_tasks_in_the_list()
    {
        await using var hosted = await Hosted.StartAsync();
        var rita = await hosted.ConnectAsync("Rita Rep", hosted.Org.Rita);
        var task = Assert.IsType<TaskResult.Saved>(await hosted.Get<TaskService>().CreateAsync(rita, new TaskDraft { Subject = "made here" }, Token)).Id;
        await hosted.ReadAsync(db =>
        {
            db.History.AddRange(Enumerable.Range(0, 300).Select(_ => new HistoryEntry { TaskId = task, PersonId = rita, At = WallClock.Now, Kind = HistoryKind.Edited }));
            return db.SaveChangesAsync(Token);
        });

        await (await hosted.Get<ISchedulerFactory>().GetScheduler(Token)).TriggerJob(RetentionJob.Key, cancellationToken: Token);

        await Until.TrueAsync(() => hosted.ReadAsync(async db => await db.History.CountAsync(Token) == 200));
    }

    [Fact]
    public async Task One_hung_connection_holds_up_nobody_of_its_shard()
    {
        await using var hosted = await Hosted.StartAsync();
        var people = new List<Guid>();
        foreach (var i in Enumerable.Range(0, 10))
        {
            // Ten people on eight shards: at least two share one.
            var user = hosted.Org.AddUser("Rep", $"Number{i}");
            people.Add(await hosted.ConnectAsync($"Rep {i}", user));
            await hosted.Get<SyncSwitch>().TurnOnAsync(people[^1], ImportWindow.Last24Hours, Token);
        }

        await Until.TrueAsync(() => hosted.ReadAsync(async db => await db.InitialSyncs.CountAsync(s => s.State == InitialSyncState.Done, Token) == 10));
        var connections = await hosted.ReadAsync(db => db.Connections.AsNoTracking().ToListAsync(Token));
        var pair = connections.GroupBy(c => c.Shard).First(g => g.Count() > 1).Take(2).ToList();
        var hang = hosted.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayRequest, UserId = pair[0].UserId, Times = 0 });
        await hosted.Get<TaskService>().CreateAsync(pair[0].PersonId, new TaskDraft { Subject = "hangs" }, Token);
        await Until.TrueAsync(() => hang.Fired > 0);

        await hosted.Get<TaskService>().CreateAsync(pair[1].PersonId, new TaskDraft { Subject = "does not wait" }, Token);

        await Until.TrueAsync(() => hosted.Org.Tasks(pair[1].UserId).Count == 1);
        Assert.Empty(hosted.Org.Tasks(pair[0].UserId));
        hang.Release();
    }

    [Fact]
    public async Task SE4_a_page_that_opens_again_and_again_is_one_read()
    {
        await using var hosted = await Hosted.StartAsync(pollInterval: TimeSpan.FromHours(1));
        var rita = await hosted.ConnectAsync("Rita Rep", hosted.Org.Rita);
        await hosted.Get<SyncSwitch>().TurnOnAsync(rita, ImportWindow.Last24Hours, Token);
        await Until.TrueAsync(() => hosted.ReadAsync(db => db.InitialSyncs.AnyAsync(s => s.State == InitialSyncState.Done, Token)));
        var engine = hosted.Get<SyncEngine>();
        hosted.Org.Calls.Reset();

        for (var i = 0; i < 20; i++)
        {
            var served = engine.ServedAt;
            hosted.Get<Presence>().Enter(rita).Dispose();
            await Until.TrueAsync(() => engine.ServedAt > served);
        }

        Assert.Equal(1, hosted.Org.Calls.Total);
    }

    private sealed class Hosted : IAsyncDisposable
    {
        private readonly SimulatorHost _simulator;
        private readonly TestDatabase _database;
        private readonly IHost _host;

        private Hosted(SimulatorHost simulator, TestDatabase database, IHost host) => (_simulator, _database, _host) = (simulator, database, host);

        public SimulatedOrg Org => _simulator.Org;

        public static async Task<Hosted> StartAsync(TimeProvider? time = null, TimeSpan? pollInterval = null)
        {
            var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { TimeZone = "UTC" }, Token);
            var database = new TestDatabase();
            var builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Configuration["Salesforce:LoginUrl"] = simulator.BaseAddress.ToString().TrimEnd('/');
            builder.Configuration["Salesforce:ClientId"] = "TaskSync.Demo";
            builder.Configuration["Sync:PollInterval"] = (pollInterval ?? TimeSpan.FromSeconds(1)).ToString();
            builder.Configuration["Sync:IdlePollInterval"] = (pollInterval ?? TimeSpan.FromMinutes(2)).ToString();
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            builder.Services.AddSingleton(time ?? WallClock.Time);
            builder.Services.AddSingleton(new Random(1));
            builder.Services.AddSingleton<IDbContextFactory<TaskSyncDb>>(database);
            builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
            builder.Services.AddSalesforce(builder.Configuration).AddSalesforceConnections().AddSyncEngine(builder.Configuration).AddTasks();
            var host = builder.Build();
            await host.StartAsync(Token);
            return new Hosted(simulator, database, host);
        }

        public T Get<T>()
            where T : notnull => _host.Services.GetRequiredService<T>();

        public async Task<Guid> ConnectAsync(string name, SimulatedUser user)
        {
            var person = await Get<PeopleService>().EnsureAsync($"demo:{name}", name, null, Token);
            Assert.IsType<ConnectResult.Connected>(await Get<ConnectionService>().ConnectAsync(person, _simulator.GrantOf(user), Token));
            return person;
        }

        public async Task<T> ReadAsync<T>(Func<TaskSyncDb, Task<T>> read)
        {
            await using var db = _database.CreateDbContext();
            return await read(db);
        }

        public Task<List<string?>> SubjectsAsync(Guid person) =>
            ReadAsync(db => db.Tasks.Where(t => t.PersonId == person && t.RemovedAt == null).Select(t => t.Subject).ToListAsync(Token));

        public async ValueTask DisposeAsync()
        {
            Org.Faults.Clear();
            await _host.StopAsync(CancellationToken.None);
            _host.Dispose();
            await _simulator.DisposeAsync();
            await _database.DisposeAsync();
        }
    }
}
