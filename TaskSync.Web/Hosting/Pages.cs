using MudBlazor.Services;
using TaskSync.Web.Browser;
using TaskSync.Web.Components;
using TaskSync.Web.Salesforce;

namespace TaskSync.Web.Hosting;

/// <summary>The Blazor pages and what they need.</summary>
public static class Pages
{
    /// <summary>Details of 32,000 characters come in one message, each of up to six bytes once it is escaped.</summary>
    private const int LongestMessage = 256 * 1024;

    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents(options => options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(5))
            .AddHubOptions(options => options.MaximumReceiveMessageSize = LongestMessage);
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false); // a query that cannot be read is no fault of ours, in Development neither
        services.AddCascadingAuthenticationState();
        services.AddHttpContextAccessor();
        services.AddExceptionHandler<ErrorAnswers>();
        services.AddMudServices();
        services.AddScoped<BrowserPage>();
        return services;
    }

    public static void MapPages(this WebApplication app)
    {
        // Files are anybody's: nothing is looked up for them, so they come while the database is away.
        app.MapStaticAssets().AllowAnonymous().ShortCircuit();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null); // our own policy says 'none'
    }
}
