using System.Text.Json;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce.Wire;

namespace TaskSync.Sync.Salesforce;

/// <summary>One sObject Collections request, to be sent by itself or as a part of a Composite request.</summary>
/// <param name="Method">The verb.</param>
/// <param name="Path">Path and query, beginning with /services/data/.</param>
/// <param name="Body">Writes the body; null for none.</param>
/// <param name="Read">One outcome per row of the batch, in order, from the answer to this request.</param>
internal sealed record CollectionsRequest(HttpMethod Method, string Path, Action<Utf8JsonWriter>? Body, Func<HttpAnswer, IReadOnlyList<WriteOutcome>> Read)
{
    /// <summary>The outcome of a row of which nothing may be written.</summary>
    public static readonly WriteOutcome NothingToWrite =
        new WriteOutcome.Rejected(new SalesforceError("FIELD_NOT_UPDATABLE", "Salesforce does not let you change any of the changed fields of this task.", []));

    /// <summary>What is known without asking: set when no row has anything that this user may write, and nothing is sent then.</summary>
    public IReadOnlyList<WriteOutcome>? Known { get; private init; }

    /// <summary>The request for a batch, without the fields this user may not write and without values that the org cannot hold.</summary>
    /// <param name="batch">At most 200 rows.</param>
    /// <param name="schema">What the user may write, and where keys go.</param>
    /// <param name="keyField">The configured key field.</param>
    /// <param name="dataPath">/services/data/vNN.0</param>
    public static CollectionsRequest For(WriteBatch batch, OrgSchema schema, string keyField, string dataPath)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch.Count, SalesforceLimits.RowsPerCollection);
        return batch switch
        {
            WriteBatch.Creates creates => Creates(creates, schema, keyField, dataPath),
            WriteBatch.Updates updates => Updates(updates, schema, dataPath),
            WriteBatch.Deletes deletes => Deletes(deletes, dataPath),
            _ => throw new ArgumentOutOfRangeException(nameof(batch)),
        };
    }

    private static CollectionsRequest Creates(WriteBatch.Creates batch, OrgSchema schema, string keyField, string dataPath)
    {
        var rows = batch.Tasks.Select(task => task with { Values = task.Values.Only(schema.Createable & schema.Holdable(task.Values)) }).ToList();
        return new CollectionsRequest(
            HttpMethod.Post,
            $"{dataPath}/composite/sobjects",
            WriteBody.Creates(rows, TaskColumns.KeyName(schema, keyField)),
            answer => [.. WriteResults.Read(answer, Writing.Create, rows.Count, schema.Key == KeyPlace.KeyField ? keyField : null)
                .Zip(rows, (outcome, row) => WithSent(outcome, row.Values.Known))]);
    }

    private static CollectionsRequest Updates(WriteBatch.Updates batch, OrgSchema schema, string dataPath)
    {
        var rows = batch.Changes.Select(change => new TaskChange(SalesforceId.Normalize(change.Id), change.Changes.Only(schema.Updateable & schema.Holdable(change.Changes)))).ToList();

        // A row whose changes may not be written by this user is not sent: even an empty update would run triggers and move stamps.
        var sendable = rows.Where(row => row.Changes.Known != 0).ToList();
        return new CollectionsRequest(HttpMethod.Patch, $"{dataPath}/composite/sobjects", WriteBody.Updates(sendable), answer =>
        {
            using var outcomes = WriteResults.Read(answer, Writing.Update, sendable.Count, keyName: null).GetEnumerator();
            return [.. rows.Select(row => row.Changes.Known != 0 && outcomes.MoveNext() ? WithSent(outcomes.Current, row.Changes.Known) : NothingToWrite)];
        })
        { Known = sendable.Count == 0 ? [.. rows.Select(_ => NothingToWrite)] : null };
    }

    private static CollectionsRequest Deletes(WriteBatch.Deletes batch, string dataPath) => new(
        HttpMethod.Delete,
        $"{dataPath}/composite/sobjects?ids={string.Join("%2C", batch.Ids.Select(SalesforceId.Normalize))}&allOrNone=false",
        null,
        answer => WriteResults.Read(answer, Writing.Delete, batch.Count, keyName: null));

    private static WriteOutcome WithSent(WriteOutcome outcome, TaskFields sent) => outcome is WriteOutcome.Written written ? written with { Sent = sent } : outcome;
}
