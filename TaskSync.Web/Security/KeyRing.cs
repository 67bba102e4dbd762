using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
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
            throw new InvalidOperationException(
                "DataProtection:CertificatePath is not set. Outside Development the keys that protect cookies and Salesforce tokens must be wrapped by a certificate: "
                + "set DataProtection:CertificatePath to a .pfx file and DataProtection:CertificatePassword to its password.");
        }
    }

    private static X509Certificate2 Load(string path, string? password)
    {
        try
        {
            return X509CertificateLoader.LoadPkcs12FromFile(path, password);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new InvalidOperationException(
                $"The certificate of DataProtection:CertificatePath ({path}) could not be read with DataProtection:CertificatePassword: {failure.Message}", failure);
        }
    }
}
