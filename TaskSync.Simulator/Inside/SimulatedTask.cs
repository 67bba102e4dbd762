using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Inside;

/// <summary>A Task as it was when it was looked at. Instants are UTC with whole seconds, ids have 18 characters.</summary>
public sealed class SimulatedTask
{
    private readonly Row _row;

    internal SimulatedTask(Row row) => _row = row;

    /// <summary>Record id.</summary>
    public string Id => _row.Id;

    /// <summary>Subject; null when empty.</summary>
    public string? Subject => _row.Text("Subject");

    /// <summary>Due date, without time or zone.</summary>
    public DateOnly? ActivityDate => (DateOnly?)this["ActivityDate"];

    /// <summary>Status value.</summary>
    public string Status => _row.Text("Status")!;

    /// <summary>Priority value.</summary>
    public string Priority => _row.Text("Priority")!;

    /// <summary>Comments; null when empty.</summary>
    public string? Description => _row.Text("Description");

    /// <summary>Type value; null when empty.</summary>
    public string? Type => _row.Text("Type");

    /// <summary>Call result; null when empty.</summary>
    public string? CallDisposition => _row.Text("CallDisposition");

    /// <summary>Contact or lead; null when none.</summary>
    public string? WhoId => _row.Text("WhoId");

    /// <summary>Account, opportunity or case; null when none.</summary>
    public string? WhatId => _row.Text("WhatId");

    /// <summary>User or queue.</summary>
    public string OwnerId => _row.OwnerId!;

    /// <summary>Derived from the status.</summary>
    public bool IsClosed => _row.Is("IsClosed");

    /// <summary>In the recycle bin.</summary>
    public bool IsDeleted => _row.IsDeleted;

    /// <summary>Seen by queryAll only.</summary>
    public bool IsArchived => _row.Is("IsArchived");

    /// <summary>Definition row of a series.</summary>
    public bool IsRecurrence => _row.Is("IsRecurrence");

    /// <summary>When it was closed; null while open.</summary>
    public DateTimeOffset? CompletedDateTime => (DateTimeOffset?)this["CompletedDateTime"];

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedDate => (DateTimeOffset)this["CreatedDate"]!;

    /// <summary>Who created it.</summary>
    public string CreatedById => _row.Text("CreatedById")!;

    /// <summary>When a user last changed it.</summary>
    public DateTimeOffset LastModifiedDate => (DateTimeOffset)this["LastModifiedDate"]!;

    /// <summary>Who last changed it.</summary>
    public string LastModifiedById => _row.Text("LastModifiedById")!;

    /// <summary>When anything, system jobs included, last changed it.</summary>
    public DateTimeOffset SystemModstamp => _row.SystemModstamp;

    /// <summary>The value of <c>TaskSync_Key__c</c>; null when empty or the org has no such field.</summary>
    public string? Key => _row.Type.Find(TaskType.KeyFieldName) is { } key ? _row.Text(key) : null;

    /// <summary>Any field by API name; throws when there is none.</summary>
    public object? this[string field] => _row[_row.Type[field]];

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Subject} ({Status}{(IsDeleted ? ", deleted" : "")})";
}
