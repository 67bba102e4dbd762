using System.Text;
using System.Text.Json;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>Several queries in one Composite request, which counts as one API call (REST guide, "Composite"; at most five may be queries).</summary>
internal static class CompositeBody
{
    public static HttpContent Queries(string dataPath, IReadOnlyList<string> soql)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(soql.Count, 5);
        return JsonBody.Write(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("allOrNone", false);
            json.WriteBoolean("collateSubrequests", false);
            json.WriteStartArray("compositeRequest");
            for (var i = 0; i < soql.Count; i++)
            {
                json.WriteStartObject();
                json.WriteString("method", "GET");
                json.WriteString("url", $"{dataPath}/query?q={Uri.EscapeDataString(soql[i])}");
                json.WriteString("referenceId", Reference(i));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>Each query's own answer, in the order they were asked.</summary>
    public static IReadOnlyList<HttpAnswer> Answers(HttpAnswer answer, int count) => WireJson.Read(answer, json =>
    {
        var parts = json.Object().Required("compositeResponse").Items().ToDictionary(
            part => part.Object().Text("referenceId"),
            part => answer with { Status = part.Number("httpStatusCode"), Body = Encoding.UTF8.GetBytes(part.Required("body").GetRawText()) },
            StringComparer.Ordinal);
        return Enumerable.Range(0, count)
            .Select(i => parts.GetValueOrDefault(Reference(i)) ?? throw new FormatException("A part of the answer is missing."))
            .ToList();
    });

    private static string Reference(int i) => FormattableString.Invariant($"q{i}");
}

/// <summary>Writes request bodies.</summary>
internal static class JsonBody
{
    public static HttpContent Write(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }

        var content = new ByteArrayContent(buffer.ToArray());
        content.Headers.ContentType = new("application/json") { CharSet = "utf-8" };
        return content;
    }
}
