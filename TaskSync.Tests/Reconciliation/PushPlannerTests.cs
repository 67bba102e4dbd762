using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using static TaskSync.Tests.Reconciliation.Counterparts;
using static TaskSync.Tests.Reconciliation.Sides;

namespace TaskSync.Tests.Reconciliation;

/// <summary>The next step for one task, branch by branch.</summary>
public sealed class PushPlannerTests
{
    [Theory]
    [InlineData(LinkState.Lost)]
    [InlineData(LinkState.Reassigned)]
    public void S7_nothing_is_sent_for_a_link_that_is_not_open(LinkState state) =>
        Assert.IsType<PushStep.Settled>(Next(Linked() with { State = state }, Ours("mine"), Row()));

    [Theory]
    [InlineData(KeyPlace.KeyField)]
    [InlineData(KeyPlace.CallObject)]
    [InlineData(KeyPlace.None)]
    public void S1_a_task_that_was_never_sent_is_created(KeyPlace place)
    {
        var attempt = Sent(PushPlanner.Next(Unsent(), Ours(revision: 7), null, KeyLookUp.NotDone, Terms(place)));
        Assert.Equal((WriteKind.Create, Values(), 7, At(5), At(5) + CallTime, place), (attempt.Kind, attempt.Values, attempt.Revision, attempt.SentAt, attempt.Deadline, attempt.Key));
    }

    [Fact]
    public void S5_a_create_under_way_is_waited_for() =>
        Assert.Equal(At(5.3), Assert.IsType<PushStep.Wait>(Next(Unsent(Create(At(4.8)), Create(At(2))), Ours())).Until);

    [Theory]
    [InlineData(WriteKind.Update)]
    [InlineData(WriteKind.Delete)]
    [InlineData(WriteKind.Undelete)]
    public void S5_what_another_instance_may_be_sending_is_not_sent_a_second_time_before_its_time_is_over(WriteKind kind)
    {
        var counterpart = Linked(Attempt(kind, At(4.8)));
        Assert.Equal(At(5.3), Assert.IsType<PushStep.Wait>(Next(counterpart, Ours("mine"), Row())).Until);
        Assert.Equal(At(5.3), Assert.IsType<PushStep.Wait>(Unread(counterpart, Ours("mine"))).Until);
        Assert.Equal(WriteKind.Update, Sent(Next(counterpart, Ours("mine"), Row(), now: At(5.3))).Kind);
    }

    [Theory]
    [InlineData(KeyPlace.KeyField)]
    [InlineData(KeyPlace.CallObject)]
    public void S5_a_create_without_an_answer_is_looked_up_first(KeyPlace place) =>
        Assert.IsType<PushStep.LookUp>(Next(Unsent(Create(At(4.5), place)), Ours(), place: place));

    [Fact]
    public void S5_a_row_with_our_key_that_is_not_our_create_is_asked_about() =>
        Assert.Equal(PushQuestion.AmbiguousMatch, Assert.IsType<PushStep.Ask>(Next(Unsent(Create(At(4))), Ours(), lookUp: KeyLookUp.SomebodyElses)).Question);

    [Fact]
    public void S5_where_the_key_is_unique_an_unseen_create_is_repeated_at_once() =>
        Assert.Equal(WriteKind.Create, Sent(Next(Unsent(Create(At(4))), Ours(), lookUp: KeyLookUp.Nothing)).Kind);

    [Fact]
    public void S5_where_the_key_is_not_unique_an_unseen_create_waits_until_it_cannot_land()
    {
        var counterpart = Unsent(Create(At(4), KeyPlace.CallObject));
        Assert.Equal(At(14), Assert.IsType<PushStep.Wait>(Next(counterpart, Ours(), lookUp: KeyLookUp.Nothing, place: KeyPlace.CallObject)).Until);
        Assert.Equal(WriteKind.Create, Sent(Next(counterpart, Ours(), lookUp: KeyLookUp.Nothing, place: KeyPlace.CallObject, now: At(14))).Kind);
    }

    [Fact]
    public void S5_a_removed_task_waits_until_its_create_cannot_land_and_is_let_go()
    {
        var (counterpart, ours) = (Unsent(Create(At(4))), Ours(removedAt: At(4.5)));
        Assert.Equal(At(14), Assert.IsType<PushStep.Wait>(Next(counterpart, ours, lookUp: KeyLookUp.Nothing)).Until);
        var after = Assert.IsType<PushStep.Settled>(Next(counterpart, ours, lookUp: KeyLookUp.Nothing, now: At(14))).After;
        Assert.Empty(after.Attempts);
        Assert.Equal((true, At(14)), (after.AgreedGone, after.GoneAt));
    }

