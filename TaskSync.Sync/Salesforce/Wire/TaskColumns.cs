using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>Which fields of Salesforce's Task are read.</summary>
internal static class TaskColumns
{
    /// <summary>When the task was completed. It is no field that is kept in step, and an admin can hide it.</summary>
    public const string CompletedAt = "CompletedDateTime";

    private static readonly string[] Always =
    [
        "Id", "OwnerId", "IsClosed", "IsDeleted", "IsArchived", "IsRecurrence", "CreatedDate", "CreatedById",
        "LastModifiedDate", "LastModifiedById", "SystemModstamp",
    ];

    /// <summary>Where the key is kept, null when nowhere.</summary>
    public static string? KeyName(OrgSchema schema, string keyField) => schema.Key switch
    {
        KeyPlace.KeyField => keyField,
        KeyPlace.CallObject => "CallObject",
        _ => null,
    };

    /// <summary>What a read of tasks asks for: nothing that is hidden from this user, since one hidden field fails the whole query.</summary>
    /// <param name="schema">What the user may see.</param>
    /// <param name="keyField">Salesforce:KeyField.</param>
    /// <param name="withNames">Names, which only a query can give.</param>
    /// <param name="withRelated">With <paramref name="withNames"/>: names of people and records too, not only the editor's.</param>
    public static IEnumerable<string> ToRead(OrgSchema schema, string keyField, bool withNames, bool withRelated = true)
    {
        var columns = Always.Concat(schema.Readable.Entries().SelectMany(field => field.SalesforceNames));
        if (!schema.HidesCompletedAt)
        {
            columns = columns.Append(CompletedAt);
        }

        if (KeyName(schema, keyField) is { } key)
        {
            columns = columns.Append(key);
        }

        if (withNames)
        {
            columns = columns.Append("LastModifiedBy.Name");
        }

        if (withNames && withRelated)
        {
            columns = columns.Concat(schema.Readable.Entries().Where(field => field.Kind == FieldKind.Record).Select(field => field.Relationship + ".Name"));
        }

        return columns;
    }
}
