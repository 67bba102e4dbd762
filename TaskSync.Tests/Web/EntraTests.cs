using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TaskSync.Sync.Data;
using TaskSync.Sync.Status;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>Sign-in with Microsoft Entra ID, against a tenant whose keys the test holds. No network: the tenant's documents are handed to the client.</summary>
public sealed class EntraTests : IAsyncLifetime
{
    private const string Tenant = "7f1c2a34-0000-4000-8000-000000000001";
    private const string Client = "7f1c2a34-0000-4000-8000-000000000002";
    private const string Issuer = $"https://login.microsoftonline.com/{Tenant}/v2.0";
    private readonly RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = "tenant-key" };
    private readonly ConcurrentDictionary<string, (string Challenge, string Token)> _codes = new();
    private readonly WebApp _app;

    public EntraTests()
    {
        _app = new WebApp(settings: new()
        {
            ["AzureAd:Instance"] = "https://login.microsoftonline.com/",
            ["AzureAd:TenantId"] = Tenant,
            ["AzureAd:ClientId"] = Client,
            ["AzureAd:ClientSecret"] = "secret",
        })
        {
            ConfigureServices = services =>
            {
                services.Configure<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme, options => options.BackchannelHttpHandler = new TenantDocuments(_key, _codes));
                services.AddHttpClient("entra").ConfigurePrimaryHttpMessageHandler(() => new TenantDocuments(_key, _codes));
                services.Configure<Microsoft.Identity.Web.AadIssuerValidatorOptions>(options => options.HttpClientName = "entra");
            },
        };
        _app.ClientOptions.BaseAddress = new Uri("https://localhost");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Goes to Microsoft and comes back with a token that the tenant, or somebody else, signed.</summary>
    private async Task<HttpResponseMessage> SignInAsync(HttpClient browser, string[]? roles = null, Action<SecurityTokenDescriptor>? forge = null, string returnUrl = "/settings")
    {
        var away = (await browser.GetAsync("/sign-in/microsoft?returnUrl=" + Uri.EscapeDataString(returnUrl), Token)).Headers.Location!;
        Assert.StartsWith(Issuer[..^5], away.AbsoluteUri, StringComparison.Ordinal);
        var query = QueryHelpers.ParseQuery(away.Query);
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Client,
            Subject = new ClaimsIdentity(
            [
                new("nonce", query["nonce"].ToString()), new("oid", "7f1c2a34-0000-4000-8000-00000000000a"), new("tid", Tenant), new("sub", "s"), new("ver", "2.0"),
                new("name", "Erika Entra"), new("preferred_username", "erika@acme.example"), .. (roles ?? []).Select(role => new Claim("roles", role)),
            ]),
            IssuedAt = WallClock.Now.UtcDateTime,
            NotBefore = WallClock.Now.UtcDateTime.AddMinutes(-1),
            Expires = WallClock.Now.UtcDateTime.AddMinutes(10),
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
        };
        forge?.Invoke(descriptor);
        Assert.Equal(("code", "S256"), (query["response_type"].ToString(), query["code_challenge_method"].ToString()));
        var code = Guid.NewGuid().ToString("N");
        _codes[code] = (query["code_challenge"].ToString(), new JsonWebTokenHandler().CreateToken(descriptor));
        return await browser.PostAsync("/signin-oidc", new FormUrlEncodedContent(new Dictionary<string, string> { ["state"] = query["state"].ToString(), ["code"] = code }), Token);
    }

    [Fact]
    public async Task The_sign_in_page_leads_to_Microsoft_and_offers_no_demo_people()
    {
        var page = await _app.CreateClient().GetStringAsync("/sign-in?returnUrl=%2Fsync", Token);

        Assert.Contains("Continue with Microsoft", page, StringComparison.Ordinal);
        Assert.Contains("/sign-in/microsoft?returnUrl=%2Fsync", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Continue as", page, StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, (await WebAppPostAsync("/sign-in/demo")).StatusCode);
    }

    [Fact]
    public async Task Whoever_the_tenant_knows_comes_in_and_becomes_one_person()
    {
        var browser = _app.CreateClient();

        Assert.Equal("/settings", (await SignInAsync(browser)).Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/settings", Token)).StatusCode);
        await SignInAsync(_app.CreateClient());

        await using var db = await _app.Services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(Token);
        var person = await db.People.SingleAsync(Token);
        Assert.Equal(("Erika Entra", "erika@acme.example"), (person.Name, person.Email));
        Assert.StartsWith(Tenant, person.SubjectId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SE5_whom_an_admin_removed_does_not_come_in_and_stays_one_person()
    {
        await SignInAsync(_app.CreateClient());
        await using var db = await _app.Services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(Token);
        await _app.Services.GetRequiredService<AccountActions>().RemoveAsync(Admins.Adam, (await db.People.SingleAsync(Token)).Id, Token);
        var browser = _app.CreateClient();

        Assert.Equal("/sign-in?ended=RemovedByAdmin", (await SignInAsync(browser)).Headers.Location!.ToString());

        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/settings", Token)).StatusCode);
        Assert.Equal(1, await db.People.CountAsync(Token));
    }

    [Theory]
    [InlineData("TaskSync.Admin", HttpStatusCode.OK)]
    [InlineData("TaskSync.Reader", HttpStatusCode.Redirect)]
    public async Task The_app_role_makes_an_admin(string role, HttpStatusCode expected)
    {
        var browser = _app.CreateClient();
        await SignInAsync(browser, [role]);

        Assert.Equal(expected, (await browser.GetAsync("/admin/sync", Token)).StatusCode);
    }

    [Fact]
    public async Task A_token_of_another_audience_tenant_key_or_time_ends_on_the_sign_in_page()
    {
        using var stranger = RSA.Create(2048);
        Action<SecurityTokenDescriptor>[] forgeries =
        [
            token => token.Audience = "somebody-else",
            token => token.Issuer = "https://login.microsoftonline.com/7f1c2a34-0000-4000-8000-0000000000ff/v2.0",
            token => token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(stranger) { KeyId = "tenant-key" }, SecurityAlgorithms.RsaSha256),
            token => (token.NotBefore, token.IssuedAt, token.Expires) = (WallClock.Now.UtcDateTime.AddHours(-3), WallClock.Now.UtcDateTime.AddHours(-3), WallClock.Now.UtcDateTime.AddHours(-2)),
        ];
        foreach (var forge in forgeries)
        {
            var browser = _app.CreateClient();
            Assert.Equal("/sign-in?failed=1", (await SignInAsync(browser, forge: forge)).Headers.Location!.ToString());
            Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/", Token)).StatusCode);
        }

        Assert.Contains("did not work", await _app.CreateClient().GetStringAsync("/sign-in?failed=1", Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("oid")]
    [InlineData("tid")]
    public async Task A_token_that_does_not_say_who_it_is_lets_nobody_in(string claim)
    {
        var browser = _app.CreateClient();
        var answer = await SignInAsync(browser, forge: token => token.Subject!.RemoveClaim(token.Subject.FindFirst(claim)));

        Assert.Equal("/sign-in?failed=1", answer.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/settings", Token)).StatusCode);
        await using var db = await _app.Services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(Token);
        Assert.Empty(await db.People.ToListAsync(Token));
    }

    [Fact]
    public async Task A_token_that_claims_to_be_somebody_of_ours_is_who_it_is()
    {
        await SignInAsync(_app.CreateClient());
        await using var db = await _app.Services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(Token);
        var victim = (await db.People.SingleAsync(Token)).Id;
        var browser = _app.CreateClient();
        await SignInAsync(browser, forge: token =>
        {
            token.Subject!.RemoveClaim(token.Subject.FindFirst("oid"));
            token.Subject.AddClaims([new("oid", "7f1c2a34-0000-4000-8000-00000000000b"), new("tasksync:person", victim.ToString()), new("tasksync:session", Guid.NewGuid().ToString())]);
        });

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/settings", Token)).StatusCode);
        var sessions = await db.SignIns.Select(s => s.PersonId).ToListAsync(Token);
        Assert.Equal((2, 2), (sessions.Count, sessions.Distinct().Count()));
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
        Dictionary<string, string?> settings = new() { ["AzureAd:Instance"] = "https://login.microsoftonline.com/", ["AzureAd:TenantId"] = Tenant, ["AzureAd:ClientId"] = Client, ["AzureAd:ClientSecret"] = "secret", [key] = value };
        await using var app = new WebApp(settings: settings);

        Assert.Contains(key, Assert.ThrowsAny<Exception>(() => app.CreateClient()).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_that_somebody_else_asked_for_lets_nobody_in()
    {
        var (mine, theirs) = (_app.CreateClient(), _app.CreateClient());
        var begun = QueryHelpers.ParseQuery((await mine.GetAsync("/sign-in/microsoft", Token)).Headers.Location!.Query);
        await SignInAsync(theirs);
        _codes["stolen"] = ("the challenge of somebody else", "a token");

        var answer = await mine.PostAsync("/signin-oidc", new FormUrlEncodedContent([new("state", begun["state"].ToString()), new("code", "stolen")]), Token);

        Assert.Equal("/sign-in?failed=1", answer.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.Redirect, (await mine.GetAsync("/settings", Token)).StatusCode);
    }

    [Fact]
    public async Task An_answer_that_nobody_asked_for_ends_on_the_sign_in_page()
    {
        var answer = await _app.CreateClient().PostAsync("/signin-oidc", new FormUrlEncodedContent([new("id_token", "x"), new("state", "guessed")]), Token);

        Assert.Equal("/sign-in?failed=1", answer.Headers.Location!.ToString());
    }

    private async Task<HttpResponseMessage> WebAppPostAsync(string path)
    {
        var client = _app.CreateClient();
        return await client.PostAsync(path, new FormUrlEncodedContent([new("person", "rita")]), Token);
    }

    /// <summary>What login.microsoftonline.com would say of the tenant.</summary>
    private sealed class TenantDocuments(RsaSecurityKey key, ConcurrentDictionary<string, (string Challenge, string Token)> codes) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/token", StringComparison.Ordinal))
            {
                return Redeem(QueryHelpers.ParseQuery(await request.Content!.ReadAsStringAsync(cancellationToken)));
            }

            var authority = $"https://login.microsoftonline.com/{Tenant}";
            object document = request.RequestUri!.AbsolutePath.EndsWith("/keys", StringComparison.Ordinal)
                ? new { keys = new[] { new { kty = "RSA", use = "sig", kid = key.KeyId, issuer = Issuer, n = Base64UrlEncoder.Encode(Public.Modulus), e = Base64UrlEncoder.Encode(Public.Exponent) } } }
                : new
                {
                    issuer = Issuer,
                    authorization_endpoint = authority + "/oauth2/v2.0/authorize",
                    token_endpoint = authority + "/oauth2/v2.0/token",
                    end_session_endpoint = authority + "/oauth2/v2.0/logout",
                    jwks_uri = authority + "/discovery/v2.0/keys",
                    tenant_discovery_endpoint = Issuer + "/.well-known/openid-configuration",
                    metadata = new[] { new { preferred_network = "login.microsoftonline.com", preferred_cache = "login.windows.net", aliases = new[] { "login.microsoftonline.com" } } },
                };
            return Json(HttpStatusCode.OK, document);
        }

        /// <summary>Once, with the secret, by who knows what the challenge was made from.</summary>
        private HttpResponseMessage Redeem(Dictionary<string, Microsoft.Extensions.Primitives.StringValues> form)
        {
            var proof = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
            return form["client_secret"] == "secret" && codes.TryRemove(form["code"].ToString(), out var grant) && grant.Challenge == proof
                ? Json(HttpStatusCode.OK, new { token_type = "Bearer", expires_in = 3600, access_token = "opaque", id_token = grant.Token })
                : Json(HttpStatusCode.BadRequest, new { error = "invalid_grant" });
        }

        private static HttpResponseMessage Json(HttpStatusCode status, object document) =>
            new(status) { Content = new StringContent(JsonSerializer.Serialize(document), Encoding.UTF8, "application/json") };

        private RSAParameters Public => key.Rsa.ExportParameters(includePrivateParameters: false);
    }
}
