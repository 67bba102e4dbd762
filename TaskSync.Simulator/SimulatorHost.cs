using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TaskSync.Simulator.Hosting;

namespace TaskSync.Simulator;

/// <summary>A simulated org behind a real web server on a free loopback port, for tests.</summary>
public sealed class SimulatorHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SimulatorHost(WebApplication app, Uri baseAddress, SimulatedOrg org) => (_app, BaseAddress, Org) = (app, baseAddress, org);

    /// <summary>Like <c>http://127.0.0.1:40001/</c>: the login URL, and the instance URL of the tokens it issues.</summary>
    public Uri BaseAddress { get; }

    /// <summary>The org, to look into and to act in "as Salesforce".</summary>
    public SimulatedOrg Org { get; }

    /// <summary>Starts an org. Without a <see cref="SimulatorOptions.DataDirectory"/> it lives in memory only.</summary>
    /// <param name="options">How to run it; null is an unseeded org on the system clock.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<SimulatorHost> StartAsync(SimulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SimulatorOptions();
        var core = SimulatorCore.Open(options, options.DataDirectory is { Length: > 0 } directory ? Path.GetFullPath(directory) : null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.TryAddSingleton(_ => core);
        builder.Services.AddSalesforceSimulator();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestLineSize = 32 * 1024;
            kestrel.Listen(System.Net.IPAddress.Loopback, options.Port);
        });
        var app = builder.Build();
        app.MapSalesforceSimulator();
        await app.StartAsync(cancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new SimulatorHost(app, new Uri(address), app.Services.GetRequiredService<SimulatedOrg>());
    }

    /// <summary>Stops listening and cuts what is still waiting.</summary>
    public async ValueTask DisposeAsync()
    {
        Org.Faults.Clear();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
