using TaskSync.Sync.Model;

namespace TaskSync.Tests.Tasks;

/// <summary>R12: a due date is a date. In no zone, at no change of the clocks between 2020 and 2035, does one move by a day.</summary>
public sealed class DueDateZoneTests
{
    private static readonly DateTimeOffset First = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2036, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_due_date_moves_by_a_day_in_any_zone_at_any_transition_from_2020_to_2035()
    {
        var (zones, transitions) = (0, 0);
        var seen = new List<TimeZoneInfo>();
        foreach (var zone in TimeZoneInfo.GetSystemTimeZones().Where(z => z.HasIanaId))
        {
            zones++;
            if (seen.Any(known => known.HasSameRules(zone)))
            {
                // Another name of one that was looked at.
                continue;
            }

            seen.Add(zone);
            foreach (var at in Transitions(zone))
            {
                transitions++;
                foreach (var moment in new[] { at.AddHours(-24), at.AddSeconds(-1), at, at.AddSeconds(1), at.AddHours(24) })
                {
                    var time = RepTime.At(moment, zone.Id, null, null);
                    var wallClock = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, zone).DateTime);
                    Assert.True(time.Today == wallClock, $"{zone.Id} at {moment:O}: today is {time.Today}, the wall clock says {wallClock}");

                    // What is due today is stored, sent and read back as that very day.
                    var values = TaskValues.Unknown.With(TaskField.DueDate, TaskValues.Text((DateOnly?)time.Today));
                    var task = new TaskItem();
                    task.Take(TaskValues.FromJson(values.ToJson()));
                    Assert.Equal(time.Today, task.DueDate);
                    Assert.Equal(values, task.Values.Only(TaskFields.DueDate));

                    // It is today's until midnight, and yesterday's right after it.
                    Assert.Equal(task.DueDate, RepTime.At(time.NextMidnight.AddSeconds(-1), zone.Id, null, null).Today);
                    var next = RepTime.At(time.NextMidnight, zone.Id, null, null);
                    Assert.True(next.Today > task.DueDate, $"{zone.Id} at {moment:O}: after {time.Today} comes {next.Today} at {time.NextMidnight:O}");
                }
            }
        }

        Assert.True(zones > 300 && transitions > 2000, $"{zones} zones, {seen.Count} different ones, {transitions} transitions");
        TestContext.Current.TestOutputHelper?.WriteLine($"{zones} zones, {seen.Count} different ones, {transitions} transitions");
    }

    /// <summary>The instants at which the zone's offset changes, found by halving between days that differ.</summary>
    private static IEnumerable<DateTimeOffset> Transitions(TimeZoneInfo zone)
    {
        for (var day = First; day < End; day = day.AddDays(7))
        {
            var (same, other) = (day.ToUnixTimeSeconds(), day.AddDays(7).ToUnixTimeSeconds());
            if (Offset(same) == Offset(other))
            {
                continue;
            }

            while (other - same > 1)
            {
                var middle = same + ((other - same) / 2);
                (same, other) = Offset(middle) == Offset(same) ? (middle, other) : (same, middle);
            }

            yield return DateTimeOffset.FromUnixTimeSeconds(other);
        }

        TimeSpan Offset(long seconds) => zone.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(seconds));
    }
}
