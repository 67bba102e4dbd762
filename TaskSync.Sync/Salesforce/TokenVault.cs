using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace TaskSync.Sync.Salesforce;

/// <summary>Encrypts tokens for the database (Data Protection). The same token never looks the same twice, so equal cipher texts are the same stored value.</summary>
public sealed class TokenVault(IDataProtectionProvider provider)
{
    private readonly IDataProtector _protector = provider.CreateProtector("TaskSync.Salesforce.Tokens.v1");

    public string Seal(string token) => _protector.Protect(token);

    /// <summary>False when there is nothing, or the keys that sealed it are gone.</summary>
    public bool TryOpen(string? sealedToken, [NotNullWhen(true)] out string? token)
    {
        token = null;
        if (string.IsNullOrEmpty(sealedToken))
        {
            return false;
        }

        try
        {
            token = _protector.Unprotect(sealedToken);
            return true;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return false;
        }
    }
}
