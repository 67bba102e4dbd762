using System.Globalization;

namespace TaskSync.Sync.Salesforce;

/// <summary>
/// Stands in the place of the access token while one server refreshes it, so that another server waits instead of spending the same refresh token:
/// Salesforce refuses simultaneous use, and with rotation a second use kills the whole grant (Salesforce help, "OAuth 2.0 Refresh Token Flow").
/// </summary>
internal static class RefreshLease
{
    /// <summary>Longer than a refresh may take; after it the server that held the lease is taken for dead.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait before looking again.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(200);

    private const string Prefix = "refreshing:";

    public static string Take(DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{(now + Length).UtcTicks}:{Guid.NewGuid():N}");

    /// <summary>Whether the column holds a lease, running or not, and no token.</summary>
    public static bool Is(string? accessToken) => accessToken?.StartsWith(Prefix, StringComparison.Ordinal) == true;

    public static bool IsRunning(string? accessToken, DateTimeOffset now) =>
        Is(accessToken)
        && accessToken!.Split(':') is [_, var ticks, _]
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var until)
        && now.UtcTicks < until;
}
