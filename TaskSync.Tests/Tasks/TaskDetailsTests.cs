using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Tasks;

public sealed class TaskDetailsTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task The_history_is_told_in_sentences_newest_first()
    {
        await _desk.Settings.SaveZoneAsync(_desk.Rita, "Europe/Berlin", Desk.Never);
        var id = await _desk.NewTask(due: new(2026, 11, 23));
        await Step(() => _desk.Edit(id, d => d with { DueDate = new(2026, 11, 24), ReminderAt = Desk.Morning, WhoId = "003000000000001AAA", WhoName = "Ana Ruiz" }));
        await Step(() => _desk.Edit(id, d => d with { WhoId = null }));
        await Step(() => _desk.Edit(id, d => d with { Status = "Completed", Priority = "High" }));
        await Step(() => _desk.Tasks.ReopenAsync(_desk.Rita, [id], Desk.Never));
        await Step(() => _desk.Tasks.DeleteAsync(_desk.Rita, [id], Desk.Never));
        await Step(() => _desk.Tasks.RestoreAsync(_desk.Rita, [id], Desk.Never));

        // Somewhere the rep's list still knows who that was.
        var other = await _desk.NewTask("Write to Ana");
        await _desk.Edit(other, d => d with { WhoId = "003000000000001AAA", WhoName = "Ana Ruiz" });

        var history = (await Load(id)).History;
        Assert.Equal(
            [
                "Rita Rep restored the task.",
                "Rita Rep deleted the task.",
                "Rita Rep reopened the task.",
                "Rita Rep completed the task and changed Priority.",
                "Rita Rep changed Person.",
                "Rita Rep changed Due date, Reminder and Person.",
                "Rita Rep created the task.",
            ],
            history.Select(line => line.Sentence));
        Assert.Equal(
            [new(TaskField.DueDate, "Due date", "Mon 23 Nov 2026", "Tue 24 Nov 2026"), new(TaskField.Reminder, "Reminder", "–", "Mon 23 Nov 2026 10:00"), new ChangeLine(TaskField.Person, "Person", "–", "Ana Ruiz")],
            history[5].Changes);
        Assert.True(history[5].CanPutBack);
        Assert.False(history[6].CanPutBack);
        Assert.All(history, line => Assert.Equal(("Rita Rep", TaskSide.TaskSync), (line.Who, line.Side)));
    }

    [Fact]
    public async Task The_history_tells_what_the_sync_and_Salesforce_did()
    {
        var task = _desk.Linked(_desk.StartSync());
        (HistoryKind Kind, string? Actor, string? Note, FieldChange[] Changes)[] lines =
        [
            (HistoryKind.CameIn, null, null, []),
            (HistoryKind.Edited, "Bob Boss", null, [new(TaskField.Subject, "Call Ana", "Ring Ana")]),
            (HistoryKind.Conflict, "Bob Boss", "Changed in both places; your value counts.", [new(TaskField.Priority, "Low", "High")]),
            (HistoryKind.Reassigned, "Bob Boss", null, []),
            (HistoryKind.Lost, null, "No longer visible in Salesforce.", []),
            (HistoryKind.Deleted, null, null, []),
        ];
        _desk.Change(db => db.History.AddRange(lines.Select((line, i) => new HistoryEntry
        {
            TaskId = task.Id,
            PersonId = _desk.Rita,
            At = _desk.Now.AddMinutes(i),
            Side = TaskSide.Salesforce,
            Kind = line.Kind,
            Actor = line.Actor,
            Note = line.Note,
            Changes = line.Changes,
        })));
        Assert.Equal(
            [
                "The task came in from Salesforce.",
                "Bob Boss changed Subject in Salesforce.",
                "Priority was changed on both sides.",
                "Somebody else owns the task in Salesforce now.",
                "The task is only here now.",
                "Salesforce deleted the task in Salesforce.",
            ],
            (await Load(task.Id)).History.Reverse().Select(line => line.Sentence));
    }

    [Fact]
    public async Task Conflicts_and_problems_are_shown_with_both_values_and_the_exact_message()
    {
        var task = _desk.Linked(_desk.StartSync());
        _desk.InConflict(task, TaskField.DueDate, "2026-11-23", null, TaskSide.TaskSync);
        _desk.Park(task);
        var details = await Load(task.Id);
        Assert.Equal(("Due date", "Mon 23 Nov 2026", "–"), details.Conflicts.Single() is var c ? (c.FieldName, c.Ours, c.Theirs) : default);
        Assert.Equal(("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Region is required.", "Call Ana"), details.Problems.Single() is var p ? (p.Code, p.Message, p.Title) : default);
        Assert.NotEmpty(details.Problems.Single().Text.Words);
        Assert.Equal(RowSyncState.Problem, details.SyncState);
    }

    [Fact]
    public async Task What_the_form_shows_is_what_saving_compares_with()
    {
        var task = _desk.Linked(_desk.StartSync(), with: t => (t.Subject, t.Details) = (null, "  odd \r\n"));
        var details = await Load(task.Id);
        Assert.Equal(("", "(no subject)"), (details.Draft.Subject, details.Title));
        Desk.Saved(await _desk.Tasks.EditAsync(_desk.Rita, task.Id, details.Draft, details.Draft, Desk.Never));
        Assert.Empty(_desk.History(task.Id));
    }

    [Fact]
    public async Task Send_to_Salesforce_is_offered_for_a_local_task_while_sync_is_on()
    {
        var id = await _desk.NewTask();
        Assert.False((await Load(id)).CanSendToSalesforce);
        var connection = _desk.StartSync();
        Assert.True((await Load(id)).CanSendToSalesforce);
        Assert.False((await Load(_desk.Linked(connection).Id)).CanSendToSalesforce);
        await _desk.Tasks.DeleteAsync(_desk.Rita, [id], Desk.Never);
        Assert.False((await Load(id)).CanSendToSalesforce);
    }

    [Fact]
    public async Task Why_names_the_rule_for_every_state_a_task_can_be_in()
    {
        var local = await _desk.NewTask();
        var elsewhere = _desk.Linked(_desk.Connect(_desk.Rita, user: "005000000000009AAA"), "elsewhere", pending: true);
        var connection = _desk.StartSync();
        var sent = await _desk.NewTask("sent");
        await Expect(local, "F5", "created while sync was off");
        await Expect(sent, "S5", "Not in Salesforce yet");
        await Expect(elsewhere.Id, "F9", "another Salesforce user");
        await Expect(elsewhere.Id, "F9", "waits until you are connected as");
        await Expect(_desk.Linked(connection).Id, "F3", "came from there");
        await Expect(_desk.Linked(connection, state: LinkState.Lost).Id, "S7", "no longer shows");
        await Expect(_desk.Linked(connection, state: LinkState.Reassigned).Id, "S7", "Somebody else owns");
        await Expect(_desk.Linked(connection, pending: true).Id, "S2", "on its way");

        var parked = _desk.Linked(connection);
        _desk.Park(parked);
        await Expect(parked.Id, "S9", "FIELD_CUSTOM_VALIDATION_EXCEPTION");

        var unknown = _desk.Linked(connection, pending: true);
        _desk.Change(db => db.Links.Single(l => l.TaskId == unknown.Id).Attempts = [new WriteAttempt(WriteKind.Update, TaskValues.Unknown, 1, _desk.Now, _desk.Now)]);
        await Expect(unknown.Id, "S5", "answer was lost");

        var failing = _desk.Linked(connection, pending: true);
        _desk.Change(db => db.PendingWrites.Find(failing.Id)!.Failures = 2);
        await Expect(failing.Id, "6", "tried again by itself");

        var blocked = _desk.Linked(connection);
        _desk.Change(db => db.Links.Single(l => l.TaskId == blocked.Id).BlockedFields = TaskFields.Priority);
        await Expect(blocked.Id, "S6", "Priority is no longer sent");

        var waiting = _desk.Linked(connection, pending: true);
        _desk.Change(db => db.Connections.Find(connection.Id)!.State = ConnectionState.NeedsReconnect);
        await Expect(waiting.Id, "F7", "reconnect");
        _desk.Change(db => (db.Connections.Find(connection.Id)!.State, db.People.Find(_desk.Rita)!.PausedAt) = (ConnectionState.Active, _desk.Now));
        await Expect(waiting.Id, "F7", "paused");
        _desk.Tick(_desk.Rita, on: false);
        await Expect(waiting.Id, "F7", "sync is off");
    }

    [Theory]
    [InlineData(0, "due today or tomorrow")]
    [InlineData(1, "due today or tomorrow")]
    [InlineData(2, "Next 7 days")]
    [InlineData(7, "under the chip All")]
    [InlineData(-1, "Overdue")]
    [InlineData(null, "No date")]
    public async Task Why_says_where_an_open_task_is_found(int? days, string text) =>
        await Expect(await _desk.NewTask(due: days is { } d ? _desk.Today.AddDays(d) : null), "4", text);

    [Fact]
    public async Task Why_says_why_a_task_is_not_in_the_list()
    {
        var connection = _desk.StartSync();
        var done = await _desk.NewTask();
        await _desk.Tasks.CompleteAsync(_desk.Rita, [done], Desk.Never);
        await Expect(done, "4", "Completed");
        await Expect(Removed(Removal.DeletedHere), "S4", "restored until Tue 8 Dec 2026");
        await Expect(Removed(Removal.DeletedInSalesforce), "F6", "restored until Tue 8 Dec 2026");
        await Expect(Removed(Removal.Reassigned), "S7", "somebody else owns");

        Guid Removed(Removal removal) => _desk.Linked(connection, with: t => (t.RemovedAt, t.Removal) = (_desk.Now, removal)).Id;
    }

    [Fact]
    public async Task Why_says_what_the_org_hides_or_cannot_hold()
    {
        var connection = _desk.StartSync(OrgSchema.Default with { Readable = TaskFields.All & ~TaskFields.Reminder, Picklists = new Dictionary<TaskField, Picklist> { [TaskField.Type] = new(["Call"], IsRestricted: true) } });
        var task = _desk.Linked(connection, with: t => t.Type = "InMail");
        await Expect(task.Id, "3", "hides Reminder");
        await Expect(task.Id, "3", "Type holds a value");
    }

    private async Task Expect(Guid id, string rule, string text)
    {
        var why = (await Load(id)).Why;
        Assert.True(why.Any(line => line.Rule == rule && line.Text.Contains(text, StringComparison.Ordinal)), $"{rule} {text}: {string.Join(" / ", why)}");
    }

    private async Task Step(Func<Task> action)
    {
        _desk.Clock.Advance(TimeSpan.FromMinutes(1));
        await action();
    }

    private async Task<TaskDetails> Load(Guid id) => (await _desk.Details.LoadAsync(_desk.Rita, id, Desk.Never))!;
}
