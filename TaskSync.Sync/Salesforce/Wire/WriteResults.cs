using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>What was asked for, since one code means different things.</summary>
internal enum Writing
{
    Create,
    Update,
    Delete,
}

/// <summary>Reads the item results of sObject Collections. Salesforce's own error in an item means that this row was not applied.</summary>
internal static partial class WriteResults
{
    /// <summary>One outcome per row sent, in order. A list of another length says nothing about any row: unknown.</summary>
    /// <param name="answer">Of the whole call.</param>
    /// <param name="writing">What was asked for.</param>
    /// <param name="count">How many rows were sent.</param>
    /// <param name="keyName">The unique field that keys were written to, null when keys are not unique.</param>
    public static IReadOnlyList<WriteOutcome> Read(HttpAnswer answer, Writing writing, int count, string? keyName) => WireJson.Read(answer, json =>
    {
        var outcomes = json.Items().Select(item => ReadItem(item, writing, keyName)).ToList();
        return outcomes.Count == count ? outcomes : throw new FormatException("The results are not as many as the rows.");
    });

    private static WriteOutcome ReadItem(JsonElement item, Writing writing, string? keyName) => item.Object().Flag("success")
        ? new WriteOutcome.Written(TaskRows.TaskId(item.Id("id")))
        : OutcomeOf(ErrorBody.OfItem(item), writing, keyName);

    private static WriteOutcome OutcomeOf(SalesforceError error, Writing writing, string? keyName) => writing switch
    {
        Writing.Create when error.Code == ErrorCodes.DuplicateValue && ExistingId(error, keyName) is { } id => new WriteOutcome.Duplicate(id, error),
        Writing.Update or Writing.Delete when IsGone(error) => new WriteOutcome.Gone(error),
        _ when SalesforceErrors.For(error.Code, error.Message) is { Class: FailureClass.Intermittent } => new WriteOutcome.Deferred(error),
        _ => new WriteOutcome.Rejected(error),
    };

    /// <summary>The row itself is gone; a field that is named means a record the task refers to.</summary>
    private static bool IsGone(SalesforceError error) =>
        error.Code is ErrorCodes.EntityIsDeleted or ErrorCodes.InvalidCrossReferenceKey or ErrorCodes.NotFound
        && error.Fields.All(field => field.Equals("Id", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The id that the (localised) message names, if it is about our key: another unique field of the org may clash too, and its row is not ours.
    /// </summary>
    private static string? ExistingId(SalesforceError error, string? keyName)
    {
        if (keyName is null)
        {
            return null;
        }

        var fields = CustomField().Matches(error.Message).Select(match => match.Value).Concat(error.Fields).ToList();
        var isOurKey = fields.Count == 0 || fields.Contains(keyName, StringComparer.OrdinalIgnoreCase);
        return isOurKey && TaskId().Match(error.Message) is { Success: true } match && SalesforceId.TryNormalize(match.Value, out var id) ? id : null;
    }

    [GeneratedRegex("00T[0-9A-Za-z]{12,15}")]
    private static partial Regex TaskId();

    [GeneratedRegex(@"\b[A-Za-z]\w*__c\b")]
    private static partial Regex CustomField();
}
