using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;

namespace TaskSync.Tests.Tasks;

public sealed class BulkActionTests : IAsyncDisposable
{
    private static readonly TimeSpan UndoTime = TimeSpan.FromSeconds(5);
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task S2_completing_is_sent_when_the_undo_bar_ends()
    {
        var task = _desk.Linked(_desk.StartSync());
        var result = await _desk.Tasks.CompleteAsync(_desk.Rita, [task.Id], Desk.Never);
        Assert.Equal([task.Id], result.Done);
        Assert.Equal(0, result.Skipped);
        var stored = _desk.Task(task.Id);
        Assert.Equal(("Completed", true, _desk.Now), (stored.Status, stored.IsCompleted, stored.CompletedAt));
        Assert.Equal(_desk.Now, stored.EditTimes[TaskField.Status]);
        Assert.Equal(_desk.Now + UndoTime, _desk.Pending(task.Id)!.DueAt);
        Assert.Empty(_desk.Rings);
        Assert.Equal(1, _desk.Published);
        Assert.Equal(HistoryKind.Completed, Assert.Single(_desk.History(task.Id)).Kind);
    }

    [Fact]
    public async Task S2_deleting_is_sent_when_the_undo_bar_ends_and_the_task_is_its_own_tombstone()
    {
        var task = _desk.Linked(_desk.StartSync());
        await _desk.Tasks.DeleteAsync(_desk.Rita, [task.Id], Desk.Never);
        Assert.Equal((_desk.Now, Removal.DeletedHere), (_desk.Task(task.Id).RemovedAt, _desk.Task(task.Id).Removal));
        Assert.Equal(_desk.Now + UndoTime, _desk.Pending(task.Id)!.DueAt);
        Assert.Empty(_desk.Rings);
    }

    [Fact]
    public async Task S2_the_end_of_the_undo_bar_sends_at_once_and_rings_once_per_connection()
    {
        var connection = _desk.StartSync();
        var ids = Enumerable.Range(0, 3).Select(i => _desk.Linked(connection, $"Task {i}").Id).ToList();
        await _desk.Tasks.CompleteAsync(_desk.Rita, ids, Desk.Never);
        _desk.Clock.Advance(TimeSpan.FromSeconds(2));
        await _desk.Tasks.ReleaseAsync(_desk.Rita, ids);
        Assert.All(ids, id => Assert.Equal(_desk.Now, _desk.Pending(id)!.DueAt));
        Assert.Equal([connection.Id], _desk.Rings);
    }

    [Fact]
    public async Task Releasing_does_not_hurry_a_back_off_or_a_problem()
    {
        var connection = _desk.StartSync();
        var (backingOff, parked) = (_desk.Linked(connection, pending: true), _desk.Linked(connection, "Write to Tom"));
        _desk.Change(db => (db.PendingWrites.Find(backingOff.Id)!.DueAt, db.PendingWrites.Find(backingOff.Id)!.Failures) = (_desk.Now.AddSeconds(4), 2));
        var problem = _desk.Park(parked);
        await _desk.Tasks.ReleaseAsync(_desk.Rita, [backingOff.Id, parked.Id]);
        Assert.Equal(_desk.Now.AddSeconds(4), _desk.Pending(backingOff.Id)!.DueAt);
        Assert.Equal(problem.Id, _desk.Pending(parked.Id)!.ProblemId);
        Assert.Empty(_desk.Rings);
    }

    [Fact]
    public async Task S2_an_edit_during_the_undo_bar_does_not_cut_it_short()
    {
        var task = _desk.Linked(_desk.StartSync());
        await _desk.Tasks.CompleteAsync(_desk.Rita, [task.Id], Desk.Never);
        var due = _desk.Pending(task.Id)!.DueAt;
        _desk.Clock.Advance(TimeSpan.FromSeconds(1));
        await _desk.Edit(task.Id, d => d with { Details = "Spoke to Ana." });
        Assert.Equal(due, _desk.Pending(task.Id)!.DueAt);
    }

    [Fact]
    public async Task S2_within_the_undo_time_nothing_is_ever_sent()
    {
        var connection = _desk.StartSync();
        var (done, deleted) = (_desk.Linked(connection), _desk.Linked(connection, "Write to Tom"));
        var completed = await _desk.Tasks.CompleteAsync(_desk.Rita, [done.Id], Desk.Never);
        var removed = await _desk.Tasks.DeleteAsync(_desk.Rita, [deleted.Id], Desk.Never);
        _desk.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal([done.Id], (await _desk.Tasks.UndoAsync(_desk.Rita, completed.Undo!, Desk.Never)).Done);
        Assert.Equal([deleted.Id], (await _desk.Tasks.UndoAsync(_desk.Rita, removed.Undo!, Desk.Never)).Done);

        Assert.Equal(("Not Started", false, null), (_desk.Task(done.Id).Status, _desk.Task(done.Id).IsCompleted, _desk.Task(done.Id).CompletedAt));
        Assert.Equal((null, null), (_desk.Task(deleted.Id).RemovedAt, _desk.Task(deleted.Id).Removal));
        Assert.Null(_desk.Pending(done.Id));
        Assert.Null(_desk.Pending(deleted.Id));
        Assert.Empty(_desk.Rings);
        Assert.Equal([HistoryKind.Completed, HistoryKind.Reopened], _desk.History(done.Id).Select(h => h.Kind));
        Assert.Equal([HistoryKind.Deleted, HistoryKind.Restored], _desk.History(deleted.Id).Select(h => h.Kind));
    }

