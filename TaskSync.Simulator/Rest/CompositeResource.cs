using System.Text.Json;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Rest;

/// <summary><c>/composite</c>: up to 25 dependent requests in one API call, at most five of them queries or Collections.</summary>
internal sealed class CompositeResource(Platform platform, Func<ApiRequest, Reply> dispatch)
{
    private const int MaxParts = 25;
    private const int MaxQueriesAndCollections = 5;

    public Reply Run(ApiRequest request)
    {
        var body = request.JsonObject();
        var parts = Parts(body);
        var allOrNone = Flag(body, "allOrNone", false);
        var collate = Flag(body, "collateSubrequests", request.MajorVersion >= 49);
        var mark = request.Transaction.Mark;
        var answers = new Dictionary<string, Reply>(StringComparer.Ordinal);
        foreach (var part in Order(parts, collate))
        {
            var answer = Answer(request, part, answers);
            answers.Add(part.Reference, answer);
            if (answer.IsSuccess || !allOrNone)
                continue;
            request.Transaction.RollBack(mark);
            Halt(parts, answers, part.Reference);
            break;
        }
        return Combine(parts, answers);
    }

    /// <summary>
    /// The order of execution. Without collating it is the order sent. With it Salesforce promises no order beyond that of references,
    /// and the simulator makes use of that: reads of a round come before its writes.
    /// </summary>
    private List<SubRequest> Order(List<SubRequest> parts, bool collate)
    {
        if (!collate || !platform.Options.Readings.CollatedQueriesRunFirst)
            return parts;
        var waiting = new List<SubRequest>(parts);
        var done = new HashSet<string>(StringComparer.Ordinal);
        var ordered = new List<SubRequest>();
        while (waiting.Count > 0)
        {
            var ready = waiting.Where(part => part.DependsOn.All(name => done.Contains(name) || waiting.TrueForAll(w => w.Reference != name))).ToList();
            if (ready.Count == 0)
                ready = waiting;
            ordered.AddRange(ready.OrderByDescending(part => part.IsRead));
            done.UnionWith(ready.Select(part => part.Reference));
            waiting = [.. waiting.Except(ready)];
        }
        return ordered;
    }

    private Reply Answer(ApiRequest request, SubRequest part, Dictionary<string, Reply> answers)
    {
        try
        {
            var resolved = part.Resolve(answers);
            return dispatch(request.Part(resolved.Method, resolved.Url, resolved.Headers, resolved.BodyBytes));
        }
        catch (ApiException error)
        {
            return Reply.Error(error);
        }
    }

    /// <summary>After a failure under allOrNone every other part says that it was taken back.</summary>
    private static void Halt(List<SubRequest> parts, Dictionary<string, Reply> answers, string failed)
    {
        var halted = Reply.Error(new ApiException(400, "PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed."));
        foreach (var part in parts)
            if (part.Reference != failed)
                answers[part.Reference] = halted;
    }

    private static Reply Combine(List<SubRequest> parts, Dictionary<string, Reply> answers) => Reply.Object(200, json =>
    {
        json.WriteStartArray("compositeResponse");
        foreach (var part in parts)
        {
            var answer = answers[part.Reference];
            json.WriteStartObject();
            json.WritePropertyName("body");
            WriteBody(json, answer);
            json.WriteStartObject("httpHeaders");
            foreach (var (name, value) in answer.Headers)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteNumber("httpStatusCode", answer.Status);
            json.WriteString("referenceId", part.Reference);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    public static void WriteBody(Utf8JsonWriter json, Reply answer)
    {
        if (answer.Body.IsEmpty)
            json.WriteNullValue();
        else
            json.WriteRawValue(answer.Body.Span, skipInputValidation: true);
    }

    private static List<SubRequest> Parts(JsonElement body)
    {
        if (!body.TryGetProperty("compositeRequest", out var list) || list.ValueKind != JsonValueKind.Array)
            throw Errors.Json("A compositeRequest is expected at [line:1, column:1]");
        if (list.GetArrayLength() > MaxParts)
            throw Errors.TooMany("compositeRequest subrequests", MaxParts);
        var parts = list.EnumerateArray().Select(SubRequest.Read).ToList();
        if (parts.Count(part => part.IsQueryOrCollection) > MaxQueriesAndCollections)
            throw Errors.TooMany("query and sObject Collections subrequests", MaxQueriesAndCollections);
        if (parts.Select(part => part.Reference).Distinct(StringComparer.Ordinal).Count() < parts.Count)
            throw Errors.Json("Each subrequest needs a referenceId of its own at [line:1, column:1]");
        return parts;
    }

    private static bool Flag(JsonElement body, string name, bool otherwise) =>
        body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : otherwise;
}
