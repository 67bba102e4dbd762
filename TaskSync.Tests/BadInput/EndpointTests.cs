using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Reconciliation;
using TaskSync.Tests.Web;

namespace TaskSync.Tests.BadInput;

/// <summary>Every address of the app, asked over HTTP with paths, queries, headers and bodies that no page of ours makes.</summary>
public sealed class EndpointTests
{
    /// <summary>Requests in a usual run; TASKSYNC_ITERATIONS says another number.</summary>
    private const int Usual = 3_000;

    private static readonly string[] Names =
        ["view", "q", "tab", "connect", "returnUrl", "failed", "ended", "code", "state", "error", "error_description", "person", "kind", "outcome", "from", "to", "page", "format", "id", "negotiateVersion", "__RequestVerificationToken", "_handler"];

    private static readonly string[] Headers = ["Origin", "Referer", "User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "Cookie", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "If-None-Match", "Range", "traceparent", "Authorization"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Section6_no_request_makes_the_app_fail()
    {
        await using var app = new WebApp(settings: typeof(LimitOptions).GetProperties().ToDictionary(limit => "Limits:" + limit.Name, _ => (string?)"100000"));
        app.Listen();
        HttpClient[] browsers = [app.NewBrowser(), await app.SignedInAsync(), await app.SignedInAsync("adam")];
        var forms = await Task.WhenAll(browsers.Select(async browser => await (await WebApp.FormAsync(browser)).ReadAsStringAsync(Token)));
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText is { } path && !path.TrimStart('/').StartsWith("simulator", StringComparison.Ordinal) && route.Metadata.GetMetadata<Microsoft.AspNetCore.StaticAssets.StaticAssetDescriptor>() is null)
            .Select(route => "/" + route.RoutePattern.RawText!.TrimStart('/')).Distinct().Append("/{anything}").ToList();
        var first = ulong.Parse(Environment.GetEnvironmentVariable("TASKSYNC_SEED") ?? "1", CultureInfo.InvariantCulture);
        var (statuses, broken) = (new HashSet<HttpStatusCode>(), new Dictionary<string, string>());
        for (var seed = first; seed < first + (ulong)Sides.Times(Usual); seed++)
        {
            var values = new BadValues(seed, [Guid.NewGuid()]);
            var who = values.Next(browsers.Length);
            var route = values.Of(routes);
            using var request = Request(values, browsers[who].BaseAddress!.GetLeftPart(UriPartial.Authority), route, forms[who]);
            using var answer = await browsers[who].SendAsync(request, Token);
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode >= HttpStatusCode.InternalServerError || answer.Headers.Location is { IsAbsoluteUri: true, IsLoopback: false })
            {
                broken.TryAdd($"{request.Method} {route}", $"TASKSYNC_SEED={seed} TASKSYNC_ITERATIONS=1: {(int)answer.StatusCode} {answer.Headers.Location} for {request}");
            }
        }

        Assert.True(broken.Count == 0, string.Join("\n\n", broken.Values));
        Assert.True(Sides.Times(Usual) < Usual || statuses.IsSupersetOf([HttpStatusCode.OK, HttpStatusCode.Redirect, HttpStatusCode.BadRequest, HttpStatusCode.NotFound]), "Some kinds of answers were never seen.");
        foreach (var browser in browsers)
        {
            browser.Dispose();
        }
    }

    private static HttpRequestMessage Request(BadValues values, string app, string route, string form)
    {
        var isPost = values.Next(3) == 0;
        var path = string.Join('/', route.Split('/').Select(part => part.StartsWith('{') ? Encoded(values) : part));
        var query = string.Join('&', Enumerable.Range(0, values.Next(5)).Select(_ => $"{(values.Next(10) == 0 ? Encoded(values) : values.Of(Names))}={Encoded(values)}"));
        var request = new HttpRequestMessage(isPost ? HttpMethod.Post : HttpMethod.Get, new Uri($"{app}{path}?{query}"));
        for (var i = values.Next(4); i > 0; i--)
        {
            request.Headers.TryAddWithoutValidation(values.Of(Headers), Printable(values));
        }

        if (isPost)
        {
            request.Content = Body(values, route, form);
        }

        return request;
    }

    /// <summary>A form of ours with bad fields, mostly, so that it gets past the check of its token.</summary>
    private static ByteArrayContent Body(BadValues values, string route, string form)
    {
        var fields = string.Join('&', Enumerable.Range(0, values.Next(4)).Select(_ => $"{values.Of(Names)}={Encoded(values)}"));
        var (text, type) = values.Next(4) switch
        {
            0 => (values.Text(), values.Of(["text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary=x", "application/octet-stream"])),

            // Signing out would end what the other requests are made with.
            _ when route == "/sign-out" => (fields, "application/x-www-form-urlencoded"),
            _ => ($"{form}&{fields}", "application/x-www-form-urlencoded"),
        };
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    /// <summary>For an address, short enough to be taken: as a browser encodes it, or as it stands.</summary>
    private static string Encoded(BadValues values)
    {
        var text = values.Text();
        text = text.Length > 500 ? text[..500] : text;
        return values.Next(4) == 0 ? string.Concat(text.Where(c => c is > ' ' and < '\x7f' and not '#')) : Uri.EscapeDataString(text);
    }

    private static string Printable(BadValues values)
    {
        var text = string.Concat(values.Text().Where(c => c is >= ' ' and < '\x7f'));
        return text.Length > 2_000 ? text[..2_000] : text;
    }
}
