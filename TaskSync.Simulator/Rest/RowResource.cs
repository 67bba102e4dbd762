using System.Globalization;
using System.Text.Json;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Soql;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Rest;

/// <summary><c>/sobjects/{type}</c> and <c>/sobjects/{type}/{id}</c>, also by external id.</summary>
internal sealed class RowResource(Platform platform, RowOperations rows)
{
    public Reply Create(ApiRequest request, ObjectType type) => Created(request, rows.Create(request, type, request.JsonObject()));

    public Reply Read(ApiRequest request, ObjectType type, string id) => Read(request, rows.ForReading(request, type, id));

    public Reply Update(ApiRequest request, ObjectType type, string id)
    {
        var body = request.JsonObject();
        if (RecordBody.Has(body, "Id"))
            throw new ApiException(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.", "Id");
        if (Date(request, "If-Unmodified-Since") is { } since && platform.Options.Readings.IfUnmodifiedSinceGuardsPatch
            && SalesforceId.TryNormalize(id, out var full) && platform.Store[type].Find(full) is { IsDeleted: false } row && ModifiedAfter(row, since))
            return PreconditionFailed();
        rows.Update(request, type, id, body);
        return Reply.NoContent();
    }

    public Reply Delete(ApiRequest request, ObjectType type, string id)
    {
        rows.Delete(request, type, id);
        return Reply.NoContent();
    }

    public Reply ReadByKey(ApiRequest request, ObjectType type, string keyName, string value)
    {
        var key = RowOperations.ExternalId(type, request.Viewer, keyName);
        var matches = platform.Store[type].WithKey(key, value).Where(row => !row.IsDeleted && request.Viewer.Sees(row)).ToList();
        return matches.Count switch
        {
            0 => throw Errors.NotFound(),
            1 => Read(request, matches[0]),
            _ => Choices(request, type, matches.Select(row => row.Id)),
        };
    }

    /// <summary>201 when created; 200 with a body when updated, which was an empty 204 before API 46; 300 when several match.</summary>
    public Reply Upsert(ApiRequest request, ObjectType type, string keyName, string value)
    {
        var key = RowOperations.ExternalId(type, request.Viewer, keyName);
        var body = request.JsonObject();
        foreach (var name in new[] { "Id", key.Name })
            if (RecordBody.Has(body, name))
                throw new ApiException(400, "INVALID_FIELD", $"The {name} field should not be specified in the sobject data.", name);
        var updateOnly = request.MajorVersion >= 61 && string.Equals(request.Parameter("updateOnly"), "true", StringComparison.OrdinalIgnoreCase);
        var (row, created, matches) = rows.Upsert(request, type, key, value, body, updateOnly);
        if (row is null)
            return Choices(request, type, matches);
        if (created)
            return Created(request, row, true);
        return request.MajorVersion < 46 ? Reply.NoContent() : Reply.Object(200, json => WriteSaved(json, row.Id, false));
    }

    /// <summary>The members of a success answer: id, success, no errors and, for upsert, whether it was created.</summary>
    public static void WriteSaved(Utf8JsonWriter json, string id, bool? created)
    {
        json.WriteString("id", id);
        json.WriteBoolean("success", true);
        json.WriteStartArray("errors");
        json.WriteEndArray();
        if (created is { } known)
            json.WriteBoolean("created", known);
    }

    /// <summary>An HTTP date header in UTC, null when absent; an unreadable one is refused.</summary>
    public static DateTimeOffset? Date(ApiRequest request, string header)
    {
        if (request.Header(header) is not { } text)
            return null;
        return DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date
            : throw new ApiException(400, "INVALID_HEADER", $"Invalid {header} header: {text}");
    }

    private Reply Read(ApiRequest request, Row row)
    {
        if (Date(request, "If-Modified-Since") is { } modified && !ModifiedAfter(row, modified))
            return new Reply(304, default);
        if (Date(request, "If-Unmodified-Since") is { } unmodified && ModifiedAfter(row, unmodified))
            return PreconditionFailed();
        var fields = request.Parameter("fields") is { Length: > 0 } names
            ? names.Split(',').Select(name => Named(request, row.Type, name.Trim())).DistinctBy(f => f.Name)
            : request.Viewer.Readable(row.Type);
        var projection = new Projection(platform.Store, fields.Select(f => FieldPath.Bind(platform.Store, request.Viewer, row.Type, new FieldName([f.Name], 0), null, "")));
        var lastModified = (DateTimeOffset)row[row.Type.LastModifiedDate]!;
        return Reply.Json(200, json => projection.Write(json, row, request.Version)).With("Last-Modified", lastModified.ToString("r", CultureInfo.InvariantCulture));
    }

    private static Field Named(ApiRequest request, ObjectType type, string name) =>
        request.Viewer.Find(type, name) ?? throw Errors.UnknownField(name, type.Name);

    private static Reply Created(ApiRequest request, Row row, bool? upserted = null) => Reply
        .Object(201, json => WriteSaved(json, row.Id, upserted))
        .With("Location", $"/services/data/v{request.Version}/sobjects/{row.Type.Name}/{row.Id}");

    private static Reply Choices(ApiRequest request, ObjectType type, IEnumerable<string> ids) => Reply.Json(300, json =>
    {
        json.WriteStartArray();
        foreach (var id in ids)
            json.WriteStringValue($"/services/data/v{request.Version}/sobjects/{type.Name}/{id}");
        json.WriteEndArray();
    });

    /// <summary>Salesforce compares whole seconds, so two edits in the same second look like one.</summary>
    private static bool ModifiedAfter(Row row, DateTimeOffset since) => (DateTimeOffset)row[row.Type.LastModifiedDate]! > since;

    private static Reply PreconditionFailed() =>
        Reply.Error(new ApiException(412, "PRECONDITION_FAILED", "The requested operation failed because the record was modified"));
}
