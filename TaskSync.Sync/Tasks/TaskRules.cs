using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>What a task field can hold. Pure, so that the form can ask while somebody types.</summary>
public static class TaskRules
{
    /// <summary>The draft as it would be stored: subject trimmed and on one line, details without trailing white space, empty text null.</summary>
    public static TaskDraft Clean(TaskDraft draft) => throw new NotImplementedException();

    /// <summary>What is wrong with a new task; empty when it can be saved. Messages say what to do.</summary>
    public static IReadOnlyList<FieldError> Check(TaskDraft draft, OrgSchema schema) => Check(draft, schema, TaskFields.All);

    /// <summary>The same for some fields only: an edit is not refused for a value that was there before.</summary>
    public static IReadOnlyList<FieldError> Check(TaskDraft draft, OrgSchema schema, TaskFields fields) => throw new NotImplementedException();
}
