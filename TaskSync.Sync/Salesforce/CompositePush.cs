using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce.Wire;

namespace TaskSync.Sync.Salesforce;

/// <summary>Sends a <see cref="PushCall"/>: one Composite request, which is one API call (REST guide, "Composite").</summary>
internal sealed class CompositePush(SalesforceGateway gateway, SchemaStore schemas, TaskReader reader, TaskWriter writer)
{
    public async Task<PushAnswer> SendAsync(Caller caller, PushCall call, CancellationToken cancellationToken)
    {
        var schema = await schemas.CurrentAsync(caller, cancellationToken);
        var requests = call.Writes.Select(batch => writer.RequestFor(batch, schema)).ToList();
        var parts = new List<CompositePart>();
        var read = Add(parts, call.Read is null ? null : reader.Part(schema, call.Read));
        var writes = requests.ConvertAll(request => Add(parts, request.Known is null ? new CompositePart(request.Method.Method, request.Path, request.Body) : null));
        var poll = Add(parts, call.Poll is null ? null : reader.Part(schema, call.Poll));

        var answer = await gateway.SendAsync(
            caller, new ApiRequest(HttpMethod.Post, $"{schemas.DataPath}/composite", ApiPurpose.Write) { Content = _ => CompositeBody.Write(parts) }, cancellationToken);
        var answers = CompositeBody.Answers(answer.Http, parts.Count);
        var outcomes = new List<PartAnswer>();
        for (var i = 0; i < requests.Count; i++)
        {
            outcomes.Add(await OutcomeAsync(caller, call.Writes[i], requests[i], writes[i] is { } at ? answers[at] : null, schema, cancellationToken));
        }

        return new PushAnswer(
            await PageAsync(caller, read is { } r ? answer with { Http = answers[r] } : null, schema, cancellationToken),
            outcomes,
            await PageAsync(caller, poll is { } p ? answer with { Http = answers[p] } : null, schema, cancellationToken));
    }

    private static int? Add(List<CompositePart> parts, CompositePart? part)
    {
        if (part is null)
        {
            return null;
        }

        parts.Add(part);
        return parts.Count - 1;
    }

    /// <summary>A part that was refused says nothing of the others; one that cannot be read leaves its own rows unknown, and only those.</summary>
    private async Task<PartAnswer> OutcomeAsync(
        Caller caller, WriteBatch batch, CollectionsRequest request, HttpAnswer? answer, OrgSchema schema, CancellationToken cancellationToken)
    {
        try
        {
            return answer is { IsSuccess: false }
                ? new PartAnswer(null, ErrorBody.Of(answer))
                : new PartAnswer(await writer.AgainAsync(caller, batch, request.Known ?? request.Read(answer!), schema, cancellationToken), null);
        }
        catch (SalesforceCallException e)
        {
            return new PartAnswer(null, e.Failure);
        }
    }

    private async Task ReadSchemaAgainAsync(Caller caller, OrgSchema schema, CancellationToken cancellationToken)
    {
        try
        {
            await schemas.ReadAgainAsync(caller, schema, cancellationToken);
        }
        catch (SyncStoppedException)
        {
            // The writes of this request were carried out: what became of them has to be recorded.
        }
    }

    /// <summary>Null where the query itself failed: the writes beside it count all the same, and the read is made by itself next time.</summary>
    private async Task<TaskPage?> PageAsync(Caller caller, ApiAnswer? answer, OrgSchema schema, CancellationToken cancellationToken)
    {
        if (answer is null)
        {
            return null;
        }

        try
        {
            return answer.Http.IsSuccess ? reader.Page(answer, schema) : throw new SalesforceCallException(ErrorBody.Of(answer.Http));
        }
        catch (SalesforceCallException e)
        {
            if (e.Failure.NamesMissingField)
            {
                await ReadSchemaAgainAsync(caller, schema, cancellationToken);
            }

            return null;
        }
    }
}
