namespace TaskSync.Web.Hosting;

/// <summary>What no setting of Logging:LogLevel turns on.</summary>
public static class LogRules
{
    /// <summary>The framework's categories that write whole addresses below Warning: there the OAuth code and state, an e-mail address and what somebody searches for stand.</summary>
    private static readonly string[] AddressWriters =
        ["Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Http.Result", "Microsoft.AspNetCore.Authentication.OpenIdConnect"];

    /// <summary>Later than the configuration, so that it counts.</summary>
    public static IServiceCollection AddLogRules(this IServiceCollection services) => services.AddLogging(logging =>
    {
        foreach (var category in AddressWriters)
        {
            logging.AddFilter(category, LogLevel.Warning);
        }
    });
}
