using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Check;

/// <summary>When the nightly audit of a connection is due: between 01:00 and 05:00 of the rep's wall clock, each at a minute of its own, so that not all ask Salesforce at once.</summary>
public static class QuietHours
{
    private const int FirstHour = 1;
    private const int Minutes = 4 * 60;

    /// <summary>The first such minute after <paramref name="since"/>, in UTC.</summary>
    public static DateTimeOffset NextAfter(DateTimeOffset since, RepTime rep, Guid connectionId)
    {
        // The last bytes of the id are random, and the same on every server.
        var bytes = connectionId.ToByteArray();
        var minute = TimeSpan.FromHours(FirstHour) + TimeSpan.FromMinutes(((bytes[^2] << 8) | bytes[^1]) % Minutes);
        var day = rep.Local(since).Date;
        var due = rep.Instant(day + minute);
        return due > since ? due : rep.Instant(day.AddDays(1) + minute);
    }
}
