using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Tasks;

/// <summary>A database with one rep at her desk, the services the pages call, and what they told the engine and the pages.</summary>
public sealed class Desk : IAsyncDisposable
{
    /// <summary>A Monday, 09:00 UTC.</summary>
    public static readonly DateTimeOffset Morning = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    public Desk(params IInterceptor[] interceptors)
    {
        Database = new TestDatabase(interceptors);
        Doorbell.Rung += (connection, _) => Rings.Add(connection);
        Feed.SubscribeAll(() => Published++);
        Tasks = new TaskService(Database, Clock, Doorbell, Feed, Options.Create(new SyncOptions()));
        CommandCenter = new CommandCenterQuery(Database, Clock);
        Details = new TaskDetailsQuery(Database, Clock);
        Asked = new AskedReads(Doorbell, Clock);
        MySync = new MySyncQuery(Database, Clock, Doorbell, Feed, Asked);
        Settings = new SettingsService(Database, Clock, Feed, new SyncSwitch(Database, Clock, Doorbell, Feed));
        People = new PeopleService(Database, Clock, Feed);
        Rita = Add(new Person { SubjectId = "rita", Name = "Rita Rep", CreatedAt = Morning });
    }

    public TestDatabase Database { get; }

    public FakeTimeProvider Clock { get; } = new(Morning);

    public SyncDoorbell Doorbell { get; } = new();

    public ChangeFeed Feed { get; } = new();

    public AskedReads Asked { get; }

    public List<Guid> Rings { get; } = [];

    public int Published { get; private set; }

    public TaskService Tasks { get; }

    public CommandCenterQuery CommandCenter { get; }

    public TaskDetailsQuery Details { get; }

    public MySyncQuery MySync { get; }

    public SettingsService Settings { get; }

    public PeopleService People { get; }

    /// <summary>The rep's id. Not connected and not syncing at first.</summary>
    public Guid Rita { get; }

    public static CancellationToken Never => CancellationToken.None;

    public DateTimeOffset Now => Clock.GetUtcNow();

    public DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    public Guid Add(Person person)
    {
        Change(db => db.People.Add(person));
        return person.Id;
    }

    public void Change(Action<TaskSyncDb> change)
    {
        using var db = Database.CreateDbContext();
        change(db);
        db.SaveChangesAsync().GetAwaiter().GetResult();
    }

    public T Read<T>(Func<TaskSyncDb, T> read)
    {
        using var db = Database.CreateDbContext();
        return read(db);
    }

    /// <summary>Connects somebody with a Salesforce user of their own; the box stays as it is.</summary>
    public Connection Connect(Guid person, OrgSchema? schema = null, string user = "005000000000001AAA", string org = "00D000000000001AAA")
    {
        var connection = new Connection
        {
            PersonId = person,
            OrganizationId = org,
            UserId = user,
            Username = "rita@acme.example",
            DisplayName = "Rita Rep",
            OrganizationName = "Acme",
            InstanceUrl = "https://acme.my.salesforce.com",
            ConnectedAt = Now,
            SchemaJson = schema?.ToJson(),
        };
        Change(db =>
        {
            db.Connections.Add(connection);
            db.People.Find(person)!.ConnectionId = connection.Id;
        });
        return connection;
    }

    public void Tick(Guid person, bool on = true) => Change(db => db.People.Find(person)!.SyncEnabled = on);

    /// <summary>Connected, and the box is ticked.</summary>
    public Connection StartSync(OrgSchema? schema = null)
    {
        var connection = Connect(Rita, schema);
        Tick(Rita);
        return connection;
    }

    public async Task<Guid> NewTask(string subject = "Call Ana", DateOnly? due = null, Guid? person = null) =>
        Saved(await Tasks.CreateAsync(person ?? Rita, new TaskDraft { Subject = subject, DueDate = due }, Never)).Id;

    /// <summary>A task that both sides agree on.</summary>
    public TaskItem Linked(Connection connection, string subject = "Call Ana", Action<TaskItem>? with = null, LinkState state = LinkState.Open, bool pending = false)
    {
        var task = new TaskItem { PersonId = connection.PersonId, Subject = subject, Origin = TaskOrigin.Salesforce, CreatedAt = Now, UpdatedAt = Now };
        with?.Invoke(task);
        Change(db =>
        {
            db.Tasks.Add(task);
            db.Links.Add(new TaskLink
            {
                TaskId = task.Id,
                ConnectionId = connection.Id,
                OrganizationId = connection.OrganizationId,
                SalesforceId = $"00T{task.Id.ToString("N")[^12..]}AAA",
                Key = $"TSK-{task.Id:N}",
                State = state,
                Base = task.Values,
                AgreedGone = task.RemovedAt is not null && !pending,
                GoneConfirmedAt = pending ? null : task.RemovedAt,
            });
            if (pending)
            {
                db.PendingWrites.Add(new PendingWrite { TaskId = task.Id, ConnectionId = connection.Id, QueuedAt = Now, DueAt = Now });
            }
        });
        return task;
    }

    /// <summary>Parks the task's pending write behind a problem.</summary>
    public Problem Park(TaskItem task, string code = "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    {
        var connection = Read(db => db.Links.Single(l => l.TaskId == task.Id).ConnectionId);
        var problem = new Problem
        {
            PersonId = task.PersonId,
            ConnectionId = connection,
            TaskId = task.Id,
            Code = code,
            Message = "Region is required.",
            FirstSeenAt = Now,
            LastSeenAt = Now,
        };
        Change(db =>
        {
            db.Problems.Add(problem);
            var write = db.PendingWrites.Find(task.Id);
            if (write is null)
            {
                db.PendingWrites.Add(new PendingWrite { TaskId = task.Id, ConnectionId = connection, QueuedAt = Now, DueAt = Now, ProblemId = problem.Id, Failures = 3 });
            }
            else
            {
                write.ProblemId = problem.Id;
            }
        });
        return problem;
    }

    public Conflict InConflict(TaskItem task, TaskField field, string? ours, string? theirs, TaskSide winner)
    {
        var conflict = new Conflict { PersonId = task.PersonId, TaskId = task.Id, Field = field, OurValue = ours, TheirValue = theirs, Winner = winner, At = Now };
        Change(db => db.Conflicts.Add(conflict));
        return conflict;
    }

    public TaskItem Task(Guid id) => Read(db => db.Tasks.AsNoTracking().Include(t => t.Link).Single(t => t.Id == id));

    public PendingWrite? Pending(Guid id) => Read(db => db.PendingWrites.AsNoTracking().SingleOrDefault(w => w.TaskId == id));

    public List<HistoryEntry> History(Guid id) => Read(db => db.History.AsNoTracking().Where(h => h.TaskId == id).OrderBy(h => h.At).ThenBy(h => h.Id).ToList());

    /// <summary>Opens the form of a task, changes it and saves.</summary>
    public Task<TaskResult> Edit(Guid id, Func<TaskDraft, TaskDraft> edit)
    {
        var loaded = TaskDraft.Of(Task(id));
        return Tasks.EditAsync(Rita, id, loaded, edit(loaded), Never);
    }

    public static TaskResult.Saved Saved(TaskResult result) => Assert.IsType<TaskResult.Saved>(result);
}
