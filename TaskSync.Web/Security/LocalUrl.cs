using System.Text;

namespace TaskSync.Web.Security;

/// <summary>Addresses to come back to after sign-in: ours only, so that nobody can be sent elsewhere by a link.</summary>
public static class LocalUrl
{
    /// <summary>The address if it is a path of this site, else "/". In ASCII, as a header needs it.</summary>
    public static string OrHome(string? url) => IsLocal(url) ? string.Concat(url!.EnumerateRunes().Select(Ascii)) : "/";

    private static string Ascii(Rune rune) => rune.IsAscii ? rune.ToString() : Uri.EscapeDataString(rune.ToString());

    private static bool IsLocal(string? url) =>
        url is ['/', ..]
        && !(url.Length > 1 && url[1] is '/' or '\\')
        && !url.Any(c => char.IsControl(c) || c == '\\');
}
