using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Setup;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.OAuth;

/// <summary><c>/services/oauth2/token</c>: the web server flow with PKCE, refresh, and JWT bearer.</summary>
internal sealed class TokenEndpoint(OrgStore store, Grants grants, SimulatorOptions options)
{
    private readonly JwtBearer _jwtBearer = new(store, grants, options);

    public Reply Run(WebRequest request)
    {
        var form = request.Form;
        if (form.GetValueOrDefault("grant_type") == JwtBearer.GrantType)
            return JwtToken(request, _jwtBearer.GrantFor(request));
        var (clientId, secret) = Client(request);
        switch (form.GetValueOrDefault("grant_type"))
        {
            case "authorization_code":
                DemandClient(clientId, secret);
                return Token(request, ForCode(form, clientId), secret, true);
            case "refresh_token":
                DemandClient(clientId, secret);
                var grant = ForRefreshToken(form, clientId);
                return options.RefreshTokenRotation
                    ? Token(request, grants.Rotate(grant), secret, true)
                    : Token(request, grant, secret, false);
            case null:
                throw new OAuthException("invalid_request", "grant type missing");
            default:
                throw new OAuthException("unsupported_grant_type", "grant type not supported");
        }
    }

    /// <summary>The refresh token a request wants to use, null when it wants something else.</summary>
    public static string? RefreshTokenOf(WebRequest request) =>
        request.Form.GetValueOrDefault("grant_type") == "refresh_token" ? request.Form.GetValueOrDefault("refresh_token") : null;

    private Grant ForCode(IReadOnlyDictionary<string, string> form, string clientId)
    {
        var code = grants.TakeCode(form.GetValueOrDefault("code") ?? "");
        if (code is null || code.ClientId != clientId)
            throw OAuthException.InvalidGrant("expired authorization code");
        if (code.RedirectUri != form.GetValueOrDefault("redirect_uri"))
            throw OAuthException.RedirectMismatch();
        if (code.Challenge is not null)
        {
            if (form.GetValueOrDefault("code_verifier") is not { Length: > 0 } verifier)
                throw OAuthException.InvalidGrant("invalid code verifier");
            if (Challenge(verifier) != code.Challenge.TrimEnd('='))
                throw new OAuthException("invalid_request", "invalid code verifier");
        }
        DemandActive(code.UserId);
        return grants.Approve(code.UserId, clientId, code.Scope);
    }

    private Grant ForRefreshToken(IReadOnlyDictionary<string, string> form, string clientId)
    {
        var grant = grants.ByRefreshToken(form.GetValueOrDefault("refresh_token") ?? "");
        if (grant is null || grant.ClientId != clientId)
            throw OAuthException.InvalidGrant("expired access/refresh token");
        DemandActive(grant.UserId);
        return grant;
    }

    private Reply Token(WebRequest request, Grant grant, string? secret, bool withRefreshToken)
    {
        var session = grants.StartSession(grant);
        var identity = IdentityOf(request, grant);
        var issuedAt = session.IssuedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret ?? ""), Encoding.UTF8.GetBytes(identity + issuedAt)));
        return Reply.Object(200, json =>
        {
            json.WriteString("access_token", session.Token);
            if (withRefreshToken && grant.RefreshToken is { } refreshToken)
                json.WriteString("refresh_token", refreshToken);
            json.WriteString("signature", signature);
            json.WriteString("scope", grant.Scope);
            if (grant.Scope.Split(' ').Contains("openid"))
                json.WriteString("id_token", IdTokens.Create(request.BaseUrl, identity, grant.ClientId, session.IssuedAt));
            json.WriteString("instance_url", request.InstanceUrl(store.Settings.InstanceName));
            json.WriteString("id", identity);
            json.WriteString("token_type", "Bearer");
            json.WriteString("issued_at", issuedAt);
        }).With("Cache-Control", "no-cache, no-store");
    }

    /// <summary>The shorter answer of the JWT bearer flow: neither refresh token nor signature nor time.</summary>
    private Reply JwtToken(WebRequest request, Grant grant)
    {
        var session = grants.StartSession(grant);
        return Reply.Object(200, json =>
        {
            json.WriteString("access_token", session.Token);
            json.WriteString("scope", grant.Scope);
            json.WriteString("instance_url", request.InstanceUrl(store.Settings.InstanceName));
            json.WriteString("id", IdentityOf(request, grant));
            json.WriteString("token_type", "Bearer");
        }).With("Cache-Control", "no-cache, no-store");
    }

    private string IdentityOf(WebRequest request, Grant grant) => $"{request.BaseUrl}/id/{store[store.Schema.Organization].Rows.First().Id}/{grant.UserId}";

    private void DemandClient(string clientId, string? secret)
    {
        if (!options.AcceptAnyClient && clientId != options.ClientId)
            throw OAuthException.InvalidClientId();
        if (clientId == options.ClientId && options.ClientSecret is { } expected && secret != expected)
            throw OAuthException.InvalidClient();
    }

    private void DemandActive(string userId)
    {
        if (store.Find(userId) is not { } user || !user.Is("IsActive"))
            throw OAuthException.InvalidGrant("inactive user");
    }

    /// <summary>Client id and secret from the form, or from basic authentication.</summary>
    private static (string Id, string? Secret) Client(WebRequest request)
    {
        var (id, secret) = (request.Form.GetValueOrDefault("client_id"), request.Form.GetValueOrDefault("client_secret"));
        if (id is null && request.Header("Authorization") is { } header && header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            var buffer = new byte[header.Length];
            if (Convert.TryFromBase64String(header[6..].Trim(), buffer, out var length)
                && Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2) is [var user, var password])
                return (Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
        }
        return (id ?? throw OAuthException.InvalidClientId(), secret);
    }

    /// <summary>base64url(SHA-256(verifier)), the only method Salesforce knows.</summary>
    private static string Challenge(string verifier) => System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
}
