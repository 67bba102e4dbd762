using System.Net;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;
using TaskSync.Web.Security;

namespace TaskSync.Tests.Web;

/// <summary>A cookie is worth what its sign-in is worth on the server (SE2).</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private readonly WebApp _app = new();

    private SignIns SignIns => _app.Services.GetRequiredService<SignIns>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_copied_cookie_is_worth_nothing_once_its_owner_signed_out()
    {
        var (rita, cookie) = await SignInAsync();
        using var thief = _app.CreateClient();
        thief.DefaultRequestHeaders.Add("Cookie", cookie);
        Assert.Equal(HttpStatusCode.OK, (await thief.GetAsync("/settings", Token)).StatusCode);

        await WebApp.PostAsync(rita, "/sign-out");

        var refused = await UntilRefusedAsync(thief);
        Assert.EndsWith("/sign-in?returnUrl=%2Fsettings&ended=SignedOut", refused.Headers.Location!.ToString(), StringComparison.Ordinal);
        var page = await thief.GetStringAsync("/sign-in?returnUrl=%2Fsettings&ended=SignedOut", Token);
        Assert.Contains("You signed out.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SE2_who_signs_in_again_in_the_same_browser_ends_the_earlier_sign_in()
    {
        var (rita, cookie) = await SignInAsync();
        using var thief = _app.CreateClient();
        thief.DefaultRequestHeaders.Add("Cookie", cookie);

        await WebApp.PostAsync(rita, "/sign-in/demo", new() { ["person"] = "rita" });

        await UntilRefusedAsync(thief);
        Assert.Equal(HttpStatusCode.OK, (await rita.GetAsync("/settings", Token)).StatusCode);
    }

    [Theory]
    [InlineData(SignInEnd.EndedByAdmin, "An admin signed you out.")]
    [InlineData(SignInEnd.SignedOutElsewhere, "You were signed out from another device.")]
    public async Task Ended_from_elsewhere_the_next_request_is_sent_to_sign_in_and_told_why(SignInEnd end, string words)
    {
        var (rita, _) = await SignInAsync();
        await SignIns.EndAllAsync(await PersonAsync(), null, end, Token);

        var refused = await UntilRefusedAsync(rita);

        var page = await rita.GetStringAsync(refused.Headers.Location!, Token);
        Assert.Contains(words, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SE5_a_removed_person_is_told_so_instead_of_being_let_in()
    {
        var (rita, _) = await SignInAsync();
        await _app.Services.GetRequiredService<AccountActions>().RemoveAsync(Admins.Adam, await PersonAsync(), Token);
        await UntilRefusedAsync(rita);

        var refused = await WebApp.PostAsync(rita, "/sign-in/demo", new() { ["person"] = "rita" });

        var page = await rita.GetStringAsync(refused.Headers.Location!, Token);
        Assert.Contains("An admin removed you from TaskSync.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Please sign in again", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await rita.GetAsync("/settings", Token)).StatusCode);
    }

    [Theory]
    [InlineData("Nonsense")]
    [InlineData("99")]
    [InlineData("<script>")]
    public async Task The_sign_in_page_says_only_reasons_that_there_are(string reason)
    {
        var page = await _app.CreateClient().GetStringAsync("/sign-in?ended=" + Uri.EscapeDataString(reason), Token);
        Assert.DoesNotContain("What you saved is safe", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_pages_are_told_by_the_next_look_whoever_ended_the_sign_in()
    {
        await SignInAsync();
        var (person, pages) = (await PersonAsync(), _app.Services.GetRequiredService<OpenPages>());
        var session = (await SignIns.ListAsync(person, Token)).Single().Id;
        List<SignInEnd> told = [];
        using var page = pages.OnEnd(session, told.Add);
        using var other = pages.OnEnd(Guid.NewGuid(), _ => { });
        var watch = ActivatorUtilities.CreateInstance<SessionWatch>(_app.Services);
        await watch.LookAsync(Token);
        Assert.Empty(told);

        await SignIns.EndAllAsync(person, null, SignInEnd.EndedByAdmin, Token);
        await watch.LookAsync(Token);

        Assert.Equal(SignInEnd.EndedByAdmin, told.First());
    }

    [Theory]
    [InlineData("SignIn:IdleTime", "00:04:59")]
    [InlineData("SignIn:Lifetime", "00:30:00")]
    public async Task Times_that_make_no_sense_stop_the_start_and_name_the_key(string key, string value)
    {
        await using var app = new WebApp(settings: new() { [key] = value });

        Assert.Contains(key, Assert.ThrowsAny<Exception>(() => app.CreateClient()).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome on Linux")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on macOS")]
    [InlineData("curl/8.0", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_device_is_told_in_words(string? userAgent, string? words) => Assert.Equal(words, SessionWords.Device(userAgent));

    private async Task<(HttpClient Client, string Cookie)> SignInAsync()
    {
        var client = _app.CreateClient();
        var answer = await WebApp.PostAsync(client, "/sign-in/demo", new() { ["person"] = "rita" });
        return (client, string.Join("; ", answer.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0])));
    }

    private async Task<Guid> PersonAsync() => await _app.Services.GetRequiredService<PeopleService>().EnsureAsync("demo:rita", "Rita Rep", "rita.rep@acme.example", Token);

    /// <summary>Within the seconds that an answer is trusted.</summary>
    private static async Task<HttpResponseMessage> UntilRefusedAsync(HttpClient client)
    {
        HttpResponseMessage? answer = null;
        await Until.TrueAsync(async () => (answer = await client.GetAsync("/settings", Token)).StatusCode == HttpStatusCode.Redirect);
        return answer!;
    }
}
