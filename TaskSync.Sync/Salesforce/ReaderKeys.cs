using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce;

/// <summary>The private keys of readers that sign in with a certificate: uploaded ones from the database, encrypted at rest, else the file that the configuration names.</summary>
public sealed class ReaderKeys(IDbContextFactory<TaskSyncDb> databases, TokenVault vault, IOptions<SalesforceOptions> options)
{
    /// <summary>Whether the configuration names a key.</summary>
    public bool IsConfigured => !string.IsNullOrWhiteSpace(options.Value.ReaderKeyFile);

    /// <summary>The configured key, PEM.</summary>
    /// <exception cref="SalesforceCallException">The file cannot be read; nothing was sent.</exception>
    internal string Configured()
    {
        try
        {
            return File.ReadAllText(options.Value.ReaderKeyFile!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SalesforceCallException(
                new CallFailure(FailureClass.Auth, FailureCodes.ReaderKeyUnusable, "The file that Salesforce:ReaderKeyFile names cannot be read.", HttpStatus: null, NotApplied: true), e);
        }
    }

    /// <summary>The key that a reader signs in with; null when it signs in with a refresh token.</summary>
    internal async Task<string?> OfReaderAsync(Guid readerId)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        var reader = await db.Readers.Where(r => r.ConnectionId == readerId).Select(r => new { r.SignIn, r.SealedKey }).SingleOrDefaultAsync();
        return reader switch
        {
            null or { SignIn: ReaderSignIn.Browser } => null,
            { SealedKey: null } => Configured(),
            { SealedKey: { } sealedKey } => vault.TryOpen(sealedKey, out var key) ? key : throw new SalesforceCallException(
                new CallFailure(FailureClass.Auth, FailureCodes.TokenUnreadable, "The stored private key cannot be decrypted.", HttpStatus: null, NotApplied: true)),
        };
    }
}
