using CsCheck;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using static TaskSync.Tests.Reconciliation.Sides;

namespace TaskSync.Tests.Reconciliation;

/// <summary>What holds for every state of the three sides, not only for those somebody thought of.</summary>
public sealed class ReconcilerProperties
{
    private static readonly Gen<string?> Text = Gen.Int[0, 3].Select(i => i == 0 ? null : "abc"[(i - 1)..i]);

    private static readonly Gen<TaskValues> AnyValues = Gen.Select(Text, Text, Text, Gen.Int[0, 7], (subject, priority, due, hidden) =>
        Values(subject, priority, due is null ? null : $"2026-03-0{due[0] - 'a' + 1}").Without((TaskFields)(hidden == 7 ? 0 : hidden & 2)));

    private static readonly Gen<DateTimeOffset?> Time = Gen.Int[-5, 5].Select(minutes => (DateTimeOffset?)Noon.AddMinutes(minutes));

    private static readonly Gen<SideState> Side = Gen.Frequency(
        (1, Gen.Const(SideState.Absent)),
        (1, Time.Select(at => Gone(at))),
        (1, Gen.Select(AnyValues, Time, (before, at) => (SideState)new SideState.Gone(at, before))),
        (6, Gen.Select(AnyValues, Time, (values, at) => Live(values, at))));

    private static readonly Gen<TaskTriple> Triple = Gen.Select(Side, Side, Side, (@base, local, remote) => new TaskTriple(@base, local, remote));

    private static readonly Gen<ConflictPolicy> AnyPolicy = Gen.Select(Gen.Enum<ConflictPolicyKind>(), Gen.Bool, Gen.Bool, Gen.Int[-10, 10],
        (kind, unknown, catchUp, offset) => Policy(kind, TimeSpan.FromMinutes(offset), unknown, catchUp));

    [Fact]
    public void Once_carried_out_a_plan_leaves_nothing_to_do() => Gen.Select(Triple, AnyPolicy).Sample((task, policy) =>
    {
        var action = Reconciler.Plan(task, policy);
        var after = After(task, action);
        var next = Reconciler.Plan(after, policy);
        Assert.True(next is SyncAction.InStep { Base: null }, $"{task}\n→ {action}\n→ {after}\n→ {next}");
    }, iter: Sides.Times(300_000));

    [Fact]
    public void S7_absence_in_Salesforce_never_removes_anything_here() => Gen.Select(Side, Side, AnyPolicy).Sample((@base, local, policy) =>
    {
        var action = Reconciler.Plan(new TaskTriple(@base, local, SideState.Absent), policy);
        Assert.False(action is SyncAction.DeleteLocal or SyncAction.WriteLocal or SyncAction.WriteBoth or SyncAction.RestoreLocal, action.ToString());
    }, iter: Sides.Times(100_000));

    [Fact]
    public void S3_no_edit_is_lost_each_value_survives_or_is_named_in_a_conflict() => Gen.Select(AnyValues, AnyValues, AnyValues, AnyPolicy).Sample((@base, ours, theirs, policy) =>
    {
        var merge = ThreeWayMerge.Merge(@base, (SideState.Live)Live(ours, Noon), (SideState.Live)Live(theirs, Noon.AddMinutes(1)), policy);
        var result = ours.Overlay(merge.Local);
        foreach (var field in TaskFieldSets.Every)
        {
            var both = ours.Known.Holds(field) && theirs.Known.Holds(field);
            if (!both)
            {
                Assert.False(merge.Push.Holds(field) || merge.Local.Known.Holds(field));
                continue;
            }

            foreach (var side in new[] { ours, theirs })
            {
                var edited = @base.Known.Holds(field) ? side[field] != @base[field] : side[field] is not null;
                Assert.True(!edited || result[field] == side[field] || merge.Conflicts.Any(c => c.Field == field));
            }

            Assert.True(result[field] == theirs[field] || merge.Push.Holds(field), "what differs afterwards is sent");
        }
    }, iter: Sides.Times(100_000));

    [Fact]
    public void S3_who_is_here_and_who_is_there_makes_no_difference_to_which_edits_merge() => Gen.Select(AnyValues, AnyValues, AnyValues).Sample((@base, a, b) =>
    {
        var one = ThreeWayMerge.Merge(@base, (SideState.Live)Live(a), (SideState.Live)Live(b), Policy(ConflictPolicyKind.SalesforceWins));
        var other = ThreeWayMerge.Merge(@base, (SideState.Live)Live(b), (SideState.Live)Live(a), Policy(ConflictPolicyKind.TaskSyncWins));
        Assert.Equal(one.Conflicts.Select(c => c.Field), other.Conflicts.Select(c => c.Field));
        Assert.Equal(a.Overlay(one.Local).Only(a.Known & b.Known), b.Overlay(other.Local).Only(a.Known & b.Known));
    }, iter: Sides.Times(50_000));

    [Fact]
    public void Values_survive_their_journey_through_the_database() => AnyValues.Sample(values => Assert.Equal(values, TaskValues.FromJson(values.ToJson())));
}
