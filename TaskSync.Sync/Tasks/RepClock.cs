#pragma warning disable CS9113 // to be filled in
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;

namespace TaskSync.Sync.Tasks;

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

    /// <summary>The instant at which the rep's wall clock shows this; a time skipped by a clock change is moved forward by the gap.</summary>
    public DateTimeOffset Instant(DateTime wallClock) => throw new NotImplementedException();

    /// <summary>The first zone that is set and known counts: Settings, else the Salesforce user's, else the browser's, else UTC.</summary>
    public static RepTime At(DateTimeOffset now, string? settingsZone, string? salesforceZone, string? browserZone) => throw new NotImplementedException();
}

public enum ZoneSource
{
    Settings,
    Salesforce,
    Browser,
    Utc,
}

/// <summary>Tells today and the zone of a person.</summary>
public sealed class RepClock(IDbContextFactory<TaskSyncDb> databases, TimeProvider clock)
{
    /// <summary>UTC for an unknown person.</summary>
    public Task<RepTime> NowAsync(Guid personId, CancellationToken cancellationToken) => throw new NotImplementedException();
}
