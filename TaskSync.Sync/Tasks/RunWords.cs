using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Puts a run into a sentence: "Brought in 3 tasks, sent 1 change."</summary>
internal static class RunWords
{
    public static ActivityLine Line(SyncRun run) => new(run.Id, run.StartedAt, run.EndedAt - run.StartedAt, run.Kind, run.Outcome, Sentence(run), run.Message);

    public static string Sentence(SyncRun run)
    {
        var parts = new List<string>(5);
        Add(parts, run.Created, "brought in {0}", "task");
        Add(parts, run.Updated, "updated {0}", "task");
        Add(parts, run.Deleted, "removed {0}", "task");
        Add(parts, run.Sent, "sent {0}", "change");
        Add(parts, run.Failed, "could not send {0}", "change");
        var did = parts.Count == 0 ? "nothing changed" : string.Join(", ", parts);
        var sentence = run.Kind switch
        {
            SyncRunKind.FirstSync => $"First sync: {did}",
            SyncRunKind.CatchUp => $"Catch-up: {did}",
            SyncRunKind.Audit => $"Nightly comparison: {did}",
            _ => did,
        };
        return run.Outcome switch
        {
            SyncRunOutcome.Running => $"{Capital(sentence)} so far.",
            SyncRunOutcome.Failed => $"{Capital(sentence)}; then it failed.",
            SyncRunOutcome.Stopped => $"{Capital(sentence)}; then it was stopped.",
            _ => $"{Capital(sentence)}.",
        };
    }

    private static void Add(List<string> parts, int count, string text, string noun)
    {
        if (count > 0)
        {
            parts.Add(text.Replace("{0}", $"{count} {noun}{(count == 1 ? "" : "s")}", StringComparison.Ordinal));
        }
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
