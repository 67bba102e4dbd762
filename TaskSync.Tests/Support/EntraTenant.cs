using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TaskSync.Tests.Support;

/// <summary>Somebody whom the tenant knows.</summary>
/// <param name="Name">The name that the sign-in page shows and the token tells.</param>
/// <param name="ObjectId">The claim oid.</param>
/// <param name="Roles">App roles.</param>
internal sealed record EntraAccount(string Name, string ObjectId, params string[] Roles)
{
    public string Email => Name.Split(' ')[0].ToLowerInvariant() + "@acme.example";
}

/// <summary>
/// A tenant of Microsoft Entra ID on this machine: the endpoints of v2.0 over TLS (discovery, keys, authorize, token, log-out), with RS256 tokens. It demands what
/// Entra demands: a registered address, PKCE, state and nonce, the secret, each code once. A test may have it forge what it gives away.
/// </summary>
internal sealed partial class EntraTenant : IAsyncDisposable
{
    public const string Id = "7f1c2a34-0000-4000-8000-000000000001";
    public const string ClientId = "7f1c2a34-0000-4000-8000-000000000002";
    public const string ClientSecret = "secret-of-the-app";

    public static readonly EntraAccount Erika = new("Erika Entra", "7f1c2a34-0000-4000-8000-00000000000a");
    public static readonly EntraAccount Anton = new("Anton Admin", "7f1c2a34-0000-4000-8000-00000000000b", "TaskSync.Admin");

    private readonly WebApplication _server;
    private readonly HttpClient _client = new(LoopbackCertificate.TrustingHandler());
    private readonly ConcurrentDictionary<string, Grant> _codes = new();
    private RsaSecurityKey _key = NewKey();

    private EntraTenant(WebApplication server) => _server = server;

    /// <summary>What the app is configured with: AzureAd:Instance.</summary>
    public string Instance { get; private set; } = "";

    /// <summary>Claim iss of this tenant.</summary>
    public string Issuer => Instance + Id + "/v2.0";

    /// <summary>Redirect addresses of the app registration.</summary>
    public ISet<string> RedirectUris { get; } = new HashSet<string> { "https://localhost/signin-oidc", "https://localhost/signout-callback-oidc" };

    /// <summary>Codes and tokens given away so far: none belongs into a page, an address or a log.</summary>
    public ConcurrentBag<string> Secrets { get; } = [ClientSecret];

    /// <summary>Changes the next tokens before they are signed; null for honest ones.</summary>
    public Action<SecurityTokenDescriptor>? Forge { get; set; }

    /// <summary>Changes the next tokens after they are signed; null for honest ones.</summary>
    public Func<string, string>? Mangle { get; set; }

    /// <summary>The key that signs just now.</summary>
    public RsaSecurityKey Key => _key;

