using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using TaskSync.Web.Security;

namespace TaskSync.Web.Salesforce;

/// <summary>
/// What is remembered between "Connect Salesforce" and the callback: in a protected cookie of the browser that began, so that a callback
/// that belongs to another browser, another person, an older attempt or nobody is refused. Works once.
/// </summary>
internal sealed record ConnectState(string State, string Verifier, Guid PersonId, Guid? Session, bool ForReader)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public static string NewState() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public void Remember(HttpContext http) => http.Response.Cookies.Append(
        Cookie(http), Protector(http).Protect(JsonSerializer.Serialize(this), Lifetime), Options(http, Lifetime));

    /// <summary>What this browser began, and forgets it: null when it began nothing, or too long ago.</summary>
    public static ConnectState? Take(HttpContext http)
    {
        var text = http.Request.Cookies[Cookie(http)];
        http.Response.Cookies.Delete(Cookie(http), Options(http, null));
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<ConnectState>(Protector(http).Unprotect(text));
        }
        catch (Exception failure) when (failure is CryptographicException or JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Compared in constant time: how far a guess was right must not show.</summary>
    public bool Matches(string? state) =>
        state is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(State), Encoding.UTF8.GetBytes(state));

    /// <summary>As the cookies of sign-in are named; over plain http, which only Development has, there is no prefix.</summary>
    private static string Cookie(HttpContext http) => (http.Request.IsHttps ? SecurityServices.HostPrefix : "") + "TaskSync.Connect";

    private static ITimeLimitedDataProtector Protector(HttpContext http) =>
        http.RequestServices.GetRequiredService<IDataProtectionProvider>().CreateProtector("TaskSync.Connect").ToTimeLimitedDataProtector();

    private static CookieOptions Options(HttpContext http, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        SameSite = SameSiteMode.Lax,
        Secure = http.Request.IsHttps,
        Path = "/",
        MaxAge = maxAge,
    };
}
