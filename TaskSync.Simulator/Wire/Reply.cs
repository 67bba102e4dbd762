using System.Buffers;
using System.Text;
using System.Text.Json;
using TaskSync.Simulator.Refusals;

namespace TaskSync.Simulator.Wire;

/// <summary>What is sent back for a request; the body is UTF-8, JSON unless the content type says otherwise, or empty.</summary>
internal sealed record Reply(int Status, ReadOnlyMemory<byte> Body)
{
    public const string JsonType = "application/json;charset=UTF-8";

    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string ContentType { get; init; } = JsonType;
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
    public bool IsSuccess => Status < 400;
    public bool IsCut => Status == 0;
    public string Text => Encoding.UTF8.GetString(Body.Span);

    public static Reply Plain(int status, string text) => new(status, Encoding.UTF8.GetBytes(text)) { ContentType = "text/plain;charset=UTF-8" };

    public static Reply Redirect(string url) => new Reply(302, default).With("Location", url);

    public static Reply NoContent() => new(204, default);

    /// <summary>No answer: the connection is cut.</summary>
    public static Reply Cut() => new(0, default);

    public static Reply Json(int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
            write(json);
        return new Reply(status, buffer.WrittenMemory);
    }

    public static Reply Object(int status, Action<Utf8JsonWriter> members) => Json(status, json =>
    {
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    });

    /// <summary>The error array of the REST API.</summary>
    public static Reply Error(ApiException error) => Json(error.Status, json =>
    {
        json.WriteStartArray();
        WriteError(json, error, "errorCode", false);
        json.WriteEndArray();
    });

    public static void WriteError(Utf8JsonWriter json, ApiException error, string codeName, bool alwaysFields)
    {
        json.WriteStartObject();
        if (alwaysFields)
            json.WriteString(codeName, error.Code);
        json.WriteString("message", error.Message);
        if (!alwaysFields)
            json.WriteString(codeName, error.Code);
        if (alwaysFields || error.Fields.Count > 0)
        {
            json.WriteStartArray("fields");
            foreach (var field in error.Fields)
                json.WriteStringValue(field);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    public Reply With(string header, string value) => this with { Headers = [.. Headers, new(header, value)] };
}
