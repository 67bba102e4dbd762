using System.Net;
using System.Net.Sockets;

namespace TaskSync.Tests.Web;

/// <summary>A request that ends with an error keeps its status, whatever its method: the page that says so is not the form that was sent.</summary>
public sealed class ErrorPageTests : IAsyncLifetime
{
    private readonly WebApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData("GET", HttpStatusCode.NotFound)]
    [InlineData("POST", HttpStatusCode.MethodNotAllowed)]
    public async Task An_address_that_is_not_there_is_said_in_our_words(string method, HttpStatusCode status)
    {
        using var rita = await _app.SignedInAsync();

        var answer = await rita.SendAsync(Request(method, "/nothing/here"), Token);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains("There is nothing here", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/_blazor")]
    [InlineData("POST", "/_blazor/negotiate?negotiateVersion=1")]
    [InlineData("POST", "/salesforce/connect")]
    public async Task Whoever_is_not_signed_in_is_told_401_where_a_program_asks(string method, string path)
    {
        using var stranger = _app.NewBrowser();
        var request = Request(method, path);
        request.Headers.Add("Origin", "http://localhost");
        request.Headers.Add("X-Requested-With", "XMLHttpRequest");

        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.SendAsync(request, Token)).StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/settings")]
    public async Task A_form_sent_to_a_page_without_a_token_is_400(string path)
    {
        using var rita = await _app.SignedInAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await rita.SendAsync(Request("POST", path), Token)).StatusCode);
    }

    [Fact]
    public async Task A_form_that_cannot_be_read_is_told_in_our_words()
    {
        await using var app = new WebApp();
        app.Listen();
        using var socket = new TcpClient();
        await socket.ConnectAsync(app.ClientOptions.BaseAddress.Host, app.ClientOptions.BaseAddress.Port, Token);
        await using var stream = socket.GetStream();

        await stream.WriteAsync("POST /sign-in/demo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n"u8.ToArray(), Token);
        var answer = await new StreamReader(stream).ReadToEndAsync(Token);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("That could not be understood", answer, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed. Go back, reload the page and try again.", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_that_cannot_be_read_is_not_an_address_that_is_not_there()
    {
        using var adam = await _app.SignedInAsync("adam");

        var answer = await adam.GetAsync("/admin/sync/runs.csv?kind=nonsense", Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("That could not be understood", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    private static HttpRequestMessage Request(string method, string path) =>
        new(new HttpMethod(method), path) { Content = method == "GET" ? null : new FormUrlEncodedContent([new("a", "b")]) };
}
