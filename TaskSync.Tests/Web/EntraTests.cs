using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>Sign-in with Microsoft Entra ID, over HTTP with cookies, against a tenant on this machine.</summary>
public sealed class EntraTests : IAsyncLifetime
{
    private readonly EntraApp _entra = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _entra.InitializeAsync();

    public ValueTask DisposeAsync() => _entra.DisposeAsync();

    [Fact]
    public async Task The_sign_in_page_leads_to_Microsoft_and_offers_no_demo_people()
    {
        using var browser = _entra.App.CreateClient();
        var page = await browser.GetStringAsync("/sign-in?returnUrl=%2Fsync", Token);

        Assert.Contains("Continue with Microsoft", page, StringComparison.Ordinal);
        Assert.Contains("/sign-in/microsoft?returnUrl=%2Fsync", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Continue as", page, StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, (await browser.PostAsync("/sign-in/demo", new FormUrlEncodedContent([new("person", "rita")]), Token)).StatusCode);
    }

    [Fact]
    public async Task SE5_whoever_the_tenant_knows_comes_in_and_becomes_one_person()
    {
        var browser = _entra.App.CreateClient();

        Assert.Equal("/settings", (await _entra.SignInAsync(browser, EntraTenant.Erika)).Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/settings", Token)).StatusCode);
        await _entra.SignInAsync(_entra.App.CreateClient(), EntraTenant.Erika);

        var person = await _entra.ReadAsync(db => db.People.SingleAsync(Token));
        Assert.Equal(("Erika Entra", "erika@acme.example", $"{EntraTenant.Id}:{EntraTenant.Erika.ObjectId}"), (person.Name, person.Email, person.SubjectId));
    }

    [Fact]
    public async Task SE10_every_cookie_is_of_this_host_and_goes_over_TLS_alone()
    {
        await using var app = new WebApp("Production", ProductionSettings.Right([.. _entra.Tenant.Settings.Select(pair => (pair.Key, pair.Value)), ("Web:PublicUrl", "https://localhost")])) { ConfigureServices = EntraTenant.Trust };
        app.ClientOptions.BaseAddress = new Uri("https://localhost");
        var browser = app.CreateClient();

        using var begun = await browser.GetAsync("/sign-in/microsoft", Token);
        using var done = await EntraApp.ReturnAsync(browser, await _entra.Tenant.AnswerAsync(begun.Headers.Location!, EntraTenant.Erika));

        Assert.Equal("/", done.Headers.Location!.ToString());
        var cookies = begun.Headers.GetValues("Set-Cookie").Concat(done.Headers.GetValues("Set-Cookie")).ToList();
        Assert.InRange(cookies.Count, 5, 20); // nonce and correlation come and go, the sign-in stays
        Assert.All(cookies, cookie =>
        {
            Assert.StartsWith("__Host-", cookie, StringComparison.Ordinal);
            Assert.Contains("; path=/;", cookie, StringComparison.Ordinal);
            Assert.Contains("; secure", cookie, StringComparison.Ordinal);
            Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Theory]
    [InlineData("/sync?q=1", "/sync?q=1")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example", "/")]
    public async Task SE5_one_comes_back_to_addresses_of_ours_only(string wanted, string reached) =>
        Assert.Equal(reached, (await _entra.SignInAsync(_entra.App.CreateClient(), EntraTenant.Erika, wanted)).Headers.Location!.ToString());

    [Fact]
    public async Task SE5_whom_an_admin_removed_does_not_come_in_and_stays_one_person()
    {
        await _entra.SignInAsync(_entra.App.CreateClient(), EntraTenant.Erika);
        await _entra.App.Services.GetRequiredService<AccountActions>().RemoveAsync(Admins.Adam, (await _entra.ReadAsync(db => db.People.SingleAsync(Token))).Id, Token);
        var browser = _entra.App.CreateClient();

        Assert.Equal("/sign-in?ended=RemovedByAdmin", (await _entra.SignInAsync(browser, EntraTenant.Erika)).Headers.Location!.ToString());

        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/settings", Token)).StatusCode);
        Assert.Equal(1, await _entra.ReadAsync(db => db.People.CountAsync(Token)));
    }

    [Theory]
    [InlineData("GET", "/sign-in/microsoft")]
    [InlineData("POST", "/signin-oidc")]
    public async Task SE4_of_300_sign_ins_in_a_minute_from_one_address_most_are_refused_at_both_ends(string method, string path)
    {
        var browser = _entra.App.CreateClient();
        var refused = 0;
        for (var i = 0; i < 300; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            refused += (await browser.SendAsync(request, Token)).StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
        }

        Assert.InRange(refused, 151, 299);
    }

    [Theory]
    [InlineData("TaskSync.Admin", HttpStatusCode.OK)]
    [InlineData("tasksync.admin", HttpStatusCode.Redirect)]
    [InlineData("TaskSync.Reader", HttpStatusCode.Redirect)]
    [InlineData("Admin", HttpStatusCode.Redirect)]
    public async Task SE5_the_app_role_makes_an_admin(string role, HttpStatusCode expected)
    {
        var browser = _entra.App.CreateClient();
        _entra.Tenant.Forge = token => token.Subject!.AddClaim(new("roles", role));
        await _entra.SignInAsync(browser, EntraTenant.Erika);

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/settings", Token)).StatusCode);
        Assert.Equal(expected, (await browser.GetAsync("/admin/sync", Token)).StatusCode);
    }

    [Fact]
    public async Task SE5_a_token_that_claims_to_be_somebody_of_ours_is_who_it_is()
    {
        await _entra.SignInAsync(_entra.App.CreateClient(), EntraTenant.Erika);
        var victim = await _entra.ReadAsync(db => db.SignIns.SingleAsync(Token));
        await _entra.App.Services.GetRequiredService<SignIns>().EndAllAsync(victim.PersonId, null, SignInEnd.EndedByAdmin, Token);
        using var browser = _entra.App.CreateClient();
        _entra.Tenant.Forge = token => token.Subject!.AddClaims([new("tasksync:person", victim.PersonId.ToString()), new("tasksync:session", victim.Id.ToString()), new("tasksync:else", "x")]);

        await _entra.SignInAsync(browser, EntraTenant.Anton);

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/settings", Token)).StatusCode);
        var sessions = await _entra.ReadAsync(db => db.SignIns.Select(s => s.PersonId).ToListAsync(Token));
        Assert.Equal((2, 2), (sessions.Count, sessions.Distinct().Count()));
    }

    [Fact]
    public async Task SE5_a_new_key_of_the_tenant_is_fetched_without_a_restart()
    {
        await _entra.SignInAsync(_entra.App.CreateClient(), EntraTenant.Erika);
        _entra.Tenant.RotateKey();

        // Who comes first may be told to try again: the unknown key has the app ask for the new ones.
        using var browser = _entra.App.CreateClient();
        await Until.TrueAsync(async () => (await _entra.SignInAsync(browser, EntraTenant.Erika)).Headers.Location!.ToString() == "/settings");
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/settings", Token)).StatusCode);
    }

    [Fact]
    public async Task SE5_an_answer_works_once()
    {
        using var browser = _entra.App.CreateClient();
        var form = await _entra.Tenant.AnswerAsync(await EntraApp.BeginAsync(browser), EntraTenant.Erika);
        Assert.Equal("/settings", (await EntraApp.ReturnAsync(browser, form)).Headers.Location!.ToString());

        // The same answer once more, and its code in an attempt of its own: by the browser, and by who has seen it.
        using var thief = _entra.App.CreateClient();
        var begun = await _entra.Tenant.AnswerAsync(await EntraApp.BeginAsync(thief), EntraTenant.Anton);
        await _entra.AssertRefusedAsync(thief, await EntraApp.ReturnAsync(thief, form));
        await _entra.AssertRefusedAsync(thief, await EntraApp.ReturnAsync(thief, new() { ["code"] = form["code"], ["state"] = begun["state"] }));
        Assert.Equal("/sign-in?failed=1", (await EntraApp.ReturnAsync(browser, form)).Headers.Location!.ToString());
        Assert.Equal(1, await _entra.ReadAsync(db => db.SignIns.CountAsync(Token)));
    }

    /// <summary>An address that another page can have the browser ask for ends no sign-in.</summary>
    [Fact]
    public async Task SE10_nobody_is_signed_out_by_an_address()
    {
        using var browser = _entra.App.CreateClient();
        await _entra.SignInAsync(browser, EntraTenant.Erika);

        foreach (var path in new[] { "/signout-oidc", "/signout-oidc?sid=x", "/signout-callback-oidc", "/sign-out" })
        {
            await browser.GetAsync(path, Token);
        }

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/settings", Token)).StatusCode);
    }

    [Theory]
    [InlineData("AzureAd:TenantId", "common")]
    [InlineData("AzureAd:TenantId", "organizations")]
    [InlineData("AzureAd:TenantId", null)]
    [InlineData("AzureAd:ClientSecret", null)]
    [InlineData("AzureAd:Instance", null)]
    [InlineData("AzureAd:Instance", "http://login.microsoftonline.com/")]
    [InlineData("AzureAd:Authority", "https://login.microsoftonline.com/common/v2.0")]
    public async Task A_sign_in_that_is_not_pinned_down_stops_the_start_and_names_the_key(string key, string? value)
    {
        var settings = _entra.Tenant.Settings;
        settings[key] = value;
        await using var app = new WebApp(settings: settings);

        Assert.Contains(key, Assert.ThrowsAny<Exception>(() => app.CreateClient()).ToString(), StringComparison.Ordinal);
    }
}
