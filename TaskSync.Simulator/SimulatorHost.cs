using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TaskSync.Simulator.Hosting;
using TaskSync.Simulator.Inside;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator;

/// <summary>A simulated org for tests: behind a real web server on a free loopback port, or inside the process without any socket.</summary>
public sealed class SimulatorHost : IAsyncDisposable
{
    private readonly Func<Task> _close;

    private SimulatorHost(Uri baseAddress, SimulatedOrg org, HttpMessageHandler? transport, Func<Task> close) =>
        (BaseAddress, Org, Transport, _close) = (baseAddress, org, transport, close);

    /// <summary>Like <c>http://127.0.0.1:40001/</c>: the login URL, and the instance URL of the tokens it issues.</summary>
    public Uri BaseAddress { get; }

    /// <summary>The org, to look into and to act in "as Salesforce".</summary>
    public SimulatedOrg Org { get; }

    /// <summary>What the client has to send its requests with when there is no web server; null when there is one. Answers come uncompressed.</summary>
    public HttpMessageHandler? Transport { get; }

    /// <summary>Opens an org inside the process, reached through <see cref="Transport"/> alone: for runs that must repeat themselves exactly.</summary>
    public static SimulatorHost InProcess(SimulatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var core = SimulatorCore.Open(options, null);
        var org = new SimulatedOrg(core);
        return new SimulatorHost(new Uri("http://127.0.0.1:1/"), org, new InProcessTransport(new SimulatorServer(core, org)), () =>
        {
            core.Dispose();
            return Task.CompletedTask;
        });
    }

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
        return new SimulatorHost(new Uri(address), app.Services.GetRequiredService<SimulatedOrg>(), null, async () =>
        {
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        });
    }

    /// <summary>Stops listening and cuts what is still waiting.</summary>
    public async ValueTask DisposeAsync()
    {
        Org.Faults.Clear();
        await _close();
    }
}
