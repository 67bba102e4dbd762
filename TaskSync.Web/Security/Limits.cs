using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Tasks;

namespace TaskSync.Web.Security;

/// <summary>
/// How often somebody may ask for what costs more than a page: a person when one is signed in, else an address. Whoever asks more often is answered
/// 429 and disturbs nobody else. Searches are counted by <see cref="SearchLimit"/>, because they come over a circuit.
/// </summary>
public static partial class Limits
{
    /// <summary>The limits that a route can ask for.</summary>
    public const string SignIns = "sign-ins", Connects = "connects", Exports = "exports";

    private const string Circuits = "_blazor";

    public static IServiceCollection AddLimits(this IServiceCollection services, IConfiguration configuration)
    {
        var options = services.AddOptions<LimitOptions>().Bind(configuration.GetSection(LimitOptions.Section)).ValidateOnStart();
        foreach (var limit in typeof(LimitOptions).GetProperties())
        {
            options.Validate(o => limit.GetValue(o) is >= 1 and <= LimitOptions.Most, $"{LimitOptions.Section}:{limit.Name} must be a number from 1 to {LimitOptions.Most}.");
        }

        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<LimitOptions>, IServiceProvider>((limiter, limits, provider) => Configure(limiter, limits.Value, EntraCallback(provider)));
        return services;
    }

    /// <summary>Answers of Microsoft Entra ID are taken by the authentication itself, which no route and no person comes before.</summary>
    public static void UseSignInLimit(this WebApplication app)
    {
        var callback = EntraCallback(app.Services);
        app.UseWhen(http => http.Request.Path == callback, branch => branch.UseRateLimiter());
    }

    private static void Configure(RateLimiterOptions limiter, LimitOptions limits, PathString callback)
    {
        limiter.OnRejected = Refuse;
        limiter.AddPolicy(SignIns, http => PerMinute(http, limits.SignInsPerMinute));
        limiter.AddPolicy(Connects, http => PerMinute(http, limits.ConnectsPerMinute));
        limiter.AddPolicy(Exports, http => PerMinute(http, limits.ExportsPerMinute));
        limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            For(http => http.Request.Path == callback, http => PerMinute(http, limits.SignInsPerMinute)),
            For(OpensPage, http => PerMinute(http, limits.PagesPerMinute)),
            For(HoldsPage, http => RateLimitPartition.GetConcurrencyLimiter(Who(http), _ => new ConcurrencyLimiterOptions { PermitLimit = limits.OpenPages })));
    }

    private static PartitionedRateLimiter<HttpContext> For(Func<HttpContext, bool> counts, Func<HttpContext, RateLimitPartition<string>> partition) =>
        PartitionedRateLimiter.Create<HttpContext, string>(http => counts(http) ? partition(http) : RateLimitPartition.GetNoLimiter(""));

    private static RateLimitPartition<string> PerMinute(HttpContext http, int count) => RateLimitPartition.GetTokenBucketLimiter(Who(http), _ => LimitOptions.PerMinute(count));

    /// <summary>Asks for a new connection: by negotiating, or by a WebSocket that did not.</summary>
    private static bool OpensPage(HttpContext http) => IsRoute(http, Circuits + "/negotiate") || (IsRoute(http, Circuits) && !http.Request.Query.ContainsKey("id"));

    /// <summary>
    /// The request that lasts as long as the page is open: a WebSocket, or one long poll after the other. Negotiating takes a place for a moment,
    /// because a browser shows the words of that answer only.
    /// </summary>
    private static bool HoldsPage(HttpContext http) => OpensPage(http) || (IsRoute(http, Circuits) && !HttpMethods.IsPost(http.Request.Method));

    /// <summary>Whether a route was chosen: an address can be spelt in several ways, with a slash at its end for one.</summary>
    private static bool IsRoute(HttpContext http, string route) => http.GetEndpoint() is RouteEndpoint endpoint && endpoint.RoutePattern.RawText?.Trim('/') == route;

    /// <summary>The person, else the address of the connection: the proxy's own unless forwarded headers are switched on, never what a header merely says.</summary>
    private static string Who(HttpContext http) => http.User.PersonId()?.ToString() ?? Network(http.Connection.RemoteIpAddress);

    /// <summary>IPv6 gives everybody a whole network (/64, RFC 6177) to choose addresses from: it counts as one.</summary>
    private static string Network(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes(), 0, 8),
        _ => address.ToString(),
    };

    private static PathString EntraCallback(IServiceProvider services) =>
        services.GetRequiredService<SignInSettings>().Mode == SignInMode.Entra
            ? services.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(OpenIdConnectDefaults.AuthenticationScheme).CallbackPath
            : default;

    /// <summary>Ends the request. How that is said is decided where all errors are.</summary>
    private static ValueTask Refuse(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        var http = rejected.HttpContext;
        LogRefused(http.RequestServices.GetRequiredService<ILogger<TooManyRequestsException>>(), http.Request.Path, http.User.PersonId());

        // Only what is counted by the minute knows when there will be more of it.
        var why = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out _) ? "This was asked for more often than anybody needs it." : "Very many pages of TaskSync are open already. Close some of them.";
        throw new TooManyRequestsException(why, LimitWords.Wait(rejected.Lease));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too many requests for {Path} were answered 429. Person: {PersonId}")]
    private static partial void LogRefused(ILogger logger, PathString path, Guid? personId);
}

/// <summary>Somebody asked more often than the limit allows.</summary>
/// <param name="why">In words, for whoever asked.</param>
/// <param name="wait">When the next request may come, in whole seconds.</param>
public sealed class TooManyRequestsException(string why, TimeSpan wait) : Exception(why)
{
    public TimeSpan Wait { get; } = wait;
}
