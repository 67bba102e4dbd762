using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Tasks;

public sealed class TaskServiceCreateTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task F5_a_task_created_while_the_box_is_ticked_is_linked_with_a_key_and_waits_to_be_sent()
    {
        var connection = _desk.StartSync();
        var id = await _desk.NewTask();
        var task = _desk.Task(id);
        Assert.Equal(TaskOrigin.HereWhileOn, task.Origin);
        Assert.Equal((connection.Id, connection.OrganizationId), (task.Link!.ConnectionId, task.Link.OrganizationId));
        Assert.Null(task.Link.SalesforceId);
        Assert.Null(task.Link.BaseJson);
        Assert.Matches("^TSK-[0-9a-f]{32}$", task.Link.Key);
        Assert.Equal((connection.Id, _desk.Now, null), (_desk.Pending(id)!.ConnectionId, _desk.Pending(id)!.DueAt, _desk.Pending(id)!.ProblemId));
        Assert.Equal([connection.Id], _desk.Rings);
        Assert.Equal(1, _desk.Published);
    }

    [Fact]
    public async Task F5_a_task_created_while_the_box_is_not_ticked_stays_local_for_good()
    {
        _desk.Connect(_desk.Rita);
        var id = await _desk.NewTask();
        _desk.Tick(_desk.Rita);
        await _desk.Edit(id, d => d with { Subject = "Call Ana again" });
        await _desk.Tasks.CompleteAsync(_desk.Rita, [id], Desk.Never);
        await _desk.Tasks.DeleteAsync(_desk.Rita, [id], Desk.Never);
        Assert.Equal(TaskOrigin.HereWhileOff, _desk.Task(id).Origin);
        Assert.Null(_desk.Task(id).Link);
        Assert.Null(_desk.Pending(id));
        Assert.Empty(_desk.Rings);
    }

    [Fact]
    public async Task F5_ticked_without_a_connection_is_local_too()
    {
        _desk.Tick(_desk.Rita);
        Assert.Equal(TaskOrigin.HereWhileOff, _desk.Task(await _desk.NewTask()).Origin);
    }

    [Fact]
    public async Task A_new_task_has_the_defaults_of_the_org_and_a_first_line_of_history()
    {
        _desk.StartSync(OrgSchema.Default with
        {
            Statuses = [new("Closed", "Closed", true, true), new("Open", "Open", false, false)],
            Priorities = [new("P1", "P1", true, false), new("P2", "P2", false, true)],
        });
        var id = await _desk.NewTask("  Call\nAna ", new DateOnly(2026, 11, 24));
        var task = _desk.Task(id);
        Assert.Equal(("Call Ana", "Open", "P2", false), (task.Subject, task.Status, task.Priority, task.IsCompleted));
        Assert.Equal((_desk.Now, _desk.Now), (task.CreatedAt, task.UpdatedAt));
        var line = Assert.Single(_desk.History(id));
        Assert.Equal((HistoryKind.Created, TaskSide.TaskSync, "Rita Rep", _desk.Now), (line.Kind, line.Side, line.Actor, line.At));
    }

    [Fact]
    public async Task A_task_created_with_a_closed_status_is_completed()
    {
        var result = await _desk.Tasks.CreateAsync(_desk.Rita, new TaskDraft { Subject = "Call Ana", Status = "Completed" }, Desk.Never);
        var task = _desk.Task(Desk.Saved(result).Id);
        Assert.Equal((true, _desk.Now), (task.IsCompleted, task.CompletedAt));
    }

    [Fact]
    public async Task An_invalid_task_is_not_stored_and_nobody_is_told()
    {
        _desk.StartSync();
        var result = Assert.IsType<TaskResult.Invalid>(await _desk.Tasks.CreateAsync(_desk.Rita, new TaskDraft { Subject = " " }, Desk.Never));
        Assert.Equal(TaskField.Subject, Assert.Single(result.Errors).Field);
        Assert.Empty(_desk.Read(db => db.Tasks.ToList()));
        Assert.Empty(_desk.Rings);
        Assert.Equal(0, _desk.Published);
    }

    [Fact]
    public async Task F5_one_local_task_is_sent_on_request_while_sync_is_on()
    {
        var id = await _desk.NewTask();
        Assert.IsType<TaskResult.Refused>(await _desk.Tasks.SendToSalesforceAsync(_desk.Rita, id, Desk.Never));

        var connection = _desk.StartSync();
        Desk.Saved(await _desk.Tasks.SendToSalesforceAsync(_desk.Rita, id, Desk.Never));
        Assert.Equal(connection.Id, _desk.Task(id).Link!.ConnectionId);
        Assert.Equal(_desk.Now, _desk.Pending(id)!.DueAt);
        Assert.Equal([connection.Id], _desk.Rings);
        Assert.Equal(2, _desk.History(id).Count);

        // Once is enough, and a task that was there before is never doubled (S5).
        Assert.IsType<TaskResult.Refused>(await _desk.Tasks.SendToSalesforceAsync(_desk.Rita, id, Desk.Never));
        var lost = _desk.Linked(connection, state: LinkState.Lost);
        Assert.IsType<TaskResult.Refused>(await _desk.Tasks.SendToSalesforceAsync(_desk.Rita, lost.Id, Desk.Never));
    }

    [Fact]
    public async Task F5_a_local_task_that_the_org_cannot_hold_is_not_sent()
    {
        var id = await _desk.NewTask();
        _desk.StartSync(OrgSchema.Default with { Statuses = [new("Open", "Open", false, true), new("Closed", "Closed", true, false)] });
        var refused = Assert.IsType<TaskResult.Invalid>(await _desk.Tasks.SendToSalesforceAsync(_desk.Rita, id, Desk.Never));
        Assert.Equal(TaskField.Status, Assert.Single(refused.Errors).Field);
        Assert.Null(_desk.Task(id).Link);
    }

    [Fact]
    public async Task S2_leaving_the_page_does_not_cancel_a_save_that_has_begun()
    {
        using var page = new CancellationTokenSource();
        _desk.Feed.SubscribeAll(page.Cancel);
        Desk.Saved(await _desk.Tasks.CreateAsync(_desk.Rita, new TaskDraft { Subject = "Call Ana" }, page.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _desk.Tasks.CreateAsync(_desk.Rita, new TaskDraft { Subject = "Call Ana" }, page.Token));
    }
}
