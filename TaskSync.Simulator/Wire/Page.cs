using System.Text;

namespace TaskSync.Simulator.Wire;

/// <summary>The frame of the simulator's HTML pages: no script, nothing from outside, and a policy that says so.</summary>
internal static class Page
{
    public const string StylePath = "/ui/simulator.css";

    private static readonly Lazy<byte[]> StyleSheet = new(() =>
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream("simulator.css")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    });

    /// <param name="request">The request it answers.</param>
    /// <param name="title">Title of the document.</param>
    /// <param name="body">What goes into main.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="formTarget">An origin that a form's answer may redirect to; browsers check redirects against form-action too.</param>
    public static Reply Render(WebRequest request, string title, Html body, int status = 200, string? formTarget = null)
    {
        var html = Html.Of($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{title} · Simulated Salesforce</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="{request.PathBase + StylePath}">
            </head>
            <body>
            <a class="skip" href="#main">Skip to content</a>
            <header><a class="brand" href="{request.PathBase}/"><span aria-hidden="true">☁</span> Simulated Salesforce</a>
            <span class="note">A stand-in for testing. Not a Salesforce product.</span></header>
            <main id="main">{body}</main>
            </body>
            </html>
            """);
        return new Reply(status, Encoding.UTF8.GetBytes(html.Markup)) { ContentType = "text/html;charset=UTF-8" }
            .With("Content-Security-Policy", $"default-src 'none'; style-src 'self'; img-src data:; form-action 'self'{(formTarget is null ? "" : " " + formTarget)}; base-uri 'none'; frame-ancestors 'none'")
            .With("X-Content-Type-Options", "nosniff")
            .With("Referrer-Policy", "same-origin")
            .With("Cache-Control", "no-store");
    }

    public static Reply Style() => new Reply(200, StyleSheet.Value) { ContentType = "text/css;charset=UTF-8" }.With("Cache-Control", "no-cache");

    /// <summary>
    /// Whether a form post comes from the simulator's own pages. Browsers say so in Sec-Fetch-Site, older ones in Origin; a program
    /// that sends neither is no browser and cannot be tricked into posting.
    /// </summary>
    public static bool IsOwnPost(WebRequest request)
    {
        if (request.Header("Sec-Fetch-Site") is { } site)
            return site is "same-origin" or "none";
        return request.Header("Origin") is not { } origin || new Uri(request.BaseUrl).GetLeftPart(UriPartial.Authority).Equals(origin, StringComparison.OrdinalIgnoreCase);
    }
}