    [Fact]
    public async Task An_undo_keeps_an_earlier_change_that_still_has_to_be_sent()
    {
        var connection = _desk.StartSync();
        var task = _desk.Linked(connection);
        await _desk.Edit(task.Id, d => d with { Subject = "Write to Ana" });
        var completed = await _desk.Tasks.CompleteAsync(_desk.Rita, [task.Id], Desk.Never);
        await _desk.Tasks.UndoAsync(_desk.Rita, completed.Undo!, Desk.Never);
        Assert.Equal(_desk.Now, _desk.Pending(task.Id)!.DueAt);
        Assert.Equal("Write to Ana", _desk.Task(task.Id).Subject);
    }

    [Fact]
    public async Task S5_an_undo_never_forgets_a_write_that_may_have_been_sent()
    {
        var task = _desk.Linked(_desk.StartSync());
        var completed = await _desk.Tasks.CompleteAsync(_desk.Rita, [task.Id], Desk.Never);
        _desk.Change(db => db.Links.Single(l => l.TaskId == task.Id).Attempts = [new WriteAttempt(WriteKind.Update, TaskValues.Unknown, 1, _desk.Now, _desk.Now)]);
        await _desk.Tasks.UndoAsync(_desk.Rita, completed.Undo!, Desk.Never);
        Assert.NotNull(_desk.Pending(task.Id));
    }

    [Fact]
    public async Task S5_undoing_the_completion_of_a_task_that_was_never_sent_keeps_its_create()
    {
        _desk.StartSync();
        var id = await _desk.NewTask();
        var completed = await _desk.Tasks.CompleteAsync(_desk.Rita, [id], Desk.Never);
        Assert.Equal(_desk.Now + UndoTime, _desk.Pending(id)!.DueAt);
        await _desk.Tasks.UndoAsync(_desk.Rita, completed.Undo!, Desk.Never);
        Assert.Equal(_desk.Now, _desk.Pending(id)!.DueAt);
    }

    [Fact]
    public async Task Undo_leaves_alone_what_was_changed_again_since()
    {
        var task = _desk.Linked(_desk.StartSync(), with: t => t.DueDate = new(2026, 11, 23));
        var moved = await _desk.Tasks.RescheduleAsync(_desk.Rita, [task.Id], new(2026, 11, 24), Desk.Never);
        await _desk.Edit(task.Id, d => d with { DueDate = new(2026, 11, 30) });
        var undone = await _desk.Tasks.UndoAsync(_desk.Rita, moved.Undo!, Desk.Never);
        Assert.Equal((0, 1), (undone.Done.Count, undone.Skipped));
        Assert.Equal(new DateOnly(2026, 11, 30), _desk.Task(task.Id).DueDate);
    }

    [Fact]
    public async Task Undo_of_reopening_keeps_when_the_task_had_been_completed()
    {
        var id = await _desk.NewTask();
        await _desk.Tasks.CompleteAsync(_desk.Rita, [id], Desk.Never);
        _desk.Clock.Advance(TimeSpan.FromDays(1));
        var reopened = await _desk.Tasks.ReopenAsync(_desk.Rita, [id], Desk.Never);
        Assert.Equal((false, null), (_desk.Task(id).IsCompleted, _desk.Task(id).CompletedAt));
        await _desk.Tasks.UndoAsync(_desk.Rita, reopened.Undo!, Desk.Never);
        Assert.Equal((true, Desk.Morning), (_desk.Task(id).IsCompleted, _desk.Task(id).CompletedAt));
    }

    [Fact]
    public async Task Completing_writes_the_closed_status_of_the_org_and_reopening_the_default_open_one()
    {
        _desk.StartSync(OrgSchema.Default with { Statuses = [new("New", "New", false, false), new("Open", "Open", false, true), new("Won", "Won", true, false), new("Lost", "Lost", true, false)] });
        var id = await _desk.NewTask();
        await _desk.Tasks.CompleteAsync(_desk.Rita, [id], Desk.Never);
        Assert.Equal("Won", _desk.Task(id).Status);
        await _desk.Tasks.ReopenAsync(_desk.Rita, [id], Desk.Never);
        Assert.Equal("Open", _desk.Task(id).Status);
    }

    [Fact]
    public async Task S2_rescheduling_is_sent_at_once()
    {
        var connection = _desk.StartSync();
        var task = _desk.Linked(connection, with: t => t.DueDate = new(2026, 11, 23));
        await _desk.Tasks.RescheduleAsync(_desk.Rita, [task.Id], null, Desk.Never);
        Assert.Null(_desk.Task(task.Id).DueDate);
        Assert.Equal(_desk.Now, _desk.Pending(task.Id)!.DueAt);
        Assert.Equal([connection.Id], _desk.Rings);
    }

