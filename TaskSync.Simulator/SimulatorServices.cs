using Microsoft.Extensions.DependencyInjection.Extensions;
using TaskSync.Simulator.Hosting;
using TaskSync.Simulator.Inside;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator;

/// <summary>Puts the simulated org into an ASP.NET Core app.</summary>
public static class SimulatorServices
{
    private const string DefaultDirectory = "App_Data/simulator";

    /// <summary>
    /// Registers the org, which is opened when first needed. Settings come from the configuration section <c>Simulator</c>, then from
    /// <paramref name="configure"/>. Data is kept in <c>App_Data/simulator</c> under the content root and seeded with a demo unless told otherwise.
    /// <see cref="SimulatedOrg"/> can be resolved from the services.
    /// </summary>
    public static IServiceCollection AddSalesforceSimulator(this IServiceCollection services, Action<SimulatorOptions>? configure = null)
    {
        services.TryAddSingleton(provider => Open(provider, configure));
        services.TryAddSingleton(provider => new SimulatedOrg(provider.GetRequiredService<SimulatorCore>()));
        services.TryAddSingleton<SimulatorServer>();
        return services;
    }

    /// <summary>
    /// Mounts the whole simulator (OAuth pages, API, its own page, control) under a path. Needs no sign-in and no antiforgery token of the
    /// host app; the pages protect themselves. Every address it gives out is made from the request's own scheme, host and path.
    /// </summary>
    /// <param name="endpoints">The app.</param>
    /// <param name="prefix">Like <c>/simulator</c>; empty for the root.</param>
    public static IEndpointConventionBuilder MapSalesforceSimulator(this IEndpointRouteBuilder endpoints, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var path = prefix.Trim('/') is { Length: > 0 } trimmed ? "/" + trimmed : "";
        var server = new Lazy<SimulatorServer>(endpoints.ServiceProvider.GetRequiredService<SimulatorServer>);
        return endpoints.Map(path + "/{**rest}", context => server.Value.HandleAsync(context, path))
            .AllowAnonymous()
            .DisableAntiforgery()
            .WithDisplayName("Simulated Salesforce");
    }

    private static SimulatorCore Open(IServiceProvider services, Action<SimulatorOptions>? configure)
    {
        var options = new SimulatorOptions { DataDirectory = DefaultDirectory, Seed = true };
        if (services.GetService<TimeProvider>() is { } time)
            options.TimeProvider = time;
        services.GetRequiredService<IConfiguration>().GetSection("Simulator").Bind(options);
        configure?.Invoke(options);
        var root = services.GetRequiredService<IHostEnvironment>().ContentRootPath;
        return SimulatorCore.Open(options, string.IsNullOrEmpty(options.DataDirectory) ? null : Path.Combine(root, options.DataDirectory));
    }
}
