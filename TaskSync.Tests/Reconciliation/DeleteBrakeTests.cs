using CsCheck;
using TaskSync.Sync.Reconciliation;
using static TaskSync.Sync.Reconciliation.DeletionState;
using static TaskSync.Tests.Reconciliation.Sides;

namespace TaskSync.Tests.Reconciliation;

public sealed class DeleteBrakeTests
{
    private static readonly Gen<List<Deletion>> Deletions = Gen.Select(Gen.Int[0, 200], Gen.Enum<DeletionState>(), (minute, state) => (minute, state)).List[0, 40]
        .Select(all => all.Select(d => new Deletion(Guid.NewGuid(), Noon.AddMinutes(d.minute), d.state)).ToList());

    /// <summary>Waiting, sent and allowed deletions of one minute; how many linked tasks Salesforce still has; how many of the waiting ones are held.</summary>
    [Theory]
    [InlineData(10, 0, 0, 10, 0)] // ten are never asked about, even if they are all there is
    [InlineData(11, 0, 0, 11, 11)] // more than 10 and more than 20 %
    [InlineData(11, 0, 0, 54, 11)] // 20.4 %
    [InlineData(11, 0, 0, 55, 0)] // exactly 20 %
    [InlineData(11, 0, 0, 1000, 0)] // many, but few of the list
    [InlineData(200, 0, 0, 1000, 0)]
    [InlineData(201, 0, 0, 1000, 201)]
    [InlineData(1, 10, 0, 1, 1)] // what was sent within the hour counts too
    [InlineData(1, 9, 0, 1, 0)]
    [InlineData(2, 9, 0, 46, 0)] // 11 of 55: what was sent was part of the list
    [InlineData(2, 9, 0, 45, 2)]
    [InlineData(5, 0, 50, 60, 0)] // the rep has answered for the others
    [InlineData(11, 0, 50, 54, 11)]
    [InlineData(0, 50, 0, 0, 0)]
    public void S10_more_than_10_and_more_than_20_percent_wait(int waiting, int sent, int allowed, int inSalesforce, int held)
    {
        var deletions = Made(waiting, Waiting).Concat(Made(sent, Sent)).Concat(Made(allowed, Allowed));

        Assert.Equal(held, DeleteBrake.Hold(deletions, inSalesforce).Count);
    }

    [Theory]
    [InlineData(60, 2)] // the hour includes its end
    [InlineData(61, 0)]
    public void S10_only_deletions_within_60_minutes_belong_together(int minutesLater, int held) =>
        Assert.Equal(held, DeleteBrake.Hold([.. Made(9, Sent), .. Made(2, Waiting, minutesLater)], 30).Count);

    [Fact]
    public void S10_deletions_that_had_to_wait_for_Salesforce_are_asked_about_however_late_it_is()
    {
        // Twelve at noon and one five hours later: the twelve belong together, whenever they are looked at.
        var atNoon = Made(12, Waiting).ToList();

        Assert.Equal(atNoon.Select(d => d.TaskId).ToHashSet(), DeleteBrake.Hold([.. Made(1, Waiting, 300), .. atNoon], 40));
    }

    [Fact]
    public void S10_a_few_an_hour_are_never_asked_about() =>
        Assert.Empty(DeleteBrake.Hold(Enumerable.Range(0, 50).SelectMany(i => Made(1, Waiting, i * 7)), 50));

    [Fact]
    public void S10_only_deletions_that_wait_are_held_and_only_with_more_than_10_others_within_the_hour() => Gen.Select(Deletions, Gen.Int[0, 60]).Sample((deletions, inSalesforce) =>
    {
        var held = DeleteBrake.Hold(deletions, inSalesforce);
        var counted = deletions.Where(d => d.State != Allowed).ToList();
        foreach (var deletion in deletions)
        {
            // Written down a second time, without a window that moves: is there an hour around it that is too full?
            var tooMany = counted.Any(end => end.At >= deletion.At && end.At - deletion.At <= DeleteBrake.Window && IsTooMany(
                [.. counted.Where(d => d.At <= end.At && end.At - d.At <= DeleteBrake.Window)], inSalesforce));
            Assert.Equal(deletion.State == Waiting && tooMany, held.Contains(deletion.TaskId));
        }
    }, iter: Sides.Times(20_000));

    [Fact]
    public void S10_the_order_does_not_matter_and_the_rep_is_not_asked_twice() => Gen.Select(Deletions, Gen.Int[0, 60]).Sample((deletions, inSalesforce) =>
    {
        var held = DeleteBrake.Hold(deletions, inSalesforce);
        Assert.Equal(held, DeleteBrake.Hold(deletions.AsEnumerable().Reverse(), inSalesforce));

        var answered = deletions.Select(d => held.Contains(d.TaskId) ? d with { State = Allowed } : d);
        Assert.Empty(DeleteBrake.Hold(answered, inSalesforce));
    }, iter: Sides.Times(20_000));

    private static bool IsTooMany(IReadOnlyList<Deletion> hour, int inSalesforce) =>
        hour.Count > 10 && hour.Count > 0.2 * (inSalesforce + hour.Count(d => d.State == Sent));

    private static IEnumerable<Deletion> Made(int count, DeletionState state, int minutes = 0) =>
        Enumerable.Range(0, count).Select(_ => new Deletion(Guid.NewGuid(), Noon.AddMinutes(minutes), state));
}
