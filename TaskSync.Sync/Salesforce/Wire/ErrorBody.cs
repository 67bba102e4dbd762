using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>Salesforce's error shapes: an array of errors for a call, an object for OAuth, errors within an item of a collection.</summary>
internal static partial class ErrorBody
{
    /// <summary>The failure that an unsuccessful REST answer stands for. Only Salesforce's own array with a 4xx means "not applied" (S5).</summary>
    public static CallFailure Of(HttpAnswer answer) => Read(answer) with { RetryAfter = answer.RetryAfter };

    private static CallFailure Read(HttpAnswer answer)
    {
        if (answer.Status is >= 300 and <= 399)
        {
            return new CallFailure(
                FailureClass.Other, FailureCodes.UnexpectedRedirect, "Salesforce answered with a redirect, which is not followed with a token.", answer.Status, NotApplied: false);
        }

        if (WireJson.TryRead(answer.Body, ReadArray, out var errors))
        {
            var error = One(errors);

            // A request that was stopped for running too long may have done its work: looked up like any unknown outcome.
            var notApplied = answer.Status is >= 400 and <= 499 && error.Code != ErrorCodes.RequestRunningTooLong;
            return new CallFailure(SalesforceErrors.For(error.Code, error.Message).Class, error.Code, error.Message, answer.Status, notApplied);
        }

        var code = FailureCodes.Http(answer.Status);
        return new CallFailure(
            SalesforceErrors.For(code).Class, code, $"Salesforce answered with HTTP status {answer.Status} and no explanation that TaskSync can read.", answer.Status, NotApplied: false);
    }

    /// <summary>The errors of one item of a collection, as one. The item names them statusCode or errorCode.</summary>
    public static SalesforceError OfItem(JsonElement item) =>
        ReadArray(item.Required("errors")) is { } errors ? One(errors) : throw new FormatException("An item without success names no error.");

    /// <summary>A code is a word, so that it may be logged and stored; anything else is no error of Salesforce's.</summary>
    public static string Code(string text) => Word().IsMatch(text) ? text : throw new FormatException("An error code was expected.");

    /// <summary>Several errors of one row become one: the code of the first, the words and fields of all.</summary>
    private static SalesforceError One(List<SalesforceError> errors) => errors.Count == 1
        ? errors[0]
        : new SalesforceError(
            errors[0].Code,
            string.Join('\n', errors.Select(e => e.Code == errors[0].Code ? e.Message : $"{e.Code}: {e.Message}")),
            [.. errors.SelectMany(e => e.Fields).Distinct(StringComparer.OrdinalIgnoreCase)]);

    private static List<SalesforceError>? ReadArray(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() == 0)
        {
            return null;
        }

        return [.. element.EnumerateArray().Select(ReadOne)];
    }

    private static SalesforceError ReadOne(JsonElement error)
    {
        var code = Code(error.Object().OptionalText("errorCode") ?? error.Text("statusCode"));
        var fields = error.TryGetProperty("fields", out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!).ToArray()
            : [];
        return new SalesforceError(code, error.OptionalText("message") ?? code, fields);
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]{0,99}\z")]
    private static partial Regex Word();
}
