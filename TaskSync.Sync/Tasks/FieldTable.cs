using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>"What is synced" on Settings: each field as this person's org has it.</summary>
internal static class FieldTable
{
    public static IReadOnlyList<FieldRow> Of(OrgSchema schema) =>
    [
        .. SyncedFields.All.Select(field => Row(field, schema)),
        new FieldRow(null, "Completed at", "CompletedDateTime", FieldDirection.ReadOnly, "Salesforce sets it; it is read."),
    ];

    private static FieldRow Row(SyncedField field, OrgSchema schema)
    {
        var direction = !schema.Readable.Holds(field.Field) ? FieldDirection.NotSynced
            : schema.Updateable.Holds(field.Field) ? FieldDirection.BothWays
            : FieldDirection.ReadOnly;
        return new FieldRow(field.Field, field.Name, field.SalesforceName, direction, direction switch
        {
            FieldDirection.NotSynced when field.OnlyWhereExposed => "Shown and synced only where Salesforce offers this field to you.",
            FieldDirection.ReadOnly when field.OnlyWhereExposed => "Salesforce lets you read this field, not change it.",
            FieldDirection.NotSynced => "Salesforce hides this field from you: what you enter here stays here. Your Salesforce administrator can change that.",
            FieldDirection.ReadOnly => "Salesforce lets you read this field, not change it: your changes to it stay here.",
            _ when schema.IsRestricted(field.Field) => "A value that your Salesforce does not have stays here.",
            _ => field.Rule(schema),
        });
    }
}
