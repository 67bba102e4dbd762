using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce.Wire;

namespace TaskSync.Sync.Salesforce;

/// <summary>Everything that writes tasks, in batches of up to 200 with one outcome per row (REST guide, "sObject Collections").</summary>
internal sealed class TaskWriter(SalesforceGateway gateway, SchemaStore schemas)
{
    /// <summary>Salesforce's limit of one Collections request.</summary>
    public const int MostRows = 200;

    public Task<IReadOnlyList<WriteOutcome>> CreateAsync(Guid connectionId, IReadOnlyList<NewTask> tasks, CancellationToken cancellationToken) =>
        WriteAsync(
            connectionId,
            tasks,
            (task, schema) => task with { Values = task.Values.Only(schema.Createable) },
            task => task.Values.Known,
            async (rows, schema) =>
            {
                var request = Collections(HttpMethod.Post, _ => WriteBody.Creates(rows, TaskColumns.KeyName(schema, schemas.KeyField)));
                var answer = await gateway.SendAsync(connectionId, request, cancellationToken);
                return WriteResults.Read(answer.Http, Writing.Create, rows.Count, schema.Key == KeyPlace.KeyField ? schemas.KeyField : null);
            },
            cancellationToken);

    public Task<IReadOnlyList<WriteOutcome>> UpdateAsync(Guid connectionId, IReadOnlyList<TaskChange> changes, CancellationToken cancellationToken) =>
        WriteAsync(
            connectionId,
            [.. changes.Select(change => change with { Id = SalesforceId.Normalize(change.Id) })],
            (change, schema) => change with { Changes = change.Changes.Only(schema.Updateable) },
            change => change.Changes.Known,
            (rows, _) => UpdateRowsAsync(connectionId, rows, cancellationToken),
            cancellationToken);

    public async Task<IReadOnlyList<WriteOutcome>> DeleteAsync(Guid connectionId, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Count, MostRows);
        if (ids.Count == 0)
        {
            return [];
        }

        var path = $"{schemas.DataPath}/composite/sobjects?ids={string.Join("%2C", ids.Select(SalesforceId.Normalize))}&allOrNone=false";
        var answer = await gateway.SendAsync(connectionId, new ApiRequest(HttpMethod.Delete, path, ApiPurpose.Write), cancellationToken);
        return WriteResults.Read(answer.Http, Writing.Delete, ids.Count, keyName: null);
    }

    public async Task<IReadOnlyList<UndeleteOutcome>> UndeleteAsync(Guid connectionId, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Count, MostRows);
        if (ids.Count == 0)
        {
            return [];
        }

        var wanted = ids.Select(SalesforceId.Normalize).ToList();
        var request = new ApiRequest(HttpMethod.Post, schemas.SoapPath, ApiPurpose.Write)
        {
            Content = session => SoapUndelete.Body(session, wanted),
            ReadFailure = SoapUndelete.Failure,
        };
        return SoapUndelete.Read((await gateway.SendAsync(connectionId, request, cancellationToken)).Http, wanted.Count);
    }

    private async Task<IReadOnlyList<WriteOutcome>> UpdateRowsAsync(Guid connectionId, IReadOnlyList<TaskChange> rows, CancellationToken cancellationToken)
    {
        // A row whose changes may not be written by this user is not sent: even an empty update would run triggers and move stamps.
        var sendable = rows.Where(row => row.Changes.Known != 0).ToList();
        IReadOnlyList<WriteOutcome> sent = [];
        if (sendable.Count > 0)
        {
            var answer = await gateway.SendAsync(connectionId, Collections(HttpMethod.Patch, _ => WriteBody.Updates(sendable)), cancellationToken);
            sent = WriteResults.Read(answer.Http, Writing.Update, sendable.Count, keyName: null);
        }

        using var outcomes = sent.GetEnumerator();
        return [.. rows.Select(row => row.Changes.Known != 0 && outcomes.MoveNext() ? outcomes.Current : NothingToWrite)];
    }

    private static WriteOutcome NothingToWrite { get; } =
        new WriteOutcome.Rejected(new SalesforceError("FIELD_NOT_UPDATABLE", "Salesforce does not let you change any of the changed fields of this task.", []));

    /// <summary>
    /// Leaves out what this user may not write, sends, and sends those rows once more (with fewer fields) that Salesforce refused because a field
    /// has become unwritable since the schema was read.
    /// </summary>
    private async Task<IReadOnlyList<WriteOutcome>> WriteAsync<T>(
        Guid connectionId,
        IReadOnlyList<T> rows,
        Func<T, OrgSchema, T> trim,
        Func<T, TaskFields> fieldsOf,
        Func<IReadOnlyList<T>, OrgSchema, Task<IReadOnlyList<WriteOutcome>>> sendAsync,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Count, MostRows);
        if (rows.Count == 0)
        {
            return [];
        }

        var used = OrgSchema.Default;
        var outcomes = (await schemas.WithSchemaAsync(connectionId, schema => SendAsync(rows, used = schema), cancellationToken)).ToArray();
        int[] again = [.. Enumerable.Range(0, rows.Count).Where(i => outcomes[i] is WriteOutcome.Rejected { Error.Code: var code } && SchemaStore.NamesMissingField(code))];
        if (again.Length > 0 && await schemas.ReadAgainAsync(connectionId, used, cancellationToken) is { } fresh)
        {
            try
            {
                var retried = await SendAsync([.. again.Select(i => rows[i])], fresh);
                for (var i = 0; i < again.Length; i++)
                {
                    outcomes[again[i]] = retried[i];
                }
            }
            catch (SalesforceCallException e) when (e.Failure.NotApplied)
            {
                // What the first call said still holds.
            }
        }

        return outcomes;

        async Task<IReadOnlyList<WriteOutcome>> SendAsync(IReadOnlyList<T> batch, OrgSchema schema)
        {
            List<T> trimmed = [.. batch.Select(row => trim(row, schema))];
            var results = await sendAsync(trimmed, schema);
            return [.. results.Zip(trimmed, (result, row) => result is WriteOutcome.Written written ? written with { Sent = fieldsOf(row) } : result)];
        }
    }

    private ApiRequest Collections(HttpMethod method, Func<SalesforceSession, HttpContent> content) =>
        new(method, $"{schemas.DataPath}/composite/sobjects", ApiPurpose.Write) { Content = content };
}
