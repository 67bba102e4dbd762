using System.Text.Json;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce.Wire;

namespace TaskSync.Sync.Salesforce;

/// <summary>Finds people and records for the pickers of the task form.</summary>
internal sealed class RecordSearch(SalesforceGateway gateway, SchemaStore schemas)
{
    private const int MostOfEach = 10;

    /// <summary>Longer text finds nothing anyway.</summary>
    private const int LongestText = 100;

    private static readonly Source[] People =
    [
        new("Contact", "Name", "Account.Name", null),
        new("Lead", "Name", "Company", "IsConverted = FALSE"),
    ];

    private static readonly Source[] Records =
    [
        new("Account", "Name", null, null),
        new("Opportunity", "Name", "Account.Name", null),
        new("Case", "CaseNumber", "Subject", null),
    ];

    public async Task<IReadOnlyList<RecordHit>> SearchAsync(Caller caller, RecordKind kind, string text, CancellationToken cancellationToken)
    {
        text = text.Trim();
        if (text.Length is 0 or > LongestText)
        {
            return [];
        }

        var sources = kind == RecordKind.Person ? People : Records;
        string[] queries = [.. sources.Select(source => source.Soql(text, MostOfEach))];
        var request = new ApiRequest(HttpMethod.Post, $"{schemas.DataPath}/composite", ApiPurpose.Search)
        {
            Content = _ => CompositeBody.Write([.. queries.Select(soql => new CompositePart("GET", $"{schemas.DataPath}/query?q={Uri.EscapeDataString(soql)}"))]),
            IsRead = true,
        };
        var answer = await gateway.SendAsync(caller, request, cancellationToken);
        var parts = CompositeBody.Answers(answer.Http, sources.Length);
        if (parts.All(part => !part.IsSuccess))
        {
            throw new SalesforceCallException(ErrorBody.Of(parts[0]));
        }

        // An object that this user may not see is simply not offered.
        return [.. sources.Zip(parts).Where(pair => pair.Second.IsSuccess).SelectMany(pair => pair.First.Read(pair.Second))];
    }

    private sealed record Source(string Type, string NameField, string? DetailField, string? Condition)
    {
        public string Soql(string text, int limit)
        {
            var fields = DetailField is null ? $"Id,{NameField}" : $"Id,{NameField},{DetailField}";
            return $"SELECT {fields} FROM {Type} WHERE {Salesforce.Soql.And(Matches(text), Condition)} ORDER BY {NameField} LIMIT {limit}";
        }

        /// <summary>A case is known by its subject as well as by its number.</summary>
        private string Matches(string text) => Type == "Case"
            ? Salesforce.Soql.Or(Salesforce.Soql.Contains(NameField, text), Salesforce.Soql.Contains(DetailField!, text))
            : Salesforce.Soql.Contains(NameField, text);

        public List<RecordHit> Read(HttpAnswer answer) => WireJson.Read(answer, json => json.Object().Required("records").Items()
            .Select(row => new RecordHit(row.Object().Id("Id"), row.OptionalText(NameField) ?? "(no name)", Type, Detail(row)))
            .ToList());

        private string? Detail(JsonElement row)
        {
            if (DetailField?.Split('.') is not [var first, .. var rest])
            {
                return null;
            }

            return rest.Length == 0 ? row.OptionalText(first)
                : row.TryGetProperty(first, out var parent) && parent.ValueKind == JsonValueKind.Object ? parent.OptionalText(rest[0])
                : null;
        }
    }
}
