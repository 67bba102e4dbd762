using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TaskSync.Sync.Salesforce;

/// <summary>The signed statement of the JWT bearer flow: this app asks for a token of this user, now (RFC 7523; RS256).</summary>
internal static class Assertion
{
    /// <summary>Salesforce refuses what expires more than a few minutes ahead, three to five; clocks differ.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(3);

    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"RS256"}"""u8);

    /// <exception cref="ArgumentException">The key is no RSA private key.</exception>
    public static string Sign(string clientId, string username, string audience, DateTimeOffset now, string privateKey)
    {
        var claims = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["iss"] = clientId,
            ["sub"] = username,
            ["aud"] = audience,
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
        });
        var content = $"{Header}.{Base64Url.EncodeToString(claims)}";
        using var key = RSA.Create();
        key.ImportFromPem(privateKey);
        return $"{content}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>Why a text is no usable private key, null when it is one.</summary>
    public static string? WhyNoKey(string pem)
    {
        try
        {
            using var key = RSA.Create();
            key.ImportFromPem(pem);
            _ = key.SignData([1], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return key.KeySize < 2048 ? "The key is shorter than 2,048 bits, which Salesforce does not accept." : null;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return "This is no RSA private key in PEM form (-----BEGIN PRIVATE KEY-----), or it is protected by a password.";
        }
    }
}
