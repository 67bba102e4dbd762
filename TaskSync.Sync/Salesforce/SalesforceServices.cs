using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace TaskSync.Sync.Salesforce;

/// <summary>Registers this folder.</summary>
public static class SalesforceServices
{
    /// <summary>
    /// Adds everything that speaks Salesforce, with options from the section "Salesforce" checked at start.
    /// Needs the database, Data Protection and ChangeFeed from the host.
    /// </summary>
    public static IServiceCollection AddSalesforce(this IServiceCollection services, IConfiguration configuration) => throw new NotImplementedException();
}
