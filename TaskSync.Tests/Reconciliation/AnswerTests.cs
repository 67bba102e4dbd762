using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using static TaskSync.Tests.Reconciliation.Counterparts;
using static TaskSync.Tests.Reconciliation.Sides;

namespace TaskSync.Tests.Reconciliation;

/// <summary>What the answer to each kind of request tells about a counterpart, and what happens next.</summary>
public sealed class AnswerTests
{
    private static readonly DateTimeOffset Sent = At(4);

    public static TheoryData<WriteKind> Kinds => [.. Enum.GetValues<WriteKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void S5_an_unknown_outcome_keeps_the_attempt(WriteKind kind)
    {
        var (after, next) = Hear(kind, new Answer.Unknown());
        Assert.Equal(NextStep.AsItStands, next);
        Assert.Equal(2, after.Attempts.Count);
    }

    [Fact]
    public void S5_whoever_knows_that_its_own_call_has_ended_need_not_wait_before_it_writes_again()
    {
        var (hung, update) = (Update(At(4.9), "before"), Update(At(4.8), "mine"));
        var after = Linked(hung, update).Answered(update, new Answer.Unknown(), Ours("mine"), Clocks(), 0).After;
        Assert.Equal([At(5.4), At(5)], after.Attempts.Select(attempt => attempt.Deadline));
        Assert.Equal(At(5.4), after.InFlightUntil(At(5)));
        Assert.Null(Linked(update).Answered(update, new Answer.Unknown(), Ours("mine"), Clocks(), 0).After.InFlightUntil(At(5)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void S9_what_was_not_applied_leaves_no_attempt(WriteKind kind)
    {
        Assert.Equal(NextStep.AsItStands, Unchanged(kind, new Answer.NotSent()));
        Assert.Equal(NextStep.Later, Unchanged(kind, new Answer.Busy()));
        Assert.Equal(NextStep.Ask, Unchanged(kind, new Answer.Refused()));
    }

    [Theory]
    [InlineData(WriteKind.Update)]
    [InlineData(WriteKind.Delete)]
    public void Gone_is_believed_of_no_error_code_and_asked_about_the_second_time(WriteKind kind)
    {
        Assert.Equal(NextStep.Later, Unchanged(kind, new Answer.Gone()));
        Assert.Equal(NextStep.Ask, Unchanged(kind, new Answer.Gone(), refusals: 1));
    }

    [Fact]
    public void S5_a_confirmed_create_is_linked_with_the_values_sent()
    {
        var create = Create(Sent) with { Values = Values("sent", priority: null) };
        var (after, next) = Unsent(create).Answered(create, new Answer.Written(Id, TaskFields.All & ~TaskFields.DueDate), Ours("newer"), Clocks(), 0);
        Assert.Equal((NextStep.Done, Id, false), (next, after.SalesforceId, after.AgreedGone));
        Assert.Empty(after.Attempts);
        Assert.Equal(TaskValues.Unknown.With(TaskField.Subject, "sent").With(TaskField.Priority, null), after.Agreed);
        Assert.Equal(At(5), after.WrittenAt);
    }

    [Fact]
    public void S5_a_confirmed_create_leaves_those_that_hung_while_they_may_still_land_should_its_row_be_purged()
    {
        var (late, hung, create) = (Create(At(-6)), Create(At(3)), Create(Sent));
        Assert.Equal([hung with { IsSurpassed = true }], Unsent(late, hung, create).Answered(create, new Answer.Written(Id, TaskFields.All), Ours(), Clocks(), 0).After.Attempts);
    }

    [Fact]
    public void S5_a_create_that_hung_lands_as_ours_after_its_repetition_was_purged_and_the_task_edited()
    {
        var (hung, repetition) = (Create(At(1)), Create(At(2)));
        var linked = Unsent(hung, repetition).Answered(repetition, new Answer.Written(Id, TaskFields.All), Ours(), Clocks(At(3)), 0).After;
        var gone = linked with { AgreedGone = true, GoneAt = At(4) };
        var edited = Ours("edited here", At(5));
        var undelete = Attempt(WriteKind.Undelete, At(6));
        var anew = gone.Sent(undelete).Answered(undelete, new Answer.NotRestorable(IsKeyUnique: true), edited, Clocks(At(6)), 0).After;
        Assert.Equal([hung], anew.Attempts);

        // It is looked up before the task is created once more.
        Assert.IsType<PushStep.LookUp>(PushPlanner.Next(anew, edited, null, KeyLookUp.NotDone, Terms(now: At(6))));
        var third = Assert.IsType<PushStep.Send>(PushPlanner.Next(anew, edited, null, KeyLookUp.Nothing, Terms(now: At(6)))).Attempt;
        var row = Row(at: At(7)) with { Id = OtherId };
        var taken = Assert.IsType<Observation.Taken>(anew.Sent(third).See(row, ReadKind.Present, edited, At(8)));
        Assert.Equal(TaskField.Subject, Assert.IsType<SyncAction.WriteRemote>(taken.Action).Merge.Push.Each().Single());
        Assert.Equal([hung with { IsSurpassed = true }, third with { IsSurpassed = true }], taken.After.Attempts);

        var refused = anew.Sent(third).Answered(third, new Answer.Duplicate(OtherId), edited, Clocks(At(8)), 0).After;
        Assert.IsType<SyncAction.WriteRemote>(Assert.IsType<Observation.Taken>(refused.See(row, ReadKind.Present, edited, At(9))).Action);
    }

    [Fact]
    public void S5_an_empty_value_that_was_left_out_is_agreed_all_the_same()
    {
        var create = Create(Sent) with { Values = Values(priority: null) };
        var (after, _) = Unsent(create).Answered(create, new Answer.Written(Id, TaskFields.Subject), Ours(), Clocks(), 0);
        Assert.True(after.Agreed!.Known.Holds(TaskField.Priority));
        Assert.False(after.Agreed.Known.Holds(TaskField.DueDate));
    }

    [Fact]
    public void S6_a_confirmed_update_moves_the_base_to_what_was_sent()
    {
        var update = Update(Sent, "sent");
        var (after, next) = Linked(update).Answered(update, new Answer.Written(Id, TaskFields.Subject), Ours("newer"), Clocks(), 0);
        Assert.Equal((NextStep.Done, Values("sent")), (next, after.Agreed));
        var (unsent, _) = Linked(update).Answered(update, new Answer.Written(Id, TaskFields.None), Ours("newer"), Clocks(), 0);
        Assert.Equal(Values(), unsent.Agreed);
        var (unknown, _) = (Linked(update) with { Agreed = null }).Answered(update, new Answer.Written(Id, TaskFields.Subject), Ours(), Clocks(), 0);
        Assert.Equal(update.Values, unknown.Agreed);
    }

    [Theory]
    [InlineData(WriteKind.Create)]
    [InlineData(WriteKind.Update)]
    public void S2_an_edit_made_meanwhile_stays_to_be_sent(WriteKind kind)
    {
        var (_, next) = Hear(kind, new Answer.Written(Id, TaskFields.All), Ours(revision: 2));
        Assert.Equal(NextStep.Again, next);
    }

    [Theory]
    [InlineData(false, NextStep.Again)]
    [InlineData(true, NextStep.Done)]
    public void S4_a_confirmed_deletion_is_agreed_and_undone_if_restored_meanwhile(bool isRemoved, NextStep expected)
    {
        var (after, next) = Hear(WriteKind.Delete, new Answer.Written(Id, TaskFields.None), Ours(removedAt: isRemoved ? At(3) : null, revision: 2));
        Assert.Equal((expected, true, Sent), (next, after.AgreedGone, after.GoneAt));
    }

    [Fact]
    public void S8_after_a_confirmed_write_older_rows_are_past()
    {
        var (after, _) = Hear(WriteKind.Update, new Answer.Written(Id, TaskFields.All));
        Assert.Equal(Sent - ConflictPolicy.TooClose, after.NewestSeen);
        var newer = Linked(Update(Sent, "sent")) with { NewestSeen = At(4.5) };
        Assert.Equal(At(4.5), newer.Answered(newer.Attempts[0], new Answer.Written(Id, TaskFields.All), Ours(), Clocks(), 0).After.NewestSeen);
        var unseen = newer with { NewestSeen = null };
        Assert.Equal(Sent - ConflictPolicy.TooClose, unseen.Answered(newer.Attempts[0], new Answer.Written(Id, TaskFields.All), Ours(), Clocks(), 0).After.NewestSeen);
        var unknown = Clocks() with { Offset = null };
        Assert.Equal(Noon, Linked(newer.Attempts[0]).Answered(newer.Attempts[0], new Answer.Written(Id, TaskFields.All), Ours(), unknown, 0).After.NewestSeen);
    }

    [Theory]
    [InlineData(4.9, typeof(SyncAction.DeleteRemote))]
    [InlineData(3.9, typeof(SyncAction.RestoreLocal))]
    public void S4_deleted_here_once_more_before_the_answer_came_is_newer_than_what_was_undeleted_there_meanwhile(double removedAt, Type action)
    {
        var (gone, _) = Hear(WriteKind.Delete, new Answer.Written(Id, TaskFields.None));
        var taken = Assert.IsType<Observation.Taken>((gone with { WrittenAt = null }).See(Row(at: At(4.5)), ReadKind.Present, Ours(removedAt: At(removedAt)), At(6)));
        Assert.IsType(action, taken.Action);
    }

    [Fact]
    public void S5_a_taken_key_links_with_the_values_of_the_first_create()
    {
        var second = Create(Sent, subject: "second");
        var (after, next) = (Unsent(Create(At(3), subject: "first"), second) with { AgreedGone = true, GoneAt = Noon }).Answered(second, new Answer.Duplicate(OtherId), Ours(), Clocks(), 0);
        Assert.Equal((NextStep.Again, OtherId, Values("first"), false, null), (next, after.SalesforceId, after.Agreed, after.AgreedGone, after.GoneAt));
        Assert.Equal(At(5), after.WrittenAt);
    }

    [Fact]
    public void S5_a_taken_key_of_a_create_that_is_forgotten_links_with_what_the_row_shows_unless_somebody_edited_it()
    {
        var second = Create(At(4), subject: "edited here");
        var after = Unsent(second).Answered(second, new Answer.Duplicate(Id), Ours(), Clocks(), 0).After;
        var (ours, asCreated) = (Ours("edited here", At(2)), Row("first"));
        Assert.Null(after.Agreed);
        Assert.Equal("edited here", ours.Values[Assert.IsType<SyncAction.WriteRemote>(Taken(after, asCreated, ours).Action).Merge.Push.Each().Single()]);
        Assert.IsType<SyncAction.WriteLocal>(Taken(after, asCreated with { LastModifiedDate = At(3) }, ours).Action);
        Assert.IsType<SyncAction.WriteLocal>(Taken(after, asCreated with { Key = null, LastModifiedDate = At(3) }, ours).Action);

        static Observation.Taken Taken(Counterpart counterpart, RemoteTask row, OurTask ours) =>
            Assert.IsType<Observation.Taken>((counterpart with { WrittenAt = null }).See(row, ReadKind.Present, ours));
    }

    [Fact]
    public void S4_a_row_taken_out_of_the_bin_is_agreed_on_again_and_looked_at_once_more()
    {
        var (after, next) = Hear(WriteKind.Undelete, new Answer.Restored());
        Assert.Equal((NextStep.Again, false, null, At(5)), (next, after.AgreedGone, after.GoneAt, after.WrittenAt));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void S4_what_the_bin_no_longer_has_is_created_anew(bool isKeyUnique)
    {
        var (after, next) = Hear(WriteKind.Undelete, new Answer.NotRestorable(isKeyUnique));
        Assert.Equal(NextStep.Again, next);
        Assert.Equal(isKeyUnique, after.Key == Key);
        Assert.Equal(new Counterpart { Key = after.Key, WrittenAt = At(5), Attempts = after.Attempts }, after);
        Assert.Empty(after.Attempts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void S5_where_the_key_is_unique_a_create_that_hung_stays_with_the_task_that_is_created_anew(bool isKeyUnique)
    {
        var (hung, undelete) = (Create(At(3)), Attempt(WriteKind.Undelete, Sent));
        var counterpart = AgreedGone(Create(At(-6)) with { IsSurpassed = true }, hung with { IsSurpassed = true }, Update(At(3), "sent"), undelete);
        Assert.Equal(isKeyUnique ? [hung] : [], counterpart.Answered(undelete, new Answer.NotRestorable(isKeyUnique), Ours(), Clocks(), 0).After.Attempts);
    }

    [Fact]
    public void S5_a_create_that_the_rep_says_did_not_arrive_gets_a_new_key()
    {
        var after = Unsent(Create(Sent, KeyPlace.None)).BegunAnew();
        Assert.NotEqual(Key, after.Key);
        Assert.Empty(after.Attempts);
    }

    [Fact]
    public void Only_the_attempt_that_is_answered_goes()
    {
        var counterpart = Linked(Update(At(3), "first"), Update(At(4), "second"), Attempt(WriteKind.Delete, At(4)));
        Assert.Equal([At(3), At(4)], counterpart.Without(counterpart.Attempts[1]).Attempts.Select(a => a.SentAt));
    }

    [Fact]
    public void S5_until_no_request_can_land_the_counterpart_is_open()
    {
        Assert.Null(Linked().OpenUntil(LandsWithin));
        Assert.Equal(At(14), Linked(Update(At(4), "second"), Update(At(3), "first")).OpenUntil(LandsWithin));
        Assert.True(Linked(Update(At(4), "sent")).IsInFlight(At(4.4)));
        Assert.False(Linked(Update(At(4), "sent")).IsInFlight(At(4.5)));
        Assert.False(Linked().IsInFlight(At(4)));
    }

    [Fact]
    public void S5_what_can_no_longer_land_is_forgotten()
    {
        var counterpart = Linked(Update(At(3), "first"), Update(At(4), "second"));
        Assert.Equal(2, counterpart.Forgetting(Clocks(At(12.9))).Attempts.Count);
        Assert.Equal([At(4)], counterpart.Forgetting(Clocks(At(13))).Attempts.Select(a => a.SentAt));
    }

    /// <summary>The newer of two attempts of a kind is answered.</summary>
    private static (Counterpart After, NextStep Next) Hear(WriteKind kind, Answer answer, OurTask? ours = null, int refusals = 0)
    {
        var (before, attempt) = Before(kind);
        return before.Answered(attempt, answer, ours ?? Ours(), Clocks(), refusals);
    }

    private static NextStep Unchanged(WriteKind kind, Answer answer, int refusals = 0)
    {
        var (before, _) = Before(kind);
        var (after, next) = Hear(kind, answer, refusals: refusals);
        Assert.Equal(before with { Attempts = after.Attempts }, after);
        Assert.Equal([before.Attempts[0]], after.Attempts);
        return next;
    }

    private static (Counterpart Before, WriteAttempt Attempt) Before(WriteKind kind)
    {
        var attempt = kind == WriteKind.Create ? Create(Sent) : Attempt(kind, Sent);
        WriteAttempt[] attempts = [attempt with { SentAt = At(3) }, attempt];
        return (kind switch { WriteKind.Create => Unsent(attempts), WriteKind.Undelete => AgreedGone(attempts), _ => Linked(attempts) }, attempt);
    }
}
