using TaskSync.Sync.Model;

namespace TaskSync.Web.Security;

/// <summary>Words about sign-ins.</summary>
public static class SessionWords
{
    /// <summary>Why a sign-in ended, for the person.</summary>
    public static string Why(SignInEnd end) => end switch
    {
        SignInEnd.SignedOut => "You signed out.",
        SignInEnd.SignedOutElsewhere => "You were signed out from another device.",
        SignInEnd.EndedByAdmin => "An admin signed you out.",
        SignInEnd.RemovedByAdmin => "An admin removed you from TaskSync. If that is a mistake, ask to be let in again.",
        SignInEnd.LostRole => "Your rights have changed.",
        SignInEnd.Idle => "TaskSync was not used for a while.",
        SignInEnd.Expired => "It is time to sign in again.",
        _ => "Your sign-in is not known any more.",
    };

    /// <summary>Browser and system of a user agent, such as "Edge on Windows"; null when neither is known.</summary>
    public static string? Device(string? userAgent)
    {
        if (string.IsNullOrWhiteSpace(userAgent))
        {
            return null;
        }

        var browser = First(userAgent, ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"));
        var system = First(userAgent, ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Mac OS X", "macOS"), ("Linux", "Linux"));
        return (browser, system) switch
        {
            (null, null) => null,
            (null, _) => system,
            (_, null) => browser,
            _ => $"{browser} on {system}",
        };
    }

    /// <summary>The first name whose mark is in the text. Order matters: Edge calls itself Chrome as well, and Chrome Safari.</summary>
    private static string? First(string text, params (string Mark, string Name)[] names)
    {
        foreach (var (mark, name) in names)
        {
            if (text.Contains(mark, StringComparison.Ordinal))
            {
                return name;
            }
        }

        return null;
    }
}
