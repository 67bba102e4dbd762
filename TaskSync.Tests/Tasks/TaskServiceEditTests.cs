using CsCheck;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Tasks;

public sealed class TaskServiceEditTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task S3_a_change_that_came_in_meanwhile_in_another_field_survives()
    {
        var task = _desk.Linked(_desk.StartSync());
        var shown = TaskDraft.Of(_desk.Task(task.Id));
        _desk.Change(db => db.Tasks.Find(task.Id)!.Priority = "High");
        Desk.Saved(await _desk.Tasks.EditAsync(_desk.Rita, task.Id, shown, shown with { Subject = "Write to Ana" }, Desk.Never));
        Assert.Equal(("Write to Ana", "High"), (_desk.Task(task.Id).Subject, _desk.Task(task.Id).Priority));
    }

    [Fact]
    public async Task S3_in_the_same_field_the_newer_edit_wins_and_the_history_keeps_what_it_replaced()
    {
        var task = _desk.Linked(_desk.StartSync());
        var shown = TaskDraft.Of(_desk.Task(task.Id));
        _desk.Change(db => db.Tasks.Find(task.Id)!.Subject = "Call Ana at noon");
        await _desk.Tasks.EditAsync(_desk.Rita, task.Id, shown, shown with { Subject = "Write to Ana" }, Desk.Never);
        Assert.Equal("Write to Ana", _desk.Task(task.Id).Subject);
        Assert.Equal(new FieldChange(TaskField.Subject, "Call Ana at noon", "Write to Ana"), Assert.Single(_desk.History(task.Id)[^1].Changes));
    }

    [Fact]
    public async Task S3_changed_fields_are_stamped_and_others_are_not()
    {
        var id = await _desk.NewTask();
        _desk.Clock.Advance(TimeSpan.FromHours(1));
        await _desk.Edit(id, d => d with { DueDate = new(2026, 12, 1), Details = "Bring the contract.\n" });
        var task = _desk.Task(id);
        Assert.Equal(_desk.Now, task.EditTimes[TaskField.DueDate]);
        Assert.Equal(_desk.Now, task.EditTimes[TaskField.Details]);
        Assert.Null(task.EditTimes[TaskField.Subject]);
        Assert.Equal((_desk.Now, Desk.Morning, 1), (task.UpdatedAt, task.CreatedAt, task.Revision));
        Assert.Equal("Bring the contract.", task.Details);
    }

    [Fact]
    public async Task Saving_a_form_that_was_not_changed_leaves_no_trace()
    {
        var task = _desk.Linked(_desk.StartSync(), with: t => t.Details = "ends with blanks  ");
        Assert.Equal(0, Desk.Saved(await _desk.Edit(task.Id, d => d)).Revision);
        Assert.Equal(0, Desk.Saved(await _desk.Edit(task.Id, d => d with { Subject = " Call Ana " })).Revision);
        Assert.Null(_desk.Pending(task.Id));
        Assert.Empty(_desk.History(task.Id));
        Assert.Equal(0, _desk.Published);
    }

    [Fact]
    public async Task S2_an_edit_of_a_linked_task_is_due_at_once_and_rings()
    {
        var connection = _desk.StartSync();
        var task = _desk.Linked(connection);
        await _desk.Edit(task.Id, d => d with { Subject = "Write to Ana" });
        Assert.Equal((connection.Id, _desk.Now, _desk.Now), (_desk.Pending(task.Id)!.ConnectionId, _desk.Pending(task.Id)!.DueAt, _desk.Pending(task.Id)!.QueuedAt));
        Assert.Equal([connection.Id], _desk.Rings);
    }

    [Fact]
    public async Task Ten_edits_are_one_pending_write_that_keeps_since_when_it_waits()
    {
        var task = _desk.Linked(_desk.StartSync());
        for (var i = 1; i <= 10; i++)
        {
            await _desk.Edit(task.Id, d => d with { Subject = $"Call Ana {i}" });
            _desk.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(Desk.Morning, _desk.Pending(task.Id)!.QueuedAt);
        Assert.Equal(10, _desk.History(task.Id).Count);
        Assert.Equal(10, _desk.Task(task.Id).Revision);
    }

    [Theory]
    [InlineData(LinkState.Lost)]
    [InlineData(LinkState.Reassigned)]
    public async Task S7_an_edit_of_a_task_that_is_only_here_is_not_sent(LinkState state)
    {
        var task = _desk.Linked(_desk.StartSync(), state: state);
        Desk.Saved(await _desk.Edit(task.Id, d => d with { Subject = "Write to Ana" }));
        Assert.Null(_desk.Pending(task.Id));
        Assert.Empty(_desk.Rings);
    }

    [Fact]
    public async Task F6_an_edit_while_sync_is_off_waits_for_the_next_switch_on()
    {
        var task = _desk.Linked(_desk.Connect(_desk.Rita));
        await _desk.Edit(task.Id, d => d with { Subject = "Write to Ana" });
        Assert.NotNull(_desk.Pending(task.Id));
    }

    [Fact]
    public async Task S9_an_edit_is_a_way_out_of_a_problem()
    {
        var task = _desk.Linked(_desk.StartSync());
        var problem = _desk.Park(task);
        _desk.Change(db => db.PendingWrites.Find(task.Id)!.DueAt = _desk.Now.AddHours(1));
        await _desk.Edit(task.Id, d => d with { Details = "Region: West" });
        Assert.Equal((null, _desk.Now, 0), (_desk.Pending(task.Id)!.ProblemId, _desk.Pending(task.Id)!.DueAt, _desk.Pending(task.Id)!.Failures));
        Assert.Equal(ProblemState.Resolved, _desk.Read(db => db.Problems.Find(problem.Id)!.State));
    }

    [Fact]
    public async Task S9_a_problem_that_holds_up_another_task_too_stays_open()
    {
        var connection = _desk.StartSync();
        var (first, second) = (_desk.Linked(connection), _desk.Linked(connection, "Write to Tom"));
        var problem = _desk.Park(first);
        _desk.Change(db => db.PendingWrites.Add(new PendingWrite { TaskId = second.Id, ConnectionId = connection.Id, QueuedAt = _desk.Now, DueAt = _desk.Now, ProblemId = problem.Id }));
        await _desk.Edit(first.Id, d => d with { Details = "Region: West" });
        Assert.Equal(ProblemState.Open, _desk.Read(db => db.Problems.Find(problem.Id)!.State));
        await _desk.Edit(second.Id, d => d with { Details = "Region: West" });
        Assert.Equal(ProblemState.Resolved, _desk.Read(db => db.Problems.Find(problem.Id)!.State));
    }

    [Fact]
    public async Task S5_an_edit_does_not_shorten_the_wait_for_an_unknown_outcome()
    {
        var task = _desk.Linked(_desk.StartSync(), pending: true);
        var until = _desk.Now.AddMinutes(10);
        _desk.Change(db =>
        {
            var write = db.PendingWrites.Find(task.Id)!;
            db.Links.Single(l => l.TaskId == task.Id).Attempts = [new WriteAttempt(WriteKind.Create, TaskValues.Unknown, 0, _desk.Now, _desk.Now.AddSeconds(30))];
            write.DueAt = until;
        });
        await _desk.Edit(task.Id, d => d with { Subject = "Write to Ana" });
        Assert.Equal(until, _desk.Pending(task.Id)!.DueAt);
        Assert.Single(_desk.Task(task.Id).Link!.Attempts);
        Assert.Empty(_desk.Rings);
    }

    [Fact]
    public async Task An_edit_always_raises_the_token_of_the_pending_write_so_that_a_push_that_ends_meanwhile_does_not_take_it_away()
    {
        var task = _desk.Linked(_desk.StartSync(), pending: true);
        var before = _desk.Pending(task.Id)!.Version;
        await _desk.Edit(task.Id, d => d with { Subject = "Write to Ana" });
        Assert.True(_desk.Pending(task.Id)!.Version > before);
    }

    [Fact]
    public async Task A_status_decides_whether_the_task_is_completed()
    {
        _desk.StartSync(OrgSchema.Default with { Statuses = [new("Open", "Open", false, true), new("Won", "Won", true, false), new("Lost", "Lost", true, false)] });
        var id = await _desk.NewTask();
        await _desk.Edit(id, d => d with { Status = "Lost" });
        Assert.Equal((true, Desk.Morning), (_desk.Task(id).IsCompleted, _desk.Task(id).CompletedAt));
        Assert.Equal(HistoryKind.Completed, _desk.History(id)[^1].Kind);

        _desk.Clock.Advance(TimeSpan.FromDays(1));
        await _desk.Edit(id, d => d with { Status = "Won" });
        Assert.Equal((true, Desk.Morning), (_desk.Task(id).IsCompleted, _desk.Task(id).CompletedAt));

        await _desk.Edit(id, d => d with { Status = "Open" });
        Assert.Equal((false, null), (_desk.Task(id).IsCompleted, _desk.Task(id).CompletedAt));
        Assert.Equal(HistoryKind.Reopened, _desk.History(id)[^1].Kind);
    }

    [Fact]
    public async Task A_value_of_another_org_that_was_there_before_does_not_stand_in_the_way()
    {
        var task = _desk.Linked(_desk.StartSync(), with: t => (t.Subject, t.Status) = (null, "Parked"));
        Desk.Saved(await _desk.Edit(task.Id, d => d with { DueDate = new(2026, 12, 1) }));
        Assert.Equal((null, "Parked"), (_desk.Task(task.Id).Subject, _desk.Task(task.Id).Status));
    }

    [Fact]
    public async Task A_lead_chosen_elsewhere_meanwhile_does_not_go_with_a_record_chosen_here()
    {
        var id = await _desk.NewTask();
        var shown = TaskDraft.Of(_desk.Task(id));
        _desk.Change(db => db.Tasks.Find(id)!.WhoId = "00Q000000000001EAA");
        var result = await _desk.Tasks.EditAsync(_desk.Rita, id, shown, shown with { WhatId = "001000000000001AAA", WhatName = "Acme" }, Desk.Never);
        Assert.Equal(TaskField.RelatedTo, Assert.Single(Assert.IsType<TaskResult.Invalid>(result).Errors).Field);
    }

    [Fact]
    public async Task A_chosen_person_is_kept_with_name()
    {
        var id = await _desk.NewTask();
        await _desk.Edit(id, d => d with { WhoId = "003000000000001", WhoName = "Ana Ruiz", WhatId = "001000000000001AAA", WhatName = "Acme" });
        Assert.Equal(("003000000000001AAA", "Ana Ruiz", "Acme"), (_desk.Task(id).WhoId, _desk.Task(id).WhoName, _desk.Task(id).WhatName));
        await _desk.Edit(id, d => d with { WhoId = null });
        Assert.Equal((null, null, "Acme"), (_desk.Task(id).WhoId, _desk.Task(id).WhoName, _desk.Task(id).WhatName));
    }

    [Fact]
    public async Task A_task_that_left_the_list_meanwhile_is_not_edited()
    {
        var id = await _desk.NewTask();
        await _desk.Tasks.DeleteAsync(_desk.Rita, [id], Desk.Never);
        Assert.Equal(new TaskResult.Removed(Removal.DeletedHere), await _desk.Edit(id, d => d with { Subject = "Write to Ana" }));
        Assert.Equal("Call Ana", _desk.Task(id).Subject);
    }

    [Fact]
    public async Task Editing_the_field_of_a_conflict_settles_it()
    {
        var task = _desk.Linked(_desk.StartSync());
        var conflict = _desk.InConflict(task, TaskField.Subject, "Call Ana", "Ring Ana", TaskSide.TaskSync);
        await _desk.Edit(task.Id, d => d with { Details = "x" });
        Assert.Null(_desk.Read(db => db.Conflicts.Find(conflict.Id)!.SettledAt));
        await _desk.Edit(task.Id, d => d with { Subject = "Ring Ana" });
        Assert.Equal(_desk.Now, _desk.Read(db => db.Conflicts.Find(conflict.Id)!.SettledAt));
    }

    [Fact]
    public Task An_edit_touches_only_the_fields_that_the_person_changed() =>
        Gen.Select(AnyDraft, AnyDraft, AnyDraft, Gen.Int[0, (int)TaskFields.All]).SampleAsync(async (loaded, typed, meanwhile, mask) =>
        {
            await using var desk = new Desk();
            var id = Desk.Saved(await desk.Tasks.CreateAsync(desk.Rita, loaded, Desk.Never)).Id;
            var shown = TaskDraft.Of(desk.Task(id));
            await desk.Tasks.EditAsync(desk.Rita, id, shown, meanwhile, Desk.Never);
            var before = desk.Task(id).Values;

            // The person changes the fields of the mask only.
            var wanted = Pick(shown, typed, (TaskFields)mask);
            Desk.Saved(await desk.Tasks.EditAsync(desk.Rita, id, shown, wanted, Desk.Never));
            var after = desk.Task(id);
            foreach (var field in TaskFieldSets.Every)
            {
                var changed = wanted.Values[field] != shown.Values[field];
                Assert.Equal(changed ? wanted.Values[field] : before[field], after.Values[field]);
            }
        }, iter: 60);

    private static readonly Gen<string?> Maybe = Gen.Frequency((1, Gen.Const((string?)null)), (3, Gen.String[Gen.Char['a', 'f'], 1, 6].Select(s => (string?)s)));

    private static readonly Gen<TaskDraft> AnyDraft = Gen.Select(
        Gen.String[Gen.Char['a', 'f'], 1, 8], Gen.Int[0, 400], OneOf("Not Started", "In Progress", "Completed"), OneOf("High", "Normal", "Low"), Maybe, Maybe, Gen.Int[0, 100_000],
        (subject, due, status, priority, type, details, reminder) => new TaskDraft
        {
            Values = TaskValues.Empty.With(TaskField.CallResult, details is null ? null : details + subject),
            Subject = subject,
            DueDate = due == 0 ? null : new DateOnly(2026, 1, 1).AddDays(due),
            Status = status,
            Priority = priority,
            Type = type,
            Details = details,
            ReminderAt = reminder == 0 ? null : Desk.Morning.AddMinutes(reminder),
            WhoId = due % 3 == 0 ? null : "003000000000001AAA",
            WhatId = due % 2 == 0 ? null : "001000000000001AAA",
        });

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static TaskDraft Pick(TaskDraft from, TaskDraft other, TaskFields fields) => new() { Values = from.Values.Overlay(other.Values.Only(fields)) };
}
