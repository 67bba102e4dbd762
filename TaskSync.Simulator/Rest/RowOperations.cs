using System.Text.Json;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Rest;

/// <summary>Writing one record for an API caller. Single-row resources and collections share it; each refusal is an <see cref="ApiException"/>.</summary>
internal sealed class RowOperations(Platform platform)
{
    public Row Create(ApiRequest request, ObjectType type, JsonElement body)
    {
        request.Exchange.ItemErrors.Check(request.Method, body.GetRawText());
        DemandWritable(type);
        if (RecordBody.Has(body, "Id"))
            throw new ApiException(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id");
        var row = platform.Records.Create(request.Transaction, request.Viewer, type, RecordBody.Read(body, type, request.Viewer, Access.Create));
        request.Transaction.Note(RowChange.Created);
        return row;
    }

    public Row Update(ApiRequest request, ObjectType type, string? id, JsonElement body)
    {
        request.Exchange.ItemErrors.Check(request.Method, $"{id} {body.GetRawText()}");
        DemandWritable(type);
        var before = ForWriting(request, type, id);
        var row = platform.Records.Update(request.Transaction, request.Viewer, before, RecordBody.Read(body, type, request.Viewer, Access.Update));
        request.Transaction.Note(RowChange.Updated);
        return row;
    }

    public void Delete(ApiRequest request, ObjectType type, string? id)
    {
        request.Exchange.ItemErrors.Check(request.Method, id ?? "");
        DemandWritable(type);
        platform.Records.Delete(request.Transaction, request.Viewer, ForWriting(request, type, id));
        request.Transaction.Note(RowChange.Deleted);
    }

    /// <summary>Writes the record with the external id. Records in the recycle bin do not count as matches.</summary>
    /// <returns>The record and whether it was created; no record but the ids when several match.</returns>
    public (Row? Row, bool Created, IReadOnlyList<string> Matches) Upsert(ApiRequest request, ObjectType type, Field key, string value, JsonElement body, bool updateOnly)
    {
        var matches = platform.Store[type].WithKey(key, value).Where(row => !row.IsDeleted).Select(row => row.Id).ToList();
        if (matches.Count > 1)
            return (null, false, matches);
        if (matches.Count == 1)
            return (Update(request, type, matches[0], body), false, []);
        if (updateOnly)
            throw Errors.NotFound();
        request.Exchange.ItemErrors.Check(request.Method, $"{value} {body.GetRawText()}");
        DemandWritable(type);
        var values = RecordBody.Read(body, type, request.Viewer, Access.Create);
        values[key] = value;
        var row = platform.Records.Create(request.Transaction, request.Viewer, type, values);
        request.Transaction.Note(RowChange.Created);
        return (row, true, []);
    }

    /// <summary>The field to upsert by: an external id the user can see.</summary>
    public static Field ExternalId(ObjectType type, Viewer viewer, string name) =>
        viewer.Find(type, name) is { ExternalId: true } field ? field
            : throw Errors.NotFound($"Provided external ID field does not exist or is not accessible: {name}");

    /// <summary>The record for reading; a deleted or invisible one is not found.</summary>
    public Row ForReading(ApiRequest request, ObjectType type, string? id)
    {
        if (!SalesforceId.TryNormalize(id, out var full))
            throw new ApiException(400, "MALFORMED_ID", $"malformed id {id}");
        return platform.Store[type].Find(full) is { IsDeleted: false } row && request.Viewer.Sees(row) ? row : throw Errors.NotFound();
    }

    private Row ForWriting(ApiRequest request, ObjectType type, string? id)
    {
        if (!SalesforceId.TryNormalize(id, out var full))
            throw new ApiException(400, "MALFORMED_ID", $"malformed id {id}");
        var row = platform.Store[type].Find(full) ?? throw Errors.DeadId(platform.Options.Readings.UnknownRowIsInvalidCrossReference);
        return request.Viewer.Sees(row) ? row : throw Errors.NotFound();
    }

    private static void DemandWritable(ObjectType type)
    {
        if (!type.Writable)
            throw new ApiException(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", $"entity type {type.Name} does not support this operation");
    }
}
