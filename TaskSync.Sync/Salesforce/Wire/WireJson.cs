using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>
/// Strict reading of JSON from outside. Whatever is not as promised is a <see cref="FormatException"/> or <see cref="JsonException"/>,
/// which <see cref="Read"/> turns into one refusal of the whole answer.
/// </summary>
internal static partial class WireJson
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 24, AllowDuplicateProperties = false };

    private static readonly string[] InstantFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.fffzzz", // as REST writes it: +0000, without a colon
        "yyyy-MM-dd'T'HH:mm:sszzz",
        "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
        "yyyy-MM-dd'T'HH:mm:ss'Z'",
    ];

    /// <summary>Reads a whole body or refuses it as UNREADABLE_ANSWER: what was asked for may have been applied.</summary>
    /// <exception cref="SalesforceCallException">The body is not what the API promises.</exception>
    public static T Read<T>(HttpAnswer answer, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body, Strict);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or OverflowException or ArgumentException)
        {
            throw Unreadable(answer, e);
        }
    }

    public static SalesforceCallException Unreadable(HttpAnswer answer, Exception? inner = null) => new(
        new CallFailure(
            FailureClass.Intermittent, FailureCodes.UnreadableAnswer, "Salesforce's answer could not be understood; it was refused as a whole.", answer.Status, NotApplied: false),
        inner);

    /// <summary>Reads a body that may be anything; false when it is no JSON.</summary>
    public static bool TryRead<T>(byte[] body, Func<JsonElement, T?> read, [NotNullWhen(true)] out T? value)
        where T : class
    {
        value = null;
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            value = read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // Not JSON, or not the JSON we know: the caller says what that means.
        }

        return value is not null;
    }

    public static JsonElement Object(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element : throw new FormatException("An object was expected.");

    public static JsonElement.ArrayEnumerator Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : throw new FormatException("An array was expected.");

    public static JsonElement Required(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value : throw new FormatException($"{name} is missing.");

    /// <summary>Text that has to be there.</summary>
    public static string Text(this JsonElement element, string name) =>
        element.OptionalText(name) is { Length: > 0 } text ? text : throw new FormatException($"{name} is missing.");

    /// <summary>Text, or null when absent, null or empty. Half a surrogate pair in it, which is no character, is read as U+FFFD: people write such text. So is NUL, which not every database stores.</summary>
    public static string? OptionalText(this JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.String ? Whole(value) : throw new FormatException($"{name} is no text.");
        return text!.Length == 0 ? null : text.Replace('\0', '\uFFFD');
    }

    public static bool Flag(this JsonElement element, string name) => element.Required(name).GetBoolean();

    /// <summary>False when absent.</summary>
    public static bool OptionalFlag(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.GetBoolean();

    public static int Number(this JsonElement element, string name) => element.Required(name).GetInt32();

    public static string Id(this JsonElement element, string name) => SalesforceId.Normalize(element.Text(name));

    public static DateTimeOffset Instant(this JsonElement element, string name) => Instant(element.Text(name));

    public static DateTimeOffset? OptionalInstant(this JsonElement element, string name) =>
        element.OptionalText(name) is { } text ? Instant(text) : null;

    private static DateTimeOffset Instant(string text) =>
        DateTimeOffset.ParseExact(text, InstantFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    private static string? Whole(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            var json = Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(text));
            return JsonSerializer.Deserialize<string>(Escapes().Replace(json, match => match.Groups["half"].Success ? "\\uFFFD" : match.Value));
        }
    }

    [GeneratedRegex(@"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.")]
    private static partial Regex Escapes();
}
