using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TaskSync.Simulator;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine;

/// <summary>Both sides in one test: the engine and the page services over a database of their own, a simulated org behind real HTTP, and one clock that the test sets.</summary>
public sealed class SyncWorld : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private readonly IDataProtectionProvider _keys;
    private readonly bool _isRestart;

    private SyncWorld(SimulatorHost simulator, TestDatabase database, FakeTimeProvider time, IDataProtectionProvider keys, ServiceProvider services, bool isRestart) =>
        (Simulator, Database, Time, _keys, _services, _isRestart) = (simulator, database, time, keys, services, isRestart);

    public SimulatorHost Simulator { get; }

    public SimulatedOrg Org => Simulator.Org;

    public TestDatabase Database { get; }

    public FakeTimeProvider Time { get; }

    public TaskService Tasks => Get<TaskService>();

    public DateOnly Today => DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<SyncWorld> StartAsync(Action<SimulatorOptions>? simulate = null, Dictionary<string, string?>? settings = null, TestDatabase? database = null, SimulatorHost? simulator = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 5, 9, 0, 0, TimeSpan.Zero));
        if (simulator is null)
        {
            var options = new SimulatorOptions { TimeProvider = time, TimeZone = "UTC", OrganizationCreatedDate = time.GetUtcNow().AddYears(-2) };
            simulate?.Invoke(options);
            simulator = await SimulatorHost.StartAsync(options, Token);
        }

        return Build(simulator, database ?? new TestDatabase(), time, new EphemeralDataProtectionProvider(), settings, isRestart: false);
    }

    /// <summary>A new process with nothing in memory: the same clock and keys, this database, and the same organization unless it is pointed at another one.</summary>
    public static SyncWorld Restarted(SyncWorld former, TestDatabase database, SimulatorHost? simulator = null) => Build(simulator ?? former.Simulator, database, former.Time, former._keys, null, isRestart: true);

    private static SyncWorld Build(SimulatorHost simulator, TestDatabase database, FakeTimeProvider time, IDataProtectionProvider keys, Dictionary<string, string?>? settings, bool isRestart)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Salesforce:LoginUrl"] = simulator.BaseAddress.ToString().TrimEnd('/'),
            ["Salesforce:ClientId"] = "TaskSync.Demo",
        }).AddInMemoryCollection(settings ?? []).Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(time);
        services.AddSingleton<IDbContextFactory<TaskSyncDb>>(database);
        services.AddSingleton(keys);
        services.AddSingleton(new BackOff(new Random(1)));
        services.AddSalesforce(configuration);
        services.AddEngineCore(configuration);
        services.AddTasks();
        services.AddStatus();
        return new SyncWorld(simulator, database, time, keys, services.BuildServiceProvider(), isRestart);
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

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
            return await RunAsync();
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
            world.ReadAsync(db => db.History.Where(h => h.TaskId == taskId).OrderBy(h => h.At).ThenBy(h => h.Id).ToListAsync(Token));

        /// <summary>Live Salesforce tasks of the rep's user.</summary>
        public IReadOnlyList<SimulatedTask> Remote() => world.Org.Tasks(User.Id);
    }
}
