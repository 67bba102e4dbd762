using System.Net;
using System.Net.WebSockets;

namespace TaskSync.Tests.Web;

/// <summary>Who may open a circuit with somebody's cookie (SE1): pages of ours only.</summary>
public sealed class CircuitOriginTests : IAsyncLifetime
{
    private const string Negotiate = "/_blazor/negotiate?negotiateVersion=1";
    private const string PublicUrl = "https://tasks.acme.example";

    private readonly WebApp _app = new();
    private readonly WebApp _public = new(settings: new() { ["Web:PublicUrl"] = PublicUrl + "/", ["Web:TrustedOrigins"] = "https://tasks.acme.intern, https://10.0.0.5:8443" });

    public static TheoryData<string?> Foreign =>
    [
        "http://evil.example", "null", (string?)null, "", "https://localhost", "http://localhost:8080", "http://localhost.evil.example", "http://LOCALHOST", "http://localhost/", "file://", "http://localhost,http://evil.example",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _public.ClientOptions.BaseAddress = new Uri("https://localhost");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _public.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_page_of_another_site_opens_no_circuit(string? origin)
    {
        using var rep = await _app.SignedInAsync();

        Assert.Equal(HttpStatusCode.Forbidden, await NegotiateAsync(rep, origin));
        Assert.Equal(HttpStatusCode.Forbidden, await SocketAsync(_app, origin));
    }

    [Fact]
    public async Task A_page_of_ours_opens_one()
    {
        using var rep = await _app.SignedInAsync();

        Assert.Equal(HttpStatusCode.OK, await NegotiateAsync(rep, "http://localhost"));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await SocketAsync(_app, "http://localhost"));
    }

    [Theory]
    [InlineData(PublicUrl, HttpStatusCode.OK)]
    [InlineData("https://tasks.acme.intern", HttpStatusCode.OK)]
    [InlineData("https://10.0.0.5:8443", HttpStatusCode.OK)]
    [InlineData("http://tasks.acme.example", HttpStatusCode.Forbidden)]
    [InlineData("https://10.0.0.5", HttpStatusCode.Forbidden)]
    [InlineData("http://localhost", HttpStatusCode.Forbidden)]
    public async Task With_a_public_address_its_pages_and_the_trusted_ones_do(string origin, HttpStatusCode status)
    {
        using var rep = await _public.SignedInAsync();

        Assert.Equal(status, await NegotiateAsync(rep, origin));
    }

    [Theory]
    [InlineData("Web:PublicUrl", "tasks.acme.example")]
    [InlineData("Web:PublicUrl", "ftp://tasks.acme.example")]
    [InlineData("Web:TrustedOrigins", "https://tasks.acme.example/")]
    [InlineData("Web:TrustedOrigins", "https://a.example,*")]
    public async Task An_address_that_is_none_stops_the_start_and_names_its_key(string key, string value)
    {
        await using var app = new WebApp(settings: new() { [key] = value });

        Assert.Contains(key, Assert.ThrowsAny<Exception>(() => app.CreateClient()).ToString(), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> NegotiateAsync(HttpClient client, string? origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Negotiate);
        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin);
        }

        return (await client.SendAsync(request, Token)).StatusCode;
    }

    private static async Task<HttpStatusCode> SocketAsync(WebApp app, string? origin)
    {
        var signedIn = await WebApp.PostAsync(app.CreateClient(), "/sign-in/demo", new() { ["person"] = "rita" });
        var client = app.Server.CreateWebSocketClient();
        client.ConfigureRequest = request =>
        {
            request.Headers.Cookie = string.Join("; ", signedIn.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
            request.Headers.Upgrade = "websocket";
            if (origin is not null)
            {
                request.Headers.Origin = origin;
            }
        };
        try
        {
            using var socket = await client.ConnectAsync(new Uri(app.Server.BaseAddress, "/_blazor"), Token);
            return socket.State == WebSocketState.Open ? HttpStatusCode.SwitchingProtocols : HttpStatusCode.OK;
        }
        catch (InvalidOperationException refused) when (refused.Message.Contains("403", StringComparison.Ordinal))
        {
            return HttpStatusCode.Forbidden;
        }
    }
}
