using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Jobs;
using TaskSync.Sync.Model;
using TaskSync.Tests.Support;
using TaskSync.Tests.Tasks;

namespace TaskSync.Tests.Engine.Check;

/// <summary>The history of tasks in the list does not grow for ever (SE11).</summary>
public sealed class HistoryRetentionTests : IAsyncDisposable
{
    private readonly QueryPlans _statements = new();
    private readonly Desk _desk;
    private readonly SyncOptions _options = new() { HistoryTime = TimeSpan.FromDays(100), HistoryPerTask = 50 };

    public HistoryRetentionTests() => _desk = new Desk(_statements);

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task SE11_old_lines_go_and_the_newest_of_each_task_stay()
    {
        var (busy, quiet) = (Task("busy"), Task("quiet"));
        Lines(busy, 30, age: TimeSpan.FromDays(101));
        Lines(busy, 15, age: TimeSpan.FromDays(99));
        Lines(quiet, HistoryRetention.NewestKept, age: TimeSpan.FromDays(4_000));

        Assert.Equal(25, await TrimAsync());
        Assert.Equal(0, await TrimAsync());

        Assert.Equal((15, 5), Ages(busy).CountBy(age => age.Days == 99).ToDictionary() is var kept ? (kept[true], kept[false]) : default);
        Assert.Equal(HistoryRetention.NewestKept, Ages(quiet).Count);
    }

    [Fact]
    public async Task SE11_a_task_that_changes_all_the_time_has_at_most_so_many_lines()
    {
        var (restless, other) = (Task("restless"), Task("other"));
        Lines(restless, HistoryRetention.LinesAtOnce + 60, age: TimeSpan.FromDays(2));
        Lines(restless, 40, age: TimeSpan.FromDays(1));
        Lines(other, 50, age: TimeSpan.FromDays(2));

        Assert.Equal(HistoryRetention.LinesAtOnce + 50, await TrimAsync());

        Assert.Equal((40, 10), Ages(restless).CountBy(age => age.Days == 1).ToDictionary() is var kept ? (kept[true], kept[false]) : default);
        Assert.Equal(50, Ages(other).Count);
    }

    [Fact]
    public async Task SE11_the_line_of_a_conflict_stays_until_somebody_decides()
    {
        var task = Task("in conflict");
        var at = _desk.Now - TimeSpan.FromDays(200);
        var conflict = new Conflict { PersonId = _desk.Rita, TaskId = task, Field = TaskField.Subject, OurValue = "a", TheirValue = "b", At = at };
        var line = Line(task, at, HistoryKind.Conflict);
        _desk.Change(db => db.AddRange(conflict, line, Line(task, at.AddSeconds(1), HistoryKind.Conflict)));
        Lines(task, 60, age: TimeSpan.FromDays(1));

        await TrimAsync();
        Assert.Equal([line.Id], _desk.Read(db => db.History.Where(h => h.Kind == HistoryKind.Conflict).Select(h => h.Id).ToList()));

        _desk.Change(db => db.Conflicts.Find(conflict.Id)!.SettledAt = _desk.Now);
        await TrimAsync();
        Assert.Empty(_desk.Read(db => db.History.Where(h => h.Kind == HistoryKind.Conflict).ToList()));
    }

    [Fact]
    public async Task SE11_a_deleted_task_keeps_its_history_as_long_as_itself()
    {
        var task = Task("deleted");
        Lines(task, 80, age: TimeSpan.FromDays(200));
        _desk.Change(db => (db.Tasks.Find(task)!.RemovedAt, db.Tasks.Find(task)!.Removal) = (_desk.Now, Removal.DeletedHere));

        Assert.Equal(0, await TrimAsync());
    }

    [Fact]
    public async Task SE11_more_tasks_than_are_looked_at_at_once_are_all_trimmed()
    {
        var tasks = Enumerable.Range(0, 450).Select(i => Task($"task {i}")).ToList();
        foreach (var task in new[] { tasks[0], tasks[199], tasks[200], tasks[449] })
        {
            Lines(task, 22, age: TimeSpan.FromDays(101));
        }

        Assert.Equal(8, await TrimAsync());
    }

    [Fact]
    public async Task SE11_an_index_serves_each_statement()
    {
        TestDatabase.DemandSqlite();
        Lines(Task("busy"), 60, age: TimeSpan.FromDays(101));
        _statements.Reset();
        await TrimAsync();

        var plans = _statements.Of(_desk.Database);
        Assert.Equal(4, plans.Count);
        Assert.Empty(plans.SelectMany(QueryPlans.Scans));
        Assert.Equal(3, plans.Count(plan => plan.Exists(step => step.Contains("IX_History_TaskId_At (TaskId=?)", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("Sync:HistoryTime", "14.23:59:59")]
    [InlineData("Sync:HistoryPerTask", "19")]
    public void SE11_a_cap_that_would_take_what_people_need_is_refused_with_its_key(string key, string value)
    {
        var services = new ServiceCollection().AddEngineCore(new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build()).BuildServiceProvider();

        Assert.Contains(key, Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<SyncOptions>>().Value).Message, StringComparison.Ordinal);
    }

    private Task<int> TrimAsync() => new HistoryRetention(_desk.Database, _desk.Clock, Options.Create(_options)).TrimAsync(Desk.Never);

    private Guid Task(string subject)
    {
        var task = new TaskItem { PersonId = _desk.Rita, Subject = subject, CreatedAt = _desk.Now, UpdatedAt = _desk.Now };
        _desk.Change(db => db.Tasks.Add(task));
        return task.Id;
    }

    private void Lines(Guid task, int count, TimeSpan age) => _desk.Change(db => db.History.AddRange(Enumerable.Range(0, count).Select(_ => Line(task, _desk.Now - age, HistoryKind.Edited))));

    private HistoryEntry Line(Guid task, DateTimeOffset at, HistoryKind kind) => new() { TaskId = task, PersonId = _desk.Rita, At = at, Kind = kind };

    private List<TimeSpan> Ages(Guid task) => [.. _desk.History(task).Select(line => _desk.Now - line.At)];
}
