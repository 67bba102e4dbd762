using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Setup;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.OAuth;

/// <summary>
/// The JWT bearer flow: an assertion signed with RS256 by a key whose certificate is registered for the app, for a user who has approved
/// the app or was approved by an administrator. It gives an access token and never a refresh token.
/// </summary>
internal sealed class JwtBearer(OrgStore store, Grants grants, SimulatorOptions options)
{
    public const string GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    /// <summary>What an app may do whose users an administrator approved.</summary>
    private const string ApprovedScope = "api id openid";

    /// <summary>An assertion may expire at most so far ahead.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>The grant that the assertion of the request stands for.</summary>
    public Grant GrantFor(WebRequest request)
    {
        var parts = (request.Form.GetValueOrDefault("assertion") ?? "").Split('.');
        if (parts.Length != 3 || Part(parts[0]) is not { } header || Part(parts[1]) is not { } claims || Text(header, "alg") != "RS256")
            throw OAuthException.InvalidGrant("invalid assertion");
        var clientId = Text(claims, "iss") ?? "";
        if (clientId.Length == 0 || (!options.AcceptAnyClient && clientId != options.ClientId))
            throw OAuthException.InvalidClientId();
        if (!IsSigned(clientId, $"{parts[0]}.{parts[1]}", parts[2]))
            throw OAuthException.InvalidGrant("invalid assertion");
        DemandTime(claims);
        if (Text(claims, "aud")?.TrimEnd('/') is not { } audience || (audience != request.BaseUrl && audience != request.InstanceUrl(store.Settings.InstanceName)))
            throw OAuthException.InvalidGrant("audience is invalid");
        return Approved(clientId, Text(claims, "sub"));
    }

    /// <summary>The public key of a certificate or of a bare key, both PEM, in the form it is kept in.</summary>
    public static string ReadKey(string pem)
    {
        using var certificate = pem.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal) ? X509Certificate2.CreateFromPem(pem) : null;
        using var key = certificate is null ? RSA.Create() : certificate.GetRSAPublicKey() ?? throw new ArgumentException("The certificate has no RSA key.", nameof(pem));
        if (certificate is null)
            key.ImportFromPem(pem);
        return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    private Grant Approved(string clientId, string? username)
    {
        var user = store[store.Schema.User].Rows.FirstOrDefault(u => string.Equals(u.Text("Username"), username, StringComparison.OrdinalIgnoreCase));
        if (user is null || !user.Is("IsActive"))
            throw OAuthException.InvalidGrant(user is null ? "authentication failure" : "inactive user");
        var mine = grants.All.Where(g => !g.Revoked && g.UserId == user.Id && g.ClientId == clientId).ToList();
        if (store.Settings.ApprovedUsers.Contains($"{clientId}@{user.Id}"))
            return mine.Find(g => g.RefreshToken is null) ?? grants.Approve(user.Id, clientId, ApprovedScope);
        return mine.Find(g => g.RefreshToken is not null) ?? throw OAuthException.InvalidGrant("user hasn't approved this consumer");
    }

    private bool IsSigned(string clientId, string content, string signature)
    {
        if (!Base64Url.IsValid(signature) || !store.Settings.AppKeys.TryGetValue(clientId, out var keys))
            return false;
        var (data, given) = (Encoding.ASCII.GetBytes(content), Base64Url.DecodeFromChars(signature));
        return keys.Any(key =>
        {
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String(key), out _);
            return rsa.VerifyData(data, given, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        });
    }

    private void DemandTime(JsonElement claims)
    {
        if (!claims.TryGetProperty("exp", out var exp) || exp.ValueKind != JsonValueKind.Number || !exp.TryGetInt64(out var seconds))
            throw OAuthException.InvalidGrant("invalid assertion");
        var left = seconds - store.Time.GetUtcNow().ToUnixTimeSeconds();
        if (left <= 0 || left > Longest.TotalSeconds)
            throw OAuthException.InvalidGrant("expired authorization code");
    }

    private static JsonElement? Part(string text)
    {
        try
        {
            return Base64Url.IsValid(text) && JsonElement.Parse(Base64Url.DecodeFromChars(text)) is { ValueKind: JsonValueKind.Object } json ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
