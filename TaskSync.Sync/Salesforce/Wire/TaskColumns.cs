using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>Which fields of Salesforce's Task stand for which of ours (product.md section 3), and which are read.</summary>
internal static class TaskColumns
{
    private static readonly string[] Always =
    [
        "Id", "OwnerId", "IsClosed", "IsDeleted", "IsArchived", "IsRecurrence", "CreatedDate", "CreatedById",
        "LastModifiedDate", "LastModifiedById", "SystemModstamp", "CompletedDateTime",
    ];

    /// <summary>API names of one field; a reminder is two.</summary>
    public static IReadOnlyList<string> Names(TaskField field) => field switch
    {
        TaskField.Subject => ["Subject"],
        TaskField.DueDate => ["ActivityDate"],
        TaskField.Status => ["Status"],
        TaskField.Priority => ["Priority"],
        TaskField.Details => ["Description"],
        TaskField.Type => ["Type"],
        TaskField.Reminder => ["IsReminderSet", "ReminderDateTime"],
        TaskField.Person => ["WhoId"],
        TaskField.RelatedTo => ["WhatId"],
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };

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
        var columns = Always.Concat(schema.Readable.Each().SelectMany(Names));
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
            columns = schema.Readable.Holds(TaskField.Person) ? columns.Append("Who.Name") : columns;
            columns = schema.Readable.Holds(TaskField.RelatedTo) ? columns.Append("What.Name") : columns;
        }

        return columns;
    }
}
