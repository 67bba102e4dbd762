using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>What a task has that follows from other data: closed or not, names of related records. It changes in Salesforce without an edit of the task.</summary>
internal sealed record Derived(string Status, bool IsCompleted, string? WhoId, string? WhoName, string? WhatId, string? WhatName)
{
    public static Derived Of(TaskItem task) => new(task.Status, task.IsCompleted, task.WhoId, task.WhoName, task.WhatId, task.WhatName);

    /// <summary>Whether a row tells something else about the same status, person and record. A name that it does not tell is no other name.</summary>
    public bool DiffersFrom(RemoteTask row, TaskFields readable) =>
        (IsSame(row, readable, TaskField.Status, Status) && IsCompleted != row.IsClosed)
        || (IsSame(row, readable, TaskField.Person, WhoId) && row.WhoName is { } who && who != WhoName)
        || (IsSame(row, readable, TaskField.RelatedTo, WhatId) && row.WhatName is { } what && what != WhatName);

    private static bool IsSame(RemoteTask row, TaskFields readable, TaskField field, string? ours) =>
        (row.Values.Known & readable).Holds(field) && TaskValues.SameText(ours, row.Values[field]);
}
