using System.Globalization;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Rest;

/// <summary>The list of versions, the list of resources and the limits.</summary>
internal static class OverviewResource
{
    private const int OldestVersion = 50;
    private const int NewestVersion = 68;

    /// <summary>Release 264, Winter '27, is version 68.0; three releases a year before it.</summary>
    private const int WinterOf27 = 68;

    private static readonly string[] Seasons = ["Winter", "Summer", "Spring"];

    private static readonly string[] Names = ["sobjects", "query", "queryAll", "composite", "limits"];

    public static bool Supports(string version) =>
        version.EndsWith(".0", StringComparison.Ordinal) && int.TryParse(version.AsSpan(0, version.Length - 2), CultureInfo.InvariantCulture, out var major) && major is >= 31 and <= NewestVersion;

    public static Reply Versions() => Reply.Json(200, json =>
    {
        json.WriteStartArray();
        for (var version = OldestVersion; version <= NewestVersion; version++)
        {
            var back = WinterOf27 - version;
            var year = 27 - (back + 2) / 3;
            json.WriteStartObject();
            json.WriteString("label", string.Create(CultureInfo.InvariantCulture, $"{Seasons[back % 3]} '{year:00}"));
            json.WriteString("url", string.Create(CultureInfo.InvariantCulture, $"/services/data/v{version}.0"));
            json.WriteString("version", string.Create(CultureInfo.InvariantCulture, $"{version}.0"));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    public static Reply Resources(ApiRequest request) => Reply.Object(200, json =>
    {
        foreach (var name in Names)
            json.WriteString(name, $"/services/data/v{request.Version}/{name}");
        json.WriteString("identity", "/services/oauth2/userinfo");
    });

    public static Reply Limits(ApiUsage usage) => Reply.Object(200, json =>
    {
        (string Name, int Max, int Remaining)[] limits =
        [
            ("DailyApiRequests", usage.Limit, Math.Max(0, usage.Limit - usage.Used)),
            ("DailyBulkApiBatches", 15_000, 15_000),
            ("DailyStreamingApiEvents", 200_000, 200_000),
            ("DataStorageMB", 1024, 1000),
            ("FileStorageMB", 1024, 1024),
        ];
        foreach (var (name, max, remaining) in limits)
        {
            json.WriteStartObject(name);
            json.WriteNumber("Max", max);
            json.WriteNumber("Remaining", remaining);
            json.WriteEndObject();
        }
    });
}
