using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Tasks;

/// <summary>The cost of a page does not depend on how many tasks there are.</summary>
public sealed class QueryCountTests : IAsyncDisposable
{
    private readonly QueryPlans _counter = new();
    private readonly Desk _desk;

    public QueryCountTests() => _desk = new Desk(_counter);

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Theory]
    [InlineData(TaskView.TodayAndTomorrow, 4, 6)]
    [InlineData(TaskView.Overdue, 3, 4)]
    [InlineData(TaskView.Next7Days, 3, 4)]
    [InlineData(TaskView.NoDate, 3, 3)]
    [InlineData(TaskView.Completed, 3, 4)]
    [InlineData(TaskView.All, 4, 6)]
    public async Task The_Command_Center_takes_a_fixed_small_number_of_queries(TaskView view, int few, int many)
    {
        Assert.Equal(few, await Count(() => _desk.CommandCenter.LoadAsync(_desk.Rita, view, null, Desk.Never)));
        ManyTasks(1_500);
        Assert.Equal(many, await Count(() => _desk.CommandCenter.LoadAsync(_desk.Rita, view, null, Desk.Never)));
        ManyTasks(3_000);
        Assert.Equal(many, await Count(() => _desk.CommandCenter.LoadAsync(_desk.Rita, view, null, Desk.Never)));
        Assert.InRange(await Count(() => _desk.CommandCenter.LoadAsync(_desk.Rita, view, "task 1", Desk.Never)), few, many);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(3_000)]
    public async Task The_Command_Center_reads_no_table_from_end_to_end(int tasks)
    {
        TestDatabase.DemandSqlite();
        ManyTasks(tasks);
        _counter.Reset();
        await _desk.CommandCenter.LoadAsync(_desk.Rita, TaskView.TodayAndTomorrow, null, Desk.Never);
        var plans = _counter.Of(_desk.Database);
        Assert.Empty(plans.SelectMany(QueryPlans.Scans));
        Assert.Contains(plans.SelectMany(plan => plan), step => step.Contains("IX_Tasks_PersonId_RemovedAt_IsCompleted_DueDate (PersonId=? AND RemovedAt=? AND IsCompleted=? AND DueDate=?)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_further_down_are_found_by_their_ids()
    {
        ManyTasks(300);
        var ids = _desk.Read(db => db.Tasks.Select(t => t.Id).Take(70).ToList());
        _counter.Reset();
        Assert.Equal(70, (await _desk.CommandCenter.RowsAsync(_desk.Rita, ids, Desk.Never)).Count);
        Assert.Equal(2, _counter.Count);
        TestDatabase.DemandSqlite();
        var steps = _counter.Of(_desk.Database).SelectMany(plan => plan).ToList();
        Assert.Contains(steps, step => step.Contains("sqlite_autoindex_Tasks_1 (Id=?)", StringComparison.Ordinal));
        Assert.DoesNotContain(steps, step => step.Contains("IX_Tasks_PersonId", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pill_is_one_query()
    {
        ManyTasks(100);
        Assert.Equal(1, await Count(() => new SyncPillQuery(_desk.Database, _desk.Clock).LoadAsync(_desk.Rita, Desk.Never)));
    }

    [Fact]
    public async Task An_edit_takes_the_same_number_of_commands_however_many_tasks_there_are()
    {
        var connection = _desk.StartSync();
        var task = _desk.Linked(connection);
        var few = await Count(() => _desk.Edit(task.Id, d => d with { Subject = "one" }));
        ManyTasks(500);
        Assert.InRange(await Count(() => _desk.Edit(task.Id, d => d with { Subject = "two" })), 1, few);
    }

    private void ManyTasks(int count) => _desk.Change(db =>
    {
        for (var i = 0; i < count; i++)
        {
            db.Tasks.Add(new TaskItem { PersonId = _desk.Rita, Subject = $"Task {i}", DueDate = _desk.Today.AddDays((i % 9) - 2), IsCompleted = i % 5 == 0, CreatedAt = _desk.Now, UpdatedAt = _desk.Now });
        }
    });

    private async Task<int> Count(Func<Task> action)
    {
        _counter.Reset();
        await action();
        return _counter.Count;
    }
}
