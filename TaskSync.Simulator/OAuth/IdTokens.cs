using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.OAuth;

/// <summary>OpenID Connect id tokens, signed with a key that lives as long as the process.</summary>
internal static class IdTokens
{
    private const string KeyId = "simulator";

    /// <summary>Made once for all orgs: making it takes longer than everything else an org does at its start.</summary>
    private static readonly Lazy<RSA> Key = new(() => RSA.Create(2048));

    public static string Create(string issuer, string subject, string clientId, DateTimeOffset now)
    {
        var header = Encode(new { typ = "JWT", alg = "RS256", kid = KeyId });
        var claims = Encode(new { iss = issuer, sub = subject, aud = clientId, iat = now.ToUnixTimeSeconds(), exp = now.AddMinutes(2).ToUnixTimeSeconds() });
        var signature = Key.Value.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The public key, for <c>/id/keys</c>.</summary>
    public static Reply Keys()
    {
        var key = Key.Value.ExportParameters(false);
        return Reply.Object(200, json =>
        {
            json.WriteStartArray("keys");
            json.WriteStartObject();
            json.WriteString("kty", "RSA");
            json.WriteString("use", "sig");
            json.WriteString("alg", "RS256");
            json.WriteString("kid", KeyId);
            json.WriteString("n", Base64Url.EncodeToString(key.Modulus));
            json.WriteString("e", Base64Url.EncodeToString(key.Exponent));
            json.WriteEndObject();
            json.WriteEndArray();
        });
    }

    private static string Encode<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
