using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>Certificates that wrap a key ring, as files.</summary>
internal static class KeyRingFiles
{
    public const string Password = "secret";

    /// <summary>A certificate of its own each time.</summary>
    /// <param name="withKey">Whether the private key is in the file.</param>
    /// <param name="expired">Whether it was good until yesterday; else it is for a year.</param>
    public static string Make(bool withKey = true, bool expired = false)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("tasksync-keys-").FullName, "keyring.pfx");
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=TaskSync test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(WallClock.Now.AddDays(-2), WallClock.Now.AddDays(expired ? -1 : 365));
        using var bare = X509CertificateLoader.LoadCertificate(certificate.RawData);
        File.WriteAllBytes(file, (withKey ? certificate : bare).Export(X509ContentType.Pfx, Password));
        return file;
    }
}
