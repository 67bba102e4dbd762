using System.Globalization;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Budget;

namespace TaskSync.Sync.Status;

/// <summary>What the budget of an organization means at present, in words: how often changes are read, how soon they go out, and why.</summary>
internal static class PaceTexts
{
    public static string For(ApiPace pace, SyncOptions options)
    {
        if (pace.Budget is not { } budget)
        {
            return "Nothing is held back: Salesforce has not said yet what the allowance is.";
        }

        if (budget.IsSpent)
        {
            return "Stopped until midnight UTC: today's share is used. Changes wait and go out then.";
        }

        return $"{Reads(pace, options)} {Writes(budget)}";
    }

    private static string Reads(ApiPace pace, SyncOptions options)
    {
        var (here, away) = (pace.Between(options.PollInterval), pace.Between(options.IdlePollInterval));
        return pace.Stretch <= 1 ? $"Changes are read every {Span(here)} for reps with a page open, every {Span(away)} for the others, as set."
            : here >= TimeSpan.FromDays(1) ? "Changes are read with what goes out, and once in the evening (from 22:00 UTC), to stay inside the share."
            : $"Changes are read every {Span(here)} for reps with a page open, every {Span(away)} for the others: {pace.Stretch.ToString("0.#", CultureInfo.InvariantCulture)} times as far apart as set, to stay inside the share.";
    }

    private static string Writes(ApiBudget budget) => budget.WriteGap switch
    {
        null => "What reps change goes out in the evening: all other calls of today are used.",
        { Ticks: 0 } => "What reps change goes out at once.",
        var gap => $"What one rep changes goes out together, every {Span(gap.Value)}.",
    };

    private static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 120 } => $"{Math.Round(span.TotalSeconds)} seconds",
        { TotalMinutes: < 120 } => $"{Math.Round(span.TotalMinutes)} minutes",
        _ => $"{Math.Round(span.TotalHours)} hours",
    };
}
