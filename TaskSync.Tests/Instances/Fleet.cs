using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using TaskSync.Simulator;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Instances;
using TaskSync.Sync.Jobs;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Crash;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Instances;

/// <summary>
/// Real processes of the app on one live PostgreSQL, and an instance without engine in the test, through which reps edit. The org lives in the test: it sees everything.
/// </summary>
internal sealed class Fleet : IAsyncDisposable
{
    /// <summary>Real processes have to start, and one that dies is noticed after ten seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly PostgreSqlServer _server = PostgreSqlServer.Demand();
    private readonly string _database;
    private readonly string _journal = Directory.CreateTempSubdirectory("tasksync-org-").FullName;
    private SimulatorHost _simulator = null!;
    private IHost? _pages;

    private Fleet() => _database = _server.CreateEmpty();

    public SimulatedOrg Org => _simulator.Org;

    /// <summary>Everything that the org stored, line by line.</summary>
    public string Journal => Directory.GetFiles(_journal, "*", SearchOption.AllDirectories).OrderByDescending(file => new FileInfo(file).Length).First();

    public string ConnectionString => _server.ConnectionString(_database) + ";Maximum Pool Size=40";

    /// <summary>The port of the database.</summary>
    public int Port => new NpgsqlConnectionStringBuilder(ConnectionString).Port;

    /// <summary>Another way to the database.</summary>
    public string ConnectionStringBy(int port) => new NpgsqlConnectionStringBuilder(ConnectionString) { Port = port }.ToString();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Fleet> StartAsync()
    {
        var fleet = new Fleet();

        // A read a second by every rep is more than a small organization's day allows: the engine would slow down.
        fleet._simulator = await SimulatorHost.StartAsync(new SimulatorOptions { TimeZone = "UTC", DataDirectory = fleet._journal, DailyApiLimit = 10_000_000 }, Token);
        return fleet;
    }

    /// <summary>Starts one more process, which may reach the database by another way than the others.</summary>
    public Task<AppProcess> StartInstanceAsync(string? connectionString = null, params (string Key, string Value)[] settings) =>
        AppProcess.StartAsync(Settings.Select(pair => (pair.Key.Replace(":", "__", StringComparison.Ordinal), pair.Value)).Append(("ConnectionStrings__TaskSync", connectionString ?? ConnectionString)).Concat(settings)
            .GroupBy(pair => pair.Item1).ToDictionary(same => same.Key, same => same.Last().Item2));

    /// <summary>Starts the instance in the test. The database must be there already.</summary>
    public async Task StartPagesAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var (key, value) in Settings)
        {
            builder.Configuration[key] = value;
        }

        builder.Configuration["ConnectionStrings:TaskSync"] = ConnectionString;
        builder.Configuration["Sync:Engine"] = "false";
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(WallClock.Time).AddSingleton(new Random(1));
        builder.Services.AddTaskSyncData(builder.Configuration).AddSalesforce(builder.Configuration).AddSalesforceConnections().AddSyncEngine(builder.Configuration).AddTasks();
        builder.Services.AddDataProtection().SetApplicationName("TaskSync").PersistKeysToDbContext<PostgreSqlTaskSyncDb>();
        _pages = builder.Build();
        await _pages.StartAsync(Token);
    }

    public T Get<T>()
        where T : notnull => _pages!.Services.GetRequiredService<T>();

    /// <summary>A rep whose sync is on.</summary>
    public async Task<(Guid Person, SimulatedUser User)> AddRepAsync(string name)
    {
        var user = Org.AddUser("Rep", name);
        var person = await Get<PeopleService>().EnsureAsync($"demo:{name}", name, null, Token);
        Assert.IsType<ConnectResult.Connected>(await Get<ConnectionService>().ConnectAsync(person, _simulator.GrantOf(user), Token));
        await Get<SyncSwitch>().TurnOnAsync(person, ImportWindow.Last24Hours, Token);
        return (person, user);
    }

    public async Task<T> ReadAsync<T>(Func<TaskSyncDb, Task<T>> read)
    {
        await using var db = new PostgreSqlTaskSyncDb(new DbContextOptionsBuilder<PostgreSqlTaskSyncDb>().UseNpgsql(ConnectionString).Options);
        return await read(db);
    }

    /// <summary>How often which statements ran on the database so far.</summary>
    public Dictionary<string, long> Statements() => _server.Statements(_database);

    /// <summary>Shards by who serves them.</summary>
    public async Task<IReadOnlyDictionary<string, int>> HoldersAsync() =>
        (await ReadAsync(db => db.Fences.Where(f => f.Holder != null).Select(f => f.Holder!).ToListAsync(Token))).GroupBy(holder => holder).ToDictionary(same => same.Key, same => same.Count());

    /// <summary>Shards by the instance on which their jobs run, whether they have connections or not.</summary>
    public async Task<IReadOnlyDictionary<string, int>> RunningShardsAsync() =>
        (await ReadAsync(db => db.Database.SqlQuery<string>($"SELECT instance_name FROM qrtz_fired_triggers WHERE state = 'EXECUTING' AND job_name LIKE 'shard-%'").ToListAsync(Token)))
            .GroupBy(instance => instance).ToDictionary(same => same.Key, same => same.Count());

    /// <summary>Shards that have connections: the others have no holder.</summary>
    public Task<int> ShardsAsync() => ReadAsync(db => db.Connections.Select(c => c.Shard).Distinct().CountAsync(Token));

    public async ValueTask DisposeAsync()
    {
        if (_pages is not null)
        {
            await _pages.StopAsync(CancellationToken.None);
            _pages.Dispose();
        }

        await _simulator.DisposeAsync();
        _server.Drop(_database);
        Directory.Delete(_journal, recursive: true);
    }

    private Dictionary<string, string> Settings => new()
    {
        ["Database:Provider"] = "PostgreSql",
        ["Salesforce:LoginUrl"] = _simulator.BaseAddress.ToString().TrimEnd('/'),
        ["Salesforce:ClientId"] = "TaskSync.Demo",
        ["Sync:PollInterval"] = "00:00:01",
        ["Sync:IdlePollInterval"] = "00:00:01",
    };
}
