namespace TaskSync.Web.Security;

/// <summary>Addresses to come back to after sign-in: ours only, so that nobody can be sent elsewhere by a link.</summary>
public static class LocalUrl
{
    /// <summary>The address if it is a path of this site, else "/".</summary>
    public static string OrHome(string? url) => IsLocal(url) ? url! : "/";

    private static bool IsLocal(string? url) =>
        url is ['/', ..]
        && !(url.Length > 1 && url[1] is '/' or '\\')
        && !url.Any(c => char.IsControl(c) || c == '\\');
}
