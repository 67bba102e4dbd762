using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>Certificates that wrap a key ring, as files.</summary>
internal static class KeyRingFiles
{
    public const string Password = "secret";

    /// <summary>A certificate of its own each time.</summary>
    public static string Make(bool withKey = true)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("tasksync-keys-").FullName, "keyring.pfx");
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=TaskSync test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(WallClock.Now.AddDays(-1), WallClock.Now.AddDays(1));
        using var bare = X509CertificateLoader.LoadCertificate(certificate.RawData);
        File.WriteAllBytes(file, (withKey ? certificate : bare).Export(X509ContentType.Pfx, Password));
        return file;
    }
}
