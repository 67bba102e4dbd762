using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace TaskSync.Sync.Model;

/// <summary>Texts as they are stored.</summary>
internal static class Texts
{
    /// <summary>A longer text is cut to what its column holds, always in the same way and never within a character, so that it compares equal to itself.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Fit(string? text, int longest) =>
        text is null || text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];

    /// <summary>NUL and half of a character, which not every database stores, become U+FFFD. The same text where there is neither.</summary>
    public static string Storable(string text)
    {
        if (!text.Contains('\0') && IsWellFormed(text))
        {
            return text;
        }

        var cleaned = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            cleaned.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        }

        return cleaned.ToString();
    }

    /// <summary>One line without control characters, which some databases cannot store, and without blanks at its ends; null when nothing is left.</summary>
    public static string? OneLine(string? text) => text is null ? null : NullIfEmpty(WithoutControls(text.ReplaceLineEndings(" "), keep: "").Trim());

    /// <summary>The same with its line ends and tabs.</summary>
    public static string? Lines(string? text) => text is null ? null : NullIfEmpty(WithoutControls(text, keep: "\r\n\t").Trim());

    /// <summary>One line of at most so many characters, for what is shown only; null when nothing is left.</summary>
    public static string? Fitting(string? text, int longest) => Fit(OneLine(text), longest);

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    private static string WithoutControls(string text, string keep) =>
        text.Any(c => char.IsControl(c) && !keep.Contains(c)) ? string.Concat(text.Select(c => char.IsControl(c) && !keep.Contains(c) ? ' ' : c)) : text;

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
