using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using static TaskSync.Tests.Reconciliation.Counterparts;
using static TaskSync.Tests.Reconciliation.Sides;

namespace TaskSync.Tests.Reconciliation;

/// <summary>What a row tells about a counterpart, branch by branch.</summary>
public sealed class CounterpartTests
{
    private static readonly RemoteTask Deleted = Row() with { IsDeleted = true };

    [Fact]
    public void S6_our_confirmed_write_comes_back_and_nothing_happens()
    {
        var taken = Taken(Linked().See(Row()));
        Assert.IsType<SyncAction.InStep>(taken.Action);
        Assert.False(taken.IsAdopted || taken.IsForgotten || taken.IsShownAgain);
        Assert.Equal((Values(), false, null, Noon), Agreement(After(taken, Row())));
    }

    [Fact]
    public void S6_what_both_sides_turn_out_to_agree_on_is_the_new_base()
    {
        var taken = Taken(Linked().See(Row("the same"), ours: Ours("the same")));
        Assert.Equal((Values("the same"), false, null, At(1)), Agreement(After(taken, Row("the same"))));
        var undeleted = Taken(AgreedGone().See(Row(), ReadKind.Present));
        Assert.Equal((Values(), false, null, At(1)), Agreement(After(undeleted, Row())));

        // Nothing differs from what our own update sent, which nobody had heard of yet.
        var sent = Taken(Linked(Update(At(0.5), "sent")).See(Row("sent"), ours: Ours("sent")));
        Assert.Null(Assert.IsType<SyncAction.InStep>(sent.Action).Base);
        Assert.Equal((Values("sent"), false, null, At(1)), Agreement(After(sent, Row("sent"))));
    }

    [Fact]
    public void S4_a_restored_task_keeps_the_agreed_values_that_the_rep_may_not_see()
    {
        var row = Row() with { Values = Values("theirs", "High") };
        var taken = Taken(AgreedGone().See(row, ReadKind.Present, Ours(removedAt: Noon)));
        Assert.IsType<SyncAction.RestoreLocal>(taken.Action);
        Assert.Equal((Values("theirs"), false, null, At(1)), Agreement(Counterpart.After(taken, row, row.Values.Only(TaskFields.Subject), null, At(5))));
    }

    [Fact]
    public void S4_a_deletion_there_is_agreed_with_what_had_been_edited_there()
    {
        var deleted = Row("edited there") with { IsDeleted = true };
        var taken = Taken(Linked().See(deleted));
        Assert.IsType<SyncAction.DeleteLocal>(taken.Action);
        var merge = new Merge(TaskValues.Unknown, TaskFields.None, Values("edited there"), []);
        Assert.Equal((Values("edited there"), true, At(5), At(1)), Agreement(Counterpart.After(taken, deleted, deleted.Values, merge, At(5))));
        Assert.Equal((Values(), true, At(5), At(1)), Agreement(After(taken, deleted)));
    }

    [Fact]
    public void S4_a_deletion_there_before_anything_was_agreed_agrees_on_no_values()
    {
        var edited = Deleted with { LastModifiedDate = At(3) };
        var taken = Taken((Linked() with { Agreed = null }).See(edited));
        Assert.IsType<SyncAction.DeleteLocal>(taken.Action);
        Assert.Null(After(taken, edited).Agreed);
    }

    [Fact]
    public void S4_a_task_restored_here_is_gone_since_it_was_agreed_until_the_bin_gives_it_back()
    {
        var taken = Taken(AgreedGone().See(Deleted, ReadKind.Present));
        Assert.IsType<SyncAction.RestoreRemote>(taken.Action);
        Assert.Equal((Values(), true, Noon, At(1)), Agreement(After(taken, Deleted)));
    }

