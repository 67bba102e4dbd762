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
        var did = parts.Count > 0 ? string.Join(", ", parts) : Nothing(run.Kind);
        var took = run.ApiCalls == 0 ? "" : $" ({run.ApiCalls} API call{(run.ApiCalls == 1 ? "" : "s")})";
        var sentence = run.Kind switch
        {
            SyncRunKind.FirstSync => $"First sync: {did}{took}",
            SyncRunKind.CatchUp => $"Catch-up: {did}{took}",
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

    private static string Nothing(SyncRunKind kind) => kind switch
    {
        SyncRunKind.FirstSync => "there was nothing to bring in",
        SyncRunKind.CatchUp => "nothing had changed meanwhile",
        _ => "nothing changed",
    };

    private static void Add(List<string> parts, int count, string text, string noun)
    {
        if (count > 0)
        {
            parts.Add(text.Replace("{0}", $"{count} {noun}{(count == 1 ? "" : "s")}", StringComparison.Ordinal));
        }
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
