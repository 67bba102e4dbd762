using System.Text.RegularExpressions;

namespace TaskSync.Simulator.Rest;

/// <summary>Reads the address of a REST request.</summary>
internal static partial class RequestTarget
{
    /// <summary>A part of a composite request as a request of its own, with the writes of the whole.</summary>
    public static ApiRequest For(ApiRequest whole, string method, string url, IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body)
    {
        var question = url.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? url : url[..question];
        var match = DataPath().Match(path);
        if (!match.Success)
            throw Errors.NotFound();
        return whole with
        {
            Method = method,
            Version = match.Groups["version"].Value,
            Path = Segments(match.Groups["rest"].Value),
            Query = question < 0 ? new Dictionary<string, string>() : Parameters(url[(question + 1)..]),
            Headers = headers,
            Body = body,
        };
    }

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
