using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>How often somebody may ask (SE4): whoever asks too often is told so, and nobody else notices.</summary>
public sealed class LimitTests
{
    private const string Negotiate = "/_blazor/negotiate?negotiateVersion=1";
    private const string PersonFile = "/admin/sync/people/00000000-0000-0000-0000-000000000001/export.zip";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/sign-in/demo")]
    [InlineData("GET", "/salesforce/callback?code=1&state=2")]
    [InlineData("POST", "/salesforce/connect")]
    public async Task SE4_of_300_in_a_minute_from_one_address_most_are_refused_and_others_work_on(string method, string path)
    {
        await using var app = App();
        using var stranger = app.NewBrowser();
        using var sam = await From("203.0.113.9", app, "sam");

        var refused = await RefusedAsync(stranger, method, path, 300, "198.51.100.7");

        Assert.InRange(refused, 151, 299);
        Assert.Equal(HttpStatusCode.OK, (await sam.GetAsync("/", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await WebApp.PostAsync(sam, "/salesforce/connect")).StatusCode);
        using var rita = await From("203.0.113.10", app, "rita");
        Assert.Equal(HttpStatusCode.OK, (await rita.GetAsync("/settings", Token)).StatusCode);
    }

    [Theory]
    [InlineData("ConnectsPerMinute", "rita", "POST", "/salesforce/connect")]
    [InlineData("ConnectsPerMinute", "adam", "POST", "/salesforce/connect-reader")]
    [InlineData("ConnectsPerMinute", "rita", "GET", "/salesforce/callback")]
    [InlineData("ExportsPerMinute", "adam", "GET", "/admin/sync/runs.csv")]
    [InlineData("ExportsPerMinute", "adam", "GET", PersonFile)]
    [InlineData("ExportsPerMinute", "adam", "GET", "/admin/organizations/tasksync-salesforce.zip")]
    [InlineData("PagesPerMinute", "rita", "POST", Negotiate)]
    [InlineData("PagesPerMinute", "rita", "POST", "/_BLAZOR/negotiate/")]
    public async Task SE4_a_person_who_asks_too_often_is_refused_from_every_address(string limit, string person, string method, string path)
    {
        await using var app = App(new() { ["Limits:" + limit] = "2" });
        using var browser = await From("203.0.113.9", app, person);
        using var other = await From("203.0.113.9", app, person == "rita" ? "adam" : "rita");

        Assert.Equal(0, await RefusedAsync(browser, method, path, 2, "198.51.100.7"));
        Assert.Equal(1, await RefusedAsync(browser, method, path, 1, "198.51.100.8"));
        Assert.Equal(0, await RefusedAsync(other, method, path, 1, "198.51.100.8"));
    }

    [Fact]
    public async Task SE4_a_socket_that_did_not_negotiate_counts_as_a_page_too()
    {
        await using var app = App(new() { ["Limits:PagesPerMinute"] = "2" });
        var cookie = await CookieAsync(app);

        Assert.NotNull(await SocketAsync(app, cookie));
        Assert.NotNull(await SocketAsync(app, cookie));
        Assert.Null(await SocketAsync(app, cookie));
    }

    [Fact]
    public async Task SE4_open_pages_are_counted_and_a_closed_one_makes_room()
    {
        await using var app = App(new() { ["Limits:OpenPages"] = "2" });
        var cookie = await CookieAsync(app);
        var (first, second) = (await SocketAsync(app, cookie), await SocketAsync(app, cookie));
        Assert.NotNull(first);
        Assert.NotNull(second);

        Assert.Null(await SocketAsync(app, cookie));
        using var browser = app.CreateClient();
        browser.DefaultRequestHeaders.Add("Cookie", cookie);
        Assert.Contains("Close some of them", await TextAsync(browser, Negotiate), StringComparison.Ordinal);
        first.Abort();

        await Until.TrueAsync(async () => await SocketAsync(app, cookie) is not null);
    }

    [Fact]
    public async Task SE4_people_are_told_when_to_try_again_on_a_page_of_ours()
    {
        await using var app = App(new() { ["Limits:ExportsPerMinute"] = "1" });
        using var adam = await From("203.0.113.9", app, "adam");
        adam.DefaultRequestHeaders.Add("Accept", "text/html,application/xhtml+xml");
        await adam.GetAsync("/admin/sync/runs.csv?kind=Push", Token);

        var answer = await adam.GetAsync("/admin/sync/runs.csv?kind=Push", Token);

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        var seconds = answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        Assert.InRange(seconds, 2, 60);
        Assert.Contains("no-store", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Contains("DENY", answer.Headers.GetValues("X-Frame-Options"));
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Token));
        Assert.Contains("<h1>That was too often</h1>", page, StringComparison.Ordinal);
        Assert.Contains($"What you saved is safe. Try again in {seconds} seconds.", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/admin/sync/runs.csv?kind=Push\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("data-comes-back", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SE4_a_form_that_is_sent_too_often_gets_the_page_as_well()
    {
        await using var app = App(new() { ["Limits:SignInsPerMinute"] = "1" });
        using var browser = app.NewBrowser();
        await browser.PostAsync("/sign-in/demo", null, Token);

        var answer = await browser.PostAsync("/sign-in/demo", null, Token);

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Contains("<h1>That was too often</h1>", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SE4_programs_are_told_in_problem_details()
    {
        await using var app = App(new() { ["Limits:ExportsPerMinute"] = "1" });
        using var adam = await From("203.0.113.9", app, "adam");
        adam.DefaultRequestHeaders.Add("Accept", "*/*");
        await adam.GetAsync("/admin/sync/runs.csv", Token);

        var answer = await adam.GetAsync("/admin/sync/runs.csv", Token);

        Assert.Equal((HttpStatusCode.TooManyRequests, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Contains("no-store", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        var problem = (await answer.Content.ReadFromJsonAsync<ProblemDetails>(Token))!;
        Assert.Equal((429, $"This was asked for more often than anybody needs it. What you saved is safe. {LimitWords.TryAgain(answer.Headers.RetryAfter!.Delta!.Value)}"), (problem.Status, problem.Detail));
    }

    [Fact]
    public async Task SE4_health_and_files_have_no_limit()
    {
        await using var app = App(typeof(LimitOptions).GetProperties().ToDictionary(limit => "Limits:" + limit.Name, _ => (string?)"1"));
        using var browser = app.NewBrowser();
        foreach (var path in new[] { "/health/live", "/health/ready", "/app.css", "/boot.js", "/favicon.svg" })
        {
            Assert.Equal((path, 0), (path, await RefusedAsync(browser, "GET", path, 20, "198.51.100.7")));
        }
    }

    [Theory]
    [InlineData("false", 1)]
    [InlineData("true", 0)]
    public async Task SE4_a_forwarded_address_counts_only_where_the_proxy_is_trusted(string trusted, int refused)
    {
        await using var app = App(new() { ["ForwardedHeaders_Enabled"] = trusted, ["Limits:SignInsPerMinute"] = "1" });
        using var browser = app.NewBrowser();
        browser.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.1");
        await RefusedAsync(browser, "POST", "/sign-in/demo", 1, "198.51.100.7");
        browser.DefaultRequestHeaders.Remove("X-Forwarded-For");
        browser.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.2");

        Assert.Equal(refused, await RefusedAsync(browser, "POST", "/sign-in/demo", 1, "198.51.100.7"));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 1)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", 0)]
    [InlineData("::ffff:198.51.100.7", "198.51.100.7", 1)]
    [InlineData("::ffff:198.51.100.7", "::ffff:198.51.100.8", 0)]
    public async Task SE4_whoever_has_a_network_of_addresses_counts_once(string first, string second, int refused)
    {
        await using var app = App(new() { ["Limits:SignInsPerMinute"] = "1" });
        using var browser = app.NewBrowser();
        await RefusedAsync(browser, "POST", "/sign-in/demo", 1, first);

        Assert.Equal(refused, await RefusedAsync(browser, "POST", "/sign-in/demo", 1, second));
    }

    [Theory]
    [InlineData("Limits:SignInsPerMinute", "0")]
    [InlineData("Limits:OpenPages", "-1")]
    [InlineData("Limits:SearchesPerMinute", "100001")]
    public async Task A_limit_that_cannot_be_meant_stops_the_start_and_names_its_key(string key, string value)
    {
        await using var app = App(new() { [key] = value });

        Assert.Contains(key, Assert.ThrowsAny<Exception>(() => app.CreateClient()).ToString(), StringComparison.Ordinal);
    }

    /// <summary>An app whose requests come from the address that they name, as over a network of many machines.</summary>
    private static WebApp App(Dictionary<string, string?>? settings = null) => new(settings: settings)
    {
        ConfigureServices = services => services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, Network>()),
    };

    private static async Task<HttpClient> From(string address, WebApp app, string person)
    {
        var browser = await app.SignedInAsync(person);
        browser.DefaultRequestHeaders.Add(Network.Header, address);
        return browser;
    }

    /// <summary>How many of so many requests are answered 429.</summary>
    private static async Task<int> RefusedAsync(HttpClient browser, string method, string path, int times, string address)
    {
        browser.DefaultRequestHeaders.Remove(Network.Header);
        browser.DefaultRequestHeaders.Add(Network.Header, address);
        var refused = 0;
        for (var i = 0; i < times; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Add("Origin", "http://localhost");
            using var answer = await browser.SendAsync(request, Token);
            refused += answer.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
        }

        return refused;
    }

    private static async Task<string> TextAsync(HttpClient browser, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Add("Origin", "http://localhost");
        request.Headers.Add("Accept", "*/*");
        return await (await browser.SendAsync(request, Token)).Content.ReadAsStringAsync(Token);
    }

    private static async Task<string> CookieAsync(WebApp app)
    {
        var signedIn = await WebApp.PostAsync(app.CreateClient(), "/sign-in/demo", new() { ["person"] = "rita" });
        return string.Join("; ", signedIn.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
    }

    /// <summary>An open socket; null when it is refused for being one too many.</summary>
    private static async Task<WebSocket?> SocketAsync(WebApp app, string cookie)
    {
        var client = app.Server.CreateWebSocketClient();
        client.ConfigureRequest = request =>
        {
            (request.Headers.Cookie, request.Headers.Origin, request.Headers.Upgrade) = (cookie, "http://localhost", "websocket");
        };
        try
        {
            return await client.ConnectAsync(new Uri(app.Server.BaseAddress, "/_blazor"), Token);
        }
        catch (InvalidOperationException refused) when (refused.Message.Contains("429", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>Says where a request comes from, before anything else sees it.</summary>
    private sealed class Network : IStartupFilter
    {
        public const string Header = "Test-Address";

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                context.Connection.RemoteIpAddress = context.Request.Headers[Header] is [{ } address] ? IPAddress.Parse(address) : IPAddress.Loopback;
                return following(context);
            });
            next(app);
        };
    }
}
