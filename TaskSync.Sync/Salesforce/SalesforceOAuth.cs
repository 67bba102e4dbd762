using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Salesforce.Wire;

namespace TaskSync.Sync.Salesforce;

/// <summary>
/// OAuth 2.0 web-server flow with PKCE, refresh and revocation (Salesforce help, "OAuth 2.0 Web Server Flow", "OAuth 2.0 Refresh Token Flow").
/// Every address that Salesforce names is checked before it is used. Failures are <see cref="SalesforceCallException"/>.
/// </summary>
public sealed partial class SalesforceOAuth(
    IHttpClientFactory clients, IOptions<SalesforceOptions> options, TimeProvider time, ILogger<SalesforceOAuth> logger)
{
    private const string Scopes = "api refresh_token openid id";
    private readonly SalesforceHttp _http = new(clients, time, logger);

    private string Login => options.Value.LoginUrl.TrimEnd('/');

    /// <summary>Where to send the browser.</summary>
    /// <param name="state">Bound to the browser's session by the caller.</param>
    /// <param name="codeChallenge">From <see cref="NewProof"/>.</param>
    /// <param name="redirectUri">Exactly as registered with the app.</param>
    /// <param name="loginHint">The user name to suggest, null for none.</param>
    public Uri AuthorizeUri(string state, string codeChallenge, Uri redirectUri, string? loginHint)
    {
        var query = new StringBuilder()
            .Append("response_type=code&client_id=").Append(Uri.EscapeDataString(options.Value.ClientId))
            .Append("&redirect_uri=").Append(Uri.EscapeDataString(redirectUri.AbsoluteUri))
            .Append("&scope=").Append(Uri.EscapeDataString(Scopes))
            .Append("&state=").Append(Uri.EscapeDataString(state))
            .Append("&code_challenge=").Append(Uri.EscapeDataString(codeChallenge))
            .Append("&code_challenge_method=S256");
        if (!string.IsNullOrEmpty(loginHint))
        {
            query.Append("&login_hint=").Append(Uri.EscapeDataString(loginHint));
        }

        return new Uri($"{Login}/services/oauth2/authorize?{query}");
    }

    /// <summary>A fresh PKCE pair; the verifier stays on our side until <see cref="RedeemAsync"/>.</summary>
    public static (string Verifier, string Challenge) NewProof()
    {
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(64));
        return (verifier, Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
    }

    /// <summary>Trades the code of the callback for tokens. A code lives 15 minutes and works once.</summary>
    public async Task<TokenGrant> RedeemAsync(string code, string verifier, Uri redirectUri, CancellationToken cancellationToken) =>
        TokenBody.Grant(
            await PostAsync(
                "token",
                [new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", redirectUri.AbsoluteUri), new("code_verifier", verifier)],
                cancellationToken),
            Login);

    /// <summary>A new access token. When the app rotates refresh tokens a new one comes with it, and the old one is dead from then on: store it before anything else.</summary>
    public async Task<TokenGrant> RefreshAsync(string refreshToken, CancellationToken cancellationToken) =>
        TokenBody.Grant(
            await PostAsync("token", [new("grant_type", "refresh_token"), new("refresh_token", refreshToken), new("format", "json")], cancellationToken), Login);

    /// <summary>An access token for a user who need not be there: JWT bearer flow (Salesforce help, "OAuth 2.0 JWT Bearer Flow"). Never gives a refresh token.</summary>
    /// <param name="username">Whose; approved for the app by an administrator.</param>
    /// <param name="privateKey">PEM, RSA; its certificate is uploaded to the app.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<TokenGrant> AssertAsync(string username, string privateKey, CancellationToken cancellationToken)
    {
        if (Assertion.WhyNoKey(privateKey) is { } why)
        {
            // A file may go bad after the reader was set up with it: to the reader that is a sign-in that ended, not a fault of a cycle.
            throw new SalesforceCallException(new CallFailure(FailureClass.Auth, FailureCodes.ReaderKeyUnusable, why, HttpStatus: null, NotApplied: true));
        }

        return TokenBody.Grant(
            await PostAsync(
                "token",
                [
                    new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                    new("assertion", Assertion.Sign(options.Value.ClientId, username, Login, time.GetUtcNow(), privateKey)),
                    new("format", "json"),
                ],
                cancellationToken),
            Login);
    }

    /// <summary>Ends a grant: given the refresh token, its access tokens end too.</summary>
    public async Task RevokeAsync(string token, CancellationToken cancellationToken) =>
        await PostAsync("revoke", [new("token", token)], cancellationToken);

    /// <summary>Who signed in, and where. Asks the identity service, then for the org's name (one API call, which may fail without harm).</summary>
    public async Task<SalesforceIdentity> IdentifyAsync(TokenGrant grant, CancellationToken cancellationToken)
    {
        var answer = await GetAsync(grant, grant.IdentityUrl, cancellationToken);
        if (answer.Status is >= 300 and <= 399)
        {
            // Some logins answer for their instance with a redirect; userinfo of the (checked) instance says the same.
            answer = await GetAsync(grant, $"{grant.InstanceUrl}/services/oauth2/userinfo", cancellationToken);
        }

        if (!answer.IsSuccess)
        {
            throw Failed(TokenBody.Failure(answer));
        }

        return await WithOrganizationAsync(grant, TokenBody.Identity(answer, grant), cancellationToken);
    }

    private async Task<SalesforceIdentity> WithOrganizationAsync(TokenGrant grant, SalesforceIdentity identity, CancellationToken cancellationToken)
    {
        try
        {
            var soql = Uri.EscapeDataString("SELECT Name, IsSandbox FROM Organization LIMIT 1");
            var answer = await GetAsync(grant, $"{grant.InstanceUrl}/services/data/v{options.Value.ApiVersion}/query?q={soql}", cancellationToken);
            return answer.IsSuccess ? TokenBody.WithOrganization(answer, identity) : identity;
        }
        catch (SalesforceCallException e)
        {
            LogFailed(logger, "organization", e.Failure.Code, e.Failure.HttpStatus);
            return identity;
        }
    }

    private async Task<HttpAnswer> GetAsync(TokenGrant grant, string address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", grant.AccessToken);
        request.Headers.Accept.ParseAdd("application/json");
        return await _http.SendAsync(request, SalesforceHttp.CallTimeout, cancellationToken);
    }

    private async Task<HttpAnswer> PostAsync(string endpoint, List<KeyValuePair<string, string>> form, CancellationToken cancellationToken)
    {
        if (endpoint == "token")
        {
            form.Add(new("client_id", options.Value.ClientId));
            if (!string.IsNullOrEmpty(options.Value.ClientSecret))
            {
                form.Add(new("client_secret", options.Value.ClientSecret));
            }
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Login}/services/oauth2/{endpoint}") { Content = new FormUrlEncodedContent(form) };
        request.Headers.Accept.ParseAdd("application/json");
        var answer = await _http.SendAsync(request, endpoint == "revoke" ? SalesforceHttp.RevokeTimeout : SalesforceHttp.CallTimeout, cancellationToken);
        return answer.IsSuccess ? answer : throw Failed(TokenBody.Failure(answer));
    }

    private SalesforceCallException Failed(CallFailure failure)
    {
        LogFailed(logger, "sign-in", failure.Code, failure.HttpStatus);
        return new SalesforceCallException(failure);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Salesforce refused the {What}: {Code} (HTTP {Status})")]
    private static partial void LogFailed(ILogger logger, string what, string code, int? status);
}
