namespace TaskSync.Sync.Salesforce;

/// <summary>OAuth 2.0 web-server flow with PKCE (Salesforce help, "OAuth 2.0 Web Server Flow"). Errors are <see cref="SalesforceCallException"/>.</summary>
public sealed class SalesforceOAuth
{
    /// <summary>Where to send the browser.</summary>
    public Uri AuthorizeUri(string state, string codeChallenge, Uri redirectUri, string? loginHint) => throw new NotImplementedException();

    /// <summary>A fresh PKCE pair; the verifier stays on our side until <see cref="RedeemAsync"/>.</summary>
    public static (string Verifier, string Challenge) NewProof() => throw new NotImplementedException();

    /// <summary>Trades the code of the callback for tokens. A code lives 15 minutes and works once.</summary>
    public Task<TokenGrant> RedeemAsync(string code, string verifier, Uri redirectUri, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A new access token; a rotated refresh token comes with it and the old one is dead from then on.</summary>
    public Task<TokenGrant> RefreshAsync(string refreshToken, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Ends a grant.</summary>
    public Task RevokeAsync(string token, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Who signed in, and where.</summary>
    public Task<SalesforceIdentity> IdentifyAsync(TokenGrant grant, CancellationToken cancellationToken) => throw new NotImplementedException();
}
