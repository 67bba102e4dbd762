using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Jobs;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Crash;

/// <summary>The app as a real process is killed (SIGKILL) at a named boundary of a write; the org lives in the test, so it sees everything that happened.</summary>
public sealed class KillTests
{
    /// <summary>A real process has to start, and the deadline of an attempt is half a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S5_killed_between_sending_a_create_and_storing_the_answer_it_is_one_task(bool hasKeyField)
    {
        await using var scene = await Scene.StartAsync(hasKeyField);
        var kill = scene.KillAt("POST", "/composite/sobjects", applied: true);
        await scene.Tasks.CreateAsync(scene.Rita, new TaskDraft { Subject = "Call Ana" }, Token);
        await Until.TrueAsync(() => kill.Fired == 1 && scene.App is { IsRunning: false }, Patience);
        Assert.Equal(1, await scene.ReadAsync(db => db.Links.CountAsync(l => l.AttemptsJson != null, Token)));

        await scene.RestartAsync();

        // The poll sees the row with our key, or CallObject, and adopts it.
        await scene.SettledAsync();
        Assert.Single(scene.Org.Tasks(includeDeleted: true));
        Assert.Equal(scene.Org.Tasks()[0].Id, await scene.ReadAsync(db => db.Links.Select(l => l.SalesforceId).SingleAsync(Token)));
    }

    [Fact]
    public async Task S5_killed_before_Salesforce_had_the_create_it_is_one_task()
    {
        await using var scene = await Scene.StartAsync(hasKeyField: true);
        var kill = scene.KillAt("POST", "/composite/sobjects", applied: false);
        await scene.Tasks.CreateAsync(scene.Rita, new TaskDraft { Subject = "Call Ana" }, Token);
        await Until.TrueAsync(() => kill.Fired == 1 && scene.App is { IsRunning: false }, Patience);
        Assert.Empty(scene.Org.Tasks());

        await scene.RestartAsync();

        // The attempt's deadline has to pass before anybody looks, so this takes half a minute.
        await Until.TrueAsync(() => scene.Org.Tasks().Count == 1, Patience);
        await scene.SettledAsync();
        Assert.Single(scene.Org.Tasks(includeDeleted: true));
    }

    [Fact]
    public async Task Killed_while_an_update_and_a_delete_are_under_way_both_arrive_once_and_nothing_else_happens()
    {
        await using var scene = await Scene.StartAsync(hasKeyField: true);
        var ids = new List<Guid>();
        foreach (var subject in new[] { "edited", "deleted", "untouched" })
        {
            ids.Add(Assert.IsType<TaskResult.Saved>(await scene.Tasks.CreateAsync(scene.Rita, new TaskDraft { Subject = subject }, Token)).Id);
        }

        await scene.SettledAsync();
        var update = scene.KillAt("PATCH", "/composite/sobjects", applied: true);
        var loaded = new TaskDraft { Subject = "edited" };
        await scene.Tasks.EditAsync(scene.Rita, ids[0], loaded, loaded with { Subject = "edited once" }, Token);
        await Until.TrueAsync(() => update.Fired == 1 && scene.App is { IsRunning: false }, Patience);
        await scene.RestartAsync();
        var delete = scene.KillAt("DELETE", "/composite/sobjects", applied: true);
        await scene.Tasks.DeleteAsync(scene.Rita, [ids[1]], Token);
        await Until.TrueAsync(() => delete.Fired == 1 && scene.App is { IsRunning: false }, Patience);
        await scene.RestartAsync();
        await scene.SettledAsync();

        Assert.Equal(["edited once", "untouched"], scene.Org.Tasks().Select(t => t.Subject).Order());
        Assert.Equal(3, scene.Org.Tasks(includeDeleted: true).Count);
        Assert.Equal(["edited once", "untouched"], await scene.ReadAsync(db => db.Tasks.Where(t => t.RemovedAt == null).Select(t => t.Subject).OrderBy(s => s).ToListAsync(Token)));
        Assert.Empty(await scene.ReadAsync(db => db.Conflicts.ToListAsync(Token)));
    }

