using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TaskSync.Simulator.Hosting;

namespace TaskSync.Simulator.OAuth;

/// <summary>OpenID Connect id tokens, signed with a key that lives as long as the process.</summary>
internal sealed class IdTokens : IDisposable
{
    private const string KeyId = "simulator";
    private readonly Lazy<RSA> _key = new(() => RSA.Create(2048));

    public string Create(string issuer, string subject, string clientId, DateTimeOffset now)
    {
        var header = Encode(new { typ = "JWT", alg = "RS256", kid = KeyId });
        var claims = Encode(new { iss = issuer, sub = subject, aud = clientId, iat = now.ToUnixTimeSeconds(), exp = now.AddMinutes(2).ToUnixTimeSeconds() });
        var signature = _key.Value.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The public key, for <c>/id/keys</c>.</summary>
    public Reply Keys()
    {
        var key = _key.Value.ExportParameters(false);
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

    public void Dispose()
    {
        if (_key.IsValueCreated)
            _key.Value.Dispose();
    }

    private static string Encode<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
