using System.Text.Json;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Soql;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Rest;

/// <summary><c>/composite/sobjects</c>: up to 200 records a call, each with its own result in the order of the request.</summary>
internal sealed class CollectionsResource(Platform platform, RowOperations rows)
{
    private const int MaxRecords = 200;
    private const int MaxRetrieved = 2000;
    private const int MaxChunks = 10;

    public Reply Create(ApiRequest request) => Save(request, (type, record) =>
        (rows.Create(request, type, record).Id, (bool?)null));

    public Reply Update(ApiRequest request) => Save(request, (type, record) =>
        (rows.Update(request, type, RecordBody.Text(record, "Id"), record).Id, null));

    public Reply Upsert(ApiRequest request, ObjectType type, string keyName)
    {
        var key = RowOperations.ExternalId(type, request.Viewer, keyName);
        var records = Records(request.JsonObject());
        var twice = records.Select(r => RecordBody.Text(r, key.Name)).Where(value => value is not null)
            .GroupBy(value => value!, key.CaseSensitive ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet();
        return Save(request, (_, record) => UpsertOne(request, type, key, record, twice));
    }

    public Reply Delete(ApiRequest request)
    {
        var ids = Texts(request.Parameter("ids"));
        DemandSize(ids.Length);
        var allOrNone = string.Equals(request.Parameter("allOrNone"), "true", StringComparison.OrdinalIgnoreCase);
        return Each(request, allOrNone, ids, id =>
        {
            var type = platform.Store.Schema.OfId(id) ?? throw new ApiException(400, "MALFORMED_ID", $"malformed id {id}");
            rows.Delete(request, type, id);
            return (SalesforceId.TryNormalize(id, out var full) ? full : id, null);
        });
    }

    /// <summary>Exactly one slot per id: null for what is deleted, invisible or no id at all.</summary>
    public Reply Retrieve(ApiRequest request, ObjectType type)
    {
        var (ids, fields) = request.Method == "GET"
            ? (Texts(request.Parameter("ids")), Texts(request.Parameter("fields")))
            : (Texts(request.JsonObject(), "ids"), Texts(request.JsonObject(), "fields"));
        if (ids.Length > MaxRetrieved)
            throw Errors.TooMany("ids", MaxRetrieved);
        var selected = fields.Select(name => request.Viewer.Find(type, name) ?? throw Errors.UnknownField(name, type.Name)).DistinctBy(f => f.Name).ToList();
        var projection = new Projection(platform.Store, selected.Select(f => FieldPath.Bind(platform.Store, request.Viewer, type, new FieldName([f.Name], 0), null, "")));
        return Reply.Json(200, json =>
        {
            json.WriteStartArray();
            foreach (var id in ids)
                if (SalesforceId.TryNormalize(id, out var full) && platform.Store[type].Find(full) is { IsDeleted: false } row && request.Viewer.Sees(row))
                    projection.Write(json, row, request.Version);
                else
                    json.WriteNullValue();
            json.WriteEndArray();
        });
    }

    private (string Id, bool? Created) UpsertOne(ApiRequest request, ObjectType type, Field key, JsonElement record, HashSet<string> twice)
    {
        var value = RecordBody.Text(record, key.Name) ?? throw new ApiException(400, "MISSING_ARGUMENT", $"{key.Name} not specified", key.Name);
        if (twice.Contains(value))
            throw new ApiException(400, "DUPLICATE_VALUE", $"Duplicate external id specified: {value}", key.Name);
        var (row, created, _) = rows.Upsert(request, type, key, value, Without(record, key.Name), false);
        return row is null ? throw new ApiException(400, "DUPLICATE_EXTERNAL_ID", $"{key.Name}: more than one record found for external id field: {value}", key.Name) : (row.Id, created);
    }

    private Reply Save(ApiRequest request, Func<ObjectType, JsonElement, (string Id, bool? Created)> save)
    {
        var body = request.JsonObject();
        var records = Records(body);
        var types = records.Select(record => TypeOf(record)).ToList();
        var chunks = types.Where((type, i) => i == 0 || types[i - 1] != type).Count();
        if (chunks > MaxChunks)
            throw Errors.TooMany("chunks of different types", MaxChunks);
        var allOrNone = body.TryGetProperty("allOrNone", out var flag) && flag.ValueKind == JsonValueKind.True;
        return Each(request, allOrNone, records.Zip(types), pair => save(pair.Second, pair.First));
    }

    private Reply Each<T>(ApiRequest request, bool allOrNone, IEnumerable<T> items, Func<T, (string Id, bool? Created)> save)
    {
        var start = request.Transaction.Mark;
        List<(string? Id, bool? Created, ApiException? Error)> results = [];
        foreach (var item in items)
        {
            var mark = request.Transaction.Mark;
            try
            {
                var (id, created) = save(item);
                results.Add((id, created, null));
            }
            catch (ApiException error)
            {
                request.Transaction.RollBack(mark);
                results.Add((null, null, error));
            }
        }
        if (allOrNone && results.Exists(result => result.Error is not null))
        {
            request.Transaction.RollBack(start);
            var rolledBack = new ApiException(400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header");
            results = [.. results.Select(result => ((string?)null, (bool?)null, (ApiException?)(result.Error ?? rolledBack)))];
        }
        return Reply.Json(200, json =>
        {
            json.WriteStartArray();
            foreach (var (id, created, error) in results)
                WriteResult(json, id, created, error);
            json.WriteEndArray();
        });
    }

    private void WriteResult(Utf8JsonWriter json, string? id, bool? created, ApiException? error)
    {
        json.WriteStartObject();
        if (error is null)
            RowResource.WriteSaved(json, id!, created);
        else
        {
            json.WriteBoolean("success", false);
            json.WriteStartArray("errors");
            Reply.WriteError(json, error, platform.Options.Readings.ItemErrorsUseStatusCode ? "statusCode" : "errorCode", true);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static List<JsonElement> Records(JsonElement body)
    {
        if (!body.TryGetProperty("records", out var records) || records.ValueKind != JsonValueKind.Array || records.EnumerateArray().Any(r => r.ValueKind != JsonValueKind.Object))
            throw Errors.Json("A list of records is expected at [line:1, column:1]");
        DemandSize(records.GetArrayLength());
        return [.. records.EnumerateArray()];
    }

    private ObjectType TypeOf(JsonElement record)
    {
        var name = record.TryGetProperty("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object ? RecordBody.Text(attributes, "type") : null;
        if (name is null)
            throw new ApiException(400, "INVALID_INPUT", "Include an entity type with a record in the attributes.type property.");
        return platform.Store.Schema.Find(name) ?? throw Errors.UnknownType(name);
    }

    private static void DemandSize(int count)
    {
        if (count > MaxRecords)
            throw new ApiException(400, "EXCEEDED_ID_LIMIT", $"record limit reached. cannot submit more than {MaxRecords} records in this call");
    }

    private static string[] Texts(string? list) => (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string[] Texts(JsonElement body, string name) =>
        body.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(item => item.ToString())]
            : throw new ApiException(400, "MISSING_ARGUMENT", $"The property '{name}' is missing");

    private static JsonElement Without(JsonElement record, string name) => JsonSerializer.SerializeToElement(
        record.EnumerateObject().Where(p => !p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).ToDictionary(p => p.Name, p => p.Value));
}
