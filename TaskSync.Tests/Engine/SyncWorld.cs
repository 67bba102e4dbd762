using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Time.Testing;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Jobs;
using TaskSync.Sync.Model;
using TaskSync.Sync.Privacy;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine;

/// <summary>Both sides in one test: the engine and the page services over a database of their own, a simulated org behind real HTTP, and one clock that the test sets.</summary>
public sealed class SyncWorld : IAsyncDisposable
{
    private readonly IDataProtectionProvider _keys;
    private readonly IConfiguration _configuration;
    private ServiceProvider _services;

    private readonly HttpMessageHandler? _wire;
    private readonly bool _isRestart;

    private SyncWorld(
        SimulatorHost simulator, TestDatabase database, FakeTimeProvider time, Dictionary<string, string?>? settings, HttpMessageHandler? wire = null, SyncWorld? former = null,
        IDataProtectionProvider? keys = null)
    {
        (Simulator, Database, Time, _wire) = (simulator, database, time, wire);
        (_keys, _isRestart) = (keys ?? former?._keys ?? new EphemeralDataProtectionProvider(), former is not null);
        _configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Salesforce:LoginUrl"] = simulator.BaseAddress.ToString().TrimEnd('/'),
            ["Salesforce:ClientId"] = "TaskSync.Demo",
        }).AddInMemoryCollection(settings ?? []).Build();
        _services = Build();
    }

    public SimulatorHost Simulator { get; private set; }

    public SimulatedOrg Org => Simulator.Org;

    public TestDatabase Database { get; }

    public FakeTimeProvider Time { get; }

    public TaskService Tasks => Get<TaskService>();

    /// <summary>The org's reader, once <see cref="AddReaderAsync"/> set one up; then reps follow it after their first read.</summary>
    public Guid? ReaderId { get; private set; }

    public DateOnly Today => DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="withReader">Whether an integration user reads for everybody, instead of each rep's own token; null asks the environment (TASKSYNC_WITH_READER=1).</param>
    public static async Task<SyncWorld> StartAsync(
        Action<SimulatorOptions>? simulate = null, Dictionary<string, string?>? settings = null, TestDatabase? database = null, SimulatorHost? simulator = null, bool? withReader = null,
        IDataProtectionProvider? keys = null, DateTimeOffset? now = null)
    {
        var time = NewClock(now);
        simulator ??= await SimulatorHost.StartAsync(Options(time, simulate), Token);
        var world = new SyncWorld(simulator, database ?? new TestDatabase(), time, settings, keys: keys);
        if (withReader ?? Environment.GetEnvironmentVariable("TASKSYNC_WITH_READER") == "1")
        {
            await world.AddReaderAsync();
        }

        return world;
    }

    /// <summary>A second instance of the app over the same database, clock and org.</summary>
    public Instance Beside() => new(Build());

    /// <summary>From now on a new org answers at the same address: its first records have the ids that the old one's had, the organization id is another.</summary>
    public async Task RefreshSandboxAsync(string organizationId)
    {
        var port = Simulator.BaseAddress.Port;
        await Simulator.DisposeAsync();
        Simulator = await SimulatorHost.StartAsync(
            Options(Time, o =>
            {
                o.OrganizationId = organizationId;
                o.Port = port;
            }),
            Token);
    }

    /// <summary>A world without sockets and without threads of its own: whatever happens in it follows from what the test does.</summary>
    /// <param name="wire">Stands between the engine and the org.</param>
    public static SyncWorld StartInProcess(
        Action<SimulatorOptions>? simulate = null, Dictionary<string, string?>? settings = null, TestDatabase? database = null, Func<HttpMessageHandler, HttpMessageHandler>? wire = null)
    {
        var time = NewClock();
        var simulator = SimulatorHost.InProcess(Options(time, simulate));
        return new SyncWorld(simulator, database ?? new TestDatabase(), time, settings, wire?.Invoke(simulator.Transport!) ?? simulator.Transport);
    }

    /// <summary>Sets the org's reader up, signed in as an integration user who sees everything (or as this user), and has it examined.</summary>
    public async Task<SimulatedUser> AddReaderAsync(SimulatedUser? user = null)
    {
        user ??= Org.Integration;
        var admin = await Get<PeopleService>().EnsureAsync("demo:Adam Admin", "Adam Admin", null, Token);
        ReaderId = Assert.IsType<ConnectResult.Connected>(await Get<ReaderService>().ConnectAsync(Admins.Of(admin), Simulator.GrantOf(user), Token)).ConnectionId;
        await RunReaderAsync();
        return user;
    }

    /// <summary>Lets the reader do what is due now.</summary>
    public Task<DateTimeOffset?> RunReaderAsync() => Get<SyncEngine>().RunReaderAsync(ReaderId!.Value, Token);

    public Task<OrgReader> ReaderAsync() => ReadAsync(db => db.Readers.AsNoTracking().FirstAsync(r => r.ConnectionId == ReaderId, Token));

    /// <summary>Lets the reader poll now.</summary>
    public async Task ReadAllAsync()
    {
        Get<SyncDoorbell>().Ring(ReaderId!.Value, readChanges: true);
        await RunReaderAsync();
    }

    /// <summary>A new process with nothing in memory: the same clock and keys, this database, and the same organization unless it is pointed at another one.</summary>
    public static SyncWorld Restarted(SyncWorld former, TestDatabase database, SimulatorHost? simulator = null) => new(simulator ?? former.Simulator, database, former.Time, null, former._wire, former);

    /// <summary>The server dies and starts again: what was only in its memory is gone.</summary>
    public async Task RestartAsync()
    {
        await _services.DisposeAsync();
        _services = Build();
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public object Get(Type service) => _services.GetRequiredService(service);

    /// <summary>A rep who signed in and connected as this Salesforce user, box not ticked.</summary>
    public async Task<Rep> RepAsync(SimulatedUser? user = null, string name = "Rita Rep")
    {
        user ??= Org.Rita;
        var rep = new Rep(this, await Get<PeopleService>().EnsureAsync($"demo:{name}", name, null, Token), user);
        await rep.ConnectAsync(user);
        return rep;
    }

    /// <summary>A rep of the world before the restart.</summary>
    public Rep Former(Rep rep) => new(this, rep.Id, rep.User, rep.ConnectionId);

    /// <summary>A rep whose first sync is done.</summary>
    public async Task<Rep> SyncedRepAsync(SimulatedUser? user = null, string name = "Rita Rep", ImportWindow window = ImportWindow.Last24Hours)
    {
        var rep = await RepAsync(user, name);
        await rep.SaveAsync(true, window);
        await rep.SyncAsync();
        return rep;
    }

    /// <summary>A rep with one task that both sides have.</summary>
    public async Task<(Rep Rep, Guid Id, string Remote)> PairAsync()
    {
        var rep = await SyncedRepAsync();
        var id = await rep.CreateAsync("Call Ana");
        await rep.SyncAsync();
        return (rep, id, (await rep.InSalesforceAsync(id))!.Id);
    }

    /// <summary>The same, but the rep has lost sight of it in Salesforce: its edit here was not sent.</summary>
    public async Task<(Rep Rep, Guid Id, string Remote)> LostPairAsync()
    {
        var (rep, id, remote) = await PairAsync();
        Org.SetVisible(remote, rep.User.Id, false);
        await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
        await rep.SettleAsync();
        Assert.Equal(LinkState.Lost, (await rep.TaskAsync(id)).Link!.State);
        return (rep, id, remote);
    }

    /// <summary>Something happens in the moment before Salesforce carries a request out.</summary>
    public FaultRule BeforeRequest(string method, Action act, string resource = "/composite/sobjects") => Org.Faults.Add(new FaultRule
    {
        Kind = FaultKind.DelayRequest,
        Delay = TimeSpan.Zero,
        Method = method,
        Resource = resource,
        When = _ =>
        {
            act();
            return true;
        },
    });

    public async Task<T> ReadAsync<T>(Func<TaskSyncDb, Task<T>> read)
    {
        await using var db = Database.CreateDbContext();
        return await read(db);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (!_isRestart)
        {
            await Simulator.DisposeAsync();
            await Database.DisposeAsync();
        }
    }

    private static FakeTimeProvider NewClock(DateTimeOffset? now = null) => new(now ?? new DateTimeOffset(2026, 3, 5, 9, 0, 0, TimeSpan.Zero));

    private static SimulatorOptions Options(FakeTimeProvider time, Action<SimulatorOptions>? simulate)
    {
        var options = new SimulatorOptions { TimeProvider = time, TimeZone = "UTC", OrganizationCreatedDate = time.GetUtcNow().AddYears(-2) };
        simulate?.Invoke(options);
        return options;
    }

    /// <summary>The engine and the page services, without a host.</summary>
    internal static IServiceCollection Services(TestDatabase database, TimeProvider time, IConfiguration configuration, IDataProtectionProvider keys)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(time);
        services.AddSingleton<IDbContextFactory<TaskSyncDb>>(database);
        services.AddSingleton(keys);
        services.AddSingleton(new Random(1));
        services.AddSalesforce(configuration);
        services.AddSalesforceConnections();
        services.AddEngineCore(configuration);
        services.AddTasks();
        services.AddStatus();
        services.AddPrivacy();
        return services;
    }

    private ServiceProvider Build()
    {
        var services = Services(Database, Time, _configuration, _keys);
        if (_wire is { } wire)
        {
            services.PostConfigureAll<HttpClientFactoryOptions>(http =>
            {
                http.HandlerLifetime = Timeout.InfiniteTimeSpan;
                http.HttpMessageHandlerBuilderActions.Add(handlers => handlers.PrimaryHandler = wire);
            });
        }

        return services.BuildServiceProvider();
    }

    /// <summary>Another instance of the app.</summary>
    public sealed class Instance(ServiceProvider services) : IAsyncDisposable
    {
        /// <summary>Takes the connection's shard over and does what is due.</summary>
        public Task<DateTimeOffset?> RunAsync(Guid connectionId) => services.GetRequiredService<SyncEngine>().RunConnectionAsync(connectionId, Token);

        /// <summary>Takes the whole shard over and does what is due in it.</summary>
        public Task<DateTimeOffset?> RunShardAsync(int shard) => services.GetRequiredService<SyncEngine>().RunShardAsync(shard, Token);

        public ValueTask DisposeAsync() => services.DisposeAsync();
    }

    /// <summary>A rep of the test, with what a rep does on either side.</summary>
    public sealed class Rep(SyncWorld world, Guid id, SimulatedUser user, Guid connectionId = default)
    {
        public Guid Id => id;

        public SimulatedUser User { get; private set; } = user;

        public Guid ConnectionId { get; private set; } = connectionId;

        public async Task<ConnectResult> ConnectAsync(SimulatedUser who)
        {
            var result = await world.Get<ConnectionService>().ConnectAsync(id, world.Simulator.GrantOf(who), Token);
            if (result is ConnectResult.Connected connected)
            {
                ConnectionId = connected.ConnectionId;
                User = who;
            }

            return result;
        }

        /// <summary>The button Save of Settings.</summary>
        public async Task SaveAsync(bool on, ImportWindow window = ImportWindow.Last24Hours)
        {
            if (on)
            {
                Assert.Null((await world.Get<SyncSwitch>().TurnOnAsync(id, window, Token)).Reason);
            }
            else
            {
                await world.Get<SyncSwitch>().TurnOffAsync(id, Token);
            }
        }

        /// <summary>Lets the engine do what is due now, without reading changes unless the interval has passed.</summary>
        public Task<DateTimeOffset?> RunAsync() => world.Get<SyncEngine>().RunConnectionAsync(ConnectionId, Token);

        /// <summary>Lets the engine read changes and send what is due, undo bars ended.</summary>
        public async Task<DateTimeOffset?> SyncAsync()
        {
            world.Time.Advance(TimeSpan.FromSeconds(6));
            world.Get<SyncDoorbell>().Ring(ConnectionId, readChanges: true);
            if (world.ReaderId is null)
            {
                return await RunAsync();
            }

            // What waits goes out, what the reader finds comes in, and what follows from that goes out.
            await RunAsync();
            await world.ReadAllAsync();
            return await RunAsync();
        }

        /// <summary>What is due is sent, but the request hangs in Salesforce until the rule is released, and our side gives up waiting.</summary>
        public async Task<FaultRule> HangAsync(string method, string resource = "/composite/sobjects")
        {
            var hung = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayRequest, Method = method, Resource = resource });
            var run = RunAsync();
            await Until.TrueAsync(() => hung.Fired == 1);
            world.Time.Advance(TimeSpan.FromSeconds(31));
            await run;
            return hung;
        }

        /// <summary>Time passes until nothing is due within the hour but polls and sweeps, whatever became of earlier calls.</summary>
        public async Task SettleAsync()
        {
            for (var i = 0; i < 8; i++)
            {
                world.Time.Advance(TimeSpan.FromMinutes(3));
                await SyncAsync();
            }
        }

        /// <summary>Reads rows as the rep, deleted ones included, and does nothing with them.</summary>
        /// <param name="where">A SOQL condition.</param>
        public async Task<IReadOnlyList<RemoteTask>> ReadAsync(string where) =>
            (await world.Get<SalesforceApi>().QueryTasksAsync(Caller.Unasked(ConnectionId), ApiPurpose.Read, new(where, null, includeDeleted: true), Token)).Tasks;

        /// <summary>Applies rows that were read, now or long ago.</summary>
        public async Task<ApplyResult> ApplyAsync(IReadOnlyList<RemoteTask> rows, ReadKind kind = ReadKind.Changes)
        {
            var context = (await world.Get<SyncContexts>().OpenAsync(ConnectionId, Token))!;
            return await world.Get<ObservationApplier>().ApplyAsync(context, context.Reading(kind, rows), null, Token);
        }

        public async Task<Guid> CreateAsync(string subject, DateOnly? due = null, Func<TaskDraft, TaskDraft>? more = null)
        {
            var draft = new TaskDraft { Subject = subject, DueDate = due, Priority = "Normal", Status = "Not Started" };
            var result = await world.Tasks.CreateAsync(id, more?.Invoke(draft) ?? draft, Token);
            return Assert.IsType<TaskResult.Saved>(result).Id;
        }

        public async Task EditAsync(Guid taskId, Func<TaskDraft, TaskDraft> edit)
        {
            var loaded = TaskDraft.Of(await TaskAsync(taskId));
            Assert.IsType<TaskResult.Saved>(await world.Tasks.EditAsync(id, taskId, loaded, edit(loaded), Token));
        }

        public Task CompleteAsync(Guid taskId) => world.Tasks.CompleteAsync(id, [taskId], Token);

        public Task ReopenAsync(Guid taskId) => world.Tasks.ReopenAsync(id, [taskId], Token);

        public Task DeleteAsync(Guid taskId) => world.Tasks.DeleteAsync(id, [taskId], Token);

        public Task RestoreAsync(Guid taskId) => world.Tasks.RestoreAsync(id, [taskId], Token);

        /// <summary>Answers the delete brake's question, if it asks: yes, there too (S10).</summary>
        public async Task ConfirmDeletionsAsync()
        {
            world.Time.Advance(TimeSpan.FromSeconds(6));
            await RunAsync();
            foreach (var problem in await ProblemsAsync())
            {
                await world.Get<MySyncQuery>().RetryAsync(id, problem.Id, Token);
            }
        }

        /// <summary>A task of the rep, removed ones included.</summary>
        public Task<TaskItem> TaskAsync(Guid taskId) => world.ReadAsync(db => db.Tasks.AsNoTracking().Include(t => t.Link).FirstAsync(t => t.Id == taskId, Token));

        /// <summary>The rep's counterpart of a Salesforce task, removed ones included; null when there is none.</summary>
        public Task<TaskItem?> OfAsync(SimulatedTask task) =>
            world.ReadAsync(db => db.Tasks.AsNoTracking().Include(t => t.Link).FirstOrDefaultAsync(t => t.PersonId == id && t.Link!.SalesforceId == task.Id, Token));

        /// <summary>The list as the rep sees it, by subject.</summary>
        public Task<List<TaskItem>> ListAsync() =>
            world.ReadAsync(db => db.Tasks.AsNoTracking().Include(t => t.Link).Where(t => t.PersonId == id && t.RemovedAt == null).OrderBy(t => t.Subject).ToListAsync(Token));

        public async Task<List<string?>> SubjectsAsync() => [.. (await ListAsync()).Select(t => t.Subject)];

        /// <summary>The Salesforce side of a task of the rep.</summary>
        public async Task<SimulatedTask?> InSalesforceAsync(Guid taskId) =>
            (await TaskAsync(taskId)).Link?.SalesforceId is { } salesforceId ? world.Org.FindTask(salesforceId) : null;

        public Task<int> WaitingAsync() => world.ReadAsync(db => db.PendingWrites.CountAsync(p => p.ConnectionId == ConnectionId, Token));

        public Task<List<Problem>> ProblemsAsync() => world.ReadAsync(db => db.Problems.Where(p => p.PersonId == id && p.State == ProblemState.Open).ToListAsync(Token));

        public Task<List<HistoryEntry>> HistoryAsync(Guid taskId) =>
            world.ReadAsync(db => db.History.Where(h => h.TaskId == taskId).OrderBy(h => h.At).ThenBy(h => h.Order).ToListAsync(Token));

        /// <summary>Live Salesforce tasks of the rep's user.</summary>
        public IReadOnlyList<SimulatedTask> Remote() => world.Org.Tasks(User.Id);
    }
}
