namespace TaskSync.Simulator.OAuth;

/// <summary>A user's approval of an app. Its refresh token changes when rotation is on; used-up ones are kept to notice their re-use.</summary>
internal sealed record Grant(string Id, string UserId, string ClientId, string Scope, DateTimeOffset CreatedAt)
{
    /// <summary>The valid refresh token, null when the scope did not ask for one.</summary>
    public string? RefreshToken { get; init; }

    public IReadOnlyList<string> UsedUp { get; init; } = [];

    public bool Revoked { get; init; }
}

/// <summary>An access token. It dies when it was not used for the session timeout.</summary>
internal sealed record Session(string Token, string GrantId, string UserId, DateTimeOffset IssuedAt)
{
    public DateTimeOffset LastUsedAt { get; init; } = IssuedAt;
    public bool Ended { get; init; }
}

/// <summary>An authorization code: 15 minutes, once.</summary>
internal sealed record AuthorizationCode(string Code, string UserId, string ClientId, string RedirectUri, string Scope, string? Challenge, DateTimeOffset IssuedAt)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
}
