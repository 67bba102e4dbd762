using System.Text.Json;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>Reads describe of Task, TaskStatus and TaskPriority (REST guide, "sObject Describe"; object reference, "TaskStatus", "TaskPriority").</summary>
internal static class DescribeBody
{
    /// <summary>Length of our keys: TSK- and 32 digits.</summary>
    private const int KeyLength = 36;

    private const string CallObject = "CallObject";

    public static OrgSchema Schema(HttpAnswer describe, HttpAnswer statuses, HttpAnswer priorities, string keyField)
    {
        var statusValues = WireJson.Read(statuses, json => Rows(json, row => new StatusValue(
            row.Text("ApiName"), row.OptionalText("MasterLabel") ?? row.Text("ApiName"), row.Flag("IsClosed"), row.Flag("IsDefault"))));
        var priorityValues = WireJson.Read(priorities, json => Rows(json, row => new PriorityValue(
            row.Text("ApiName"), row.OptionalText("MasterLabel") ?? row.Text("ApiName"), row.Flag("IsHighPriority"), row.Flag("IsDefault"))));
        return WireJson.Read(describe, json =>
        {
            var fields = json.Object().Required("fields").Items().ToDictionary(field => field.Object().Text("name"), StringComparer.OrdinalIgnoreCase);
            return new OrgSchema(
                Fields(name => fields.ContainsKey(name)),
                json.Flag("createable") ? Fields(name => Has(fields, name, "createable")) : TaskFields.None,
                json.Flag("updateable") ? Fields(name => Has(fields, name, "updateable")) : TaskFields.None,
                statusValues,
                priorityValues,
                Picklists(fields),
                Place(fields, keyField))
            {
                HidesCompletedAt = !fields.ContainsKey(TaskColumns.CompletedAt),
                CanUseCallObject = CanHoldKeys(fields, CallObject),
                KeyTrouble = keyField.Length == 0 ? null : WhyNotKey(fields, keyField),
            };
        });
    }

    private static TaskFields Fields(Func<string, bool> holds) => SyncedFields.All.Where(field => field.SalesforceNames.All(holds)).AsSet();

    private static bool Has(Dictionary<string, JsonElement> fields, string name, string flag) =>
        fields.TryGetValue(name, out var field) && field.OptionalFlag(flag);

    private static Dictionary<TaskField, Picklist> Picklists(Dictionary<string, JsonElement> fields) => SyncedFields.All
        .Where(field => field.Kind == FieldKind.Picklist && fields.ContainsKey(field.SalesforceName))
        .ToDictionary(field => field.Field, field => ReadPicklist(fields[field.SalesforceName]));

    private static Picklist ReadPicklist(JsonElement field) => new(
        [.. field.Required("picklistValues").Items().Where(value => value.Object().Flag("active")).Select(value => value.Text("value"))],
        field.OptionalFlag("restrictedPicklist"));

    /// <summary>A unique external id that can be filtered makes a second insert impossible; CallObject only makes the first one findable (S5).</summary>
    private static KeyPlace Place(Dictionary<string, JsonElement> fields, string keyField) =>
        keyField.Length > 0 && WhyNotKey(fields, keyField) is null ? KeyPlace.KeyField
        : CanHoldKeys(fields, CallObject) ? KeyPlace.CallObject
        : KeyPlace.None;

    private static string? WhyNotKey(Dictionary<string, JsonElement> fields, string name) =>
        !fields.ContainsKey(name) ? $"{name} does not exist on Activity, or is hidden from this user: deploy the package and assign its permission set."
        : !Has(fields, name, "unique") ? $"{name} is not unique: tick \"Do not allow duplicate values\" on the field."
        : !Has(fields, name, "externalId") ? $"{name} is no external id: tick \"External ID\" on the field."
        : !Has(fields, name, "createable") ? $"{name} may not be written by this user: assign the permission set of the package."
        : !CanHoldKeys(fields, name) ? $"{name} is shorter than {KeyLength} characters, or cannot be filtered: it has to be a text field of {KeyLength} characters or more."
        : null;

    private static bool CanHoldKeys(Dictionary<string, JsonElement> fields, string name) =>
        Has(fields, name, "createable") && Has(fields, name, "filterable") && fields[name].Number("length") >= KeyLength;

    private static List<T> Rows<T>(JsonElement json, Func<JsonElement, T> read) =>
        [.. json.Object().Required("records").Items().Select(row => read(row.Object()))];
}
