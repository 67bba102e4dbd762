using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Rest;

/// <summary>One part of a composite request as it was sent, before the references to earlier parts are filled in.</summary>
internal sealed partial record SubRequest(string Method, string Url, string Reference, string? Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The parts this one refers to.</summary>
    public IReadOnlySet<string> DependsOn { get; } =
        References().Matches(Url + " " + Body).Select(match => match.Groups["ref"].Value).ToHashSet(StringComparer.Ordinal);

    /// <summary>Queries and Collections, of which a composite request takes only five.</summary>
    public bool IsQueryOrCollection =>
        Url.Contains("/query", StringComparison.OrdinalIgnoreCase) || Url.Contains("/composite/sobjects", StringComparison.OrdinalIgnoreCase);

    public bool IsRead => Method == "GET" || (Method == "POST" && Url.Contains("/composite/sobjects/", StringComparison.OrdinalIgnoreCase));

    public static SubRequest Read(JsonElement json)
    {
        var method = Text(json, "method");
        var headers = json.TryGetProperty("httpHeaders", out var sent) && sent.ValueKind == JsonValueKind.Object
            ? sent.EnumerateObject().ToDictionary(h => h.Name, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)
            : new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var body = json.TryGetProperty("body", out var content) && content.ValueKind != JsonValueKind.Null ? content.GetRawText() : null;
        return new SubRequest(method.ToUpperInvariant(), Text(json, "url"), Text(json, "referenceId"), body, headers);
    }

    /// <summary>The request with each <c>@{ref.path}</c> replaced by what the earlier part answered.</summary>
    public SubRequest Resolve(IReadOnlyDictionary<string, Reply> answers) => this with
    {
        Url = References().Replace(Url, match => Uri.EscapeDataString(Value(match, answers))),
        Body = Body is null ? null : References().Replace(Body, match => JsonEncodedText.Encode(Value(match, answers)).ToString()),
    };

    public ReadOnlyMemory<byte> BodyBytes => Body is null ? default : Encoding.UTF8.GetBytes(Body);

    private static string Value(Match match, IReadOnlyDictionary<string, Reply> answers)
    {
        var name = match.Groups["ref"].Value;
        var path = match.Groups["path"].Value;
        if (answers.TryGetValue(name, out var answer) && answer.IsSuccess && !answer.Body.IsEmpty)
        {
            JsonElement? at = JsonElement.Parse(answer.Body.Span);
            foreach (Match step in Steps().Matches(path))
                at = step.Groups["index"].Success ? Element(at, int.Parse(step.Groups["index"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture)) : Member(at, step.Groups["name"].Value);
            if (at is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Array) } found)
                return found.ToString();
        }
        throw new ApiException(400, "PROCESSING_HALTED", $"Invalid reference specified. No value for {name}{path} found in {name}");
    }

    private static JsonElement? Member(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out var member) ? member : null;

    private static JsonElement? Element(JsonElement? json, int index) =>
        json is { ValueKind: JsonValueKind.Array } a && index < a.GetArrayLength() ? a[index] : null;

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()!
            : throw Errors.Json($"The {name} of a subrequest is missing at [line:1, column:1]");

    [GeneratedRegex(@"@\{(?<ref>[A-Za-z]\w*)(?<path>(?:\[\d+\]|\.\w+)*)\}")]
    private static partial Regex References();

    [GeneratedRegex(@"\[(?<index>\d+)\]|\.(?<name>\w+)")]
    private static partial Regex Steps();
}
