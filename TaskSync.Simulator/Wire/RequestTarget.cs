using System.Text.RegularExpressions;

namespace TaskSync.Simulator.Wire;

/// <summary>Reads the address of a REST request.</summary>
internal static partial class RequestTarget
{
    /// <summary>Version and the rest of a path like <c>/services/data/v66.0/sobjects/Task</c>; null when it is not one.</summary>
    public static (string Version, string Below)? Parse(string path) =>
        DataPath().Match(path) is { Success: true } match ? (match.Groups["version"].Value, match.Groups["rest"].Value) : null;

    public static string[] Segments(string path) =>
        [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];

    public static Dictionary<string, string> Parameters(string query) =>
        query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .GroupBy(pair => Decode(pair[0]), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First() is [_, var value] ? Decode(value) : "", StringComparer.OrdinalIgnoreCase);

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    [GeneratedRegex(@"^(?:/services/data)?/?v(?<version>\d{1,3}\.\d)(?<rest>/.*)?$")]
    private static partial Regex DataPath();
}
