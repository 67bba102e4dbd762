namespace TaskSync.Sync.Model;

/// <summary>Now as one rep sees it.</summary>
/// <param name="Now">The instant it was read.</param>
/// <param name="Zone">The rep's time zone.</param>
/// <param name="Source">Where the zone comes from.</param>
/// <param name="Today">Today in that zone.</param>
/// <param name="NextMidnight">The first instant of the next day in that zone.</param>
public sealed record RepTime(DateTimeOffset Now, TimeZoneInfo Zone, ZoneSource Source, DateOnly Today, DateTimeOffset NextMidnight)
{
    public DateOnly Tomorrow => Today.AddDays(1);

    /// <summary>The instant as the rep's wall clock shows it.</summary>
    public DateTimeOffset Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, Zone);

    /// <summary>The instant (UTC) at which the rep's wall clock shows this. A time that a clock change skips moves forward by the gap; of one that comes twice the first is meant.</summary>
    public DateTimeOffset Instant(DateTime wallClock) => Instant(wallClock, Zone);

    /// <summary>The first zone that is set and known counts: Settings, else the Salesforce user's, else the browser's, else UTC.</summary>
    public static RepTime At(DateTimeOffset now, string? settingsZone, string? salesforceZone, string? browserZone)
    {
        var (zone, source) =
            Find(settingsZone) is { } chosen ? (chosen, ZoneSource.Settings)
            : Find(salesforceZone) is { } salesforce ? (salesforce, ZoneSource.Salesforce)
            : Find(browserZone) is { } browser ? (browser, ZoneSource.Browser)
            : (TimeZoneInfo.Utc, ZoneSource.Utc);
        return new RepTime(now, zone, source, Day(now, zone), NextDay(now, zone));
    }

    /// <summary>The zone of an IANA name, or null when this machine does not know it.</summary>
    internal static TimeZoneInfo? Find(string? name) =>
        !string.IsNullOrWhiteSpace(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;

    private static DateOnly Day(DateTimeOffset instant, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    /// <summary>The first second of another day, found by halving: some zones change their clocks at midnight, and Samoa once left out a whole day.</summary>
    private static DateTimeOffset NextDay(DateTimeOffset now, TimeZoneInfo zone)
    {
        var today = Day(now, zone);
        var same = now.ToUnixTimeSeconds();
        var other = now.AddHours(48).ToUnixTimeSeconds(); // at Casey station a day had 27 hours
        while (other - same > 1)
        {
            var middle = same + ((other - same) / 2);
            (same, other) = Day(DateTimeOffset.FromUnixTimeSeconds(middle), zone) == today ? (middle, other) : (same, middle);
        }

        return DateTimeOffset.FromUnixTimeSeconds(other);
    }

    private static DateTimeOffset Instant(DateTime wallClock, TimeZoneInfo zone)
    {
        var time = DateTime.SpecifyKind(wallClock, DateTimeKind.Unspecified);
        if (zone.IsAmbiguousTime(time))
        {
            return new DateTimeOffset(time, zone.GetAmbiguousTimeOffsets(time).Max()).ToUniversalTime();
        }

        // Counting a skipped time with the offset from before the gap moves it forward by the gap.
        var valid = time;
        while (zone.IsInvalidTime(valid))
        {
            valid = valid.AddMinutes(-1);
        }

        return new DateTimeOffset(time, zone.GetUtcOffset(valid)).ToUniversalTime();
    }
}

/// <summary>Where a rep's time zone comes from.</summary>
public enum ZoneSource
{
    Settings,
    Salesforce,
    Browser,
    Utc,
}
