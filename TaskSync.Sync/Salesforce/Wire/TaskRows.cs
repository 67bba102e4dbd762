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
            CompletedAt = row.OptionalInstant(TaskColumns.CompletedAt),
            Key = keyName is null ? null : row.OptionalText(keyName),
            WhoName = Name(row, "Who"),
            WhatName = Name(row, "What"),
        };
    }

    /// <summary>The id, which has to be a task's.</summary>
    public static string TaskId(string id) => SalesforceId.HasPrefix(id, "00T") ? id : throw new FormatException("Not the id of a task.");

    /// <summary>Absent is unknown (hidden by field-level security), null is empty.</summary>
    private static TaskValues ReadValues(JsonElement row) =>
        TaskValues.Of(field => field.SalesforceNames.All(name => row.TryGetProperty(name, out _)), field => ReadValue(row, field));

    private static string? ReadValue(JsonElement row, SyncedField field) => field.Kind switch
    {
        _ when field.SalesforceFlag is { } flag && !row.Flag(flag) => null,
        FieldKind.Date => TaskValues.Text(TaskValues.Date(row.OptionalText(field.SalesforceName))),
        FieldKind.Instant => TaskValues.Text(row.OptionalInstant(field.SalesforceName)),
        FieldKind.Record => OptionalId(row, field.SalesforceName),
        _ => Texts.Fit(row.OptionalText(field.SalesforceName), field.ColumnLength ?? SalesforceLimits.LongestText),
    };

    private static string? OptionalId(JsonElement row, string name) =>
        row.OptionalText(name) is { } id ? SalesforceId.Normalize(id) : null;

    private static string? Name(JsonElement row, string relationship)
    {
        if (!row.TryGetProperty(relationship, out var record) || record.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return Texts.Fit(record.Object().OptionalText("Name"), SalesforceLimits.LongestWord);
    }
}