    [Theory]
    [InlineData(KeyPlace.None, KeyPlace.None)]
    [InlineData(KeyPlace.CallObject, KeyPlace.KeyField)]
    public void S5_a_create_that_cannot_be_looked_up_waits_for_a_read_and_then_asks(KeyPlace sentTo, KeyPlace place)
    {
        var counterpart = Unsent(Create(At(4), sentTo));
        Assert.Equal(At(6), Assert.IsType<PushStep.Wait>(Next(counterpart, Ours(), place: place)).Until);
        Assert.Equal(At(74), Assert.IsType<PushStep.Wait>(Next(counterpart, Ours(), place: place, now: At(73))).Until);
        Assert.Equal(PushQuestion.OutcomeUnknown, Assert.IsType<PushStep.Ask>(Next(counterpart, Ours(), place: place, now: At(74))).Question);
        var read = Terms(place, At(15)) with { PolledAt = At(14) };
        Assert.Equal(PushQuestion.OutcomeUnknown, Assert.IsType<PushStep.Ask>(PushPlanner.Next(counterpart, Ours(), null, KeyLookUp.NotDone, read)).Question);

        // A second one, which could be looked up, tells nothing of the first.
        Assert.Equal(At(6), Assert.IsType<PushStep.Wait>(Next(Unsent(Create(At(3), sentTo), Create(At(4), place)), Ours(), place: place)).Until);
    }

    [Fact]
    public void S10_without_the_row_nothing_is_sent_to_a_task_that_lives()
    {
        Assert.IsType<PushStep.Skip>(Next(Linked(), Ours("mine")));
        Assert.IsType<PushStep.Skip>(Next(Linked(), Ours(removedAt: At(4))));
    }

    [Fact]
    public void Unread_plain_edits_and_creates_go_out_and_the_rest_waits_for_a_read()
    {
        Assert.Equal(WriteKind.Update, Sent(Unread(Linked(), Ours("mine"))).Kind);
        Assert.Equal(WriteKind.Create, Sent(Unread(Unsent(), Ours())).Kind);
        Assert.IsType<PushStep.Skip>(Unread(Linked(), Ours(removedAt: At(4))));
        Assert.IsType<PushStep.Skip>(Unread(AgreedGone(), Ours()));
        Assert.IsType<PushStep.Skip>(Unread(Linked() with { Agreed = null }, Ours()));
    }

    [Fact]
    public void S3_only_what_differs_and_may_be_written_is_sent()
    {
        var ours = Ours("mine") with { Values = Values("mine", "High", null) };
        var attempt = Sent(Next(Linked(), ours, Row()));
        Assert.Equal(Values("mine", "High", null), attempt.Values);
        var schema = Terms() with { Schema = Schema() with { Updateable = TaskFields.All & ~TaskFields.Priority } };
        var narrow = Sent(PushPlanner.Next(Linked() with { Blocked = TaskFields.Subject }, ours, Row(), KeyLookUp.NotDone, schema));
        Assert.Equal(TaskValues.Unknown.With(TaskField.DueDate, null), narrow.Values);
    }

    [Fact]
    public void S3_an_edit_of_each_side_sends_ours_only()
    {
        var row = Row() with { Values = Values(priority: "High") };
        Assert.Equal(TaskValues.Unknown.With(TaskField.Subject, "mine"), Sent(Next(Linked(), Ours("mine"), row)).Values);
    }

    [Fact]
    public void S3_a_newer_edit_there_is_not_overwritten()
    {
        Assert.IsType<PushStep.Settled>(Next(Linked(), Ours("mine", At(0.5)), Row("theirs")));
        Assert.IsType<PushStep.Send>(Next(Linked(), Ours("mine", At(4)), Row("theirs")));
    }

    [Fact]
    public void S4_a_task_restored_on_both_sides_is_not_taken_out_of_the_bin() => Assert.IsType<PushStep.Settled>(Next(AgreedGone(), Ours(), Row()));

