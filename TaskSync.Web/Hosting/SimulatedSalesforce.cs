using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using TaskSync.Simulator;
using TaskSync.Sync.Data;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Web.Hosting;

/// <summary>
/// A simulated Salesforce org inside this process, at /simulator, so that the whole product can be tried with nothing configured. The rest of the
/// program knows nothing of it: it signs in to and calls Salesforce:LoginUrl as ever, which here is the app's own address.
/// </summary>
public static class SimulatedSalesforce
{
    public const string Path = "/simulator";

    private const string ClientId = "TaskSync.Demo";

    /// <summary>Whether the configuration wants it: Salesforce:UseSimulator, or when that is unset a Development environment without Salesforce:ClientId.</summary>
    public static bool IsWanted(IConfiguration configuration, IHostEnvironment environment) =>
        configuration.GetValue<bool?>("Salesforce:UseSimulator") ?? (environment.IsDevelopment() && string.IsNullOrWhiteSpace(configuration["Salesforce:ClientId"]));

    public static IServiceCollection AddSimulatedSalesforce(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment)
    {
        if (IsWanted(configuration, environment))
        {
            if (!environment.IsDevelopment())
            {
                throw new SetupException(
                    "Salesforce:UseSimulator is true, and the environment is not Development. The simulated organization has no passwords: whoever reaches it changes everything in it. "
                    + "Set Salesforce:ClientId and remove Salesforce:UseSimulator, or set ASPNETCORE_ENVIRONMENT to Development.");
            }

            services.AddSalesforceSimulator().UseSimulatedSalesforce(configuration, environment);
        }

        return services;
    }

    /// <summary>Has the Salesforce client sign in there, when it is wanted. Whether it runs is another matter.</summary>
    public static IServiceCollection UseSimulatedSalesforce(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment) =>
        !IsWanted(configuration, environment) ? services : services.PostConfigure<SalesforceOptions>(options =>
        {
            options.ClientId = ClientId;
            options.ClientSecret = null;
            options.LoginUrl = "http://localhost" + Path;
        });

    /// <summary>Mounts the org, and tells the Salesforce client the app's own address as soon as it is known.</summary>
    public static void MapSimulatedSalesforce(this WebApplication app)
    {
        if (!IsWanted(app.Configuration, app.Environment))
        {
            return;
        }

        app.MapSalesforceSimulator(Path).AllowAnonymous();
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            if (OwnAddress(addresses) is { } address)
            {
                app.Services.GetRequiredService<IOptions<SalesforceOptions>>().Value.LoginUrl = address + Path;
            }
        });
    }

    /// <summary>The address at which this process reaches itself: plain http if there is one.</summary>
    public static string? OwnAddress(IEnumerable<string> addresses) => addresses
        .Select(address => address.Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal).Replace("://[::]", "://localhost", StringComparison.Ordinal)
            .Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal).TrimEnd('/'))
        .OrderBy(address => address.StartsWith("https:", StringComparison.Ordinal))
        .FirstOrDefault();
}
