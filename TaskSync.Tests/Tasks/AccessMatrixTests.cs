using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Tasks;

/// <summary>Every operation checks whose task it is, and another's id answers like an unknown one.</summary>
public sealed class AccessMatrixTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    public static TheoryData<string> Operations => [.. Calls.Keys];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Anothers_id_answers_like_an_unknown_one_and_nothing_changes(string operation)
    {
        var call = Calls[operation];
        var mine = Arrange(_desk.Rita, "005000000000001AAA");
        var mallory = _desk.Add(new Person { SubjectId = "mallory", Name = "Mallory", CreatedAt = Desk.Morning });
        _desk.Connect(mallory, user: "005000000000002AAA");
        _desk.Tick(mallory);
        var before = Everything();

        var others = await call(_desk, mallory, mine);
        var unknown = await call(_desk, mallory, Ids.Unknown());
        var nobody = await call(_desk, Guid.NewGuid(), mine);

        Assert.Equal(unknown, others);
        Assert.Equal(before, Everything());
        Assert.Empty(_desk.Rings);
        Assert.Equal(0, _desk.Published);

        // The same call by the owner does find it; somebody who is not signed in finds nothing.
        var own = await call(_desk, _desk.Rita, mine);
        Assert.NotEqual(unknown, own);
        Assert.NotEqual(nobody, own);
    }

    private static readonly Dictionary<string, Func<Desk, Guid, Ids, Task<string>>> Calls = new()
    {
        ["Edit"] = async (d, who, ids) => Text(await d.Tasks.EditAsync(who, ids.Open, new TaskDraft { Subject = "a" }, new TaskDraft { Subject = "b" }, Desk.Never)),
        ["Edit without changes"] = async (d, who, ids) => Text(await d.Tasks.EditAsync(who, ids.Open, new TaskDraft { Subject = "a" }, new TaskDraft { Subject = "a" }, Desk.Never)),
        ["Edit with errors"] = async (d, who, ids) => Text(await d.Tasks.EditAsync(who, ids.Open, new TaskDraft { Subject = "a" }, new TaskDraft(), Desk.Never)),
        ["Edit a removed one"] = async (d, who, ids) => Text(await d.Tasks.EditAsync(who, ids.Removed, new TaskDraft { Subject = "a" }, new TaskDraft { Subject = "b" }, Desk.Never)),
        ["Complete"] = async (d, who, ids) => Text(await d.Tasks.CompleteAsync(who, [ids.Open], Desk.Never)),
        ["Reopen"] = async (d, who, ids) => Text(await d.Tasks.ReopenAsync(who, [ids.Done], Desk.Never)),
        ["Delete"] = async (d, who, ids) => Text(await d.Tasks.DeleteAsync(who, [ids.Open], Desk.Never)),
        ["Restore"] = async (d, who, ids) => Text(await d.Tasks.RestoreAsync(who, [ids.Removed], Desk.Never)),
        ["Reschedule"] = async (d, who, ids) => Text(await d.Tasks.RescheduleAsync(who, [ids.Open], new DateOnly(2027, 1, 1), Desk.Never)),
        ["Release"] = async (d, who, ids) =>
        {
            await d.Tasks.ReleaseAsync(who, [ids.Done]);
            return d.Pending(ids.Done)?.DueAt == d.Now ? "released" : "";
        },
        ["Undo a completion"] = async (d, who, ids) => Text(await d.Tasks.UndoAsync(who, new UndoToken(UndoKind.Completed, [new UndoStep(ids.Done, Status("Not Started"), Status("Completed"), null)]), Desk.Never)),
        ["Undo a deletion"] = async (d, who, ids) => Text(await d.Tasks.UndoAsync(who, new UndoToken(UndoKind.Deleted, [new UndoStep(ids.Removed, TaskValues.Unknown, TaskValues.Unknown, null)]), Desk.Never)),
        ["Send to Salesforce"] = async (d, who, ids) => Text(await d.Tasks.SendToSalesforceAsync(who, ids.Local, Desk.Never)),
        ["Link with a look-alike"] = async (d, who, ids) => Text(await d.Tasks.LinkAsync(who, ids.Local, "00T000000000009AAA", Desk.Never)),
        ["Restore what the brake holds"] = async (d, who, ids) => Text(await d.Tasks.RestoreHeldAsync(who, ids.Problem, Desk.Never)),
        ["Take the other value"] = async (d, who, ids) => Text(await d.Tasks.TakeOtherValueAsync(who, ids.Conflict, Desk.Never)),
        ["Keep the value"] = async (d, who, ids) => Text(await d.Tasks.KeepValueAsync(who, ids.Conflict, Desk.Never)),
        ["Restore a version"] = async (d, who, ids) => Text(await d.Tasks.RestoreVersionAsync(who, ids.Open, ids.History, Desk.Never)),
        ["Open a task"] = async (d, who, ids) => Text(await d.Details.LoadAsync(who, ids.Open, Desk.Never)),
        ["Open a removed task"] = async (d, who, ids) => Text(await d.Details.LoadAsync(who, ids.Removed, Desk.Never)),
        ["Retry a problem"] = async (d, who, ids) => Text(await d.MySync.RetryAsync(who, ids.Problem, Desk.Never)),
        ["Ignore a problem"] = async (d, who, ids) => Text(await d.MySync.IgnoreAsync(who, ids.Problem, Desk.Never)),
    };

    /// <summary>What an answer tells, without the ids that were asked for.</summary>
    private static string Text(object? answer) => answer switch
    {
        null => "nothing",
        TaskResult.Saved => "saved",
        TaskDetails => "details",
        BulkResult bulk => $"{bulk.Done.Count} done, {bulk.Skipped} skipped, undo {bulk.Undo is not null}",
        _ => answer.ToString()!,
    };

    private static TaskValues Status(string status) => TaskValues.Unknown.With(TaskField.Status, status);

    private Ids Arrange(Guid owner, string user)
    {
        var local = new TaskItem { PersonId = owner, Subject = "Only here", CreatedAt = _desk.Now, UpdatedAt = _desk.Now };
        _desk.Change(db => db.Tasks.Add(local));
        var connection = _desk.Connect(owner, user: user);
        _desk.Tick(owner);
        var open = _desk.Linked(connection);
        var done = _desk.Linked(connection, "Done", t => (t.Status, t.IsCompleted) = ("Completed", true), pending: true);
        var removed = _desk.Linked(connection, "Removed", t => (t.RemovedAt, t.Removal) = (_desk.Now, Removal.DeletedHere));
        var history = new HistoryEntry { TaskId = open.Id, PersonId = owner, At = _desk.Now, Kind = HistoryKind.Edited, Changes = [new FieldChange(TaskField.Subject, "Before", "Call Ana")] };
        _desk.Change(db =>
        {
            db.History.Add(history);
            db.PendingWrites.Find(done.Id)!.DueAt = _desk.Now.AddSeconds(5);
        });
        return new Ids(open.Id, done.Id, removed.Id, local.Id, _desk.InConflict(open, TaskField.Subject, "Call Ana", "Ring Ana", TaskSide.TaskSync).Id, history.Id, _desk.Park(removed).Id);
    }

    private string Everything() => _desk.Read(db => string.Join('\n', new IEnumerable<object>[]
    {
        db.Tasks.OrderBy(t => t.Id).Select(t => new { t.Id, t.Revision, t.RemovedAt, t.Subject, t.Status }).ToList(),
        db.PendingWrites.OrderBy(t => t.TaskId).Select(w => new { w.TaskId, w.Version, w.DueAt, w.ProblemId }).ToList(),
        db.Links.OrderBy(l => l.Id).Select(l => new { l.Id, l.Version }).ToList(),
        db.History.OrderBy(h => h.Id).Select(h => new { h.Id }).ToList(),
        db.Conflicts.Select(c => new { c.Id, c.SettledAt }).ToList(),
        db.Problems.Select(p => new { p.Id, p.State }).ToList(),
    }.SelectMany(rows => rows)));

    private sealed record Ids(Guid Open, Guid Done, Guid Removed, Guid Local, Guid Conflict, Guid History, Guid Problem)
    {
        public static Ids Unknown() => new(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
    }
}
