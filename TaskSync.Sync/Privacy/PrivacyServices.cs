using Microsoft.Extensions.DependencyInjection;

namespace TaskSync.Sync.Privacy;

/// <summary>Registers this folder.</summary>
public static class PrivacyServices
{
    /// <summary>Needs the database, Salesforce, the connections and logging.</summary>
    public static IServiceCollection AddPrivacy(this IServiceCollection services) => services.AddSingleton<PersonalData>();
}
