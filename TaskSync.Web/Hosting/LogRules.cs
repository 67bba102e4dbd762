namespace TaskSync.Web.Hosting;

/// <summary>What no setting of Logging:LogLevel turns on.</summary>
public static class LogRules
{
    /// <summary>
    /// The framework's categories that tell too much below Warning: whole addresses, with the OAuth code and state, an e-mail address or a search in them,
    /// and (SignalR) all that is typed.
    /// </summary>
    private static readonly string[] Talkative =
    [
        "Microsoft.AspNetCore.Hosting.Diagnostics",
        "Microsoft.AspNetCore.Http.Result",
        "Microsoft.AspNetCore.Authentication.OpenIdConnect",
        "Microsoft.AspNetCore.SignalR",
        "Microsoft.AspNetCore.Components.Server",
    ];

    /// <summary>Later than the configuration, so that it counts.</summary>
    public static IServiceCollection AddLogRules(this IServiceCollection services) => services.AddLogging(logging =>
    {
        foreach (var category in Talkative)
        {
            logging.AddFilter(category, LogLevel.Warning);
        }
    });
}