    /// <summary>How people of this tenant sign in to the app.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["AzureAd:Instance"] = Instance,
        ["AzureAd:TenantId"] = Id,
        ["AzureAd:ClientId"] = ClientId,
        ["AzureAd:ClientSecret"] = ClientSecret,
    };

    public static async Task<EntraTenant> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(LoopbackCertificate.Value)));
        var server = builder.Build();
        var tenant = new EntraTenant(server);
        server.MapGet($"/{Id}/v2.0/.well-known/openid-configuration", tenant.Discovery);
        server.MapGet($"/{Id}/discovery/v2.0/keys", tenant.Keys);
        server.MapGet($"/{Id}/oauth2/v2.0/authorize", tenant.Authorize);
        server.MapPost($"/{Id}/oauth2/v2.0/token", (Delegate)tenant.RedeemAsync);
        server.MapGet($"/{Id}/oauth2/v2.0/logout", tenant.LogOut);
        await server.StartAsync();

        // By another name than the app's, so that the two are two sites, as they are in life.
        tenant.Instance = $"https://localhost:{new Uri(server.Urls.Single()).Port}/";
        return tenant;
    }

    /// <summary>Has an app trust the certificate of this machine when it asks the tenant: all else is as in production.</summary>
    public static void Trust(IServiceCollection services)
    {
        services.Configure<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme, options => options.BackchannelHttpHandler = LoopbackCertificate.TrustingHandler());
        services.AddHttpClient("tenant").ConfigurePrimaryHttpMessageHandler(LoopbackCertificate.TrustingHandler);
        services.Configure<AadIssuerValidatorOptions>(options => options.HttpClientName = "tenant");
    }

    /// <summary>From now on a new key signs, and the old one is not published any more.</summary>
    public void RotateKey() => _key = NewKey();

    /// <summary>Signs in here, as a browser that the app sent.</summary>
    /// <param name="away">Where the app sent the browser.</param>
    /// <param name="account">Who signs in; null cancels.</param>
    /// <returns>The form that the browser then posts to the app.</returns>
    public async Task<Dictionary<string, string>> AnswerAsync(Uri away, EntraAccount? account)
    {
        var page = await _client.GetStringAsync($"{away}&account={Uri.EscapeDataString(account?.Name ?? "")}");
        return Field().Matches(page).ToDictionary(field => field.Groups[1].Value, field => WebUtility.HtmlDecode(field.Groups[2].Value));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    private static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    private object Discovery() => new
    {
        issuer = Issuer,
        authorization_endpoint = Endpoint("authorize"),
        token_endpoint = Endpoint("token"),
        end_session_endpoint = Endpoint("logout"),
        jwks_uri = $"{Instance}{Id}/discovery/v2.0/keys",
        response_types_supported = new[] { "code", "id_token" },
        id_token_signing_alg_values_supported = new[] { "RS256" },
    };

    private object Keys()
    {
        var key = _key.Rsa.ExportParameters(includePrivateParameters: false);
        return new { keys = new[] { new { kty = "RSA", use = "sig", kid = _key.KeyId, issuer = Issuer, n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) } } };
    }

    /// <summary>Asks who signs in; with "account" answered, a page that posts the code to the app.</summary>
    private IResult Authorize(HttpContext http)
    {
        var query = http.Request.Query;
        var (redirect, state, nonce, challenge) = (query["redirect_uri"].ToString(), query["state"].ToString(), query["nonce"].ToString(), query["code_challenge"].ToString());
        if (query["client_id"] != ClientId || !RedirectUris.Contains(redirect) || query["response_type"] != "code" || query["response_mode"] != "form_post"
            || !query["scope"].ToString().Split(' ').Contains("openid") || query["code_challenge_method"] != "S256" || state.Length == 0 || nonce.Length == 0 || challenge.Length == 0)
        {
            return TypedResults.BadRequest($"This request is refused: {http.Request.QueryString}");
        }

        if (query["account"] is not [{ } name])
        {
            var here = WebUtility.HtmlEncode(http.Request.QueryString.ToString());
            return Page("Pick an account", string.Concat(new[] { Erika, Anton }.Select(known => $"<p><a href=\"{here}&amp;account={Uri.EscapeDataString(known.Name)}\">{known.Name}</a></p>")) + $"<p><a href=\"{here}&amp;account=\">Cancel</a></p>");
        }

        if (new[] { Erika, Anton }.FirstOrDefault(known => known.Name == name) is not { } account)
        {
            return Post(redirect, new() { ["error"] = "access_denied", ["error_description"] = "AADSTS65004: The person did not agree.", ["state"] = state });
        }

        var code = NewSecret();
        _codes[code] = new Grant(account, nonce, challenge, redirect);
        return Post(redirect, new() { ["code"] = code, ["state"] = state, ["session_state"] = Guid.NewGuid().ToString() });
    }

    /// <summary>Once, with the secret, for the address it was given to, by who knows what the challenge was made from (RFC 7636).</summary>
    private async Task<IResult> RedeemAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        var proof = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        return form["grant_type"] == "authorization_code" && form["client_id"] == ClientId && form["client_secret"] == ClientSecret
            && _codes.TryRemove(form["code"].ToString(), out var grant) && grant.Challenge == proof && grant.RedirectUri == form["redirect_uri"]
            ? TypedResults.Json(new { token_type = "Bearer", expires_in = 3600, access_token = NewSecret(), id_token = IdToken(grant) })
            : TypedResults.Json(new { error = "invalid_grant", error_description = "AADSTS70008: The code is used up, or is not yours." }, statusCode: StatusCodes.Status400BadRequest);
    }

    private string IdToken(Grant grant)
    {
        var (account, now) = (grant.Account, WallClock.Now.UtcDateTime);
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = ClientId,
            Subject = new ClaimsIdentity(
            [
                new("nonce", grant.Nonce), new("oid", account.ObjectId), new("tid", Id), new("sub", "pairwise-" + account.ObjectId), new("ver", "2.0"),
                new("name", account.Name), new("preferred_username", account.Email), .. account.Roles.Select(role => new Claim("roles", role)),
            ]),
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddHours(1),
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
        };
        Forge?.Invoke(descriptor);
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
        Secrets.Add(token);
        return Mangle?.Invoke(token) ?? token;
    }

    private IResult LogOut(HttpContext http) => http.Request.Query["post_logout_redirect_uri"].ToString() is var back && RedirectUris.Contains(back)
        ? TypedResults.Redirect(back + (http.Request.Query["state"] is [{ } state] ? "?state=" + Uri.EscapeDataString(state) : ""))
        : TypedResults.BadRequest($"Not registered: {back}");

    private string Endpoint(string name) => $"{Instance}{Id}/oauth2/v2.0/{name}";

    private string NewSecret()
    {
        var secret = "1.AXoA" + Convert.ToHexString(RandomNumberGenerator.GetBytes(24));
        Secrets.Add(secret);
        return secret;
    }

    private static ContentHttpResult Page(string title, string body) => TypedResults.Content($"<!DOCTYPE html><html lang=\"en\"><link rel=\"icon\" href=\"data:,\"><title>{title}</title><h1>{title}</h1>{body}</html>", "text/html; charset=utf-8");

    private static ContentHttpResult Post(string address, Dictionary<string, string> fields) => Page(
        "Working…",
        $"<form method=\"post\" action=\"{WebUtility.HtmlEncode(address)}\">{string.Concat(fields.Select(field => $"<input type=\"hidden\" name=\"{field.Key}\" value=\"{WebUtility.HtmlEncode(field.Value)}\">"))}</form><script>document.forms[0].submit()</script>");

    private sealed record Grant(EntraAccount Account, string Nonce, string Challenge, string RedirectUri);

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\">")]
    private static partial Regex Field();
}
