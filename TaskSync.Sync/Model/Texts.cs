using System.Diagnostics.CodeAnalysis;

namespace TaskSync.Sync.Model;

/// <summary>Cuts texts.</summary>
internal static class Texts
{
    /// <summary>A longer text is cut to what its column holds, always in the same way and never within a character, so that it compares equal to itself.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Fit(string? text, int longest) =>
        text is null || text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
}