    [Fact]
    public void What_no_row_of_a_linked_task_leads_to_is_named_when_it_is_carried_out_all_the_same()
    {
        var taken = Taken(Linked().See(Row())) with { Action = new SyncAction.CreateLocal() };
        Assert.Contains(nameof(SyncAction.CreateLocal), Assert.Throws<InvalidOperationException>(() => After(taken, Row())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void S8_an_older_row_is_old() => Assert.IsType<Observation.Old>(Linked().See(Row("older", At(-1))));

    [Fact]
    public void S8_an_equal_stamp_with_the_same_values_is_old() => Assert.IsType<Observation.Old>(Linked().See(Row(at: Noon)));

    public static TheoryData<string> Differences => ["values", "deletion", "owner"];

    [Theory]
    [MemberData(nameof(Differences))]
    public void S8_an_equal_stamp_with_another_state_is_read_again(string difference)
    {
        var row = Row(at: Noon);
        var other = difference switch
        {
            "values" => row with { Values = Values("other") },
            "deletion" => row with { IsDeleted = true },
            _ => row with { OwnerId = Colleague },
        };
        Assert.Equal([Id], Assert.IsType<Observation.ReadAgain>(Linked().See(other)).Ids);
    }

    [Fact]
    public void S8_an_equal_stamp_of_what_is_no_longer_ours_is_old_whoever_owns_it()
    {
        var theirs = Row(at: Noon) with { OwnerId = Colleague };
        Assert.IsType<Observation.Old>((Linked() with { State = LinkState.Lost }).See(theirs));
        Assert.IsType<Observation.Old>(AgreedGone().See(theirs with { IsDeleted = true }));
    }

    [Theory]
    [InlineData(ReadKind.Present)]
    [InlineData(ReadKind.Audit)]
    public void S8_an_equal_stamp_read_by_id_is_the_truth(ReadKind kind) =>
        Assert.IsType<SyncAction.WriteLocal>(Taken(Linked().See(Row("other", Noon), kind)).Action);

    [Fact]
    public void S8_an_older_row_read_by_id_is_old_all_the_same() => Assert.IsType<Observation.Old>(Linked().See(Row("older", At(-1)), ReadKind.Present));

    [Fact]
    public void S8_a_row_read_before_our_last_write_is_read_again()
    {
        var counterpart = Linked() with { WrittenAt = At(3) };
        var reading = Read(ReadKind.Present, Row("other"));
        Assert.Equal([Id], Assert.IsType<Observation.ReadAgain>(counterpart.Observe(reading.Rows[0], reading with { BeganAt = At(2) }, Ours(), Judge(), false)).Ids);
        Assert.IsType<Observation.Taken>(counterpart.Observe(reading.Rows[0], reading with { BeganAt = At(3) }, Ours(), Judge(), false));
        Assert.IsType<Observation.Taken>(counterpart.Observe(reading.Rows[0], reading, Ours(), Judge(), false));
    }

    [Fact]
    public void S4_a_live_row_on_a_page_of_an_agreed_deletion_is_read_again()
    {
        var ours = Ours(removedAt: At(-1));
        Assert.Equal([Id], Assert.IsType<Observation.ReadAgain>(AgreedGone().See(Row(), ours: ours)).Ids);
        Assert.IsType<SyncAction.RestoreLocal>(Taken(AgreedGone().See(Row(), ReadKind.Present, ours)).Action);
    }

    [Fact]
    public void S7_a_row_that_somebody_else_owns_is_reassigned() => Assert.IsType<Observation.Reassigned>(Linked().See(Row() with { OwnerId = Colleague }));

    [Fact]
    public void S7_a_deleted_row_that_somebody_else_owns_is_deleted() =>
        Assert.IsType<SyncAction.DeleteLocal>(Taken(Linked().See(Deleted with { OwnerId = Colleague })).Action);

    [Theory]
    [InlineData(LinkState.Lost)]
    [InlineData(LinkState.Reassigned)]
    public void S7_what_is_no_longer_ours_and_still_somebody_elses_is_old(LinkState state) =>
        Assert.IsType<Observation.Old>((Linked() with { State = state }).See(Row() with { OwnerId = Colleague }));

    [Fact]
    public void S7_a_reassigned_task_that_comes_back_is_as_Salesforce_has_it()
    {
        var taken = Taken((Linked() with { State = LinkState.Reassigned }).See(Row("theirs"), ReadKind.Present, Ours("mine", removedAt: Noon)));
        Assert.True(taken.IsShownAgain);
        Assert.Equal(LinkState.Open, taken.After.State);
        Assert.IsType<SyncAction.RestoreLocal>(taken.Action);
        Assert.Equal((Values(), true, Noon, Noon), Agreement(taken.After));

        // It left the list when it was somebody else's: that is no deletion, however late it was.
        Assert.IsType<SyncAction.RestoreLocal>(Taken((Linked() with { State = LinkState.Reassigned }).See(Row(), ReadKind.Present, Ours(removedAt: At(2)))).Action);
        Assert.IsType<SyncAction.RestoreLocal>(Taken((Linked() with { State = LinkState.Reassigned }).See(Row(), ReadKind.Present)).Action);
    }

    [Fact]
    public void S7_a_lost_task_that_is_shown_again_is_taken_up_where_it_was()
    {
        var taken = Taken((Linked() with { State = LinkState.Lost }).See(Row("theirs"), ReadKind.Present));
        Assert.True(taken.IsShownAgain);
        Assert.IsType<SyncAction.WriteLocal>(taken.Action);
    }

    [Fact]
    public void S7_a_lost_task_deleted_there_is_deleted_here() =>
        Assert.IsType<SyncAction.DeleteLocal>(Taken((Linked() with { State = LinkState.Lost }).See(Deleted, ReadKind.Present)).Action);

    [Fact]
    public void S7_a_deletion_of_what_another_link_or_owner_has_is_old()
    {
        Assert.IsType<Observation.Old>((Linked() with { State = LinkState.Reassigned }).See(Deleted, ReadKind.Present));
        var reading = Read(ReadKind.Present, Deleted);
        Assert.IsType<Observation.Old>((Linked() with { State = LinkState.Lost }).Observe(Deleted, reading, Ours(), Judge(), isOpenElsewhere: true));
    }

    [Fact]
    public void S7_deleted_while_only_here_is_deleted_only_here_unless_edited_there()
    {
        var lost = Linked() with { State = LinkState.Lost };
        var ours = Ours(removedAt: At(0.5));
        Assert.IsType<Observation.Old>(lost.See(Row(), ReadKind.Present, ours));
        Assert.IsType<SyncAction.RestoreLocal>(Taken(lost.See(Row("edited"), ReadKind.Present, ours)).Action);
    }

    [Fact]
    public void S4_deleted_and_restored_while_no_longer_shown_is_nothing()
    {
        var taken = Taken((AgreedGone() with { State = LinkState.Lost }).See(Deleted, ReadKind.Present));
        Assert.IsType<SyncAction.DeleteLocal>(taken.Action);
    }

    [Fact]
    public void S4_deleted_on_both_sides_when_it_was_no_longer_shown_and_undeleted_there_comes_back() =>
        Assert.IsType<SyncAction.RestoreLocal>(Taken((AgreedGone() with { State = LinkState.Lost }).See(Row(), ReadKind.Present, Ours(removedAt: At(-1)))).Action);

    [Theory]
    [InlineData(KeyPlace.KeyField)]
    [InlineData(KeyPlace.CallObject)]
    [InlineData(KeyPlace.None)]
    public void S5_a_create_without_an_answer_is_adopted_with_the_values_sent(KeyPlace place)
    {
        var row = Row("edited there");
        var taken = Taken(Unsent(Create(At(0.5), place)).Observe(row, Read(ReadKind.Changes, row, place), Ours(), Judge(), false));
        Assert.True(taken is { IsAdopted: true, IsForgotten: false, After: { SalesforceId: Id, Attempts.Count: 0 } });
        Assert.Equal("edited there", Assert.IsType<SyncAction.WriteLocal>(taken.Action).Merge.Local[TaskField.Subject]);
    }

    [Fact]
    public void S5_of_several_creates_the_one_that_the_row_shows_is_the_base()
    {
        var taken = Taken(Unsent(Create(At(0.2), subject: "first"), Create(At(0.9), subject: "second")).See(Row("second"), ours: Ours("second")));
        Assert.IsType<SyncAction.InStep>(taken.Action);
        Assert.Equal([At(0.2), At(0.9)], taken.After.Attempts.Where(a => a.IsSurpassed).Select(a => a.SentAt));
    }

    [Fact]
    public void S3_what_a_surpassed_create_sent_is_somebodys_edit_in_another_row()
    {
        var counterpart = Linked(Create(At(0.2), subject: "first") with { IsSurpassed = true });
        var taken = Taken(counterpart.See(Row("first")));
        Assert.IsType<SyncAction.WriteLocal>(taken.Action);
        Assert.Equal(counterpart.Attempts, taken.After.Attempts);
        Assert.Empty(Taken(counterpart.See(Row("first"), now: At(10.5))).After.Attempts);
    }

    [Fact]
    public void S5_a_create_that_arrived_and_was_deleted_there_is_a_deletion() =>
        Assert.IsType<SyncAction.DeleteLocal>(Taken(Unsent(Create(At(0.5))).See(Deleted)).Action);

    [Theory]
    [InlineData(Colleague, 1)]
    [InlineData(Rep, -1)]
    public void S5_a_copied_CallObject_is_not_our_create(string creator, double createdAt)
    {
        var row = Row(at: At(createdAt)) with { CreatedById = creator };
        Assert.IsType<Observation.NotOurs>(Unsent(Create(At(0.5), KeyPlace.CallObject)).Observe(row, Read(ReadKind.Changes, row, KeyPlace.CallObject), Ours(), Judge(), false));
        Assert.IsType<Observation.Taken>(Unsent(Create(At(0.5))).See(row));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void S5_our_create_in_CallObject_is_at_most_two_seconds_older_than_its_request(int seconds, bool isOurs)
    {
        var row = Row();
        var create = Create(row.CreatedDate.AddSeconds(seconds), KeyPlace.CallObject);
        Assert.Equal(isOurs, Unsent(create).Observe(row, Read(ReadKind.Changes, row, KeyPlace.CallObject), Ours(), Judge(), false) is Observation.Taken);
    }

    [Fact]
    public void S5_a_create_that_a_restored_backup_has_forgotten_is_adopted_and_told()
    {
        Assert.True(Taken(Unsent().See(Row())) is { IsAdopted: true, IsForgotten: true });
        Assert.IsType<Observation.NotOurs>(Unsent().See(Deleted));
        Assert.IsType<Observation.NotOurs>(Unsent().See(Row() with { CreatedById = Colleague }));
    }

    [Fact]
    public void S5_of_a_create_that_is_forgotten_the_row_tells_what_was_sent_unless_somebody_edited_it()
    {
        var edited = Row() with { LastModifiedDate = At(3) };
        Assert.IsType<SyncAction.WriteRemote>(Taken(Unsent().See(Row(), ours: Ours("edited since", At(2)))).Action);
        Assert.IsType<SyncAction.WriteLocal>(Taken(Unsent().See(edited, ours: Ours("edited since", At(2)))).Action);
        Assert.IsType<SyncAction.WriteRemote>(Taken(Unsent().See(edited, ours: Ours("edited since", At(4)))).Action);

        // What was sent is no edit there, so it does not matter which of the two is the newer.
        Assert.Empty(Assert.IsType<SyncAction.WriteRemote>(Taken(Unsent().See(Row(), ours: Ours("edited since", At(1)))).Action).Merge.Conflicts);
        Assert.IsType<SyncAction.WriteLocal>(Taken((Linked() with { Agreed = null }).See(Row() with { Key = null }, ours: Ours("edited since", At(1)))).Action);
    }

    [Fact]
    public void S6_an_update_that_hangs_is_not_settled_by_another_one_that_did_the_same()
    {
        var (hangs, landed) = (Update(At(0.5), "sent"), Update(At(0.7), "sent") with { Values = Values("sent", "High") });
        var row = Row() with { Values = Values("sent", "High") };

        var taken = Taken(Linked(hangs, landed).See(row));
        Assert.Equal([hangs], taken.After.Attempts);

        // The same state once more: what explained it is settled by now.
        var after = Counterpart.After(taken, row, row.Values, null, At(2));
        Assert.Equal([hangs], Taken(after.See(row, ReadKind.Present)).After.Attempts);
    }

    [Fact]
    public void S5_a_row_with_our_key_is_a_late_create_where_keys_are_unique_only()
    {
        var late = Row() with { Id = OtherId };
        Assert.True(AgreedGone().IsCreatedAs(late, Read(ReadKind.Present, late)));
        Assert.True(Linked().IsCreatedAs(late, Read(ReadKind.Changes, late)));
        Assert.True(Unsent().IsCreatedAs(late, Read(ReadKind.Changes, late, KeyPlace.CallObject)));
        Assert.False(AgreedGone().IsCreatedAs(late, Read(ReadKind.Present, late, KeyPlace.CallObject)));
        Assert.False(AgreedGone().IsCreatedAs(late with { CreatedById = Colleague }, Read(ReadKind.Present, late)));
        Assert.False((AgreedGone() with { State = LinkState.Lost }).IsCreatedAs(late, Read(ReadKind.Present, late)));
        Assert.False(Linked().IsCreatedAs(late, new Reading(ReadKind.Present, [late, Row()], Rep, Schema())));
        Assert.False(Linked().IsCreatedAs(late, Read(ReadKind.Audit, late)));
        Assert.True(AgreedGone().IsCreatedAs(late, Read(ReadKind.Audit, late)));
        Assert.True(Linked().IsCreatedAs(late, Read(ReadKind.Present, late)));
        Assert.True(Linked().IsCreatedAs(late, new Reading(ReadKind.Present, [late, Deleted], Rep, Schema())));
        Assert.True(Linked().IsCreatedAs(late, new Reading(ReadKind.Changes, [late, Row()], Rep, Schema())));
        Assert.False(Linked().IsCreatedAs(late, Read(ReadKind.Present, late) with { IsCatchUp = true }));
    }

    [Fact]
    public void S5_a_late_create_on_a_page_asks_for_both_rows() =>
        Assert.Equal([Id, OtherId], Assert.IsType<Observation.ReadAgain>(AgreedGone().See(Row() with { Id = OtherId })).Ids);

    [Fact]
    public void S5_a_late_create_of_a_task_that_lives_is_old() => Assert.IsType<Observation.Old>(Linked().See(Row() with { Id = OtherId }, ReadKind.Present));

    [Fact]
    public void S4_a_late_create_as_created_is_deleted_and_an_edited_one_comes_back()
    {
        var late = Row() with { Id = OtherId };
        var ours = Ours(removedAt: At(-1));
        var taken = Taken(AgreedGone().See(late, ReadKind.Present, ours));
        Assert.IsType<SyncAction.DeleteRemote>(taken.Action);
        Assert.Equal(OtherId, taken.After.SalesforceId);
        Assert.IsType<SyncAction.DeleteRemote>(Taken(AgreedGone().See(late with { LastModifiedDate = late.CreatedDate.AddSeconds(2) }, ReadKind.Present, ours)).Action);
        Assert.IsType<SyncAction.RestoreLocal>(Taken(AgreedGone().See(late with { LastModifiedDate = late.CreatedDate.AddSeconds(3) }, ReadKind.Present, ours)).Action);
    }

    [Fact]
    public void S5_a_late_create_moves_the_agreed_values_that_the_rep_may_see()
    {
        var late = Row() with { Id = OtherId, Values = Values("late", "High") };
        var reading = Read(ReadKind.Present, late) with { Schema = Schema() with { Readable = TaskFields.Subject | TaskFields.DueDate } };
        var counterpart = AgreedGone() with { Agreed = Values().Without(TaskFields.DueDate) };
        var after = Taken(counterpart.Observe(late, reading, Ours(removedAt: At(-1)), Judge(), false)).After;
        Assert.Equal((Values("late").Without(TaskFields.DueDate), false, null, null), Agreement(after));
    }

    [Fact]
    public void S5_a_create_without_a_key_is_known_by_what_is_in_it()
    {
        var row = Row() with { Key = null };
        Assert.True(MayHaveMade(Unsent(Create(At(0.5), KeyPlace.None)), row));
        Assert.True(MayHaveMade(Unsent(Create(At(0.5), KeyPlace.None)), row with { Key = "a text of theirs" }));
        Assert.False(MayHaveMade(Unsent(Create(At(0.5), KeyPlace.None)), row with { Key = Key }));
        Assert.False(MayHaveMade(Unsent(Create(At(0.5), KeyPlace.None)), row with { CreatedById = Colleague }));
        Assert.False(MayHaveMade(Unsent(Create(At(0.5), KeyPlace.None)), row with { IsDeleted = true }));
        Assert.False(MayHaveMade(Unsent(Create(At(0.5), KeyPlace.None)), row with { Values = Values("other") }));
        Assert.True(MayHaveMade(Unsent(Create(At(0.5), KeyPlace.None), Create(At(0.7), KeyPlace.None, "other")), row));
        Assert.False(MayHaveMade(Linked(Create(At(0.5), KeyPlace.None)), row));
        Assert.False(MayHaveMade(Unsent(Update(At(0.5), "Call Ana")), row));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(-602, true)]
    [InlineData(-603, false)]
    public void S5_a_create_without_a_key_made_the_row_while_it_could_arrive(int seconds, bool may) =>
        Assert.Equal(may, MayHaveMade(Unsent(Create(Row().CreatedDate.AddSeconds(seconds), KeyPlace.None)), Row() with { Key = null }));

    [Fact]
    public void S5_a_value_that_was_sent_empty_may_have_been_filled()
    {
        var attempt = Create(At(0.5), KeyPlace.None) with { Values = Values(priority: null) };
        Assert.True(MayHaveMade(Unsent(attempt), Row() with { Key = null }));
    }

    [Fact]
    public void S5_a_row_made_after_the_task_was_removed_is_not_its_create()
    {
        var row = Row() with { Key = null };
        var reading = Read(ReadKind.Changes, row, KeyPlace.None);
        Assert.False(Unsent(Create(At(0.5), KeyPlace.None)).MayHaveMade(row, reading, Ours(removedAt: At(0.9)), Clocks()));
        Assert.True(Unsent(Create(At(0.5), KeyPlace.None)).MayHaveMade(row, reading, Ours(removedAt: At(1)), Clocks()));
    }

    [Fact]
    public void S5_a_create_sent_with_a_key_is_blind_where_the_key_has_moved()
    {
        var row = Row() with { Key = null };
        Assert.True(Unsent(Create(At(0.5), KeyPlace.CallObject)).MayHaveMade(row, Read(ReadKind.Changes, row), Ours(), Clocks()));
        Assert.False(Unsent(Create(At(0.5))).MayHaveMade(row, Read(ReadKind.Changes, row), Ours(), Clocks()));
    }

    [Fact]
    public void S4_our_deletion_without_an_answer_that_the_rep_took_back_is_undone() =>
        Assert.IsType<SyncAction.RestoreRemote>(Taken(Linked(Attempt(WriteKind.Delete, At(0.5))).See(Deleted)).Action);

    [Fact]
    public void S4_a_deletion_after_ours_could_no_longer_arrive_is_somebody_elses() =>
        Assert.IsType<SyncAction.DeleteLocal>(Taken(Linked(Attempt(WriteKind.Delete, At(-9.1))).See(Deleted)).Action);

    [Fact]
    public void S4_an_edit_there_after_our_deletion_without_an_answer_is_newer()
    {
        var ours = Ours(removedAt: At(0.5));
        var counterpart = Linked(Attempt(WriteKind.Delete, At(0.6)));
        Assert.IsType<SyncAction.RestoreLocal>(Taken(counterpart.See(Row(), ours: ours)).Action);
        Assert.IsType<SyncAction.DeleteRemote>(Taken(counterpart.See(Row(at: At(0.62)), ours: ours)).Action);
        Assert.IsType<SyncAction.DeleteRemote>(Taken(counterpart.See(Row(at: At(0.6).AddSeconds(2)), ours: ours)).Action);
        Assert.IsType<SyncAction.RestoreLocal>(Taken(counterpart.See(Row(at: At(0.6).AddSeconds(3)), ours: ours)).Action);
    }

    [Fact]
    public void S4_an_edit_there_is_newer_than_several_deletions_without_an_answer_if_it_is_than_the_last()
    {
        var (ours, counterpart) = (Ours(removedAt: At(0.5)), Linked(Attempt(WriteKind.Delete, At(0.6)), Attempt(WriteKind.Delete, At(0.8))));
        Assert.IsType<SyncAction.DeleteRemote>(Taken(counterpart.See(Row(at: At(0.7)), ours: ours)).Action);
        var taken = Taken(counterpart.See(Row(), ours: ours));
        Assert.IsType<SyncAction.RestoreLocal>(taken.Action);
        Assert.Equal(new SideState.Gone(At(0.8), Values()), taken.Triple.Base);
    }

    [Fact]
    public void S4_a_deletion_without_an_answer_that_the_row_shows_is_the_reps_who_still_wants_it() =>
        Assert.IsType<SyncAction.Forget>(Taken(Linked(Attempt(WriteKind.Delete, At(0.5))).See(Deleted, ours: Ours(removedAt: At(0.4)))).Action);

    [Fact]
    public void S4_a_deletion_without_an_answer_that_the_row_does_not_show_leaves_the_base_alone() =>
        Assert.Equal(new SideState.Live(Values()), Taken(Linked(Attempt(WriteKind.Delete, At(0.5))).See(Row())).Triple.Base);

    [Fact]
    public void S4_while_an_update_may_land_a_changed_row_is_no_undelete()
    {
        var counterpart = Linked(Update(At(0.5), "mine"), Attempt(WriteKind.Delete, At(0.6)));
        Assert.IsType<SyncAction.DeleteRemote>(Taken(counterpart.See(Row(), ours: Ours(removedAt: At(0.5)))).Action);
    }

    [Fact]
    public void S4_with_the_offset_unknown_no_row_is_their_undelete()
    {
        var row = Row();
        var judge = Judge() with { Clocks = Clocks() with { Offset = null } };
        var observed = Linked(Attempt(WriteKind.Delete, At(0.6))).Observe(row, Read(ReadKind.Changes, row), Ours(removedAt: At(0.5)), judge, false);
        Assert.IsType<SyncAction.DeleteRemote>(Taken(observed).Action);
    }

    [Fact]
    public void S4_our_undelete_without_an_answer_restores_nothing_that_was_deleted_since()
    {
        var counterpart = AgreedGone(Attempt(WriteKind.Undelete, At(0.5)));
        Assert.IsType<SyncAction.DeleteRemote>(Taken(counterpart.See(Row(), ReadKind.Present, Ours(removedAt: At(0.8)))).Action);
        Assert.IsType<SyncAction.InStep>(Taken(counterpart.See(Row(), ReadKind.Present)).Action);
    }

    [Fact]
    public void S4_our_undelete_without_an_answer_that_the_row_does_not_show_is_sent_again() =>
        Assert.IsType<SyncAction.RestoreRemote>(Taken(AgreedGone(Attempt(WriteKind.Undelete, At(0.5))).See(Deleted, ReadKind.Present)).Action);

    [Fact]
    public void S4_an_undelete_when_ours_could_no_longer_arrive_is_somebody_elses() =>
        Assert.IsType<SyncAction.RestoreLocal>(Taken(AgreedGone(Attempt(WriteKind.Undelete, At(-9.1))).See(Row(), ReadKind.Present, Ours(removedAt: At(-10)))).Action);

    [Fact]
    public void S6_an_update_without_an_answer_that_the_row_shows_is_ours()
    {
        var taken = Taken(Linked(Update(At(0.5), "mine")).See(Row("mine"), ours: Ours("newer", At(2))));
        var merge = Assert.IsType<SyncAction.WriteRemote>(taken.Action).Merge;
        Assert.Empty(merge.Conflicts);
        Assert.Empty(taken.After.Attempts);
    }

    [Fact]
    public void S3_an_update_that_the_row_does_not_show_stays_until_it_cannot_land()
    {
        var counterpart = Linked(Update(At(0.5), "mine"));
        Assert.Single(Taken(counterpart.See(Row(), now: At(10.4))).After.Attempts);
        Assert.Empty(Taken(counterpart.See(Row(), now: At(10.5))).After.Attempts);
    }

    [Fact]
    public void S3_an_old_page_does_not_end_the_wait_for_an_attempt()
    {
        var counterpart = Linked(Update(At(0.5), "mine"));
        var reading = Read(ReadKind.Changes, Row()) with { BeganAt = At(10.4) };
        Assert.Single(Taken(counterpart.Observe(reading.Rows[0], reading, Ours(), Judge(At(20)), false)).After.Attempts);
    }

    [Theory]
    [InlineData(WriteKind.Update, false)]
    [InlineData(WriteKind.Delete, true)]
    [InlineData(WriteKind.Undelete, false)]
    public void S3_what_a_row_shows_has_landed_unless_a_later_write_shows_it(WriteKind kind, bool isDeleted)
    {
        var attempt = Attempt(kind, At(0.5), kind == WriteKind.Update ? Values("sent") : null);
        var counterpart = kind == WriteKind.Undelete ? AgreedGone(attempt) : Linked(attempt);
        var row = Row("sent") with { IsDeleted = isDeleted };
        Assert.Empty(Taken(counterpart.See(row, ReadKind.Present)).After.Attempts);
        Assert.Single(Taken(counterpart.See(row with { IsDeleted = kind != WriteKind.Delete }, ReadKind.Present)).After.Attempts);
        Assert.Single(Taken((counterpart with { WrittenAt = At(0.8) }).See(row, ReadKind.Present)).After.Attempts);
        Assert.Empty(Taken((counterpart with { WrittenAt = At(0.5) }).See(row, ReadKind.Present)).After.Attempts);
    }

    [Fact]
    public void S5_a_row_says_nothing_of_another_create_with_its_key()
    {
        var counterpart = Linked(Create(At(0.5)));
        Assert.Single(Taken(counterpart.See(Row())).After.Attempts);
        Assert.Empty(Taken(counterpart.See(Row(), now: At(10.5))).After.Attempts);
    }

    [Fact]
    public void S5_a_page_read_before_a_create_was_sent_cannot_show_it()
    {
        var reading = Read(ReadKind.Changes, Row()) with { BeganAt = At(2) };
        Assert.IsType<Observation.ReadAgain>(Unsent(Create(At(0.5)), Create(At(3))).Observe(reading.Rows[0], reading, Ours(), Judge(), false));
        Assert.IsType<Observation.Taken>(Unsent(Create(At(0.5)), Create(At(2))).Observe(reading.Rows[0], reading, Ours(), Judge(), false));
    }

    [Fact]
    public void S5_a_page_read_before_its_row_was_given_up_is_read_again()
    {
        var reading = Read(ReadKind.Changes, Row()) with { BeganAt = At(2) };
        var anew = Unsent() with { WrittenAt = At(3) };
        Assert.IsType<Observation.ReadAgain>(anew.Observe(reading.Rows[0], reading, Ours(), Judge(), false));
    }

    [Theory]
    [InlineData(WriteKind.Delete, true)]
    [InlineData(WriteKind.Undelete, false)]
    public void S4_of_two_attempts_at_the_same_neither_is_known_to_have_landed(WriteKind kind, bool isDeleted)
    {
        var counterpart = Linked(Attempt(kind, At(0.5)), Attempt(kind, At(0.7)));
        Assert.Equal(2, Taken(counterpart.See(Row() with { IsDeleted = isDeleted })).After.Attempts.Count);
    }

    [Fact]
    public void S3_of_two_attempts_with_other_values_the_one_shown_has_landed()
    {
        var counterpart = Linked(Update(At(0.5), "first"), Update(At(0.7), "second"));
        Assert.Equal([At(0.5)], Taken(counterpart.See(Row("second"))).After.Attempts.Select(a => a.SentAt));
    }

    [Fact]
    public void S3_of_what_was_agreed_or_sent_once_more_a_row_tells_nothing_though_neither_is_all_of_it()
    {
        var hung = Attempt(WriteKind.Update, At(0.5), TaskValues.Unknown.With(TaskField.Subject, "sent").With(TaskField.Priority, "High"));
        var counterpart = Linked(hung, Update(At(0.7), "sent"));
        var row = Row("sent");
        row = row with { Values = row.Values.With(TaskField.Priority, "High") };
        Assert.Equal([hung], Taken((counterpart with { Agreed = Values(priority: "High") }).See(row)).After.Attempts.Take(1));
        Assert.Equal([At(0.7)], Taken(counterpart.See(row)).After.Attempts.Select(a => a.SentAt));
    }

    [Fact]
    public void S3_before_anything_was_agreed_on_a_row_that_shows_a_hung_update_settles_it()
    {
        var counterpart = Linked(Update(At(0.5), "sent")) with { Agreed = null };
        Assert.Empty(Taken(counterpart.See(Row("sent"))).After.Attempts);
        Assert.Single(Taken(counterpart.See(Row("other"))).After.Attempts);
    }

    [Fact]
    public void S3_a_hung_update_seen_after_an_undelete_of_ours_is_no_edit()
    {
        var counterpart = AgreedGone(Update(At(0.5), "first"));
        var merge = Assert.IsType<SyncAction.WriteRemote>(Taken(counterpart.See(Row("first"), ReadKind.Present, Ours("second", At(0.9)))).Action).Merge;
        Assert.Empty(merge.Conflicts);
    }

    [Fact]
    public void S3_a_hung_update_in_a_row_to_be_deleted_is_no_edit()
    {
        var counterpart = Linked(Update(At(0.5), "first")) with { Agreed = Values("second") };
        var taken = Taken(counterpart.See(Row("first"), ours: Ours("second", removedAt: At(2))));
        Assert.IsType<SyncAction.DeleteRemote>(taken.Action);
        Assert.Equal("first", taken.Agreed[TaskField.Subject]);
        Assert.Equal("first", counterpart.AsShownBy(Row("first")).Agreed![TaskField.Subject]);
        Assert.Null(Unsent(Create(At(0.5))).AsShownBy(Row()).Agreed);
    }

    [Fact]
    public void S3_a_hung_update_in_a_deleted_row_moves_the_base()
    {
        var counterpart = Linked(Update(At(0.5), "first")) with { Agreed = Values("second") };
        var row = Row("first") with { IsDeleted = true };
        foreach (var editedAt in new[] { At(0), At(4) })
        {
            var taken = Taken(counterpart.See(row, ours: Ours("third", editedAt)));
            Assert.Equal("first", Counterpart.After(taken, row, row.Values, null, At(5)).Agreed![TaskField.Subject]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void S4_deleted_on_both_sides_is_agreed_as_of_the_read(bool isOfReader)
    {
        var reading = isOfReader ? Read(ReadKind.Changes, Deleted) with { BeganAt = At(2) } : Read(ReadKind.Present, Deleted) with { NotBefore = At(2) };
        var taken = Taken(Linked().Observe(Deleted, reading, Ours(removedAt: At(3)), Judge(), false));
        Assert.IsType<SyncAction.Forget>(taken.Action);
        var gone = Counterpart.After(taken, Deleted, Deleted.Values, null, At(5));
        Assert.Equal((true, At(2), Deleted.SystemModstamp), (gone.AgreedGone, gone.GoneAt, gone.NewestSeen));

        // The call that deletes reads the row first; a reader may have seen the deletion before that answer came.
        Assert.IsType<Observation.Old>(gone.See(Row(at: At(0.5)), ReadKind.Present, Ours()));
        var undeleted = Row(at: At(2.5));
        Assert.IsType<SyncAction.DeleteRemote>(Taken(gone.See(undeleted, ReadKind.Present, Ours(removedAt: At(3)))).Action);
        Assert.Equal(At(5), Taken(Linked().See(Deleted, ours: Ours(removedAt: At(3)))).After.GoneAt);
    }

    [Fact]
    public void S4_deleted_on_both_sides_what_had_been_edited_there_is_no_newer_edit_when_our_hung_undelete_lands()
    {
        var ours = Ours(removedAt: At(3));
        var deleted = Row("edited there", At(1)) with { IsDeleted = true };
        var counterpart = Linked(Attempt(WriteKind.Undelete, At(0.5)));
        var taken = Taken(counterpart.See(deleted, ReadKind.Present, ours, At(3.1)));
        Assert.IsType<SyncAction.Forget>(taken.Action);
        var gone = Counterpart.After(taken, deleted, deleted.Values, Merged(taken, ours, deleted), At(3.1));
        Assert.IsType<SyncAction.DeleteRemote>(Taken(gone.See(Row("edited there", At(9)), ReadKind.Present, ours, At(12))).Action);
        var unmerged = Counterpart.After(taken, deleted, deleted.Values, null, At(3.1));
        Assert.IsType<SyncAction.RestoreLocal>(Taken(unmerged.See(Row("edited there", At(9)), ReadKind.Present, ours, At(12))).Action);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void S4_what_was_edited_and_deleted_there_after_our_undelete_is_no_newer_edit_when_another_lands(bool isRestored)
    {
        var ours = isRestored ? Ours() : Ours(removedAt: At(3));
        var deleted = Row("edited there", At(2)) with { IsDeleted = true };
        var counterpart = AgreedGone(Attempt(WriteKind.Undelete, At(0.5)), Attempt(WriteKind.Undelete, At(0.6)));
        var taken = Taken(counterpart.See(deleted, ours: ours, now: At(3.1)));
        Assert.Equal(isRestored ? typeof(SyncAction.RestoreRemote) : typeof(SyncAction.InStep), taken.Action.GetType());
        var gone = Counterpart.After(taken, deleted, deleted.Values, Merged(taken, ours, deleted), At(3.1));
        Assert.Equal((true, Noon, At(2), "edited there"), (gone.AgreedGone, gone.GoneAt, gone.NewestSeen, gone.Agreed![TaskField.Subject]));
        Assert.IsType<SyncAction.DeleteRemote>(Taken(gone.See(Row("edited there", At(9)), ReadKind.Present, Ours(removedAt: At(4)), At(12))).Action);
    }

    [Fact]
    public void S6_a_deleted_row_whose_stamp_alone_has_moved_leaves_no_trace()
    {
        var (ours, deleted) = (Ours(removedAt: At(3)), Row(at: At(2)) with { IsDeleted = true });
        var taken = Taken(AgreedGone().See(deleted, ours: ours));
        Assert.Same(taken.After, Counterpart.After(taken, deleted, deleted.Values, Merged(taken, ours, deleted), At(4)));
    }

    [Theory]
    [InlineData(WriteKind.Delete)]
    [InlineData(WriteKind.Undelete)]
    public void S4_a_hung_deletion_or_undelete_of_what_is_agreed_already_may_still_land(WriteKind kind)
    {
        var hung = Attempt(kind, At(0.5));
        var row = Row("edited there", At(3)) with { IsDeleted = kind == WriteKind.Delete };
        Assert.Equal([hung], Taken((kind == WriteKind.Delete ? AgreedGone(hung) : Linked(hung)).See(row, ReadKind.Present)).After.Attempts);
        Assert.Empty(Taken((kind == WriteKind.Delete ? Linked(hung) : AgreedGone(hung)).See(row, ReadKind.Present)).After.Attempts);
    }

    [Fact]
    public void S4_an_update_of_ours_that_landed_after_our_deletion_is_no_edit_of_theirs_once_it_is_settled()
    {
        var (ours, row) = (Ours("sent", removedAt: At(2)), Row("sent", At(3)));
        var counterpart = Linked(Update(At(0.5), "sent"), Attempt(WriteKind.Delete, At(2))) with { Agreed = Values("sent"), NewestSeen = At(1) };
        var taken = Taken(counterpart.See(row, ours: ours, now: At(11)));
        Assert.IsType<SyncAction.DeleteRemote>(taken.Action);
        Assert.Single(taken.After.Attempts);
        var seen = Counterpart.After(taken, row, row.Values, Merged(taken, ours, row), At(11));
        Assert.Equal(At(3), seen.NewestSeen);
        Assert.IsType<SyncAction.DeleteRemote>(Taken(seen.See(row, ReadKind.Present, ours, At(11.5))).Action);
    }

    [Fact]
    public void S3_a_hung_update_of_what_is_agreed_already_may_still_land_whatever_else_was_edited_there()
    {
        var hung = Update(At(0.5), "sent");
        var row = Row("sent", At(3));
        row = row with { Values = row.Values.With(TaskField.Priority, "High") };
        Assert.Equal([hung], Taken((Linked(hung) with { Agreed = Values("sent"), NewestSeen = At(1) }).See(row, ours: Ours("sent"))).After.Attempts);
        Assert.Empty(Taken(Linked(hung).See(row, ours: Ours("sent"))).After.Attempts);
    }

    /// <summary>What was edited in a row before its deletion, merged as the engine does.</summary>
    private static Merge Merged(Observation.Taken taken, OurTask ours, RemoteTask deleted) => ThreeWayMerge.Merge(
        taken.Agreed, new SideState.Live(ours.Values, ours.Edited), new SideState.Live(deleted.Values, FieldTimes.None.Stamp(TaskFields.All, deleted.LastModifiedDate)), Judge().Policy);

    [Fact]
    public void S3_while_a_write_is_under_way_nobody_elses_read_is_taken_for_the_call_itself_reads_first()
    {
        var reading = Read(ReadKind.Present, Row("sent"));
        var counterpart = Linked(Update(At(1), "sent"));
        Observation See(Reading some, DateTimeOffset now) => counterpart.Observe(some.Rows[0], some, Ours("sent"), Judge(now), isOpenElsewhere: false);
        Assert.IsType<Observation.ReadAgain>(See(reading with { BeganAt = At(1.1) }, At(1.2)));
        Assert.IsType<Observation.Taken>(See(reading, At(1.2)));
        Assert.IsType<Observation.Taken>(See(reading with { BeganAt = At(1.1) }, At(1) + CallTime));
        Assert.IsType<Observation.Taken>(Unsent(Create(At(1))).Observe(reading.Rows[0], reading with { BeganAt = At(1.1) }, Ours(), Judge(At(1.2)), isOpenElsewhere: false));
    }

    [Fact]
    public void S8_a_log_of_deletions_that_another_read_overtook_says_nothing_of_the_same_second()
    {
        var logged = Row(at: Noon) with { IsDeleted = true, Values = TaskValues.Unknown };
        var reading = Read(ReadKind.Present, logged);
        Assert.IsType<Observation.ReadAgain>(Linked().Observe(logged, reading with { BeganAt = At(1) }, Ours(), Judge(), false));
        Assert.IsType<Observation.Taken>(Linked().Observe(logged, reading, Ours(), Judge(), false));
        Assert.IsType<Observation.Taken>(Linked().Observe(logged with { SystemModstamp = At(0.1) }, reading with { BeganAt = At(1) }, Ours(), Judge(), false));
    }

    [Fact]
    public void S4_our_own_undelete_is_nobodys_after_a_deletion_without_an_answer()
    {
        var ours = Ours(removedAt: At(0.5));
        var counterpart = Linked(Attempt(WriteKind.Delete, At(0.6))) with { WrittenAt = At(0.98) };
        Assert.IsType<SyncAction.DeleteRemote>(Taken(counterpart.See(Row(), ours: ours)).Action);
        var theirs = counterpart with { WrittenAt = At(0.9) };
        Assert.IsType<SyncAction.RestoreLocal>(Taken(theirs.See(Row(), ours: ours)).Action);
        Assert.IsType<SyncAction.RestoreLocal>(Taken((theirs with { Attempts = [Create(At(0.2)) with { IsSurpassed = true }, .. theirs.Attempts] }).See(Row(), ours: ours)).Action);
    }

    [Fact]
    public void S4_a_state_that_was_taken_in_before_is_nobodys_undelete()
    {
        var counterpart = Linked(Attempt(WriteKind.Delete, At(0.6))) with { NewestSeen = At(1) };
        Assert.IsType<SyncAction.DeleteRemote>(Taken(counterpart.See(Row(), ReadKind.Present, Ours(removedAt: At(0.5)))).Action);
    }

    [Fact]
    public void S4_what_was_sent_to_a_row_tells_nothing_of_its_late_successor()
    {
        var late = Row() with { Id = OtherId };
        var taken = Taken(AgreedGone(Attempt(WriteKind.Delete, At(0.2))).See(late, ReadKind.Present, Ours(removedAt: At(-1))));
        Assert.IsType<SyncAction.DeleteRemote>(taken.Action);
        Assert.Empty(taken.After.Attempts);
    }

    [Fact]
    public void F6_at_catch_up_a_deletion_beats_a_newer_edit()
    {
        var reading = Read(ReadKind.Changes, Deleted) with { IsCatchUp = true };
        Assert.IsType<SyncAction.DeleteLocal>(Taken(Linked().Observe(Deleted, reading, Ours("mine", At(4)), Judge(), false)).Action);
        Assert.IsType<SyncAction.RestoreRemote>(Taken(Linked().See(Deleted, ours: Ours("mine", At(4)))).Action);
    }

    [Fact]
    public void A_hidden_field_takes_no_part_and_a_blocked_one_counts_as_unchanged()
    {
        var row = Row("theirs");
        var hidden = Read(ReadKind.Changes, row) with { Schema = Schema() with { Readable = TaskFields.Priority } };
        Assert.IsType<SyncAction.InStep>(Taken(Linked().Observe(row, hidden, Ours(), Judge(), false)).Action);
        Assert.IsType<SyncAction.InStep>(Taken((Linked() with { Blocked = TaskFields.Subject }).See(Row(), ours: Ours("mine"))).Action);
    }

    [Fact]
    public void A_value_that_the_organization_cannot_hold_takes_no_part()
    {
        var row = Row() with { Values = Values().With(TaskField.Type, "Call") };
        var reading = Read(ReadKind.Changes, row) with { Schema = Schema() with { Picklists = new Dictionary<TaskField, Picklist> { [TaskField.Type] = new(["Call"], IsRestricted: true) } } };
        var counterpart = Linked() with { Agreed = row.Values };
        Assert.IsType<SyncAction.InStep>(Taken(counterpart.Observe(row, reading, Ours() with { Values = Values().With(TaskField.Type, "Ours only") }, Judge(), false)).Action);
        Assert.IsType<SyncAction.WriteRemote>(Taken(counterpart.Observe(row, reading, Ours() with { Values = Values().With(TaskField.Type, null) }, Judge(), false)).Action);
    }

    private static bool MayHaveMade(Counterpart counterpart, RemoteTask row) => counterpart.MayHaveMade(row, Read(ReadKind.Changes, row, KeyPlace.None), Ours(), Clocks());

    private static Observation.Taken Taken(Observation observation) => Assert.IsType<Observation.Taken>(observation);

    /// <summary>What is known once the action was carried out, five minutes after noon.</summary>
    private static Counterpart After(Observation.Taken taken, RemoteTask row) => Counterpart.After(taken, row, row.Values, null, At(5));

    private static (TaskValues? Agreed, bool IsGone, DateTimeOffset? GoneAt, DateTimeOffset? NewestSeen) Agreement(Counterpart counterpart) =>
        (counterpart.Agreed, counterpart.AgreedGone, counterpart.GoneAt, counterpart.NewestSeen);
}