    private sealed class Scene : IAsyncDisposable
    {
        private readonly SimulatorHost _simulator;
        private readonly TestDatabase _database;
        private readonly ServiceProvider _services;

        private Scene(SimulatorHost simulator, TestDatabase database, ServiceProvider services) => (_simulator, _database, _services) = (simulator, database, services);

        public SimulatedOrg Org => _simulator.Org;

        public AppProcess? App { get; private set; }

        public Guid Rita { get; private set; }

        public TaskService Tasks => _services.GetRequiredService<TaskService>();

        /// <summary>A rep who is connected and whose first sync is done, by a running app.</summary>
        public static async Task<Scene> StartAsync(bool hasKeyField)
        {
            var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { TimeZone = "UTC", HasKeyField = hasKeyField }, Token);
            var database = new TestDatabase();
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["ConnectionStrings:TaskSync"] = database.ConnectionString,
                ["Salesforce:LoginUrl"] = simulator.BaseAddress.ToString().TrimEnd('/'),
                ["Salesforce:ClientId"] = "TaskSync.Demo",
            }).Build();

            // The rep's side of the test shares the database and the key ring with the app, as a second instance would.
            var services = new ServiceCollection().AddLogging().AddSingleton(WallClock.Time).AddSingleton(new Random(1)).AddTaskSyncData(configuration).AddSalesforce(configuration).AddSalesforceConnections().AddEngineCore(configuration).AddTasks();
            services.AddDataProtection().SetApplicationName("TaskSync").PersistKeysToDbContext<SqliteTaskSyncDb>();
            var scene = new Scene(simulator, database, services.BuildServiceProvider());
            try
            {
                await scene.SetUpAsync();
                return scene;
            }
            catch
            {
                await scene.DisposeAsync();
                throw;
            }
        }

        private async Task SetUpAsync()
        {
            Rita = await _services.GetRequiredService<PeopleService>().EnsureAsync("demo:rita", "Rita Rep", null, Token);
            Assert.IsType<ConnectResult.Connected>(await _services.GetRequiredService<ConnectionService>().ConnectAsync(Rita, _simulator.GrantOf(Org.Rita), Token));
            await _services.GetRequiredService<SyncSwitch>().TurnOnAsync(Rita, ImportWindow.Last24Hours, Token);
            await RestartAsync();
            await Until.TrueAsync(() => ReadAsync(db => db.InitialSyncs.AnyAsync(i => i.State == InitialSyncState.Done, Token)), Patience);
        }

        /// <summary>Kills the app when this request has arrived in Salesforce: after it was applied, or instead.</summary>
        public FaultRule KillAt(string method, string resource, bool applied) => Org.Faults.Add(new FaultRule
        {
            Kind = applied ? FaultKind.DropAfterCommit : FaultKind.DropBeforeCommit,
            Method = method,
            Resource = resource,
            When = _ =>
            {
                App!.Kill();
                return true;
            },
        });

        public async Task RestartAsync() => App = await AppProcess.StartAsync(new Dictionary<string, string>
        {
            ["ConnectionStrings__TaskSync"] = _database.ConnectionString,
            ["Salesforce__LoginUrl"] = _simulator.BaseAddress.ToString().TrimEnd('/'),
            ["Salesforce__ClientId"] = "TaskSync.Demo",
            ["Sync__PollInterval"] = "00:00:01",
            ["Sync__IdlePollInterval"] = "00:00:01",
        });

        public Task SettledAsync() => Until.TrueAsync(() => ReadAsync(async db => !await db.PendingWrites.AnyAsync(Token)), Patience);

        public async Task<T> ReadAsync<T>(Func<TaskSyncDb, Task<T>> read)
        {
            await using var db = _database.CreateDbContext();
            return await read(db);
        }

        public async ValueTask DisposeAsync()
        {
            if (App is not null)
            {
                await App.DisposeAsync();
            }

            await _services.DisposeAsync();
            await _simulator.DisposeAsync();
            await _database.DisposeAsync();
        }
    }
}
