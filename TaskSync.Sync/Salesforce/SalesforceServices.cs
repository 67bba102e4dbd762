using System.Net;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Salesforce;

/// <summary>Registers this folder.</summary>
public static class SalesforceServices
{
    /// <summary>
    /// Adds everything that speaks Salesforce, with options from the section "Salesforce" checked at start.
    /// The host adds the database (AddTaskSyncData), Data Protection and a TimeProvider.
    /// </summary>
    public static IServiceCollection AddSalesforce(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(SalesforceOptions.Section);
        services.AddOptions<SalesforceOptions>().Bind(section).Configure(options => SplitOrganizations(options, section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SalesforceOptions>, SalesforceOptionsValidator>());
        services.TryAddSingleton<ChangeFeed>();
        services.TryAddSingleton<SyncDoorbell>();
        AddHttp(services);
        services.AddSingleton<TokenVault>();
        services.AddSingleton<SalesforceOAuth>();
        services.AddSingleton<ReaderKeys>();
        services.AddSingleton<SalesforceGrants>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<ConnectionStates>();
        services.AddSingleton<SalesforceSessions>();
        services.AddSingleton<ClockOffset>();
        services.AddSingleton<ApiCallCounter>();
        services.AddSingleton<ApiCallFlush>();
        services.AddHostedService(provider => provider.GetRequiredService<ApiCallFlush>());
        services.AddSingleton(provider => new SalesforceHttp(
            provider.GetRequiredService<IHttpClientFactory>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SalesforceHttp>>()));
        services.AddSingleton<SalesforceGateway>();
        services.AddSingleton<StoredSchemas>();
        services.AddSingleton<SchemaStore>();
        services.AddSingleton(provider => new SalesforceApi(provider.GetRequiredService<SalesforceGateway>(), provider.GetRequiredService<SchemaStore>()));
        return services;
    }

    /// <summary>One comma-separated text is as good as a list: that is how an environment variable says it.</summary>
    private static void SplitOrganizations(SalesforceOptions options, IConfigurationSection section)
    {
        if (section[nameof(SalesforceOptions.AllowedOrganizations)] is { Length: > 0 } text)
        {
            options.AllowedOrganizations.Clear();
            foreach (var id in text.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                options.AllowedOrganizations.Add(id);
            }
        }
    }

    private static void AddHttp(IServiceCollection services)
    {
        var version = typeof(SalesforceServices).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
        services.AddHttpClient(SalesforceHttp.ClientName, client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan; // each call has its own, on the injected clock
                client.DefaultRequestHeaders.UserAgent.ParseAdd($"TaskSync/{version}");
                client.DefaultRequestHeaders.Add("Sforce-Call-Options", "client=TaskSync");
                client.DefaultRequestHeaders.Add("Sforce-Query-Options", $"batchSize={SalesforceLimits.RowsPerPage}");
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false, // a token is never carried to another address
                AutomaticDecompression = DecompressionMethods.GZip,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(15),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            })
            .RemoveAllLoggers(); // addresses hold queries, and headers tokens
    }
}
