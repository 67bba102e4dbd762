using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Salesforce;
using TaskSync.Web.Hosting;

namespace TaskSync.Web.Security;

/// <summary>The nonce of this response, for the import map.</summary>
public sealed class PageNonce
{
    public string Value { get; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
}

/// <summary>Headers of every answer. Scripts come from this site only; styles may be inline because MudBlazor positions with them.</summary>
public static class SecurityHeaders
{
    public static void UseSecurityHeaders(this WebApplication app)
    {
        var entra = app.Configuration["AzureAd:ClientId"] is { Length: > 0 } ? Origin(app.Configuration["AzureAd:Instance"] ?? app.Configuration["AzureAd:Authority"]) : null;
        app.Use(async (context, next) =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            context.Response.OnStarting(() =>
            {
                // Static files say how long they keep. Everything else is somebody's: no cache holds it.
                if (headers.CacheControl.Count == 0)
                {
                    headers.CacheControl = "no-store";
                }

                return Task.CompletedTask;
            });
            if (context.Request.Path.StartsWithSegments(SimulatedSalesforce.Path))
            {
                // Another "site" that only happens to run in this process; its pages bring their own policy.
                await next(context);
                return;
            }

            var nonce = context.RequestServices.GetRequiredService<PageNonce>().Value;
            headers.ContentSecurityPolicy =
                $"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
                + $"object-src 'none'; base-uri 'self'; frame-ancestors 'none'; form-action 'self' https://*.salesforce.com https://*.force.com {SalesforceOrigin(context)} {entra}".TrimEnd();
            await next(context);
        });
    }

    /// <summary>A form's redirects count as its targets too: "Connect Salesforce" leads to the login host.</summary>
    private static string? SalesforceOrigin(HttpContext context) => Origin(context.RequestServices.GetRequiredService<IOptions<SalesforceOptions>>().Value.LoginUrl);

    private static string? Origin(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.GetLeftPart(UriPartial.Authority) : null;
}
