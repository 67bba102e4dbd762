using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Data;

namespace TaskSync.Tests.Web;

/// <summary>Connect Salesforce: a callback counts only for the browser, the person and the attempt that began it, and once.</summary>
public sealed class ConnectTests : IAsyncLifetime
{
    private readonly WebApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _app.Listen();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Presses "Connect Salesforce": where the browser is sent.</summary>
    private static async Task<Uri> BeginAsync(HttpClient client)
    {
        var answer = await WebApp.PostAsync(client, "/salesforce/connect");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location!;
    }

    /// <summary>Allows or denies on Salesforce's page: the callback the browser is sent to.</summary>
    private static async Task<string> DecideAsync(Uri authorize, string userId, string decision = "allow")
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var fields = QueryHelpers.ParseQuery(authorize.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        (fields["user"], fields["decision"]) = (userId, decision);
        var answer = await browser.PostAsync(authorize.GetLeftPart(UriPartial.Path), new FormUrlEncodedContent(fields), Token);
        return answer.Headers.Location!.PathAndQuery;
    }

    private static async Task<string> OutcomeAsync(HttpClient client, string callback) => (await client.GetAsync(callback, Token)).Headers.Location!.ToString();

    private async Task<int> ConnectionsAsync()
    {
        await using var db = await _app.Services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(Token);
        return await db.Connections.CountAsync(Token);
    }

    [Fact]
    public async Task The_browser_is_sent_with_state_proof_and_a_hint_of_who_it_is()
    {
        using var rita = await _app.SignedInAsync();

        var authorize = await BeginAsync(rita);

        var query = QueryHelpers.ParseQuery(authorize.Query);
        Assert.StartsWith(_app.LoginUrl, authorize.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal("S256", query["code_challenge_method"]);
        Assert.True(query["state"].ToString().Length >= 32);
        Assert.Equal("rita.rep@acme.example", query["login_hint"]);
        Assert.EndsWith("/salesforce/callback", query["redirect_uri"].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Allowing_connects_and_leads_back_to_Settings()
    {
        using var rita = await _app.SignedInAsync();

        var outcome = await OutcomeAsync(rita, await DecideAsync(await BeginAsync(rita), _app.Org.Rita.Id));

        Assert.Equal("/settings?connect=ok", outcome);
        Assert.Equal(1, await ConnectionsAsync());
    }

    [Fact]
    public async Task Denying_connects_nothing_and_says_so()
    {
        using var rita = await _app.SignedInAsync();

        var outcome = await OutcomeAsync(rita, await DecideAsync(await BeginAsync(rita), _app.Org.Rita.Id, "deny"));

        Assert.Equal("/settings?connect=denied", outcome);
        Assert.Equal(0, await ConnectionsAsync());
    }

    [Theory]
    [InlineData("/salesforce/callback")]
    [InlineData("/salesforce/callback?code=x")]
    [InlineData("/salesforce/callback?code=x&state=")]
    [InlineData("/salesforce/callback?code=x&state=guessed")]
    [InlineData("/salesforce/callback?error=access_denied")]
    public async Task A_callback_that_nobody_began_is_refused(string callback)
    {
        using var rita = await _app.SignedInAsync();

        Assert.Equal("/settings?connect=stale", await OutcomeAsync(rita, callback));
    }

    [Fact]
    public async Task A_callback_with_another_state_is_refused()
    {
        using var rita = await _app.SignedInAsync();
        var callback = await DecideAsync(await BeginAsync(rita), _app.Org.Rita.Id);

        Assert.Equal("/settings?connect=stale", await OutcomeAsync(rita, callback[..^1] + (callback[^1] == '0' ? '1' : '0')));
        Assert.Equal(0, await ConnectionsAsync());
    }

    [Fact]
    public async Task A_callback_works_once()
    {
        using var rita = await _app.SignedInAsync();
        var callback = await DecideAsync(await BeginAsync(rita), _app.Org.Rita.Id);

        Assert.Equal("/settings?connect=ok", await OutcomeAsync(rita, callback));
        Assert.Equal("/settings?connect=stale", await OutcomeAsync(rita, callback));
    }

    [Fact]
    public async Task A_newer_attempt_makes_the_older_one_void()
    {
        using var rita = await _app.SignedInAsync();
        var older = await DecideAsync(await BeginAsync(rita), _app.Org.Rita.Id);
        await BeginAsync(rita);

        Assert.Equal("/settings?connect=stale", await OutcomeAsync(rita, older));
    }

    [Fact]
    public async Task Another_persons_callback_is_refused_even_in_the_same_browser()
    {
        using var browser = await _app.SignedInAsync();
        var callback = await DecideAsync(await BeginAsync(browser), _app.Org.Rita.Id);
        await WebApp.PostAsync(browser, "/sign-out");
        await WebApp.PostAsync(browser, "/sign-in/demo", new() { ["person"] = "sam" });

        Assert.Equal("/settings?connect=stale", await OutcomeAsync(browser, callback));
        Assert.Equal(0, await ConnectionsAsync());
    }

    [Fact]
    public async Task A_callback_lured_into_another_browser_is_refused()
    {
        using var attacker = await _app.SignedInAsync("sam");
        using var victim = await _app.SignedInAsync("rita");
        var callback = await DecideAsync(await BeginAsync(attacker), _app.Org.Sam.Id);

        Assert.Equal("/settings?connect=stale", await OutcomeAsync(victim, callback));
        Assert.Equal(0, await ConnectionsAsync());
    }

    [Fact]
    public async Task F9_a_Salesforce_user_who_is_connected_already_is_refused_in_plain_words()
    {
        using var rita = await _app.SignedInAsync();
        using var sam = await _app.SignedInAsync("sam");
        await OutcomeAsync(rita, await DecideAsync(await BeginAsync(rita), _app.Org.Rita.Id));

        var outcome = await OutcomeAsync(sam, await DecideAsync(await BeginAsync(sam), _app.Org.Rita.Id));

        Assert.Matches("^/settings\\?connect=[0-9a-f]{32}$", outcome);
        Assert.Equal(1, await ConnectionsAsync());
    }
}
