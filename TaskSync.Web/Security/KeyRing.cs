using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using TaskSync.Sync.Data;

namespace TaskSync.Web.Security;

/// <summary>The key ring that protects cookies and Salesforce tokens: kept in the database, wrapped by a certificate outside Development.</summary>
internal static partial class KeyRing
{
    private const string Section = "DataProtection";
    private const string CertificatePath = nameof(CertificatePath);
    private const string CertificatePassword = nameof(CertificatePassword);
    private const string OlderCertificates = nameof(OlderCertificates);

    /// <summary>It is said so long before a certificate expires.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromDays(30);

    public static void AddKeyRing(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment)
    {
        var protection = services.AddDataProtection().SetApplicationName("TaskSync");
        _ = DataServices.ReadProvider(configuration) switch
        {
            DatabaseProvider.SqlServer => protection.PersistKeysToDbContext<SqlServerTaskSyncDb>(),
            DatabaseProvider.PostgreSql => protection.PersistKeysToDbContext<PostgreSqlTaskSyncDb>(),
            _ => protection.PersistKeysToDbContext<SqliteTaskSyncDb>(),
        };

        var certificates = Read(configuration, environment);
        services.AddSingleton(new KeyRingCertificates(certificates));
        if (certificates is [var newest, .. var older])
        {
            protection.ProtectKeysWithCertificate(newest.Certificate).UnprotectKeysWithAnyCertificate([.. older.Select(one => one.Certificate)]);
        }
    }

    /// <summary>The certificate that wraps new keys first, then those that only unwrap.</summary>
    private static List<KeyRingCertificate> Read(IConfiguration configuration, IHostEnvironment environment)
    {
        var (section, older) = (configuration.GetSection(Section), configuration.GetSection(Section).GetSection(OlderCertificates).GetChildren().ToList());
        if (!string.IsNullOrWhiteSpace(section[CertificatePath]))
        {
            return [Load(section, CertificatePath, CertificatePassword), .. older.Select(one => Load(one, "Path", "Password"))];
        }

        if (older.Count > 0)
        {
            throw new SetupException($"{Section}:{OlderCertificates} is set, but {Section}:{CertificatePath} is not. Set it to the .pfx file that wraps new keys: the older ones only unwrap.");
        }

        return environment.IsDevelopment() ? [] : throw new SetupException(
            $"{Section}:{CertificatePath} is not set. Outside Development the keys that protect cookies and Salesforce tokens must be wrapped by a certificate: "
            + $"set {Section}:{CertificatePath} to a .pfx file and {Section}:{CertificatePassword} to its password.");
    }

    /// <summary>
    /// Unwraps each key of the ring once: without the certificate that wrapped it new keys would be made silently, and no Salesforce token could be read any more.
    /// A certificate that expires is said in the log and no more: nobody but us looks at it, and stopping would protect nothing.
    /// </summary>
    /// <exception cref="SetupException">One of them cannot be unwrapped.</exception>
    public static void TryKeyRing(this IServiceProvider services)
    {
        try
        {
            foreach (var key in services.GetRequiredService<IKeyManager>().GetAllKeys().Where(key => !key.IsRevoked))
            {
                key.CreateEncryptor();
            }

            // Makes the first key where there is none: whoever starts next finds it. Two that made one each would not know each other's cookies.
            services.GetRequiredService<IDataProtectionProvider>().CreateProtector(nameof(TryKeyRing)).Protect([]);
        }
        catch (Exception failure) when (DatabaseFailures.TroubleOf(failure) is null)
        {
            throw new SetupException(
                $"The keys in the database cannot be unwrapped by the certificate of {Section}:{CertificatePath}: another one wrapped them. Name that one in {Section}:{OlderCertificates}. "
                + "To begin anew with this one, empty the table DataProtectionKeys: everybody signs in again, and every rep reconnects Salesforce.",
                failure);
        }

        var soon = services.GetRequiredService<TimeProvider>().GetUtcNow() + Notice;
        foreach (var (key, certificate) in services.GetRequiredService<KeyRingCertificates>().All)
        {
            if (certificate.NotAfter.ToUniversalTime() < soon)
            {
                LogExpires(services.GetRequiredService<ILogger<KeyRingCertificates>>(), key, certificate.NotAfter.ToUniversalTime());
            }
        }
    }

    private static KeyRingCertificate Load(IConfigurationSection section, string pathName, string passwordName)
    {
        var (path, key, password) = (section[pathName], $"{section.Path}:{pathName}", $"{section.Path}:{passwordName}");
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new SetupException($"{key} is not set. Set it to a .pfx file, or remove {section.Path}.");
        }

        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12FromFile(path, section[passwordName]);
            using var rsa = certificate.GetRSAPrivateKey();
            return rsa is not null ? new(key, certificate) : throw new SetupException(
                $"The file of {key} ({path}) holds no RSA certificate with its private key. Export both into one .pfx file.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new SetupException($"The certificate of {key} ({path}) could not be read with {password}: {failure.Message}", failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate of {Key} expires on {Expiry:u}. It wraps and unwraps keys after that, too; see \"Changing the certificate\" in docs/operations.md.")]
    private static partial void LogExpires(ILogger logger, string key, DateTime expiry);
}

/// <summary>A certificate of the key ring.</summary>
/// <param name="Key">The configuration key that names its file.</param>
/// <param name="Certificate">With its private key.</param>
internal sealed record KeyRingCertificate(string Key, X509Certificate2 Certificate);

/// <summary>Those that are configured, the one that wraps new keys first; none in Development, mostly.</summary>
internal sealed record KeyRingCertificates(IReadOnlyList<KeyRingCertificate> All);
