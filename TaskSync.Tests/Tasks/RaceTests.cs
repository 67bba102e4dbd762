using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Tasks;

/// <summary>The engine, or another tab, writes between our read and our save.</summary>
public sealed class RaceTests
{
    [Fact]
    public async Task S3_an_edit_that_meets_the_engines_write_is_done_again_and_both_survive()
    {
        var meanwhile = new Meanwhile(times: 1);
        await using var desk = new Desk(meanwhile);
        var task = desk.Linked(desk.StartSync());
        meanwhile.Do = () => desk.Change(db => db.Tasks.Find(task.Id)!.Priority = "High");
        Desk.Saved(await desk.Edit(task.Id, d => d with { Subject = "Write to Ana" }));
        Assert.Equal(("Write to Ana", "High"), (desk.Task(task.Id).Subject, desk.Task(task.Id).Priority));
        Assert.Single(desk.History(task.Id));
        Assert.Equal(1, desk.Published);
    }

    [Fact]
    public async Task A_pending_write_that_was_added_meanwhile_is_no_failure()
    {
        var meanwhile = new Meanwhile(times: 1);
        await using var desk = new Desk(meanwhile);
        var connection = desk.StartSync();
        var task = desk.Linked(connection);
        meanwhile.Do = () => desk.Change(db => db.PendingWrites.Add(new PendingWrite { TaskId = task.Id, ConnectionId = connection.Id, QueuedAt = desk.Now, DueAt = desk.Now.AddHours(1), Failures = 3 }));
        Desk.Saved(await desk.Edit(task.Id, d => d with { Subject = "Write to Ana" }));
        Assert.Equal(desk.Now, desk.Pending(task.Id)!.DueAt);
    }

    [Fact]
    public async Task A_push_that_confirms_meanwhile_does_not_take_the_new_edit_with_it()
    {
        var meanwhile = new Meanwhile(times: 1);
        await using var desk = new Desk(meanwhile);
        var task = desk.Linked(desk.StartSync(), pending: true);
        meanwhile.Do = () => desk.Change(db => db.PendingWrites.Remove(db.PendingWrites.Find(task.Id)!));
        Desk.Saved(await desk.Edit(task.Id, d => d with { Subject = "Write to Ana" }));
        Assert.NotNull(desk.Pending(task.Id));
    }

    [Fact]
    public async Task S2_an_undo_that_meets_the_push_waits_for_its_outcome()
    {
        var meanwhile = new Meanwhile(times: 1);
        await using var desk = new Desk(meanwhile);
        var task = desk.Linked(desk.StartSync());
        var completed = await desk.Tasks.CompleteAsync(desk.Rita, [task.Id], Desk.Never);
        meanwhile.Do = () => desk.Change(db => db.Links.Single(l => l.TaskId == task.Id).Attempts = [new WriteAttempt(WriteKind.Update, TaskValues.Unknown, 1, desk.Now, desk.Now)]);
        await desk.Tasks.UndoAsync(desk.Rita, completed.Undo!, Desk.Never);
        Assert.Single(desk.Task(task.Id).Link!.Attempts);
        Assert.False(desk.Task(task.Id).IsCompleted);
    }

    [Fact]
    public async Task A_task_deleted_in_Salesforce_meanwhile_is_not_edited()
    {
        var meanwhile = new Meanwhile(times: 1);
        await using var desk = new Desk(meanwhile);
        var task = desk.Linked(desk.StartSync());
        meanwhile.Do = () => desk.Change(db => (db.Tasks.Find(task.Id)!.RemovedAt, db.Tasks.Find(task.Id)!.Removal) = (desk.Now, Removal.DeletedInSalesforce));
        Assert.Equal(new TaskResult.Removed(Removal.DeletedInSalesforce), await desk.Edit(task.Id, d => d with { Subject = "Write to Ana" }));
    }

    [Fact]
    public async Task S2_a_save_that_is_stored_answers_so_though_the_database_is_busy_right_after_it()
    {
        await using var desk = new Desk(new Busy("UPDATE \"Problems\""));
        var connection = desk.StartSync();
        var task = desk.Linked(connection);
        desk.Park(task);
        Desk.Saved(await desk.Edit(task.Id, d => d with { Subject = "Write to Ana" }));
        Assert.Equal("Write to Ana", desk.Task(task.Id).Subject);
        Assert.Equal([connection.Id], desk.Rings);
        Assert.Equal(1, desk.Published);
    }

    [Fact]
    public async Task Somebody_who_is_always_faster_is_not_fought_for_ever()
    {
        var meanwhile = new Meanwhile(times: int.MaxValue);
        await using var desk = new Desk(meanwhile);
        var task = desk.Linked(desk.StartSync());
        meanwhile.Do = () => desk.Change(db => db.Tasks.Find(task.Id)!.UpdatedAt += TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => desk.Edit(task.Id, d => d with { Subject = "Write to Ana" }));
        Assert.Equal("Call Ana", desk.Task(task.Id).Subject);
        Assert.Empty(desk.Rings);
    }

    [Fact]
    public async Task Many_edits_at_once_lose_nothing()
    {
        await using var desk = new Desk();
        var task = desk.Linked(desk.StartSync());
        var shown = TaskDraft.Of(desk.Task(task.Id));
        TaskDraft[] edits = [shown with { Subject = "Write to Ana" }, shown with { Details = "x" }, shown with { Priority = "High" }, shown with { DueDate = new(2026, 12, 1) }];
        await Task.WhenAll(edits.Select(edited => Task.Run(() => desk.Tasks.EditAsync(desk.Rita, task.Id, shown, edited, Desk.Never))));
        var stored = desk.Task(task.Id);
        Assert.Equal(("Write to Ana", "x", "High", new DateOnly(2026, 12, 1)), (stored.Subject, stored.Details, stored.Priority, stored.DueDate));
        Assert.Equal(4, desk.History(task.Id).Count);
    }

    /// <summary>A database that is locked whenever it is asked for this.</summary>
    private sealed class Busy(string statement) : StatementInterceptor
    {
        protected override void Before(DbCommand command)
        {
            if (command.CommandText.StartsWith(statement, StringComparison.Ordinal))
            {
                throw new SqliteException("database is locked", 5);
            }
        }
    }

    /// <summary>Does something in another context just before one of our services saves.</summary>
    private sealed class Meanwhile(int times) : SaveChangesInterceptor
    {
        private int _left = times;
        private bool _busy;

        public Action? Do { get; set; }

        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            if (Do is { } action && !_busy && _left-- > 0)
            {
                _busy = true;
                action();
                _busy = false;
            }

            return ValueTask.FromResult(result);
        }
    }
}
