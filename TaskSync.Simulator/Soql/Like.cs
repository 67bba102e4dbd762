using System.Text;
using System.Text.RegularExpressions;

namespace TaskSync.Simulator.Soql;

/// <summary>LIKE patterns: % any text, _ one character, a backslash takes the meaning away; case does not count.</summary>
internal static class Like
{
    /// <summary>The plain text of a literal in which the lexer left \\, \% and \_ as they were.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
            plain.Append(text[at] == '\\' && at + 1 < text.Length ? text[++at] : text[at]);
        return plain.ToString();
    }

    public static Func<string, bool> Matcher(string pattern)
    {
        var regex = new StringBuilder("^");
        for (var at = 0; at < pattern.Length; at++)
            regex.Append(pattern[at] switch
            {
                '%' => ".*",
                '_' => ".",
                '\\' when at + 1 < pattern.Length => Regex.Escape(pattern[++at].ToString()),
                var c => Regex.Escape(c.ToString()),
            });
        var compiled = new Regex(regex.Append('$').ToString(), RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        return compiled.IsMatch;
    }
}
