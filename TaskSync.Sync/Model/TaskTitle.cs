namespace TaskSync.Sync.Model;

/// <summary>How a task is called on the pages.</summary>
public static class TaskTitle
{
    /// <summary>Shown for an empty Salesforce subject, never stored.</summary>
    public const string NoSubject = "(no subject)";

    public static string Of(string? subject) => string.IsNullOrWhiteSpace(subject) ? NoSubject : subject;
}