    [Fact]
    public async Task What_needs_no_change_is_skipped_and_has_no_undo()
    {
        var id = await _desk.NewTask(due: new(2026, 11, 23));
        await _desk.Tasks.CompleteAsync(_desk.Rita, [id], Desk.Never);
        var published = _desk.Published;
        foreach (var result in new[]
        {
            await _desk.Tasks.CompleteAsync(_desk.Rita, [id, id], Desk.Never),
            await _desk.Tasks.RescheduleAsync(_desk.Rita, [id], new(2026, 11, 23), Desk.Never),
            await _desk.Tasks.RescheduleAsync(_desk.Rita, [id], DateOnly.MaxValue, Desk.Never),
            await _desk.Tasks.RestoreAsync(_desk.Rita, [id], Desk.Never),
            await _desk.Tasks.CompleteAsync(_desk.Rita, [], Desk.Never),
        })
        {
            Assert.Empty(result.Done);
            Assert.Null(result.Undo);
        }

        Assert.Equal(published, _desk.Published);
        Assert.Equal(2, _desk.History(id).Count);
    }

    [Fact]
    public async Task A_bulk_action_is_one_transaction_and_one_undo()
    {
        var connection = _desk.StartSync();
        var ids = Enumerable.Range(0, 600).Select(i => _desk.Linked(connection, $"Task {i}").Id).ToList();
        var result = await _desk.Tasks.CompleteAsync(_desk.Rita, ids, Desk.Never);
        Assert.Equal(600, result.Done.Count);
        Assert.Equal(1, _desk.Published);
        await _desk.Tasks.UndoAsync(_desk.Rita, result.Undo!, Desk.Never);
        Assert.Equal(2, _desk.Published);
        Assert.Equal((0, 0), (_desk.Read(db => db.Tasks.Count(t => t.IsCompleted)), _desk.Read(db => db.PendingWrites.Count())));
    }

    [Theory]
    [InlineData(Removal.DeletedHere, 14, true)]
    [InlineData(Removal.DeletedInSalesforce, 14, true)]
    [InlineData(Removal.Reassigned, 1, false)]
    [InlineData(Removal.DeletedHere, 15, false)]
    [InlineData(Removal.DeletedInSalesforce, 400, false)]
    public async Task F6_a_removed_task_can_be_restored_for_15_days(Removal removal, int days, bool restored)
    {
        var connection = _desk.StartSync();
        var task = _desk.Linked(connection, with: t => (t.RemovedAt, t.Removal) = (_desk.Now.AddDays(-days), removal));
        _desk.Change(db => db.Links.Single().AgreedGone = true);
        var result = await _desk.Tasks.RestoreAsync(_desk.Rita, [task.Id], Desk.Never);
        Assert.Equal(restored ? 1 : 0, result.Done.Count);
        Assert.Equal(restored, _desk.Task(task.Id).RemovedAt is null);
        Assert.Equal(restored, _desk.Pending(task.Id) is not null);
        Assert.Equal(restored ? [connection.Id] : [], _desk.Rings);
        Assert.Equal(restored, _desk.History(task.Id).Any(h => h.Kind == HistoryKind.Restored));
    }

    [Fact]
    public async Task A_deletion_that_never_went_out_is_restored_without_any_call()
    {
        var task = _desk.Linked(_desk.StartSync());
        await _desk.Tasks.DeleteAsync(_desk.Rita, [task.Id], Desk.Never);
        await _desk.Tasks.RestoreAsync(_desk.Rita, [task.Id], Desk.Never);
        Assert.Null(_desk.Pending(task.Id));
    }

    [Fact]
    public async Task S10_restoring_some_of_the_tasks_that_the_brake_holds_leaves_the_question_open_for_the_others()
    {
        var connection = _desk.StartSync();
        var tasks = Enumerable.Range(0, 3).Select(i => _desk.Linked(connection, $"Task {i}", t => (t.RemovedAt, t.Removal) = (_desk.Now, Removal.DeletedHere), pending: true)).ToList();
        var brake = new Problem { PersonId = _desk.Rita, ConnectionId = connection.Id, Code = ProblemCodes.ManyDeleted, Message = "3 deletions wait.", FirstSeenAt = _desk.Now, LastSeenAt = _desk.Now };
        _desk.Change(db =>
        {
            db.Problems.Add(brake);
            tasks.ForEach(t => db.PendingWrites.Find(t.Id)!.ProblemId = brake.Id);
        });
        await _desk.Tasks.RestoreAsync(_desk.Rita, [tasks[0].Id], Desk.Never);
        Assert.Equal(ProblemState.Open, _desk.Read(db => db.Problems.Single().State));
        await _desk.Tasks.RestoreAsync(_desk.Rita, [tasks[1].Id, tasks[2].Id], Desk.Never);
        Assert.Equal(ProblemState.Resolved, _desk.Read(db => db.Problems.Single().State));
        Assert.Empty(_desk.Read(db => db.PendingWrites.ToList()));
    }
}
