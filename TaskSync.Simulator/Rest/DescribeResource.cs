using System.Text.Json;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Rest;

/// <summary><c>/sobjects</c>, <c>/sobjects/{type}</c> and <c>/sobjects/{type}/describe</c>, as the asking user sees the types.</summary>
internal sealed class DescribeResource(OrgStore store)
{
    public Reply List(ApiRequest request) => Reply.Object(200, json =>
    {
        json.WriteString("encoding", "UTF-8");
        json.WriteNumber("maxBatchSize", 200);
        json.WriteStartArray("sobjects");
        foreach (var type in store.Schema.All)
        {
            json.WriteStartObject();
            WriteSummary(json, type, request.Version);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    public static Reply Summary(ApiRequest request, ObjectType type) => Reply.Object(200, json =>
    {
        json.WriteStartObject("objectDescribe");
        WriteSummary(json, type, request.Version);
        json.WriteEndObject();
        json.WriteStartArray("recentItems");
        json.WriteEndArray();
    });

    public Reply Describe(ApiRequest request, ObjectType type) => Reply.Object(200, json =>
    {
        WriteSummary(json, type, request.Version);
        json.WriteStartArray("fields");
        foreach (var field in request.Viewer.Readable(type))
            WriteField(json, type, field, request.Viewer.AccessTo(type, field) == FieldAccess.Editable);
        json.WriteEndArray();
        json.WriteStartArray("childRelationships");
        json.WriteEndArray();
        json.WriteStartArray("recordTypeInfos");
        json.WriteEndArray();
    });

    private static void WriteSummary(Utf8JsonWriter json, ObjectType type, string version)
    {
        json.WriteString("name", type.Name);
        json.WriteString("label", type.Label);
        json.WriteString("labelPlural", type.PluralLabel);
        json.WriteString("keyPrefix", type.KeyPrefix);
        json.WriteBoolean("custom", false);
        foreach (var flag in new[] { "createable", "updateable", "deletable", "undeletable" })
            json.WriteBoolean(flag, type.Writable);
        json.WriteBoolean("replicateable", type.Replicateable);
        foreach (var flag in new[] { "queryable", "retrieveable", "searchable" })
            json.WriteBoolean(flag, true);
        json.WriteStartObject("urls");
        json.WriteString("sobject", $"/services/data/v{version}/sobjects/{type.Name}");
        json.WriteString("describe", $"/services/data/v{version}/sobjects/{type.Name}/describe");
        json.WriteString("rowTemplate", $"/services/data/v{version}/sobjects/{type.Name}/{{ID}}");
        json.WriteEndObject();
    }

    private void WriteField(Utf8JsonWriter json, ObjectType type, Field field, bool editable)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WriteString("label", field.Label);
        json.WriteString("type", field.TypeName);
        json.WriteNumber("length", field.Length);
        json.WriteBoolean("createable", field.Createable && editable);
        json.WriteBoolean("updateable", field.Updateable && editable);
        json.WriteBoolean("nillable", field.Nillable && !(type == store.Schema.Task && store.Settings.RequiredFields.Contains(field.Name)));
        json.WriteBoolean("defaultedOnCreate", field.DefaultedOnCreate);
        json.WriteBoolean("custom", field.Custom);
        json.WriteBoolean("externalId", field.ExternalId);
        json.WriteBoolean("unique", field.Unique);
        json.WriteBoolean("caseSensitive", field.CaseSensitive);
        json.WriteBoolean("idLookup", field.ExternalId || field.Kind == FieldKind.Id);
        json.WriteBoolean("filterable", field.Filterable);
        json.WriteBoolean("sortable", field.Filterable);
        json.WriteBoolean("groupable", field.Filterable && field.Kind != FieldKind.DateTime);
        json.WriteBoolean("restrictedPicklist", field.Restricted || (type == store.Schema.Task && store.Settings.RestrictedPicklists.Contains(field.Name)));
        json.WriteStartArray("picklistValues");
        foreach (var value in ValuesOf(type, field))
        {
            json.WriteStartObject();
            json.WriteBoolean("active", value.IsActive);
            json.WriteBoolean("defaultValue", value.IsDefault);
            json.WriteString("label", value.Label);
            json.WriteString("value", value.Value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("referenceTo");
        foreach (var target in field.ReferenceTo)
            json.WriteStringValue(target);
        json.WriteEndArray();
        json.WriteString("relationshipName", field.RelationshipName);
        json.WriteEndObject();
    }

    /// <summary>Status and Priority of Task take their values from TaskStatus and TaskPriority.</summary>
    private IEnumerable<PicklistValue> ValuesOf(ObjectType type, Field field)
    {
        var source = type != store.Schema.Task ? null : field.Name switch
        {
            "Status" => store.Schema.TaskStatus,
            "Priority" => store.Schema.TaskPriority,
            _ => null,
        };
        return source is null ? type == store.Schema.Task ? store.ValuesOf(field) : field.Values : store[source].Rows.OrderBy(v => (int)v[source["SortOrder"]]!)
            .Select(v => new PicklistValue(v.Text("ApiName")!, v.Text("MasterLabel")!, v.Is("IsDefault")));
    }
}
