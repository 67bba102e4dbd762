using System.Net;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TaskSync.Tests.Support;
using TaskSync.Web.Security;

namespace TaskSync.Tests.Web;

/// <summary>The host from outside, over HTTP: who comes in, what is sent with every answer, what stops the start.</summary>
public sealed class HostTests : IAsyncLifetime
{
    private readonly WebApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData("/")]
    [InlineData("/settings?x=1")]
    [InlineData("/sync")]
    [InlineData("/admin/sync")]
    [InlineData("/admin/sync/runs.csv")]
    [InlineData("/admin/organizations")]
    [InlineData("/admin/organizations/tasksync-salesforce.zip")]
    [InlineData("/salesforce/callback?code=1")]
    [InlineData("/no/such/page")]
    public async Task An_anonymous_visitor_of_any_page_is_sent_to_sign_in(string path)
    {
        var answer = await _app.CreateClient().GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.EndsWith("/sign-in?returnUrl=" + Uri.EscapeDataString(path), answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/settings", "/settings")]
    [InlineData("//evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    public async Task After_sign_in_one_comes_back_to_addresses_of_ours_only(string wanted, string reached)
    {
        var answer = await WebApp.PostAsync(_app.CreateClient(), "/sign-in/demo", new() { ["person"] = "rita", ["returnUrl"] = wanted });

        Assert.Equal(reached, answer.Headers.Location!.ToString());
    }

    [Fact]
    public async Task The_demo_page_has_one_button_per_person()
    {
        var page = await _app.CreateClient().GetStringAsync("/sign-in", Token);

        Assert.All(["Rita Rep", "Sam Seller", "Nora North", "Adam Admin"], name => Assert.Contains("Continue as " + name, page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/sign-in/demo")]
    [InlineData("/sign-out")]
    [InlineData("/salesforce/connect")]
    public async Task A_form_of_another_site_changes_nothing(string path)
    {
        using var client = await _app.SignedInAsync();

        var answer = await client.PostAsync(path, new FormUrlEncodedContent([new("person", "adam")]), Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/settings", Token)).StatusCode);
    }

    [Theory]
    [InlineData("/admin/sync")]
    [InlineData("/admin/sync/runs.csv")]
    [InlineData("/admin/organizations")]
    [InlineData("/admin/organizations/tasksync-salesforce.zip")]
    public async Task A_rep_is_not_let_into_the_admins_pages(string path)
    {
        using var rep = await _app.SignedInAsync();
        using var admin = await _app.SignedInAsync("adam");

        Assert.StartsWith("/access-denied", new Uri((await rep.GetAsync(path, Token)).Headers.Location!.ToString()).PathAndQuery, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync(path, Token)).StatusCode);
    }

    [Theory]
    [InlineData("/admin/sync/runs.csv")]
    [InlineData("/admin/organizations/tasksync-salesforce.zip")]
    public async Task SE9_an_operation_refuses_what_a_route_lets_through(string path)
    {
        await using var app = new WebApp
        {
            ConfigureServices = services => services.Configure<AuthorizationOptions>(options => options.AddPolicy(Policies.Admin, policy => policy.RequireAuthenticatedUser())),
        };
        using var rep = await app.SignedInAsync();

        Assert.StartsWith("/access-denied", new Uri((await rep.GetAsync(path, Token)).Headers.Location!.ToString()).PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        using var client = await _app.SignedInAsync();

        await WebApp.PostAsync(client, "/sign-out");

        Assert.Equal(HttpStatusCode.Redirect, (await client.GetAsync("/", Token)).StatusCode);
    }

    [Fact]
    public async Task Every_page_carries_the_security_headers()
    {
        using var client = await _app.SignedInAsync();
        foreach (var path in new[] { "/", "/settings", "/sync", "/sign-in", "/health/live", "/boot.js", "/nothing" })
        {
            var headers = (await client.GetAsync(path, Token)).Headers;
            Assert.Equal("nosniff", headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("DENY", headers.GetValues("X-Frame-Options").Single());
            var policy = headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("script-src 'self' 'unsafe-inline'", policy, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/", "no-store")]
    [InlineData("/sign-in", "no-store")]
    [InlineData("/nothing", "no-store")]
    [InlineData("/admin/sync/runs.csv", "no-store")]
    [InlineData("/admin/organizations/tasksync-salesforce.zip", "no-store")]
    public async Task No_cache_keeps_what_is_somebodys(string path, string directive)
    {
        using var admin = await _app.SignedInAsync("adam");

        Assert.Contains(directive, (await admin.GetAsync(path, Token)).Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_way_back_with_letters_of_any_alphabet_is_followed()
    {
        var answer = await WebApp.PostAsync(_app.CreateClient(), "/sign-in/demo", new() { ["person"] = "rita", ["returnUrl"] = "/sync?q=Grüße" });

        Assert.Equal("/sync?q=Gr%C3%BC%C3%9Fe", answer.Headers.Location!.ToString());
    }

    [Fact]
    public void Only_the_account_that_runs_it_reads_the_database()
    {
        _app.CreateClient();
        var files = Directory.GetFiles(_app.Folder, "tasksync.db*");
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Nobody_who_reads_waits_for_somebody_who_writes()
    {
        _app.CreateClient();
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_app.Folder, "tasksync.db")}");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";

        Assert.Equal("wal", await command.ExecuteScalarAsync(Token));
    }

    [Fact]
    public async Task Cookies_cannot_be_read_by_scripts_and_are_not_sent_by_other_sites()
    {
        var client = _app.CreateClient();
        var answer = await WebApp.PostAsync(client, "/sign-in/demo", new() { ["person"] = "rita" });

        var cookies = answer.Headers.GetValues("Set-Cookie").ToList();
        Assert.NotEmpty(cookies);
        Assert.All(cookies, cookie =>
        {
            Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        });
    }

    [Fact]
    public async Task SE10_the_cookie_of_connecting_is_of_this_host_over_TLS()
    {
        using var rita = _app.CreateClient(new() { BaseAddress = new Uri("https://localhost"), AllowAutoRedirect = false });
        await WebApp.PostAsync(rita, "/sign-in/demo", new() { ["person"] = "rita" });

        var answer = await WebApp.PostAsync(rita, "/salesforce/connect");

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.Contains("TaskSync.Connect", StringComparison.Ordinal));
        Assert.StartsWith("__Host-TaskSync.Connect=", cookie, StringComparison.Ordinal);
        Assert.Contains("; path=/; secure;", cookie, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_does_not_exist_says_so()
    {
        using var client = await _app.SignedInAsync();

        var answer = await client.GetAsync("/nothing/here", Token);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("There is nothing here", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_told_to_anybody()
    {
        var client = _app.CreateClient();

        Assert.Equal("Healthy", await client.GetStringAsync("/health/live", Token));

        // The scheduler begins once everything else has.
        await Until.TrueAsync(async () => (await client.GetAsync("/health/ready", Token)).IsSuccessStatusCode);
        Assert.Equal("Healthy", await client.GetStringAsync("/health/ready", Token));
    }

    [Fact]
    public async Task The_export_is_a_CSV_file()
    {
        using var admin = await _app.SignedInAsync("adam");

        var answer = await admin.GetAsync("/admin/sync/runs.csv?kind=Push", Token);

        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("Started", await answer.Content.ReadAsStringAsync(Token), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task With_a_client_id_no_org_is_simulated()
    {
        await using var app = new WebApp(settings: new() { ["Salesforce:ClientId"] = "real" });
        using var client = await app.SignedInAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/simulator/", Token)).StatusCode);
        Assert.Equal("https://login.salesforce.com", app.LoginUrl);
    }

    [Fact]
    public async Task Outside_Development_the_start_fails_without_a_certificate_and_names_the_key()
    {
        await using var app = new WebApp("Production", new() { ["Salesforce:ClientId"] = "real" });

        var failure = Assert.ThrowsAny<Exception>(() => app.CreateClient());

        Assert.Contains("DataProtection:CertificatePath", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_Entra_and_outside_Development_nobody_is_let_in_and_the_page_names_the_keys()
    {
        await using var app = Production();
        var client = app.CreateClient();
        var page = await client.GetStringAsync("/sign-in", Token);

        Assert.Contains("AzureAd:ClientId", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Continue as", page, StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, (await client.PostAsync("/sign-in/demo", new FormUrlEncodedContent([new("person", "rita")]), Token)).StatusCode);
    }

    [Fact]
    public async Task Outside_Development_cookies_are_secure_and_of_this_host_alone()
    {
        await using var app = Production();
        CookieBuilder[] cookies =
        [
            app.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(CookieAuthenticationDefaults.AuthenticationScheme).Cookie,
            app.Services.GetRequiredService<IOptions<AntiforgeryOptions>>().Value.Cookie,
        ];

        Assert.All(cookies, cookie => Assert.True(cookie is
        {
            Name: ['_', '_', 'H', 'o', 's', 't', '-', ..], SecurePolicy: CookieSecurePolicy.Always, Path: "/", Domain: null, HttpOnly: true, SameSite: SameSiteMode.Lax,
        }));
    }

    [Fact]
    public async Task Outside_Development_a_simulated_org_stops_the_start_and_names_the_key()
    {
        await using var app = Production(("Salesforce:UseSimulator", "true"));

        Assert.Contains("Salesforce:UseSimulator", Assert.ThrowsAny<Exception>(() => app.CreateClient()).ToString(), StringComparison.Ordinal);
    }

    /// <summary>As a company runs it, but for what the settings say.</summary>
    private static WebApp Production(params (string Key, string? Value)[] settings)
    {
        Dictionary<string, string?> all = new()
        {
            ["Salesforce:ClientId"] = "real",
            ["Web:PublicUrl"] = "https://tasks.acme.example",
            ["DataProtection:CertificatePath"] = KeyRingFiles.Make(),
            ["DataProtection:CertificatePassword"] = KeyRingFiles.Password,
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return new WebApp("Production", all);
    }
}
