using Microsoft.Extensions.Time.Testing;
using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

/// <summary>A test with an org of its own behind a real web server. The org's clock stands still at <see cref="Start"/> until moved.</summary>
public abstract class SimulatorTest : IAsyncLifetime
{
    protected static readonly DateTimeOffset Start = new(2026, 3, 5, 10, 0, 0, TimeSpan.Zero);

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Clock { get; } = new(Start);
    protected SimulatorHost Host { get; private set; } = null!;
    protected SimulatedOrg Org => Host.Org;

    /// <summary>Rita's API, with a token of hers.</summary>
    protected ApiCaller Rita { get; private set; } = null!;

    protected virtual void Configure(SimulatorOptions options)
    {
    }

    public virtual async ValueTask InitializeAsync()
    {
        var options = new SimulatorOptions { TimeProvider = Clock, TimeZone = "Etc/UTC" };
        Configure(options);
        Host = await SimulatorHost.StartAsync(options, Cancel);
        Rita = CallerOf(Org.Rita.Id);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected ApiCaller CallerOf(string userId) => new(Host.BaseAddress, Org.IssueToken(userId).AccessToken);

    /// <summary>Rows of a query, run by Rita.</summary>
    protected async Task<List<string>> Query(string soql, string field = "Subject", bool all = false)
    {
        var answer = await Rita.Get($"{(all ? "queryAll" : "query")}?q={Uri.EscapeDataString(soql)}");
        Assert.True(answer.Status == 200, answer.Text);
        return [.. answer.Json.GetProperty("records").EnumerateArray().Select(row => row.GetProperty(field).ToString())];
    }

    protected Task<ApiAnswer> Ask(string soql, bool all = false) => Rita.Get($"{(all ? "queryAll" : "query")}?q={Uri.EscapeDataString(soql)}");

    protected static string Id(ApiAnswer created)
    {
        Assert.True(created.Status == 201, created.Text);
        return created.Json.GetProperty("id").GetString()!;
    }
}
