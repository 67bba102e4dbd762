using System.Globalization;
using System.Text.Json;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>
/// Reads rows of Task. One row that is not as promised refuses the whole answer: half a page would look like deletions. Text is never a reason to refuse:
/// people write it, and what we cannot hold of it is left out of that row alone.
/// </summary>
internal static class TaskRows
{
    public static RemoteTask Read(JsonElement row, string? keyName)
    {
        row.Object();
        return new RemoteTask
        {
            Id = TaskId(row.Id("Id")),
            Values = ReadValues(row),
            OwnerId = row.Id("OwnerId"),
            IsClosed = row.Flag("IsClosed"),
            IsDeleted = row.Flag("IsDeleted"),
            IsArchived = row.Flag("IsArchived"),
            IsRecurrence = row.Flag("IsRecurrence"),
            CreatedDate = row.Instant("CreatedDate"),
            CreatedById = row.Id("CreatedById"),
            LastModifiedDate = row.Instant("LastModifiedDate"),
            LastModifiedById = OptionalId(row, "LastModifiedById"),
            LastModifiedByName = Name(row, "LastModifiedBy"),
            SystemModstamp = row.Instant("SystemModstamp"),
            CompletedAt = row.OptionalInstant("CompletedDateTime"),
            Key = keyName is null ? null : row.OptionalText(keyName),
            WhoName = Name(row, "Who"),
            WhatName = Name(row, "What"),
        };
    }

    /// <summary>The id, which has to be a task's.</summary>
    public static string TaskId(string id) => SalesforceId.HasPrefix(id, "00T") ? id : throw new FormatException("Not the id of a task.");

    private static TaskValues ReadValues(JsonElement row)
    {
        var values = TaskValues.Unknown;
        foreach (var field in TaskFieldSets.Every)
        {
            // Absent is unknown (hidden by field-level security), null is empty.
            if (TaskColumns.Names(field).All(name => row.TryGetProperty(name, out _)))
            {
                values = values.With(field, ReadValue(row, field));
            }
        }

        return values;
    }

    private static string? ReadValue(JsonElement row, TaskField field) => field switch
    {
        TaskField.DueDate => row.OptionalText("ActivityDate") is { } date
            ? TaskValues.Text(DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture)) : null,
        TaskField.Reminder => row.Flag("IsReminderSet") ? TaskValues.Text(row.OptionalInstant("ReminderDateTime")) : null,
        TaskField.Person => OptionalId(row, "WhoId"),
        TaskField.RelatedTo => OptionalId(row, "WhatId"),
        _ => WireJson.Fit(row.Words(TaskColumns.Names(field)[0]), field switch
        {
            TaskField.Details => SalesforceLimits.LongestText,
            TaskField.Subject => TaskItem.MaxSubject,
            _ => SalesforceLimits.LongestWord,
        }),
    };

    private static string? OptionalId(JsonElement row, string name) =>
        row.OptionalText(name) is { } id ? SalesforceId.Normalize(id) : null;

    private static string? Name(JsonElement row, string relationship)
    {
        if (!row.TryGetProperty(relationship, out var record) || record.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return WireJson.Fit(record.Object().Words("Name"), SalesforceLimits.LongestWord);
    }
}
