using System.Globalization;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Web.Components.Shared;

/// <summary>Dates, times and counts as people read them.</summary>
public static class Words
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    /// <summary>The answer to "Sync now".</summary>
    public static string Of(AskedRead asked) => asked switch
    {
        AskedRead.Off => "Sync is off. Turn it on in Settings.",
        AskedRead.JustLooked => $"Looked a moment ago. You can ask again in {AskedReads.Interval.TotalSeconds:0} seconds.",
        _ => "Looking for changes now.",
    };

    /// <summary>"Monday 23 November".</summary>
    public static string LongDay(DateOnly day) => day.ToString("dddd d MMMM", English);

    /// <summary>"today", "tomorrow", "yesterday", "Mon 23 Nov", with the year when it is another one.</summary>
    public static string Day(DateOnly day, DateOnly today) => (day.DayNumber - today.DayNumber) switch
    {
        0 => "today",
        1 => "tomorrow",
        -1 => "yesterday",
        _ => day.ToString(day.Year == today.Year ? "ddd d MMM" : "ddd d MMM yyyy", English),
    };

    /// <summary>"14:05" today, else with the day.</summary>
    public static string Moment(DateTimeOffset local, DateOnly today)
    {
        var day = DateOnly.FromDateTime(local.DateTime);
        var clock = local.ToString("HH:mm", English);
        return day == today ? clock : $"{Day(day, today)}, {clock}";
    }

    /// <summary>To whoever was an admin when the page was opened.</summary>
    public const string NoAdmin = "You may not do this any more: it takes the role of an admin.";

    /// <summary>"Salesforce is away since 09:12"; the text alone when nothing is known of its beginning.</summary>
    public static string Since(string text, DateTimeOffset? since, RepTime time) => since is { } at ? $"{text} since {Moment(time.Local(at), time.Today)}" : text;

    /// <summary>"just now", "5 min ago", "3 h ago", "2 days ago".</summary>
    public static string Ago(TimeSpan span) => span switch
    {
        { TotalSeconds: < 45 } => "just now",
        { TotalMinutes: < 60 } => $"{Math.Max(1, (int)Math.Round(span.TotalMinutes))} min ago",
        { TotalHours: < 24 } => $"{(int)span.TotalHours} h ago",
        _ => Count((int)span.TotalDays, "day") + " ago",
    };

    /// <summary>"1.4 s", "2 min 5 s".</summary>
    public static string Took(TimeSpan span) => span.TotalSeconds switch
    {
        < 0.95 => $"{Math.Max(1, (int)span.TotalMilliseconds)} ms",
        < 60 => span.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture) + " s",
        < 3600 => $"{(int)span.TotalMinutes} min {span.Seconds} s",
        _ => $"{(int)span.TotalHours} h {span.Minutes} min",
    };

    /// <summary>"1 task", "2 tasks".</summary>
    public static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{Number(count)} {noun}s";

    public static string Number(int number) => number.ToString("N0", English);
}
