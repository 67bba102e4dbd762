using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce.Wire;

namespace TaskSync.Sync.Salesforce;

/// <summary>Everything that writes tasks, in batches of up to 200 with one outcome per row (REST guide, "sObject Collections").</summary>
internal sealed class TaskWriter(SalesforceGateway gateway, SchemaStore schemas)
{
    /// <summary>Sends one batch in a call of its own.</summary>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(Caller caller, WriteBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
        {
            return [];
        }

        var used = OrgSchema.Default;
        var outcomes = await schemas.WithSchemaAsync(caller, schema => SendAsync(caller, batch, used = schema, cancellationToken), cancellationToken);
        return await AgainAsync(caller, batch, outcomes, used, cancellationToken);
    }

    public CollectionsRequest RequestFor(WriteBatch batch, OrgSchema schema) => CollectionsRequest.For(batch, schema, schemas.KeyField, schemas.DataPath);

    /// <summary>
    /// Sends those rows once more, with fewer fields, that Salesforce refused because a field has become unwritable, or a value is no longer listed, since the schema was read.
    /// </summary>
    public async Task<IReadOnlyList<WriteOutcome>> AgainAsync(
        Caller caller, WriteBatch batch, IReadOnlyList<WriteOutcome> outcomes, OrgSchema used, CancellationToken cancellationToken)
    {
        int[] again = [.. Enumerable.Range(0, outcomes.Count).Where(i => outcomes[i] is WriteOutcome.Rejected { Error.Code: var code } && ErrorCodes.MayBeOfOldSchema(code))];
        if (again.Length == 0)
        {
            return outcomes;
        }

        var all = outcomes.ToArray();
        try
        {
            if (await schemas.ReadAgainAsync(caller, used, cancellationToken) is not { } fresh)
            {
                return outcomes;
            }

            var retried = await SendAsync(caller, batch.Pick(again), fresh, cancellationToken);
            for (var i = 0; i < again.Length; i++)
            {
                // Where nothing is left to write, the words about the value say more than ours.
                all[again[i]] = retried[i] == CollectionsRequest.NothingToWrite && outcomes[again[i]] is WriteOutcome.Rejected { Error.Code: ErrorCodes.BadPicklistValue }
                    ? outcomes[again[i]] : retried[i];
            }

            return all;
        }
        catch (Exception e) when (e is SyncStoppedException or SalesforceCallException { Failure.NotApplied: true })
        {
            // What the first call said still holds.
            return outcomes;
        }
        catch (SalesforceCallException)
        {
            // Of those that were sent again nobody knows; what the first call said of the others still holds.
            Array.ForEach(again, i => all[i] = new WriteOutcome.Unanswered());
            return all;
        }
    }

    public async Task<IReadOnlyList<UndeleteOutcome>> UndeleteAsync(Caller caller, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Count, SalesforceLimits.RowsPerCollection);
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
        return SoapUndelete.Read((await gateway.SendAsync(caller, request, cancellationToken)).Http, wanted.Count);
    }

    private async Task<IReadOnlyList<WriteOutcome>> SendAsync(Caller caller, WriteBatch batch, OrgSchema schema, CancellationToken cancellationToken)
    {
        var request = RequestFor(batch, schema);
        if (request.Known is { } known)
        {
            return known;
        }

        var call = new ApiRequest(request.Method, request.Path, ApiPurpose.Write) { Content = request.Body is { } body ? _ => JsonBody.Write(body) : null };
        return request.Read((await gateway.SendAsync(caller, call, cancellationToken)).Http);
    }
}
