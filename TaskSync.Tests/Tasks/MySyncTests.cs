using Microsoft.Extensions.Logging.Abstractions;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Tasks;

public sealed class MySyncTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Theory]
    [InlineData(SyncRunKind.Pull, SyncRunOutcome.Succeeded, 3, 0, 0, 1, 0, "Brought in 3 tasks, sent 1 change.")]
    [InlineData(SyncRunKind.Push, SyncRunOutcome.Partly, 0, 0, 0, 2, 1, "Sent 2 changes, could not send 1 change.")]
    [InlineData(SyncRunKind.FirstSync, SyncRunOutcome.Succeeded, 1, 0, 0, 0, 0, "First sync: brought in 1 task.")]
    [InlineData(SyncRunKind.FirstSync, SyncRunOutcome.Succeeded, 0, 0, 0, 0, 0, "First sync: there was nothing to bring in.")]
    [InlineData(SyncRunKind.CatchUp, SyncRunOutcome.Succeeded, 0, 0, 0, 0, 0, "Catch-up: nothing had changed meanwhile.")]
    [InlineData(SyncRunKind.FirstSync, SyncRunOutcome.Running, 12, 0, 0, 0, 0, "First sync: brought in 12 tasks so far.")]
    [InlineData(SyncRunKind.CatchUp, SyncRunOutcome.Stopped, 0, 2, 1, 0, 0, "Catch-up: updated 2 tasks, removed 1 task; then it was stopped.")]
    [InlineData(SyncRunKind.Sweep, SyncRunOutcome.Failed, 0, 0, 0, 0, 0, "Nothing changed; then it failed.")]
    public async Task Activity_is_told_in_sentences(SyncRunKind kind, SyncRunOutcome outcome, int created, int updated, int deleted, int sent, int failed, string sentence)
    {
        var connection = _desk.StartSync();
        _desk.Change(db => db.Runs.Add(new SyncRun
        {
            PersonId = _desk.Rita,
            ConnectionId = connection.Id,
            Kind = kind,
            Outcome = outcome,
            StartedAt = _desk.Now,
            EndedAt = _desk.Now.AddSeconds(3),
            Created = created,
            Updated = updated,
            Deleted = deleted,
            Sent = sent,
            Failed = failed,
        }));
        var line = Assert.Single((await Load()).Activity);
        Assert.Equal((sentence, TimeSpan.FromSeconds(3)), (line.Sentence, line.Took));
    }

    [Fact]
    public async Task S9_retry_frees_what_the_problem_holds_up_and_rings()
    {
        var connection = _desk.StartSync();
        var task = _desk.Linked(connection);
        var problem = _desk.Park(task);
        _desk.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("Region is required.", (await Load()).Problems.Single().Message);
        Assert.True(await _desk.MySync.RetryAsync(_desk.Rita, problem.Id, Desk.Never));
        Assert.Equal((null, _desk.Now, 0), _desk.Pending(task.Id) is { } w ? (w.ProblemId, w.DueAt, w.Failures) : default);
        Assert.Equal([connection.Id], _desk.Rings);
        Assert.Equal(1, _desk.Published);
        Assert.Empty((await Load()).Problems);
    }

    [Fact]
    public async Task S6_retry_writes_a_field_again_that_we_had_stopped_writing()
    {
        var task = _desk.Linked(_desk.StartSync());
        _desk.Change(db => db.Links.Single().BlockedFields = TaskFields.Priority);
        var problem = _desk.Park(task, "KEEPS_CHANGING_BACK");
        _desk.Change(db => db.PendingWrites.Remove(db.PendingWrites.Single()));
        await _desk.MySync.RetryAsync(_desk.Rita, problem.Id, Desk.Never);
        Assert.Equal(TaskFields.None, _desk.Task(task.Id).Link!.BlockedFields);
        Assert.NotNull(_desk.Pending(task.Id));
    }

    [Theory]
    [InlineData("OUTCOME_UNKNOWN")]
    [InlineData("AMBIGUOUS_MATCH")]
    public async Task S5_only_the_reps_own_retry_says_that_a_create_did_not_arrive(string code)
    {
        _desk.StartSync();
        var task = _desk.Task(await _desk.NewTask());
        var key = task.Link!.Key;
        _desk.Change(db => db.Links.Single().Attempts = [new WriteAttempt(WriteKind.Create, task.Values, 0, _desk.Now, _desk.Now)]);
        var problem = _desk.Park(task, code);

        // Neither an edit nor an admin's Retry all tells what is in Salesforce.
        await _desk.Edit(task.Id, d => d with { Subject = "Write to Ana" });
        var admin = new AdminActions(_desk.Database, _desk.Clock, _desk.Doorbell, _desk.Asked, _desk.Feed, NullLogger<AdminActions>.Instance);
        Assert.Equal(0, await admin.RetryAllAsync(Admins.Adam, code, Desk.Never));
        Assert.Equal((problem.Id, 1, key), (_desk.Pending(task.Id)!.ProblemId, _desk.Task(task.Id).Link!.Attempts.Count, _desk.Task(task.Id).Link!.Key));
        Assert.Equal(ProblemState.Open, (await Load()).Problems.Single().State);

        Assert.True(await _desk.MySync.RetryAsync(_desk.Rita, problem.Id, Desk.Never));
        Assert.Equal((null, 0), (_desk.Pending(task.Id)!.ProblemId, _desk.Task(task.Id).Link!.Attempts.Count));
        Assert.NotEqual(key, _desk.Task(task.Id).Link!.Key);
    }

    [Fact]
    public async Task An_ignored_problem_stays_in_the_list_below_the_open_ones()
    {
        var connection = _desk.StartSync();
        var ignored = _desk.Park(_desk.Linked(connection, "a"));
        _desk.Park(_desk.Linked(connection, "b"));
        Assert.True(await _desk.MySync.IgnoreAsync(_desk.Rita, ignored.Id, Desk.Never));
        Assert.Equal([("b", ProblemState.Open), ("a", ProblemState.Ignored)], (await Load()).Problems.Select(p => (p.Title!, p.State)));
        Assert.NotNull(_desk.Pending(ignored.TaskId!.Value)!.ProblemId);
    }

    [Fact]
    public async Task Conflicts_are_listed_until_somebody_has_looked_at_them()
    {
        var task = _desk.Linked(_desk.StartSync());
        var conflict = _desk.InConflict(task, TaskField.Person, "003000000000001AAA", null, TaskSide.Salesforce);
        Assert.Equal(("Call Ana", "Person", "003000000000001AAA", "–", TaskSide.Salesforce), (await Load()).Conflicts.Single() is var c ? (c.Title, c.FieldName, c.Ours, c.Theirs, c.Winner) : default);
        await _desk.Tasks.KeepValueAsync(_desk.Rita, conflict.Id, Desk.Never);
        Assert.Empty((await Load()).Conflicts);
    }

    [Fact]
    public async Task Recently_deleted_are_those_of_15_days_with_the_days_that_are_left()
    {
        var connection = _desk.StartSync();
        foreach (var (subject, hours, removal) in new[]
        {
            ("now", 0, Removal.DeletedHere), ("there", 25, Removal.DeletedInSalesforce), ("reassigned", 48, Removal.Reassigned), ("nearly", (15 * 24) - 1, Removal.DeletedHere), ("too old", 15 * 24, Removal.DeletedHere),
        })
        {
            _desk.Linked(connection, subject, t => (t.RemovedAt, t.Removal) = (_desk.Now.AddHours(-hours), removal));
        }

        Assert.Equal(
            [("now", "Deleted here", 15, true), ("there", "Deleted in Salesforce", 14, true), ("reassigned", "Reassigned in Salesforce", 13, false), ("nearly", "Deleted here", 1, true)],
            (await Load()).RecentlyDeleted.Select(t => (t.Title, t.Where, t.DaysLeft, t.CanRestore)));
    }

    [Fact]
    public async Task S4_what_Salesforce_has_not_confirmed_yet_is_listed_and_restorable_however_old_it_is()
    {
        var connection = _desk.StartSync();
        _desk.Linked(connection, "held back", t => (t.RemovedAt, t.Removal) = (_desk.Now.AddDays(-40), Removal.DeletedHere), pending: true);
        var task = (await Load()).RecentlyDeleted.Single();

        Assert.Equal((true, null), (task.CanRestore, task.DaysLeft));
        Assert.Single((await _desk.Tasks.RestoreAsync(_desk.Rita, [task.TaskId], Desk.Never)).Done);
    }

    [Fact]
    public async Task F6_tasks_that_lost_their_counterpart_are_listed_with_the_reason()
    {
        var connection = _desk.StartSync();
        var lost = _desk.Linked(connection, "lost", state: LinkState.Lost);
        _desk.Linked(connection, "removed", t => (t.RemovedAt, t.Removal) = (_desk.Now, Removal.DeletedHere), LinkState.Lost);
        _desk.Linked(connection, "linked");
        Assert.Equal(("lost", "No longer visible in Salesforce."), (await Load()).OnlyHere.Single() is var a ? (a.Title, a.Reason) : default);
        _desk.Change(db => db.History.Add(new HistoryEntry { TaskId = lost.Id, PersonId = _desk.Rita, At = _desk.Now, Kind = HistoryKind.Lost, Note = "Salesforce no longer knows this task." }));
        Assert.Equal("Salesforce no longer knows this task.", (await Load()).OnlyHere.Single().Reason);
    }

    [Fact]
    public async Task Sync_now_rings_only_while_sync_is_on()
    {
        Assert.Equal(AskedRead.Off, await _desk.MySync.SyncNowAsync(_desk.Rita, Desk.Never));
        var connection = _desk.StartSync();
        Assert.Equal(AskedRead.Looking, await _desk.MySync.SyncNowAsync(_desk.Rita, Desk.Never));
        Assert.Equal([connection.Id], _desk.Rings);
        Assert.Equal(AskedRead.Off, await _desk.MySync.SyncNowAsync(Guid.NewGuid(), Desk.Never));
    }

    [Fact]
    public async Task Sync_now_a_thousand_times_by_rep_and_admin_is_one_look_in_five_seconds()
    {
        var connection = _desk.StartSync();
        var admin = new AdminActions(_desk.Database, _desk.Clock, _desk.Doorbell, _desk.Asked, _desk.Feed, NullLogger<AdminActions>.Instance);
        var asked = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Task.Run(() =>
            i % 2 == 0 ? _desk.MySync.SyncNowAsync(_desk.Rita, Desk.Never) : admin.SyncNowAsync(Admins.Adam, _desk.Rita, Desk.Never))));
        Assert.Single(asked, AskedRead.Looking);
        Assert.Equal(999, asked.Count(one => one == AskedRead.JustLooked));
        Assert.Equal([connection.Id], _desk.Rings);

        _desk.Clock.Advance(AskedReads.Interval);
        Assert.Equal(AskedRead.Looking, await _desk.MySync.SyncNowAsync(_desk.Rita, Desk.Never));
    }

    [Fact]
    public async Task Nobody_sees_the_sync_of_somebody_else()
    {
        var connection = _desk.StartSync();
        var task = _desk.Linked(connection, with: t => (t.RemovedAt, t.Removal) = (_desk.Now, Removal.DeletedHere));
        _desk.Park(task);
        _desk.InConflict(_desk.Linked(connection), TaskField.Subject, "a", "b", TaskSide.TaskSync);
        _desk.Change(db => db.Runs.Add(new SyncRun { PersonId = _desk.Rita, ConnectionId = connection.Id, StartedAt = _desk.Now }));
        var tom = _desk.Add(new Person { SubjectId = "tom", Name = "Tom", CreatedAt = Desk.Morning });
        var page = (await _desk.MySync.LoadAsync(tom, Desk.Never))!;
        Assert.Equal((0, 0, 0, 0, 0), (page.Activity.Count, page.Problems.Count, page.Conflicts.Count, page.RecentlyDeleted.Count, page.OnlyHere.Count));
        Assert.Null(await _desk.MySync.LoadAsync(Guid.NewGuid(), Desk.Never));
    }

    private async Task<MySync> Load() => (await _desk.MySync.LoadAsync(_desk.Rita, Desk.Never))!;
}
