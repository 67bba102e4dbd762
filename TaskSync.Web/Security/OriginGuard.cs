using Microsoft.Extensions.Options;
using TaskSync.Web.Hosting;

namespace TaskSync.Web.Security;

/// <summary>
/// Circuits are opened by our own pages only. A browser sends the cookie with whatever another site asks for, and lets that site read the answers of a
/// WebSocket (OWASP, "Cross-Site WebSocket Hijacking"). It always says which site asks, so no origin, or the origin "null", is not ours either.
/// </summary>
internal static class OriginGuard
{
    private const string Circuits = "/_blazor";

    public static void UseOriginGuard(this WebApplication app) => app.Use(async (context, next) =>
    {
        if (!OpensCircuit(context.Request) || IsOurs(context.Request, context.RequestServices.GetRequiredService<IOptions<WebOptions>>().Value))
        {
            await next(context);
            return;
        }

        context.RequestServices.GetRequiredService<SecurityLog>().CircuitRefused();
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        await context.Response.WriteAsync("This request did not come from a page of TaskSync. If it did, Web:PublicUrl or Web:TrustedOrigins does not name the address of that page.");
    });

    /// <summary>Everything but a plain GET: a WebSocket is a GET with an upgrade, or a CONNECT (HTTP/2). A poll is a plain GET, and needs an id that only a guarded request gives.</summary>
    private static bool OpensCircuit(HttpRequest request) =>
        request.Path.StartsWithSegments(Circuits) && !(HttpMethods.IsGet(request.Method) && request.Headers.Upgrade.Count == 0);

    private static bool IsOurs(HttpRequest request, WebOptions options)
    {
        if (request.Headers.Origin is not [{ Length: > 0 } origin])
        {
            return false;
        }

        var own = WebOptions.OriginOf(string.IsNullOrEmpty(options.PublicUrl) ? $"{request.Scheme}://{request.Host}" : options.PublicUrl);
        return origin == own || options.TrustedOrigins.Contains(origin);
    }
}
