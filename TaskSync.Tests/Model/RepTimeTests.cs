using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Tasks;

namespace TaskSync.Tests.Model;

/// <summary>Today is today in the rep's zone and rolls over at the rep's midnight.</summary>
public sealed class RepTimeTests
{
    [Theory]
    [InlineData("Pacific/Kiritimati", "2026-11-23T09:59:59Z", "2026-11-23", "2026-11-23T10:00:00Z")] // UTC+14
    [InlineData("Pacific/Kiritimati", "2026-11-23T10:00:00Z", "2026-11-24", "2026-11-24T10:00:00Z")]
    [InlineData("Pacific/Pago_Pago", "2026-11-23T10:59:59Z", "2026-11-22", "2026-11-23T11:00:00Z")] // UTC-11
    [InlineData("Pacific/Pago_Pago", "2026-11-23T11:00:00Z", "2026-11-23", "2026-11-24T11:00:00Z")]
    [InlineData("UTC", "2026-12-31T23:59:59Z", "2026-12-31", "2027-01-01T00:00:00Z")]
    [InlineData("Europe/Berlin", "2026-03-28T23:30:00Z", "2026-03-29", "2026-03-29T22:00:00Z")] // a day of 23 hours
    [InlineData("Europe/Berlin", "2026-10-24T22:30:00Z", "2026-10-25", "2026-10-25T23:00:00Z")] // a day of 25 hours
    [InlineData("America/New_York", "2028-02-29T04:59:59Z", "2028-02-28", "2028-02-29T05:00:00Z")] // leap day
    [InlineData("America/New_York", "2028-02-29T05:00:00Z", "2028-02-29", "2028-03-01T05:00:00Z")]
    [InlineData("Asia/Kathmandu", "2026-11-23T18:15:00Z", "2026-11-24", "2026-11-24T18:15:00Z")] // UTC+5:45
    [InlineData("Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-23", "2026-04-23T22:00:00Z")] // no midnight on 24 April: 00:00 becomes 01:00
    [InlineData("America/Havana", "2026-10-31T12:00:00Z", "2026-10-31", "2026-11-01T04:00:00Z")] // midnight of 1 November comes twice: the first counts
    [InlineData("Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-29", "2011-12-30T10:00:00Z")] // 30 December 2011 was left out
    public void Today_and_the_next_midnight_are_those_of_the_reps_zone(string zone, string now, string today, string midnight)
    {
        var time = RepTime.At(DateTimeOffset.Parse(now), zone, null, null);
        Assert.Equal(DateOnly.Parse(today), time.Today);
        Assert.Equal(DateTimeOffset.Parse(midnight), time.NextMidnight);
        Assert.NotEqual(time.Today, RepTime.At(time.NextMidnight, zone, null, null).Today);
        Assert.Equal(time.Today, RepTime.At(time.NextMidnight.AddSeconds(-1), zone, null, null).Today);
    }

    [Theory]
    [InlineData("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Europe/Berlin", ZoneSource.Settings)]
    [InlineData(null, "America/New_York", "Asia/Tokyo", "America/New_York", ZoneSource.Salesforce)]
    [InlineData("", " ", "Asia/Tokyo", "Asia/Tokyo", ZoneSource.Browser)]
    [InlineData("Mars/Olympus", "America/New_York", null, "America/New_York", ZoneSource.Salesforce)]
    [InlineData(null, null, "../../etc/passwd", "UTC", ZoneSource.Utc)]
    [InlineData(null, null, null, "UTC", ZoneSource.Utc)]
    public void The_zone_is_that_of_Settings_else_of_Salesforce_else_of_the_browser(string? settings, string? salesforce, string? browser, string zone, ZoneSource source)
    {
        var time = RepTime.At(Desk.Morning, settings, salesforce, browser);
        Assert.Equal((zone, source), (time.Zone.Id, time.Source));
    }

    [Theory]
    [InlineData("2026-06-01T15:00:00", "2026-06-01T13:00:00Z")]
    [InlineData("2026-12-01T15:00:00", "2026-12-01T14:00:00Z")]
    [InlineData("2026-03-29T02:30:00", "2026-03-29T01:30:00Z")] // skipped: shown as 03:30
    [InlineData("2026-10-25T02:30:00", "2026-10-25T00:30:00Z")] // twice: the first
    public void A_reminder_typed_on_the_wall_clock_is_an_instant(string wallClock, string instant) =>
        Assert.Equal(DateTimeOffset.Parse(instant), RepTime.At(Desk.Morning, "Europe/Berlin", null, null).Instant(DateTime.Parse(wallClock)));

    [Fact]
    public void Every_zone_goes_from_day_to_day_without_a_gap_or_a_repeat()
    {
        var zones = new List<TimeZoneInfo>();
        foreach (var zone in TimeZoneInfo.GetSystemTimeZones())
        {
            if (!zones.Any(known => known.HasSameRules(zone)))
            {
                zones.Add(zone);
            }
        }

        foreach (var zone in zones)
        {
            var now = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
            var time = RepTime.At(now, zone.Id, null, null);
            for (var day = 0; day < 366; day++)
            {
                var next = RepTime.At(time.NextMidnight, zone.Id, null, null);
                Assert.True(next.Today == time.Tomorrow, $"{zone.Id}: after {time.Today} comes {next.Today}");
                time = next;
            }
        }
    }

    [Fact]
    public async Task The_clock_reads_the_zone_of_the_person()
    {
        await using var desk = new Desk();
        var clock = new RepClock(desk.Database, desk.Clock);
        Assert.Equal(ZoneSource.Utc, (await clock.NowAsync(Guid.NewGuid(), Desk.Never)).Source);

        await desk.People.SetBrowserZoneAsync(desk.Rita, "Asia/Tokyo", Desk.Never);
        Assert.Equal(ZoneSource.Browser, (await clock.NowAsync(desk.Rita, Desk.Never)).Source);

        var connection = desk.Connect(desk.Rita);
        desk.Change(db => db.Connections.Find(connection.Id)!.UserTimeZone = "America/New_York");
        Assert.Equal("America/New_York", (await clock.NowAsync(desk.Rita, Desk.Never)).Zone.Id);

        Assert.Null(await desk.Settings.SaveZoneAsync(desk.Rita, "Europe/Berlin", Desk.Never));
        Assert.Equal(("Europe/Berlin", ZoneSource.Settings), (await clock.NowAsync(desk.Rita, Desk.Never)) is var time ? (time.Zone.Id, time.Source) : default);
    }
}
