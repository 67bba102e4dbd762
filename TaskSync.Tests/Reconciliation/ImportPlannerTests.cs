using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using static TaskSync.Tests.Reconciliation.Counterparts;
using static TaskSync.Tests.Reconciliation.Sides;

namespace TaskSync.Tests.Reconciliation;

/// <summary>Which Salesforce tasks without a link come in.</summary>
public sealed class ImportPlannerTests
{
    private static readonly EntryFacts Fitting = new(Rep, Noon, IsDeleted: false, IsArchived: false, IsRecurrence: false);

    [Theory]
    [InlineData(ImportWindow.Last24Hours, 24)]
    [InlineData(ImportWindow.AllOpen, 24)]
    [InlineData(ImportWindow.Last7Days, 168)]
    public void F3_the_window_is_as_long_as_the_rep_says(ImportWindow window, int hours) => Assert.Equal(Noon.AddHours(-hours), ImportPlanner.WindowStart(window, Noon));

    [Theory]
    [InlineData(-31, -30)]
    [InlineData(-30, -30)]
    [InlineData(-29, -29)]
    public void F6_at_catch_up_new_tasks_are_at_most_30_days_old(int floor, int expected) =>
        Assert.Equal(Noon.AddDays(expected), ImportPlanner.FloorAtCatchUp(Noon.AddDays(floor), Noon));

    [Fact]
    public void F6_without_a_first_sync_there_is_no_floor() => Assert.Null(ImportPlanner.FloorAtCatchUp(null, Noon));

    [Fact]
    public void F3_a_row_of_the_reps_own_modified_since_the_floor_comes_in()
    {
        Assert.True(May(Fitting, Noon));
        Assert.False(May(Fitting, Noon.AddSeconds(1)));
        Assert.False(May(Fitting, null));
        Assert.True(ImportPlanner.MayEnter(Fitting, Rep, null, isImport: true));
    }

    [Fact]
    public void S11_others_deleted_archived_and_series_rows_stay_out()
    {
        Assert.False(May(Fitting with { OwnerId = Colleague }, Noon));
        Assert.False(May(Fitting with { IsDeleted = true }, Noon));
        Assert.False(May(Fitting with { IsArchived = true }, Noon));
        Assert.False(May(Fitting with { IsRecurrence = true }, Noon));
    }

    [Fact]
    public void F3_a_reading_asks_by_LastModifiedDate_and_not_by_SystemModstamp()
    {
        var row = Row(at: At(-1)) with { SystemModstamp = At(1) };
        Assert.False((Read(ReadKind.Changes, row) with { EntryFloor = Noon }).MayEnter(row));
        Assert.True((Read(ReadKind.Import, row) with { EntryFloor = Noon }).MayEnter(row));
        Assert.True((Read(ReadKind.Changes, row) with { EntryFloor = At(-1) }).MayEnter(row));
    }

    private static bool May(EntryFacts row, DateTimeOffset? floor) => ImportPlanner.MayEnter(row, Rep, floor, isImport: false);
}
