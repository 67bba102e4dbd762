using System.Text.Json;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Rest;

/// <summary>One REST request below <c>/services/data/vXX.0</c>: it came over HTTP or as a part of a composite request.</summary>
internal sealed record ApiRequest
{
    /// <summary>GET, POST, PATCH or DELETE, after <c>_HttpMethod</c> was honoured.</summary>
    public required string Method { get; init; }

    /// <summary>Decoded path segments after the version, without empty ones: <c>sobjects</c>, <c>Task</c>, …</summary>
    public required string[] Path { get; init; }

    /// <summary>The API version, like "66.0".</summary>
    public required string Version { get; init; }

    public required IReadOnlyDictionary<string, string> Query { get; init; }
    public required IReadOnlyDictionary<string, string> Headers { get; init; }
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Who asks.</summary>
    public required Viewer Viewer { get; init; }

    /// <summary>Where the request's writes go; shared by the parts of a composite request.</summary>
    public required OrgTransaction Transaction { get; init; }

    /// <summary>What faults have in store for this HTTP request.</summary>
    public required Exchange Exchange { get; init; }

    public int MajorVersion => int.Parse(Version.AsSpan(0, Version.IndexOf('.', StringComparison.Ordinal)), System.Globalization.CultureInfo.InvariantCulture);

    public string? Parameter(string name) => Query.GetValueOrDefault(name);

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>A part of this composite request as a request of its own, with the writes of the whole.</summary>
    public ApiRequest Part(string method, string url, IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body)
    {
        var question = url.IndexOf('?', StringComparison.Ordinal);
        var target = RequestTarget.Parse(question < 0 ? url : url[..question]) ?? throw Errors.NotFound();
        return this with
        {
            Method = method,
            Version = target.Version,
            Path = RequestTarget.Segments(target.Below),
            Query = question < 0 ? new Dictionary<string, string>() : RequestTarget.Parameters(url[(question + 1)..]),
            Headers = headers,
            Body = body,
        };
    }

    /// <summary>The body as a JSON object, or JSON_PARSER_ERROR.</summary>
    public JsonElement JsonObject()
    {
        try
        {
            var json = JsonElement.Parse(Body.Span);
            return json.ValueKind == JsonValueKind.Object ? json : throw Errors.Json("Unexpected character: an object was expected at [line:1, column:1]");
        }
        catch (JsonException e)
        {
            throw Errors.Json($"Unexpected character at [line:{(e.LineNumber ?? 0) + 1}, column:{(e.BytePositionInLine ?? 0) + 1}]");
        }
    }
}
