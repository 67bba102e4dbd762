using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>"What is synced" on Settings: product.md section 3 for this person's org.</summary>
internal static class FieldTable
{
    public static IReadOnlyList<FieldRow> Of(OrgSchema schema) =>
    [
        .. TaskFieldSets.Every.Select(field => Row(field, schema)),
        new FieldRow(null, "Completed at", "CompletedDateTime", FieldDirection.ReadOnly, "Salesforce sets it; it is read."),
    ];

    private static FieldRow Row(TaskField field, OrgSchema schema)
    {
        var direction = !schema.Readable.Holds(field) ? FieldDirection.NotSynced
            : schema.Updateable.Holds(field) ? FieldDirection.BothWays
            : FieldDirection.ReadOnly;
        return new FieldRow(field, field.DisplayName(), SalesforceName(field), direction, direction switch
        {
            FieldDirection.NotSynced => "Salesforce hides this field from you: what you enter here stays here. Your Salesforce administrator can change that.",
            FieldDirection.ReadOnly => "Salesforce lets you read this field, not change it: your changes to it stay here.",
            _ => Rule(field, schema),
        });
    }

    internal static string SalesforceName(TaskField field) => field switch
    {
        TaskField.DueDate => "ActivityDate",
        TaskField.Details => "Description",
        TaskField.Reminder => "ReminderDateTime",
        TaskField.Person => "WhoId",
        TaskField.RelatedTo => "WhatId",
        _ => field.ToString(),
    };

    private static string Rule(TaskField field, OrgSchema schema) => field switch
    {
        TaskField.Subject => "1 to 255 characters. An empty Salesforce subject shows as (no subject) and is not written back.",
        TaskField.DueDate => "A date without time or zone; it is never converted.",
        TaskField.Status => $"Every value is kept as it is. Completing writes {schema.ClosedStatus}, reopening writes {schema.OpenStatus}.",
        TaskField.Priority => "Every value is kept as it is.",
        TaskField.Details => "Up to 32,000 characters.",
        TaskField.Type when schema.TypeRestricted => "A type that your Salesforce does not have stays here.",
        TaskField.Type => "Every value is kept as it is.",
        TaskField.Reminder => "A moment, shown in your time zone.",
        TaskField.Person => "A contact or a lead.",
        TaskField.RelatedTo => "An account, an opportunity, a case or another record.",
        _ => "",
    };
}
