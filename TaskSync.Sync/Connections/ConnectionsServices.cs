using Microsoft.Extensions.DependencyInjection;

namespace TaskSync.Sync.Connections;

/// <summary>Registers this folder.</summary>
public static class ConnectionsServices
{
    /// <summary>Needs the database, Salesforce and, for readers and tests, the engine.</summary>
    public static IServiceCollection AddSalesforceConnections(this IServiceCollection services) => services
        .AddSingleton<ConnectionRules>()
        .AddSingleton<ConnectionStore>()
        .AddSingleton<ConnectionService>()
        .AddSingleton<ReaderStore>()
        .AddSingleton<ReaderService>()
        .AddSingleton<ConnectNotes>()
        .AddSingleton<EndToEndTest>();
}
