using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using TaskSync.Sync.Data;

namespace TaskSync.Web.Security;

/// <summary>The key ring that protects cookies and Salesforce tokens: kept in the database, wrapped by a certificate outside Development.</summary>
internal static class KeyRing
{
    public static void AddKeyRing(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment)
    {
        var protection = services.AddDataProtection().SetApplicationName("TaskSync");
        if (string.Equals(configuration["Database:Provider"], "SqlServer", StringComparison.OrdinalIgnoreCase))
        {
            protection.PersistKeysToDbContext<SqlServerTaskSyncDb>();
        }
        else
        {
            protection.PersistKeysToDbContext<SqliteTaskSyncDb>();
        }

        var path = configuration["DataProtection:CertificatePath"];
        if (!string.IsNullOrWhiteSpace(path))
        {
            protection.ProtectKeysWithCertificate(Load(path, configuration["DataProtection:CertificatePassword"]));
        }
        else if (!environment.IsDevelopment())
        {
            throw new SetupException(
                "DataProtection:CertificatePath is not set. Outside Development the keys that protect cookies and Salesforce tokens must be wrapped by a certificate: "
                + "set DataProtection:CertificatePath to a .pfx file and DataProtection:CertificatePassword to its password.");
        }
    }

    /// <summary>Unwraps each key of the ring once: with another certificate new keys would be made silently, and no Salesforce token could be read any more.</summary>
    /// <exception cref="SetupException">One of them cannot be unwrapped.</exception>
    public static void TryKeyRing(this IServiceProvider services)
    {
        try
        {
            foreach (var key in services.GetRequiredService<IKeyManager>().GetAllKeys().Where(key => !key.IsRevoked))
            {
                key.CreateEncryptor();
            }
        }
        catch (Exception failure) when (DatabaseFailures.TroubleOf(failure) is null)
        {
            throw new SetupException(
                "The keys in the database cannot be unwrapped by the certificate of DataProtection:CertificatePath: another one wrapped them. Name that one. "
                + "To begin anew with this one, empty the table DataProtectionKeys: everybody signs in again, and every rep reconnects Salesforce.",
                failure);
        }
    }

    private static X509Certificate2 Load(string path, string? password)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(path, password);
            using var key = certificate.GetRSAPrivateKey();
            return key is not null ? certificate : throw new SetupException(
                $"The file of DataProtection:CertificatePath ({path}) holds no RSA certificate with its private key. Export both into one .pfx file.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new SetupException(
                $"The certificate of DataProtection:CertificatePath ({path}) could not be read with DataProtection:CertificatePassword: {failure.Message}", failure);
        }
    }
}
