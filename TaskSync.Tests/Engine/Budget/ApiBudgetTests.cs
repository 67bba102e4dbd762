using CsCheck;
using TaskSync.Sync.Engine.Budget;

namespace TaskSync.Tests.Engine.Budget;

/// <summary>The share of the daily API calls: reads give way first and smoothly, writes later, and the share is never passed.</summary>
public sealed class ApiBudgetTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly Gen<ApiBudget> AnyBudget = Gen.Select(Gen.Int[0, 100_000], Gen.Double[0, 1.1], Gen.Int[0, 2_000], Gen.Double[0.001, 24],
        (share, used, connections, hours) => new ApiBudget(share, (int)(share * used), connections, TimeSpan.FromHours(hours)));

    [Theory]

    // 50 reps without a page open, Enterprise Edition: nothing is held back.
    [InlineData(30_000, 0, 50, 24, 45_600, 3.05, 0)]
    [InlineData(60_000, 0, 20, 24, 18_240, 1, 0)]

    // Half the share is spent at half the day: reads as at its start, writes at once.
    [InlineData(60_000, 30_000, 20, 12, 18_240, 1, 0)]

    // Three quarters at half the day: reads twice as far apart as at its start, writes wait for each other.
    [InlineData(40_000, 30_000, 100, 12, 400_000, 40.5, 3.68)]

    // Nothing but the calls kept for the evening.
    [InlineData(400, 200, 200, 12, 182_400, double.PositiveInfinity, -1)]
    [InlineData(400, 400, 200, 12, 182_400, double.PositiveInfinity, -1)]
    public void The_stretch_of_reads_and_the_gap_between_writes_follow_from_what_is_left(
        int share, int used, int connections, double hoursLeft, double readsPerDay, double stretch, double gapMinutes)
    {
        var budget = new ApiBudget(share, used, connections, TimeSpan.FromHours(hoursLeft));
        Assert.Equal(stretch, budget.ReadStretch(readsPerDay), 0.05);
        Assert.Equal(gapMinutes, budget.WriteGap?.TotalMinutes ?? -1, 0.05);
        Assert.Equal(used >= share, budget.IsSpent);
    }

    [Fact]
    public void More_calls_made_never_bring_the_next_ones_nearer() => Gen.Select(AnyBudget, Gen.Int[0, 1000], Gen.Double[0, 1_000_000]).Sample((budget, more, reads) =>
    {
        var later = budget with { Used = budget.Used + more };
        return later.ReadStretch(reads) >= budget.ReadStretch(reads) && (later.WriteGap ?? Day) >= (budget.WriteGap ?? Day);
    }, iter: 20_000);

    [Fact]
    public void One_call_more_changes_the_stretch_by_next_to_nothing_while_there_is_something_left() => Gen.Select(AnyBudget, Gen.Double[1, 1_000_000]).Sample((budget, reads) =>
        budget.Free < 100 || (budget with { Used = budget.Used + 1 }).ReadStretch(reads) <= budget.ReadStretch(reads) * 1.02, iter: 20_000);

    [Fact]
    public void Writes_are_never_held_back_while_the_day_is_not_ahead_of() => AnyBudget.Sample(budget =>
        budget.Free < 1 || budget.Used > (budget.Share - Kept(budget)) * (1 - (budget.Left / Day)) * 0.999 || budget.Left < ApiBudget.Evening
        || Kept(budget) > budget.Share / 2.0 || budget.WriteGap == TimeSpan.Zero, iter: 20_000);

    private static double Kept(ApiBudget budget) => budget.Connections + (2 * Math.Sqrt(budget.Connections));

    [Fact]
    public void Whatever_is_asked_for_a_day_of_stretched_reads_leaves_what_is_kept_and_half_of_the_rest() => Gen.Select(Gen.Int[500, 50_000], Gen.Int[1, 200], Gen.Double[100, 2_000_000]).Sample((share, connections, readsPerDay) =>
    {
        // Minute by minute up to the evening, as many reads as the stretch of that minute allows.
        double used = 0;
        for (var minute = 0; minute < 22 * 60; minute++)
        {
            var budget = new ApiBudget(share, (int)Math.Ceiling(used), connections, Day - TimeSpan.FromMinutes(minute));
            used += readsPerDay / 1440 / budget.ReadStretch(readsPerDay);
        }

        return used <= share - Math.Min(connections, share / 2.0);
    }, iter: 200);

    [Fact]
    public void Every_connection_has_its_own_part_of_the_evening_before_midnight()
    {
        var end = new DateTimeOffset(2026, 3, 6, 0, 0, 0, TimeSpan.Zero);
        var pace = new ApiPace(new ApiBudget(400, 200, 200, TimeSpan.FromHours(12)), double.PositiveInfinity, end);
        var parts = Enumerable.Range(0, 200).Select(_ => pace.WriteFrom(Guid.CreateVersion7(), end - TimeSpan.FromHours(12))).ToList();
        Assert.All(parts, part => Assert.InRange(part, end - ApiBudget.Evening, end - TimeSpan.FromMinutes(5)));
        Assert.True(parts.Distinct().Count() > 190);

        // Who had it waits for the next day.
        Assert.All(parts, part => Assert.Equal(end, pace.WriteFrom(Guid.CreateVersion7(), end - TimeSpan.FromMinutes(1))));
    }
}
