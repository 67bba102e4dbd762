using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Puts history lines into sentences: who did what, and where.</summary>
internal static class HistoryWords
{
    public static HistoryLine Line(HistoryEntry entry, FieldWords words)
    {
        var who = entry.Actor ?? (entry.Side == TaskSide.Salesforce ? "Salesforce" : "Sync");

        // Where nothing but the note says what happened, the note is the sentence.
        var (sentence, note) = entry is { Kind: HistoryKind.Edited, ChangesJson: null, Note: { } only } ? (only, null) : (Sentence(entry, who), entry.Note);
        return new HistoryLine(
            entry.Id, entry.At, entry.Side, entry.Kind, who, sentence, [.. entry.Changes.Select(words.Line)], note,
            CanPutBack: TaskService.EarlierValues(entry).Known != TaskFields.None);
    }

    private static string Sentence(HistoryEntry entry, string who)
    {
        var there = entry.Side == TaskSide.Salesforce ? " in Salesforce" : "";
        return entry.Kind switch
        {
            HistoryKind.Created => $"{who} created the task{there}.",
            HistoryKind.CameIn => "The task came in from Salesforce.",
            HistoryKind.Completed => $"{who} completed the task{there}{Also(entry)}.",
            HistoryKind.Reopened => $"{who} reopened the task{there}{Also(entry)}.",
            HistoryKind.Deleted => $"{who} deleted the task{there}.",
            HistoryKind.Restored => $"{who} restored the task{there}.",
            HistoryKind.Sent => "The change was sent to Salesforce.",
            HistoryKind.Reassigned => "Somebody else owns the task in Salesforce now.",
            HistoryKind.Conflict when entry.Changes.Count > 0 => $"{Names(entry.Changes)} {(entry.Changes.Count == 1 ? "was" : "were")} changed on both sides.",
            HistoryKind.Conflict => "The task was changed on both sides.",
            HistoryKind.Lost => "The task is only here now.",
            _ when entry.Changes.Count > 0 => $"{who} changed {Names(entry.Changes)}{there}.",
            _ => $"{who} changed the task{there}.",
        };
    }

    /// <summary>Fields that were changed together with the status.</summary>
    private static string Also(HistoryEntry entry)
    {
        var others = entry.Changes.Where(change => change.Field != TaskField.Status).ToList();
        return others.Count == 0 ? "" : $" and changed {Names(others)}";
    }

    private static string Names(IReadOnlyList<FieldChange> changes) => changes.Count switch
    {
        1 => changes[0].Field.DisplayName(),
        _ => $"{string.Join(", ", changes.SkipLast(1).Select(c => c.Field.DisplayName()))} and {changes[^1].Field.DisplayName()}",
    };
}
