using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TaskSync.Tests.Support;

/// <summary>TLS on this machine: a certificate of its own for the whole run, and a client that trusts that one alone.</summary>
internal static class LoopbackCertificate
{
    /// <summary>For localhost and 127.0.0.1.</summary>
    public static X509Certificate2 Value { get; } = Make();

    /// <summary>Follows no redirect and keeps no cookies.</summary>
    public static SocketsHttpHandler TrustingHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == Value.GetCertHashString() },
    };

    private static X509Certificate2 Make()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(WallClock.Now.AddDays(-1), WallClock.Now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null); // TLS wants a key that is not ephemeral on every system
    }
}
