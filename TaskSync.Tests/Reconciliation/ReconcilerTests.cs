using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using static TaskSync.Tests.Reconciliation.Sides;

namespace TaskSync.Tests.Reconciliation;

public sealed class ReconcilerTests
{
    private static readonly TaskValues V0 = Values();
    private static readonly TaskValues V1 = Values(subject: "Call Ana again");
    private static readonly TaskValues V2 = Values(priority: "High");
    private static readonly TaskValues V3 = Values(subject: "Write to Ana");

    public static TheoryData<string, SideState, SideState, SideState, Type> Table => new()
    {
        // name, base, here, Salesforce → action
        { "nothing changed", Live(V0), Live(V0), Live(V0), typeof(SyncAction.InStep) },
        { "no news from Salesforce", Live(V0), Live(V0), SideState.Absent, typeof(SyncAction.InStep) },
        { "S1 edited here", Live(V0), Live(V1), Live(V0), typeof(SyncAction.WriteRemote) },
        { "S1 edited here, no news", Live(V0), Live(V1), SideState.Absent, typeof(SyncAction.WriteRemote) },
        { "S1 edited there", Live(V0), Live(V0), Live(V1), typeof(SyncAction.WriteLocal) },
        { "S3 different fields on both sides", Live(V0), Live(V1), Live(V2), typeof(SyncAction.WriteBoth) },
        { "S3 the same edit on both sides", Live(V0), Live(V1), Live(V1), typeof(SyncAction.InStep) },
        { "S1 deleted there", Live(V0), Live(V0), Gone(Noon), typeof(SyncAction.DeleteLocal) },
        { "S1 deleted here", Live(V0), Gone(Noon), Live(V0), typeof(SyncAction.DeleteRemote) },
        { "S7 absent there is not deleted", Live(V0), Gone(Noon), SideState.Absent, typeof(SyncAction.DeleteRemote) },
        { "gone on both sides", Live(V0), Gone(Noon), Gone(Noon), typeof(SyncAction.Forget) },
        { "agreed gone stays gone", Gone(), Gone(Noon), Gone(Noon), typeof(SyncAction.InStep) },
        { "S4 nobody touched it after its deletion", Gone(), Gone(Noon), SideState.Absent, typeof(SyncAction.InStep) },
        { "S4 undeleted in Salesforce", Gone(), Gone(Noon), Live(V0), typeof(SyncAction.RestoreLocal) },
        { "S4 undeleted there after it was restored and deleted again here", new SideState.Gone(Noon.AddHours(-2)), Gone(Noon.AddHours(-1)), Live(V0, Noon), typeof(SyncAction.RestoreLocal) },
        { "S4 undeleted there before it was restored and deleted again here", new SideState.Gone(Noon.AddHours(-2)), Gone(Noon.AddHours(1)), Live(V0, Noon), typeof(SyncAction.DeleteRemote) },
        { "S4 undeleted there after its deletion here was confirmed", new SideState.Gone(Noon.AddHours(2)), Gone(Noon.AddHours(1)), Live(V0, Noon), typeof(SyncAction.RestoreLocal) },
        { "S4 undeleted there after it was deleted there", new SideState.Gone(Noon.AddHours(1)), Gone(Noon.AddHours(1)), Live(V0, Noon), typeof(SyncAction.RestoreLocal) },
        { "S4 restored here", Gone(), Live(V0), Gone(Noon), typeof(SyncAction.RestoreRemote) },
        { "S4 restored here, no news", Gone(), Live(V0), SideState.Absent, typeof(SyncAction.RestoreRemote) },
        { "restored on both sides", Gone(), Live(V0), Live(V0), typeof(SyncAction.InStep) },
        { "restored on both sides, edited here", new SideState.Gone(Noon, V0), Live(V1), Live(V0), typeof(SyncAction.WriteRemote) },
        { "restored on both sides, edited there", new SideState.Gone(Noon, V0), Live(V0), Live(V1), typeof(SyncAction.WriteLocal) },
        { "new there", SideState.Absent, SideState.Absent, Live(V0), typeof(SyncAction.CreateLocal) },
        { "new here", SideState.Absent, Live(V0), SideState.Absent, typeof(SyncAction.CreateRemote) },
        { "made and removed before it was sent", SideState.Absent, Gone(Noon), SideState.Absent, typeof(SyncAction.Forget) },
        { "deleted there before we knew it", SideState.Absent, SideState.Absent, Gone(Noon), typeof(SyncAction.InStep) },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void The_decision_table_holds(string name, SideState @base, SideState local, SideState remote, Type action)
    {
        Assert.NotEmpty(name);
        Assert.IsType(action, Reconciler.Plan(new TaskTriple(@base, local, remote), Policy()));
    }

    [Fact]
    public void What_comes_back_on_both_sides_as_it_was_is_agreed_on_again() =>
        Assert.Equal(V0, Assert.IsType<SyncAction.InStep>(Reconciler.Plan(new TaskTriple(new SideState.Gone(Noon, V0), Live(V0), Live(V0)), Policy())).Base);

    [Fact]
    public void S3_the_newer_edit_of_one_field_wins_and_the_loser_is_named()
    {
        var task = new TaskTriple(Live(V0), Live(V1, Noon.AddSeconds(10)), Live(V3, Noon));

        var write = Assert.IsType<SyncAction.WriteRemote>(Reconciler.Plan(task, Policy()));

        Assert.Equal(new FieldConflict(TaskField.Subject, "Call Ana again", "Write to Ana", TaskSide.TaskSync), Assert.Single(write.Merge.Conflicts));
        Assert.Equal("Write to Ana", write.Merge.Base[TaskField.Subject]);
        Assert.Equal(TaskFields.Subject, write.Merge.Push);
    }

    [Theory]
    [InlineData(3, false, TaskSide.TaskSync)]
    [InlineData(2, false, TaskSide.Salesforce)]
    [InlineData(0, false, TaskSide.Salesforce)]
    [InlineData(-60, false, TaskSide.Salesforce)]
    [InlineData(600, true, TaskSide.Salesforce)]
    public void S3_within_two_seconds_or_with_the_offset_unknown_Salesforce_wins(int secondsLater, bool offsetUnknown, TaskSide winner) =>
        Assert.Equal(winner, Policy(offsetUnknown: offsetUnknown).Winner(Noon.AddSeconds(secondsLater), Noon));

    [Fact]
    public void S3_edit_times_are_corrected_by_the_clock_offset()
    {
        // Our clock is ten minutes slow: what we call 12:00 is 12:10 there.
        var policy = Policy(offset: TimeSpan.FromMinutes(10));

        Assert.Equal(TaskSide.TaskSync, policy.Winner(Noon, Noon.AddMinutes(9)));
        Assert.Equal(TaskSide.Salesforce, policy.Winner(Noon, Noon.AddMinutes(11)));
    }

    [Theory]
    [InlineData(ConflictPolicyKind.SalesforceWins, TaskSide.Salesforce)]
    [InlineData(ConflictPolicyKind.TaskSyncWins, TaskSide.TaskSync)]
    public void S3_the_reps_policy_decides_whatever_the_times(ConflictPolicyKind kind, TaskSide winner)
    {
        foreach (var seconds in new[] { -100, 100 })
        {
            Assert.Equal(winner, Policy(kind).Winner(Noon.AddSeconds(seconds), Noon));
        }
    }

    [Fact]
    public void S4_an_edit_made_here_after_the_deletion_there_brings_the_task_back()
    {
        var task = new TaskTriple(Live(V0), Live(V1, Noon.AddMinutes(1)), Gone(Noon));

        Assert.IsType<SyncAction.RestoreRemote>(Reconciler.Plan(task, Policy()));
    }

    [Fact]
    public void S4_a_deletion_there_after_the_edit_here_wins_and_says_that_an_edit_lost()
    {
        var task = new TaskTriple(Live(V0), Live(V1, Noon), Gone(Noon.AddMinutes(1)));

        Assert.Equal(new SyncAction.DeleteLocal(LosesEdit: true), Reconciler.Plan(task, Policy()));
    }

    [Fact]
    public void F6_at_catch_up_a_deletion_there_beats_even_a_newer_edit_here()
    {
        var task = new TaskTriple(Live(V0), Live(V1, Noon.AddDays(3)), Gone(Noon));

        Assert.Equal(new SyncAction.DeleteLocal(LosesEdit: true), Reconciler.Plan(task, Policy(deletionBeatsEdit: true)));
    }

    [Theory]
    [InlineData(1, typeof(SyncAction.RestoreLocal))]
    [InlineData(-1, typeof(SyncAction.DeleteRemote))]
    public void S4_deleted_here_and_edited_there_the_newer_action_wins(int editedMinutesLater, Type action)
    {
        var task = new TaskTriple(Live(V0), Gone(Noon), Live(V1, Noon.AddMinutes(editedMinutesLater)));

        Assert.IsType(action, Reconciler.Plan(task, Policy()));
    }

    [Fact]
    public void A_hidden_field_is_unknown_not_empty_and_keeps_its_base()
    {
        var hidden = V0.Without(TaskFields.Priority).With(TaskField.Subject, "New subject");

        var write = Assert.IsType<SyncAction.WriteLocal>(Reconciler.Plan(new TaskTriple(Live(V0), Live(V0), Live(hidden)), Policy()));

        Assert.Equal(TaskFields.Subject, write.Merge.Local.Known);
        Assert.Equal("Normal", write.Merge.Base[TaskField.Priority]);
    }

    [Fact]
    public void A_field_that_becomes_visible_later_is_taken_without_a_conflict()
    {
        var known = V0.Without(TaskFields.Priority);

        var write = Assert.IsType<SyncAction.WriteLocal>(Reconciler.Plan(new TaskTriple(Live(known), Live(V0.With(TaskField.Priority, null)), Live(V0)), Policy()));

        Assert.Empty(write.Merge.Conflicts);
        Assert.Equal("Normal", write.Merge.Local[TaskField.Priority]);
    }

    [Fact]
    public void S6_a_value_that_an_attempt_of_unknown_outcome_sent_is_ours()
    {
        var attempt = new WriteAttempt(WriteKind.Update, TaskValues.Unknown.With(TaskField.Subject, "Call Ana again"), 2, Noon, Noon.AddSeconds(30));

        var @base = AttemptRecognition.Absorb(V0, [attempt], V1);

        // v1 was sent and its answer lost, v2 was edited here, v1 is seen: v2 goes out, and there is no conflict.
        var write = Assert.IsType<SyncAction.WriteRemote>(Reconciler.Plan(new TaskTriple(Live(@base), Live(V3, Noon), Live(V1, Noon.AddHours(1))), Policy()));
        Assert.Empty(write.Merge.Conflicts);
    }

    [Fact]
    public void S6_an_attempt_that_Salesforce_does_not_show_leaves_the_base_alone()
    {
        var attempt = new WriteAttempt(WriteKind.Update, TaskValues.Unknown.With(TaskField.Subject, "Call Ana again"), 2, Noon, Noon.AddSeconds(30));

        Assert.Equal(V0, AttemptRecognition.Absorb(V0, [attempt], V3));
    }

    [Fact]
    public void S6_an_attempt_says_nothing_of_fields_that_it_did_not_send()
    {
        var attempt = new WriteAttempt(WriteKind.Update, TaskValues.Unknown.With(TaskField.Subject, "Call Ana again"), 2, Noon, Noon.AddSeconds(30));

        // Somebody emptied the due date there; our attempt knows nothing of it.
        Assert.Equal(V0, AttemptRecognition.Absorb(V0, [attempt], V0.With(TaskField.DueDate, null)));
    }

    [Fact]
    public void S4_a_deletion_says_whether_an_edit_loses_to_it()
    {
        Assert.Equal(new SyncAction.DeleteLocal(LosesEdit: false), Reconciler.Plan(new TaskTriple(Live(V0), Live(V0), Gone(Noon)), Policy()));
        Assert.Equal(new SyncAction.DeleteRemote(LosesEdit: false), Reconciler.Plan(new TaskTriple(Live(V0), Gone(Noon), Live(V0)), Policy()));
        Assert.Equal(new SyncAction.DeleteRemote(LosesEdit: true), Reconciler.Plan(new TaskTriple(Live(V0), Gone(Noon), Live(V1, Noon.AddMinutes(-1))), Policy()));
    }

    [Fact]
    public void S4_of_several_edits_here_the_newest_is_compared_with_the_deletion_there()
    {
        var edited = V0.With(TaskField.Subject, "Call Ana again").With(TaskField.Priority, "High");
        var times = FieldTimes.None.Stamp(TaskFields.Subject, Noon.AddMinutes(-1)).Stamp(TaskFields.Priority, Noon.AddMinutes(1));

        Assert.IsType<SyncAction.RestoreRemote>(Reconciler.Plan(new TaskTriple(Live(V0), new SideState.Live(edited, times), Gone(Noon)), Policy()));
    }

    [Fact]
    public void Without_news_from_Salesforce_what_differs_from_the_base_is_sent_and_there_is_no_conflict()
    {
        var write = Assert.IsType<SyncAction.WriteRemote>(Reconciler.Plan(new TaskTriple(Live(V0), Live(V1), SideState.Absent), Policy()));

        Assert.Equal((TaskFields.Subject, V0), (write.Merge.Push, write.Merge.Base));
        Assert.Empty(write.Merge.Conflicts);
    }

    [Fact]
    public void S3_the_same_edit_on_both_sides_moves_the_base_and_nothing_else()
    {
        Assert.Equal(new SyncAction.InStep(V1), Reconciler.Plan(new TaskTriple(Live(V0), Live(V1), Live(V1)), Policy()));
        Assert.Equal(new SyncAction.InStep(null), Reconciler.Plan(new TaskTriple(Live(V1), Live(V1), Live(V1)), Policy()));
    }

    [Fact]
    public void The_base_learns_an_empty_field_that_it_did_not_know()
    {
        var (known, empty) = (V0.Without(TaskFields.DueDate), V0.With(TaskField.DueDate, null));

        // Empty on both sides.
        var agreed = Assert.IsType<SyncAction.InStep>(Reconciler.Plan(new TaskTriple(Live(known), Live(empty), Live(empty)), Policy())).Base!;
        Assert.Equal((true, (string?)null), (agreed.Known.Holds(TaskField.DueDate), agreed[TaskField.DueDate]));

        // Empty there, set here: ours is sent over what was empty.
        var merge = Assert.IsType<SyncAction.WriteRemote>(Reconciler.Plan(new TaskTriple(Live(known), Live(V0), Live(empty)), Policy())).Merge;
        Assert.Equal((true, (string?)null), (merge.Base.Known.Holds(TaskField.DueDate), merge.Base[TaskField.DueDate]));
        Assert.Equal(TaskFields.DueDate, merge.Push);
    }

    [Fact]
    public void Line_ends_are_no_edit()
    {
        var ours = V0.With(TaskField.Details, "one\ntwo");
        var theirs = V0.With(TaskField.Details, "one\r\ntwo");

        Assert.IsType<SyncAction.InStep>(Reconciler.Plan(new TaskTriple(Live(ours), Live(ours), Live(theirs)), Policy()));
    }
}
