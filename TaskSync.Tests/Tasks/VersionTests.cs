using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Tasks;

public sealed class VersionTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Theory]
    [InlineData(TaskSide.TaskSync, "Ring Ana")]
    [InlineData(TaskSide.Salesforce, "Call Ana at noon")]
    public async Task S3_the_value_that_lost_a_conflict_is_taken_with_one_click(TaskSide winner, string taken)
    {
        var connection = _desk.StartSync();
        var task = _desk.Linked(connection, winner == TaskSide.TaskSync ? "Call Ana at noon" : "Ring Ana");
        var conflict = _desk.InConflict(task, TaskField.Subject, "Call Ana at noon", "Ring Ana", winner);
        Desk.Saved(await _desk.Tasks.TakeOtherValueAsync(_desk.Rita, conflict.Id, Desk.Never));
        Assert.Equal(taken, _desk.Task(task.Id).Subject);
        Assert.Equal(_desk.Now, _desk.Task(task.Id).EditTimes[TaskField.Subject]);
        Assert.Equal(_desk.Now, _desk.Pending(task.Id)!.DueAt);
        Assert.Equal([connection.Id], _desk.Rings);
        Assert.Equal(_desk.Now, _desk.Read(db => db.Conflicts.Single().SettledAt));

        // A second click, in another tab, changes nothing more.
        Desk.Saved(await _desk.Tasks.TakeOtherValueAsync(_desk.Rita, conflict.Id, Desk.Never));
        Assert.Single(_desk.History(task.Id));
    }

    [Fact]
    public async Task S3_a_conflict_can_be_left_as_it_is()
    {
        var task = _desk.Linked(_desk.StartSync());
        var conflict = _desk.InConflict(task, TaskField.Subject, "Call Ana", "Ring Ana", TaskSide.TaskSync);
        Desk.Saved(await _desk.Tasks.KeepValueAsync(_desk.Rita, conflict.Id, Desk.Never));
        Assert.Equal((_desk.Now, "Call Ana"), (_desk.Read(db => db.Conflicts.Single().SettledAt), _desk.Task(task.Id).Subject));
        Assert.Null(_desk.Pending(task.Id));
    }

    [Fact]
    public async Task A_text_that_is_taken_is_stored_without_blanks_at_its_ends()
    {
        var task = _desk.Linked(_desk.StartSync());
        var conflict = _desk.InConflict(task, TaskField.Details, "   - first\n   - second ", "other", TaskSide.Salesforce);
        await _desk.Tasks.TakeOtherValueAsync(_desk.Rita, conflict.Id, Desk.Never);
        Assert.Equal("- first\n   - second", _desk.Task(task.Id).Details);
        Assert.Equal("- first\n   - second", Assert.Single(Assert.Single(_desk.History(task.Id)).Changes).After);
    }

    [Fact]
    public async Task A_conflicts_closed_status_completes_the_task()
    {
        var task = _desk.Linked(_desk.StartSync());
        var conflict = _desk.InConflict(task, TaskField.Status, "Not Started", "Completed", TaskSide.TaskSync);
        await _desk.Tasks.TakeOtherValueAsync(_desk.Rita, conflict.Id, Desk.Never);
        Assert.True(_desk.Task(task.Id).IsCompleted);
    }

    [Fact]
    public async Task An_empty_subject_cannot_be_taken()
    {
        var task = _desk.Linked(_desk.StartSync());
        var conflict = _desk.InConflict(task, TaskField.Subject, "Call Ana", null, TaskSide.TaskSync);
        Assert.IsType<TaskResult.Refused>(await _desk.Tasks.TakeOtherValueAsync(_desk.Rita, conflict.Id, Desk.Never));
        Assert.Null(_desk.Read(db => db.Conflicts.Single().SettledAt));
    }

    [Fact]
    public async Task A_value_that_does_not_go_with_the_rest_of_the_task_cannot_be_taken()
    {
        var task = _desk.Linked(_desk.StartSync(), with: t => (t.WhoId, t.WhatId) = ("003000000000001AAA", "001000000000001AAA"));
        var conflict = _desk.InConflict(task, TaskField.Person, "003000000000001AAA", "00Q000000000001EAA", TaskSide.TaskSync);
        var refused = Assert.IsType<TaskResult.Refused>(await _desk.Tasks.TakeOtherValueAsync(_desk.Rita, conflict.Id, Desk.Never));
        Assert.Contains("together with a lead", refused.Reason, StringComparison.Ordinal);
        Assert.Equal("003000000000001AAA", _desk.Task(task.Id).WhoId);
        Assert.Null(_desk.Read(db => db.Conflicts.Single().SettledAt));
    }

    [Fact]
    public async Task A_conflict_of_a_removed_task_can_still_be_put_away()
    {
        var task = _desk.Linked(_desk.StartSync());
        var conflict = _desk.InConflict(task, TaskField.Subject, "Call Ana", "Ring Ana", TaskSide.TaskSync);
        await _desk.Tasks.DeleteAsync(_desk.Rita, [task.Id], Desk.Never);
        Assert.IsType<TaskResult.Removed>(await _desk.Tasks.TakeOtherValueAsync(_desk.Rita, conflict.Id, Desk.Never));
        Desk.Saved(await _desk.Tasks.KeepValueAsync(_desk.Rita, conflict.Id, Desk.Never));
    }

    [Fact]
    public async Task An_earlier_version_is_put_back_and_the_names_of_records_with_it()
    {
        var id = await _desk.NewTask();
        var other = await _desk.NewTask("Write to Ana");
        await _desk.Edit(other, d => d with { WhoId = "003000000000001AAA", WhoName = "Ana Ruiz" });
        await _desk.Edit(id, d => d with { WhoId = "003000000000001AAA", WhoName = "Ana Ruiz", DueDate = new(2026, 12, 1) });
        await _desk.Edit(id, d => d with { WhoId = null, DueDate = null });
        var line = _desk.History(id)[^1];

        Desk.Saved(await _desk.Tasks.RestoreVersionAsync(_desk.Rita, id, line.Id, Desk.Never));
        var task = _desk.Task(id);
        Assert.Equal(("003000000000001AAA", "Ana Ruiz", new DateOnly(2026, 12, 1)), (task.WhoId, task.WhoName, task.DueDate));
        Assert.Equal("Put back an earlier version.", _desk.History(id)[^1].Note);
    }

    [Fact]
    public async Task An_earlier_version_that_does_not_go_with_the_present_one_is_refused()
    {
        var id = await _desk.NewTask();
        await _desk.Edit(id, d => d with { WhoId = "00Q000000000001EAA" });
        await _desk.Edit(id, d => d with { WhoId = null });
        var line = _desk.History(id)[^1];
        await _desk.Edit(id, d => d with { WhatId = "001000000000001AAA" });
        var refused = Assert.IsType<TaskResult.Refused>(await _desk.Tasks.RestoreVersionAsync(_desk.Rita, id, line.Id, Desk.Never));
        Assert.Contains("together with a lead", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_without_values_cannot_be_put_back()
    {
        var id = await _desk.NewTask();
        Assert.IsType<TaskResult.Refused>(await _desk.Tasks.RestoreVersionAsync(_desk.Rita, id, _desk.History(id)[0].Id, Desk.Never));
    }

    [Fact]
    public async Task A_line_of_another_task_is_not_found()
    {
        var (id, other) = (await _desk.NewTask(), await _desk.NewTask("Write to Tom"));
        await _desk.Edit(other, d => d with { Priority = "High" });
        Assert.IsType<TaskResult.NotFound>(await _desk.Tasks.RestoreVersionAsync(_desk.Rita, id, _desk.History(other)[^1].Id, Desk.Never));
    }
}