    [Fact]
    public void S6_of_a_field_that_is_blocked_before_it_was_agreed_on_nothing_is_sent()
    {
        var ours = Ours(editedAt: At(4)) with { Values = Values(priority: "High") };
        var counterpart = Linked() with { Agreed = Values().Without(TaskFields.Priority) };
        Assert.Equal(TaskFields.Priority, Sent(Next(counterpart, ours, Row())).Values.Known);
        Assert.IsType<PushStep.Settled>(Next(counterpart with { Blocked = TaskFields.Priority }, ours, Row()));
    }

    [Fact]
    public void A_field_that_may_not_be_set_is_left_out_of_a_create()
    {
        var terms = Terms() with { Schema = Schema() with { Createable = TaskFields.Subject } };
        Assert.Equal(TaskFields.Subject, Sent(PushPlanner.Next(Unsent(), Ours(), null, KeyLookUp.NotDone, terms)).Values.Known);
    }

    [Fact]
    public void S4_a_deletion_is_sent_only_where_the_row_lives()
    {
        Assert.Equal(WriteKind.Delete, Sent(Next(Linked(), Ours(removedAt: At(4)), Row())).Kind);
        var after = Assert.IsType<PushStep.Settled>(Next(Linked(), Ours(removedAt: At(4)), Row() with { IsDeleted = true })).After;
        Assert.Equal((false, null), (after.AgreedGone, after.GoneAt));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void S4_a_task_restored_here_is_taken_out_of_the_bin(bool isShown) =>
        Assert.Equal(WriteKind.Undelete, Sent(Next(AgreedGone(), Ours(), isShown ? Row() with { IsDeleted = true } : null)).Kind);

    [Fact]
    public void S5_a_row_that_was_not_asked_for_is_not_taken_for_one_that_left_the_bin()
    {
        Assert.IsType<PushStep.Skip>(PushPlanner.Next(AgreedGone(), Ours(), null, KeyLookUp.NotDone, Terms() with { IsAsked = false }));
        Assert.Equal(WriteKind.Undelete, Sent(PushPlanner.Next(AgreedGone(), Ours(), Row() with { IsDeleted = true }, KeyLookUp.NotDone, Terms() with { IsAsked = false })).Kind);
    }

    [Fact]
    public void S5_what_a_read_shows_nothing_of_is_forgotten_when_it_cannot_land()
    {
        var counterpart = Linked(Update(At(4), "mine"));
        Assert.Single(Assert.IsType<PushStep.Settled>(Next(counterpart, Ours(), Row())).After.Attempts);
        Assert.Empty(Assert.IsType<PushStep.Settled>(Next(counterpart, Ours(), Row(), now: At(14))).After.Attempts);
        Assert.Empty(Assert.IsType<PushStep.Settled>(Next(AgreedGone(Attempt(WriteKind.Delete, At(4))), Ours(removedAt: Noon), now: At(14))).After.Attempts);
    }

    [Fact]
    public void S5_unread_no_attempt_is_forgotten()
    {
        var terms = Terms(now: At(20)) with { IsUnread = true };
        Assert.Single(Assert.IsType<PushStep.Settled>(PushPlanner.Next(Linked(Update(At(4), "mine")), Ours(), null, KeyLookUp.NotDone, terms)).After.Attempts);
    }

    [Fact]
    public void Made_and_removed_before_it_was_sent_is_agreed_to_be_gone()
    {
        var after = Assert.IsType<PushStep.Settled>(Next(Unsent(), Ours(removedAt: At(4)))).After;
        Assert.Equal((true, At(5)), (after.AgreedGone, after.GoneAt));
        Assert.False(Assert.IsType<PushStep.Settled>(Next(Linked(), Ours(), Row())).After.AgreedGone);
    }

    private static PushStep Next(
        Counterpart counterpart, OurTask ours, RemoteTask? row = null, KeyLookUp lookUp = KeyLookUp.NotDone, KeyPlace place = KeyPlace.KeyField, DateTimeOffset? now = null) =>
        PushPlanner.Next(counterpart, ours, row, lookUp, Terms(place, now));

    private static PushStep Unread(Counterpart counterpart, OurTask ours) => PushPlanner.Next(counterpart, ours, null, KeyLookUp.NotDone, Terms() with { IsUnread = true });

    private static WriteAttempt Sent(PushStep step) => Assert.IsType<PushStep.Send>(step).Attempt;
}
