using System.Text;
using System.Text.Json;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>One part of a Composite request.</summary>
/// <param name="Method">The verb.</param>
/// <param name="Url">Path and query, beginning with /services/data/; up to 100,000 characters of SOQL, since it travels in the body.</param>
/// <param name="Body">Writes the body; null for none.</param>
internal sealed record CompositePart(string Method, string Url, Action<Utf8JsonWriter>? Body = null);

/// <summary>
/// Several requests in one Composite request, which counts as one API call (REST guide, "Composite"; at most five may be queries or Collections). They run
/// in the order given (collateSubrequests is false), and one that fails leaves the others alone (allOrNone is false).
/// </summary>
internal static class CompositeBody
{
    public static HttpContent Write(IReadOnlyList<CompositePart> parts)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts.Count, SalesforceLimits.PartsPerComposite);
        return JsonBody.Write(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("allOrNone", false);
            json.WriteBoolean("collateSubrequests", false);
            json.WriteStartArray("compositeRequest");
            for (var i = 0; i < parts.Count; i++)
            {
                json.WriteStartObject();
                json.WriteString("method", parts[i].Method);
                json.WriteString("url", parts[i].Url);
                json.WriteString("referenceId", Reference(i));
                if (parts[i].Body is { } write)
                {
                    json.WritePropertyName("body");
                    write(json);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>Each part's own answer, in the order they were asked. An answer without one of them is refused as a whole.</summary>
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

    private static string Reference(int i) => FormattableString.Invariant($"r{i}");
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
