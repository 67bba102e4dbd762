using System.Text;

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
        var parts = new List<(char Character, Wildcard Wildcard)>();
        for (var at = 0; at < pattern.Length; at++)
            parts.Add(pattern[at] switch
            {
                '%' => ('%', Wildcard.AnyText),
                '_' => ('_', Wildcard.AnyCharacter),
                '\\' when at + 1 < pattern.Length => (char.ToUpperInvariant(pattern[++at]), Wildcard.None),
                var c => (char.ToUpperInvariant(c), Wildcard.None),
            });
        var compiled = parts.ToArray();
        return text => Matches(text, compiled);
    }

    private enum Wildcard { None, AnyCharacter, AnyText }

    /// <summary>Walks both; at a mismatch the latest % swallows one character more. Never goes back further than that.</summary>
    private static bool Matches(string text, (char Character, Wildcard Wildcard)[] pattern)
    {
        var (at, part, star, resume) = (0, 0, -1, 0);
        while (at < text.Length)
        {
            if (part < pattern.Length && pattern[part].Wildcard == Wildcard.AnyText)
                (star, resume) = (part++, at);
            else if (part < pattern.Length && (pattern[part].Wildcard == Wildcard.AnyCharacter || pattern[part].Character == char.ToUpperInvariant(text[at])))
                (at, part) = (at + 1, part + 1);
            else if (star >= 0)
                (at, part) = (++resume, star + 1);
            else
                return false;
        }
        while (part < pattern.Length && pattern[part].Wildcard == Wildcard.AnyText)
            part++;
        return part == pattern.Length;
    }
}
