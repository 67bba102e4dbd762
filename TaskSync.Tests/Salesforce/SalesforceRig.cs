using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskSync.Simulator;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Salesforce;

/// <summary>Everything that speaks Salesforce, wired as in the product, with a database and a clock of its own, over real HTTP to a simulated org or a stub.</summary>
public sealed class SalesforceRig : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 5, 10, 0, 0, TimeSpan.Zero);

    private readonly List<ServiceProvider> _servers = [];
    private readonly EphemeralDataProtectionProvider _keys = new();
    private readonly Dictionary<string, string?> _settings;

    private SalesforceRig(string loginUrl, TestClock time, Dictionary<string, string?>? settings, params IInterceptor[] interceptors)
    {
        Database = new TestDatabase(interceptors);
        Time = time;
        LoginUrl = loginUrl.TrimEnd('/');
        _settings = new() { ["Salesforce:LoginUrl"] = LoginUrl, ["Salesforce:ClientId"] = "TaskSync.Demo" };
        foreach (var (key, value) in settings ?? [])
        {
            _settings[key] = value;
        }

        Services = NewServer();
    }

    public TestClock Time { get; }

    public string LoginUrl { get; }

    public TestDatabase Database { get; }

    public LogSink Logs { get; } = new();

    public ServiceProvider Services { get; }

    public SimulatorHost? Simulator { get; private init; }

    public SimulatedOrg Org => Simulator!.Org;

    public SalesforceApi Api => Services.GetRequiredService<SalesforceApi>();

    public SalesforceOAuth OAuth => Services.GetRequiredService<SalesforceOAuth>();

    public ConnectionService Connections => Services.GetRequiredService<ConnectionService>();

    public ApiCallCounter Counter => Services.GetRequiredService<ApiCallCounter>();

    public TokenVault Vault => Services.GetRequiredService<TokenVault>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A rig with a simulated org that lives on the same clock.</summary>
    public static async Task<SalesforceRig> StartAsync(Action<SimulatorOptions>? configure = null, Dictionary<string, string?>? settings = null)
    {
        var time = new TestClock(Start);
        var options = new SimulatorOptions { TimeProvider = time, TimeZone = "Europe/Vienna", OrganizationCreatedDate = Start.AddYears(-3) };
        configure?.Invoke(options);
        var simulator = await SimulatorHost.StartAsync(options, Token);
        return new SalesforceRig(simulator.BaseAddress.AbsoluteUri, time, settings) { Simulator = simulator };
    }

    /// <summary>A rig with a stub of the test's own.</summary>
    public static SalesforceRig Over(string loginUrl, Dictionary<string, string?>? settings = null) => new(loginUrl, new TestClock(Start), settings);

    /// <summary>The same with somebody before its database.</summary>
    public static SalesforceRig OverIntercepted(string loginUrl, IInterceptor interceptor) => new(loginUrl, new TestClock(Start), settings: null, interceptor);

    /// <summary>Another server of the same installation: same database, same keys, nothing else in common.</summary>
    public ServiceProvider NewServer(Dictionary<string, string?>? settings = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Logs));
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<IDbContextFactory<TaskSyncDb>>(Database);
        services.AddSingleton<IDataProtectionProvider>(_keys);
        services.AddSalesforce(new ConfigurationBuilder().AddInMemoryCollection(_settings).AddInMemoryCollection(settings).Build()).AddSalesforceConnections();
        var server = services.BuildServiceProvider();
        _servers.Add(server);
        return server;
    }

    public async Task<Guid> AddPersonAsync(string name = "Rita Rep")
    {
        await using var db = Database.CreateDbContext();
        var person = new Person { SubjectId = $"{name}-{Guid.NewGuid():N}", Name = name, CreatedAt = Time.GetUtcNow() };
        db.People.Add(person);
        await db.SaveChangesAsync(Token);
        return person.Id;
    }

    /// <summary>What the callback gets when this user allows access.</summary>
    public TokenGrant GrantOf(SimulatedUser user, SimulatorHost? simulator = null)
    {
        var org = (simulator ?? Simulator!).Org;
        var tokens = org.IssueToken(user.Id);
        var address = (simulator ?? Simulator!).BaseAddress.AbsoluteUri.TrimEnd('/');
        return new TokenGrant(tokens.AccessToken, tokens.RefreshToken, address, $"{address}/id/{org.OrganizationId}/{user.Id}", org.OrganizationId, user.Id);
    }

    /// <summary>A person connected as the user (Rita without one); the connection's id.</summary>
    public async Task<Guid> ConnectAsync(SimulatedUser? user = null, Guid? personId = null)
    {
        var result = await Connections.ConnectAsync(personId ?? await AddPersonAsync(), GrantOf(user ?? Org.Rita), Token);
        return Assert.IsType<ConnectResult.Connected>(result).ConnectionId;
    }

    /// <summary>A connection as if it had been made before, for stubs.</summary>
    public async Task<Guid> AddConnectionAsync(string instanceUrl, OrgSchema? schema = null, string accessToken = "access-1", string refreshToken = "refresh-1")
    {
        var personId = await AddPersonAsync();
        await using var db = Database.CreateDbContext();
        var connection = new Connection
        {
            PersonId = personId,
            OrganizationId = StubSalesforce.OrganizationId,
            UserId = StubSalesforce.UserId,
            Username = "rita@example.com",
            DisplayName = "Rita Rep",
            OrganizationName = "Stub",
            InstanceUrl = instanceUrl.TrimEnd('/'),
            AccessToken = Vault.Seal(accessToken),
            RefreshToken = Vault.Seal(refreshToken),
            Schema = schema ?? OrgSchema.Default with { Key = KeyPlace.KeyField },
        };
        db.Connections.Add(connection);
        await db.SaveChangesAsync(Token);
        await db.People.Where(p => p.Id == personId).ExecuteUpdateAsync(set => set.SetProperty(p => p.ConnectionId, connection.Id), Token);
        return connection.Id;
    }

    public async Task<Connection> ConnectionAsync(Guid id)
    {
        await using var db = Database.CreateDbContext();
        return await db.Connections.AsNoTracking().SingleAsync(c => c.Id == id, Token);
    }

    public async Task<Person> PersonAsync(Guid id)
    {
        await using var db = Database.CreateDbContext();
        return await db.People.AsNoTracking().SingleAsync(p => p.Id == id, Token);
    }

    public async Task SetAsync(Guid connectionId, Action<Connection> change)
    {
        await using var db = Database.CreateDbContext();
        change(await db.Connections.SingleAsync(c => c.Id == connectionId, Token));
        await db.SaveChangesAsync(Token);
    }

    /// <summary>The access or refresh token as stored, opened.</summary>
    public string? Open(string? sealedToken) => Vault.TryOpen(sealedToken, out var token) ? token : null;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        if (Simulator is not null)
        {
            await Simulator.DisposeAsync();
        }

        await Database.DisposeAsync();
    }
}
