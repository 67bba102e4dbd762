using System.Globalization;

namespace TaskSync.Simulator.Schema;

/// <summary>Salesforce's way with time: stamps of whole seconds in UTC, written with an offset without a colon.</summary>
internal static class SalesforceTime
{
    private static readonly string[] MomentFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'",
        "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm'Z'",
    ];

    /// <summary>The second the moment lies in: Salesforce stores no fractions.</summary>
    public static DateTimeOffset ToSecond(this DateTimeOffset moment) => new(moment.UtcTicks - moment.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);

    /// <summary>The minute the moment lies in, as the replication calls cut it.</summary>
    public static DateTimeOffset ToMinute(this DateTimeOffset moment) => new(moment.UtcTicks - moment.UtcTicks % TimeSpan.TicksPerMinute, TimeSpan.Zero);

    /// <summary><c>2013-05-07T22:07:19.000+0000</c></summary>
    public static string Text(DateTimeOffset moment) => string.Create(28, moment.UtcDateTime, static (text, utc) =>
    {
        utc.TryFormat(text, out var written, "s", CultureInfo.InvariantCulture);
        ".000+0000".CopyTo(text[written..]);
    });

    /// <summary><c>2026-03-05</c></summary>
    public static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Reads the dateTime forms the API accepts: Z or an offset with or without a colon, milliseconds optional. A zone is needed.</summary>
    public static bool TryParseMoment(string? text, out DateTimeOffset moment)
    {
        if (text is { Length: 28 } && text.EndsWith(".000+0000", StringComparison.Ordinal)
            && DateTime.TryParseExact(text.AsSpan(0, 19), "s", CultureInfo.InvariantCulture, DateTimeStyles.None, out var utc))
        {
            moment = new DateTimeOffset(utc, TimeSpan.Zero);
            return true;
        }
        var ok = DateTimeOffset.TryParseExact(text, MomentFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out moment);
        moment = moment.ToUniversalTime();
        return ok;
    }

    public static bool TryParseDate(string? text, out DateOnly date) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
}
