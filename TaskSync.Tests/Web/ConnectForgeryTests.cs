using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Salesforce;
using TaskSync.Tests.Support;
using TaskSync.Web.Salesforce;

namespace TaskSync.Tests.Web;

/// <summary>Forged, repeated and unlucky callbacks of the OAuth flow (RFC 9700): none connects anybody, and each says what to do.</summary>
public sealed partial class ConnectForgeryTests(ConnectForgeryTests.Running running) : IClassFixture<ConnectForgeryTests.Running>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private WebApp App => running.App;

    /// <summary>What becomes of a good state on its way.</summary>
    public static TheoryData<string> Manglings => ["missing", "empty", "last character", "first character", "shorter", "longer", "upper case", "reversed", "blank before", "blank after", "twice", "another name", "null character", "the verifier", "zeros", "of an earlier attempt", "encoded twice", "quoted"];

    [Theory]
    [MemberData(nameof(Manglings))]
    public async Task A_callback_is_refused_whose_state_is_mangled(string how)
    {
        using var rita = await App.SignedInAsync();
        var earlier = StateOf(await BeginAsync(rita));
        var state = StateOf(await BeginAsync(rita));
        var sent = how switch
        {
            "missing" => "",
            "empty" => "&state=",
            "last character" => "&state=" + state[..^1] + (state[^1] == '0' ? '1' : '0'),
            "first character" => "&state=" + (state[0] == '0' ? '1' : '0') + state[1..],
            "shorter" => "&state=" + state[..^1],
            "longer" => "&state=" + state + "0",
            "upper case" => "&state=" + state.ToUpperInvariant() + "A",
            "reversed" => "&state=" + new string([.. state.Reverse()]),
            "blank before" => "&state=%20" + state,
            "blank after" => "&state=" + state + "%20",
            "twice" => "&state=" + earlier + "&state=" + state,
            "another name" => "&State_=" + state,
            "null character" => "&state=" + state + "%00",
            "the verifier" => "&state=" + SalesforceOAuth.NewProof().Verifier,
            "zeros" => "&state=" + new string('0', state.Length),
            "of an earlier attempt" => "&state=" + earlier,
            "encoded twice" => "&state=" + Uri.EscapeDataString("%3" + state),
            _ => "&state=%22" + state + "%22",
        };

        Assert.Equal("/settings?connect=stale", await OutcomeAsync(rita, "/salesforce/callback?code=aPrx" + sent));
        Assert.Equal(0, await ConnectionsAsync());
    }

    [Theory]
    [InlineData("invalid_client_id", "Salesforce:ClientId")]
    [InlineData("redirect_uri_mismatch", "Register the callback address")]
    [InlineData("invalid_scope", "scopes api, refresh_token, openid and id")]
    [InlineData("unsupported_response_type", "retry, or send them to your admin")]
    [InlineData("invalid_request", "Press Connect Salesforce again")]
    [InlineData("server_error", "retry, or send them to your admin")]
    [InlineData("OAUTH_APP_BLOCKED", "unblock the app")]
    [InlineData("OAUTH_APPROVAL_ERROR_GENERIC", "install and approve the app")]
    [InlineData("invalid_app_access", "approve the app for your profile")]
    [InlineData("inactive_user", "activate your user")]
    [InlineData("inactive_org", "reconnect on Settings")]
    [InlineData("rate_limit_exceeded", "tries again by itself")]
    [InlineData("<script>alert(1)</script>", "retry, or send them to your admin")]
    public async Task An_error_on_the_way_back_is_told_in_words_with_a_way_out(string error, string wayOut)
    {
        using var rita = await App.SignedInAsync();
        var state = StateOf(await BeginAsync(rita));

        var outcome = await OutcomeAsync(rita, $"/salesforce/callback?error={Uri.EscapeDataString(error)}&error_description=Salesforce%27s+own+words&state={state}");

        var (words, exact) = await MessageAsync(outcome);
        Assert.Contains(wayOut, words, StringComparison.Ordinal);
        Assert.Equal("Salesforce's own words", exact);
        Assert.Equal(0, await ConnectionsAsync());
    }

    [Fact]
    public async Task A_consent_that_was_cancelled_connects_nothing_and_the_next_attempt_works_on_its_own()
    {
        using var rita = await App.SignedInAsync();
        Assert.Equal("/settings?connect=denied", await OutcomeAsync(rita, $"/salesforce/callback?error=access_denied&state={StateOf(await BeginAsync(rita))}"));
        Assert.NotNull(await BeginAsync(rita));
        Assert.Equal(0, await ConnectionsAsync());
    }

    [Fact]
    public async Task A_code_of_somebody_elses_attempt_is_worth_nothing_without_its_verifier()
    {
        // Code injection: the attacker's code in the victim's own attempt.
        using var attacker = await App.SignedInAsync("sam");
        using var victim = await App.SignedInAsync();
        var stolen = CodeOf(await DecideAsync(await BeginAsync(attacker), App.Org.Sam.Id));
        var outcome = await OutcomeAsync(victim, $"/salesforce/callback?code={stolen}&state={StateOf(await BeginAsync(victim))}");

        Assert.Contains("Connect Salesforce again", (await MessageAsync(outcome)).Words, StringComparison.Ordinal);
        Assert.Equal(0, await ConnectionsAsync());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("aPrx%00")]
    [InlineData("aPrx%26code_verifier%3Dx%26grant_type%3Drefresh_token")]
    public async Task A_code_that_Salesforce_did_not_give_connects_nobody(string code)
    {
        using var rita = await App.SignedInAsync();
        var outcome = await OutcomeAsync(rita, $"/salesforce/callback?code={code}&state={StateOf(await BeginAsync(rita))}");
        Assert.Contains("Press Connect Salesforce again", (await MessageAsync(outcome)).Words, StringComparison.Ordinal);
        Assert.Equal(0, await ConnectionsAsync());
    }

    [Fact]
    public async Task Ten_minutes_later_the_attempt_is_over()
    {
        using var rita = await App.SignedInAsync();
        var answer = await WebApp.PostAsync(rita, "/salesforce/connect");
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("TaskSync.Connect=", StringComparison.Ordinal));

        // Whatever the browser keeps: what is in the cookie counts no longer than this.
        var protector = App.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("TaskSync.Connect").ToTimeLimitedDataProtector();
        protector.Unprotect(Uri.UnescapeDataString(cookie.Split('=', 2)[1].Split(';')[0]), out var until);
        Assert.InRange(until, WallClock.Now, WallClock.Now.AddMinutes(10));
    }

    [Theory]
    [InlineData("/salesforce/callback")]
    [InlineData("/salesforce/connect")]
    public async Task Who_is_not_signed_in_is_sent_to_sign_in_and_nothing_is_redeemed(string path)
    {
        using var nobody = App.NewBrowser();
        var before = App.Org.Calls.Count("/oauth2/token");
        var answer = await nobody.GetAsync(path + "?code=x&state=y", Token);
        Assert.True(answer.StatusCode == HttpStatusCode.MethodNotAllowed || answer.Headers.Location!.ToString().Contains("/sign-in", StringComparison.Ordinal));
        Assert.Equal(before, App.Org.Calls.Count("/oauth2/token"));
    }

    [Fact]
    public async Task Connecting_cannot_be_begun_from_another_site()
    {
        using var rita = await App.SignedInAsync();
        var answer = await rita.PostAsync("/salesforce/connect", new FormUrlEncodedContent([]), Token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:443")]
    [InlineData("127.0.0.1.evil.example")]
    public async Task With_a_public_address_the_callback_is_there_whatever_host_is_asked(string host)
    {
        using var rita = await App.SignedInAsync();
        var page = await rita.GetStringAsync("/sign-in", Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/salesforce/connect")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = WebUtility.HtmlDecode(Antiforgery().Match(page).Groups[1].Value) }),
        };
        request.Headers.Host = host;
        var answer = await rita.SendAsync(request, Token);
        Assert.Equal(Running.PublicUrl + "/salesforce/callback", QueryHelpers.ParseQuery(answer.Headers.Location!.Query)["redirect_uri"]);
    }

    [Fact]
    public async Task The_state_is_in_a_cookie_that_no_script_can_read()
    {
        using var rita = await App.SignedInAsync();
        var answer = await WebApp.PostAsync(rita, "/salesforce/connect");
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("TaskSync.Connect=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(StateOf(answer.Headers.Location!), cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_attempts_never_share_state_or_proof()
    {
        using var rita = await App.SignedInAsync();
        var seen = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            var query = QueryHelpers.ParseQuery((await BeginAsync(rita)).Query);
            Assert.True(seen.Add(query["state"]!) && seen.Add(query["code_challenge"]!));
            Assert.Equal(("code", "S256"), (query["response_type"].ToString(), query["code_challenge_method"].ToString()));
        }
    }

    private static string StateOf(Uri authorize) => QueryHelpers.ParseQuery(authorize.Query)["state"]!;

    private static string CodeOf(string callback) => Uri.EscapeDataString(QueryHelpers.ParseQuery(callback[callback.IndexOf('?', StringComparison.Ordinal)..])["code"]!);

    private static async Task<Uri> BeginAsync(HttpClient client) => (await WebApp.PostAsync(client, "/salesforce/connect")).Headers.Location!;

    private static async Task<string> DecideAsync(Uri authorize, string userId)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var fields = QueryHelpers.ParseQuery(authorize.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        (fields["user"], fields["decision"]) = (userId, "allow");
        return (await browser.PostAsync(authorize.GetLeftPart(UriPartial.Path), new FormUrlEncodedContent(fields), Token)).Headers.Location!.PathAndQuery;
    }

    private static async Task<string> OutcomeAsync(HttpClient client, string callback) => (await client.GetAsync(callback, Token)).Headers.Location!.ToString();

    private async Task<ConnectWords> MessageAsync(string outcome)
    {
        Assert.Matches("^/settings\\?connect=[0-9a-f]{32}$", outcome);
        await using var db = await App.Services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(Token);
        var notes = App.Services.GetRequiredService<ConnectNotes>();
        var found = await Task.WhenAll((await db.People.Select(p => p.Id).ToListAsync(Token)).Select(person => notes.FindAsync(person, outcome[^32..], Token)));
        return found.Single(words => words is not null)!;
    }

    private async Task<int> ConnectionsAsync()
    {
        await using var db = await App.Services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(Token);
        return await db.Connections.CountAsync(Token);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Antiforgery();

    /// <summary>One app for all of them: nothing here connects anybody.</summary>
    public sealed class Running : IAsyncLifetime
    {
        public const string PublicUrl = "http://tasks.acme.example"; // plain: the browsers of these tests are

        /// <summary>All attempts are made within a minute, by two people.</summary>
        public WebApp App { get; } = new(settings: new() { ["Web:PublicUrl"] = PublicUrl, ["Limits:SignInsPerMinute"] = "10000", ["Limits:ConnectsPerMinute"] = "10000" });

        public ValueTask InitializeAsync()
        {
            App.Listen();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
