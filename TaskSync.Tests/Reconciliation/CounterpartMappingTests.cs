using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using static TaskSync.Tests.Reconciliation.Counterparts;
using static TaskSync.Tests.Reconciliation.Sides;

namespace TaskSync.Tests.Reconciliation;

/// <summary>A counterpart survives its link.</summary>
public sealed class CounterpartMappingTests
{
    private static readonly Counterpart Full = Linked(Update(At(1), "mine"), Create(At(2))) with
    {
        State = LinkState.Lost,
        AgreedGone = true,
        GoneAt = At(3),
        NewestSeen = At(4),
        WrittenAt = At(5),
        Blocked = TaskFields.Priority,
    };

    [Fact]
    public void Every_value_goes_through_the_link_unchanged_but_blocked_fields()
    {
        var link = Stored(Full);
        var read = link.Counterpart();
        Assert.Equal(Full with { Attempts = read.Attempts, Blocked = TaskFields.None }, read);
        Assert.Equal(Full.Attempts, read.Attempts);
        link.BlockedFields = TaskFields.Priority;
        Assert.Equal(TaskFields.Priority, link.Counterpart().Blocked);
        Assert.Equal(At(12), link.UnknownUntil);
    }

    [Fact]
    public void An_empty_counterpart_empties_its_link()
    {
        var link = Stored(Full);
        Unsent().StoreIn(link, LandsWithin);
        var read = link.Counterpart();
        Assert.Equal(Unsent() with { Attempts = read.Attempts }, read);
        Assert.Equal((null, null, null), (link.BaseJson, link.AttemptsJson, link.UnknownUntil));
    }

    [Fact]
    public void What_is_stored_as_it_is_touches_no_text_of_the_link()
    {
        var link = Stored(Full);
        var (known, attempts) = (link.BaseJson, link.AttemptsJson);
        link.Counterpart().StoreIn(link, LandsWithin);
        Assert.Same(known, link.BaseJson);
        Assert.Same(attempts, link.AttemptsJson);
    }

    [Fact]
    public void A_base_of_nothing_is_not_the_same_as_no_base()
    {
        var link = Stored(Unsent() with { Agreed = TaskValues.Unknown });
        Assert.Equal(TaskValues.Unknown, link.Counterpart().Agreed);
        (Linked() with { Agreed = Values("other") }).StoreIn(link, LandsWithin);
        Assert.Equal(Values("other"), link.Counterpart().Agreed);
    }

    private static TaskLink Stored(Counterpart counterpart)
    {
        var link = new TaskLink { OrganizationId = "00D000000000001AAA", Key = "before" };
        counterpart.StoreIn(link, LandsWithin);
        return link;
    }
}
