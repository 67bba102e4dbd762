using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskSync.Web.Components.CommandCenter;

/// <summary>What was understood of a line typed into Quick add.</summary>
/// <param name="Subject">The line without the words below; the whole line when nothing was understood.</param>
/// <param name="Due">The day that was named, null when none was.</param>
/// <param name="Priority">"High" or "Low" when the line ends with !high or !low.</param>
public sealed record QuickAddText(string Subject, DateOnly? Due, string? Priority);

/// <summary>Understands a day at the end of a line ("Call Ana tomorrow", "… on friday", "… 2026-11-30") and !high. Never guesses inside the line.</summary>
public static partial class QuickAdd
{
    public static QuickAddText Read(string line, DateOnly today)
    {
        var text = line.Trim();
        string? priority = null;
        if (PriorityAtEnd().Match(text) is { Success: true } high)
        {
            priority = CultureInfo.InvariantCulture.TextInfo.ToTitleCase(high.Groups["level"].Value.ToLowerInvariant());
            text = text[..high.Index].TrimEnd();
        }

        DateOnly? due = null;
        if (DayAtEnd().Match(text) is { Success: true } match && Day(match.Groups["day"].Value.ToLowerInvariant(), today) is { } day)
        {
            due = day;
            text = text[..match.Index].TrimEnd();
        }

        return text.Length == 0 ? new QuickAddText(line.Trim(), null, null) : new QuickAddText(text, due, priority);
    }

    private static DateOnly? Day(string word, DateOnly today)
    {
        switch (word)
        {
            case "today":
                return today;
            case "tomorrow":
                return today.AddDays(1);
            case "next week":
                return NextWeekday(DayOfWeek.Monday, today);
        }

        if (DateOnly.TryParseExact(word, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return date;
        }

        foreach (var weekday in Enum.GetValues<DayOfWeek>())
        {
            var name = weekday.ToString().ToLowerInvariant();
            if (word == name || word == name[..3])
            {
                return NextWeekday(weekday, today);
            }
        }

        return null;
    }

    /// <summary>The next such day after today.</summary>
    public static DateOnly NextWeekday(DayOfWeek weekday, DateOnly today) => today.AddDays(((int)weekday - (int)today.DayOfWeek + 6) % 7 + 1);

    [GeneratedRegex(@"(?:^|\s)!(?<level>high|low)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PriorityAtEnd();

    [GeneratedRegex(@"(?:^|\s)(?:(?:on|by|due)\s+)?(?<day>today|tomorrow|next week|monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun|\d{4}-\d{2}-\d{2})$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DayAtEnd();
}
