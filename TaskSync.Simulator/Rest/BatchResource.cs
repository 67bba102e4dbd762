using System.Text;
using System.Text.Json;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Rest;

/// <summary><c>/composite/batch</c>: up to 25 independent requests, one after the other. Each counts as an API call of its own.</summary>
internal sealed class BatchResource(Func<ApiRequest, Reply> dispatch)
{
    private const int MaxParts = 25;

    public static int CallsIn(ApiRequest request)
    {
        try
        {
            return request.JsonObject().TryGetProperty("batchRequests", out var list) && list.ValueKind == JsonValueKind.Array ? Math.Max(1, list.GetArrayLength()) : 1;
        }
        catch (ApiException)
        {
            return 1;
        }
    }

    public Reply Run(ApiRequest request)
    {
        var body = request.JsonObject();
        if (!body.TryGetProperty("batchRequests", out var list) || list.ValueKind != JsonValueKind.Array)
            throw Errors.Json("batchRequests are expected at [line:1, column:1]");
        if (list.GetArrayLength() > MaxParts)
            throw Errors.TooMany("batchRequests", MaxParts);
        var haltOnError = body.TryGetProperty("haltOnError", out var flag) && flag.ValueKind == JsonValueKind.True;
        List<Reply> answers = [];
        foreach (var part in list.EnumerateArray())
            answers.Add(haltOnError && answers.Exists(answer => !answer.IsSuccess)
                ? Reply.Error(new ApiException(412, "BATCH_PROCESSING_HALTED", "Batch processing halted because of failure"))
                : Answer(request, part));
        return Reply.Object(200, json =>
        {
            json.WriteBoolean("hasErrors", answers.Exists(answer => !answer.IsSuccess));
            json.WriteStartArray("results");
            foreach (var answer in answers)
            {
                json.WriteStartObject();
                json.WriteNumber("statusCode", answer.Status);
                json.WritePropertyName("result");
                CompositeResource.WriteBody(json, answer);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }

    private Reply Answer(ApiRequest request, JsonElement part)
    {
        try
        {
            var method = part.TryGetProperty("method", out var m) ? m.ToString().ToUpperInvariant() : "GET";
            var url = part.TryGetProperty("url", out var u) ? u.ToString() : "";
            var input = part.TryGetProperty("richInput", out var rich) ? Encoding.UTF8.GetBytes(rich.GetRawText()) : [];
            return dispatch(request.Part(method, url, new Dictionary<string, string>(), input));
        }
        catch (ApiException error)
        {
            return Reply.Error(error);
        }
    }
}
