using Microsoft.Extensions.Logging;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce;

/// <summary>The tokens of a grant as the database keeps them.</summary>
/// <param name="Access">The access token, encrypted.</param>
/// <param name="Refresh">The refresh token, encrypted; null when there is none.</param>
public sealed record SealedTokens(string Access, string? Refresh);

/// <summary>The life of a grant: who gave it, how it is kept, renewed and given back.</summary>
public sealed partial class SalesforceGrants(SalesforceOAuth oauth, TokenVault vault, ReaderKeys keys, ILogger<SalesforceGrants> logger)
{
    /// <summary>Who granted. When that cannot be learnt the grant is given back: nobody keeps its tokens, and they would stay good in Salesforce.</summary>
    /// <exception cref="SalesforceCallException">Why it cannot.</exception>
    public async Task<SalesforceIdentity> IdentifyAsync(TokenGrant grant, CancellationToken cancellationToken)
    {
        try
        {
            return await oauth.IdentifyAsync(grant, cancellationToken);
        }
        catch (SalesforceCallException)
        {
            await RevokeAsync(grant);
            throw;
        }
    }

    /// <summary>Signs in with a certificate (JWT bearer flow).</summary>
    /// <param name="username">The integration user's.</param>
    /// <param name="privateKey">PEM; null for the key of the configuration.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SalesforceCallException">Salesforce refused, or the key cannot be used.</exception>
    public Task<TokenGrant> AssertAsync(string username, string? privateKey, CancellationToken cancellationToken) =>
        oauth.AssertAsync(username, privateKey ?? keys.Configured(), cancellationToken);

    /// <summary>Encrypts the tokens. Not to be done inside a transaction: the first use of the key ring writes to the database as well.</summary>
    public SealedTokens Seal(TokenGrant grant) => new(vault.Seal(grant.AccessToken), grant.RefreshToken is { } refresh ? vault.Seal(refresh) : null);

    /// <summary>Encrypts a key for the database.</summary>
    public string Seal(string privateKey) => vault.Seal(privateKey);

    /// <summary>A new access token for a connection: by its refresh token, or by its certificate. Never cancelled: a rotated refresh token that nobody stores would cut the connection.</summary>
    /// <exception cref="SalesforceCallException">Salesforce refused, or what is stored cannot be decrypted.</exception>
    internal async Task<TokenGrant> RenewAsync(SessionRow row)
    {
        if (row.Kind == ConnectionKind.Reader && await keys.OfReaderAsync(row.Id) is { } key)
        {
            return await oauth.AssertAsync(row.Username, key, CancellationToken.None);
        }

        return vault.TryOpen(row.RefreshToken, out var refreshToken)
            ? await oauth.RefreshAsync(refreshToken, CancellationToken.None)
            : throw new SalesforceCallException(
                new CallFailure(FailureClass.Auth, FailureCodes.TokenUnreadable, "The stored refresh token cannot be decrypted.", HttpStatus: null, NotApplied: true));
    }

    /// <summary>Gives a grant back that nobody keeps.</summary>
    public Task RevokeAsync(TokenGrant grant) => RevokeOpenAsync(grant.RefreshToken ?? grant.AccessToken);

    /// <summary>Gives a kept grant back, by its sealed token; nothing when there is none or the keys are lost.</summary>
    /// <returns>False when there may still be a grant in Salesforce.</returns>
    public async Task<bool> RevokeAsync(string? sealedToken) =>
        string.IsNullOrEmpty(sealedToken) || (vault.TryOpen(sealedToken, out var token) && await RevokeOpenAsync(token));

    /// <summary>As well as can be: a grant that could not be revoked is of no use to us any more either.</summary>
    private async Task<bool> RevokeOpenAsync(string token)
    {
        try
        {
            await oauth.RevokeAsync(token, CancellationToken.None);
            return true;
        }
        catch (SalesforceCallException e)
        {
            LogNotRevoked(e.Failure.Code);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A Salesforce grant could not be revoked: {Code}")]
    private partial void LogNotRevoked(string code);
}
