using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Support;
using TaskSync.Web.Security;

namespace TaskSync.Tests.Access;

/// <summary>Who asks.</summary>
public enum By
{
    Anonymous,
    Rep,
    OtherRep,
    Admin,

    /// <summary>The rep, whose sign-in has ended while the page stayed open.</summary>
    EndedSession,
}

/// <summary>Whose the thing is that an operation names, seen from who asks.</summary>
public enum Named
{
    Own,
    Others,

    /// <summary>One's own that is gone.</summary>
    Deleted,
    Guessed,
}

/// <summary>The ids of what one person has.</summary>
public sealed record Belongings(Guid Person, Guid Open, Guid Done, Guid Removed, Guid Local, Guid Conflict, Guid History, Guid Problem, Guid SignIn, Guid Run, Guid Reader, string Organization)
{
    /// <summary>Ids that nobody has.</summary>
    public static Belongings Guessed() => new(
        Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), "00D000000000009AAA");
}

/// <summary>Somebody at an open page, with what the page has got from the sign-in.</summary>
public sealed record Asker(SyncWorld World, SignedInPerson Page, Actor Actor)
{
    public Guid Id => Actor.Id;

    public T Get<T>()
        where T : notnull => World.Get<T>();

    /// <summary>What comes back from Salesforce's consent page.</summary>
    public TokenGrant Grant() => World.Simulator.GrantOf(World.Org.Nora);
}

/// <summary>An organization with two reps, an admin who syncs as well, and a reader. Each person has one of everything, and a secret in each. Made once.</summary>
public sealed class AccessWorld : IAsyncLifetime
{
    private readonly QueryPlans _statements = new();
    private SyncWorld _world = null!;
    private Dictionary<By, (string Name, Belongings Own, Belongings Deleted)> _people = null!;

    /// <summary>How many statements the database was asked to carry out.</summary>
    public int Asked => _statements.Count;

    /// <summary>The world as it was made: nothing that is refused changes it.</summary>
    public SyncWorld World => _world;

    /// <summary>A copy to change; not to be asked about statements.</summary>
    public SyncWorld Copy() => SyncWorld.Restarted(_world, _world.Database.Copy());

    public async ValueTask InitializeAsync()
    {
        _world = SyncWorld.StartInProcess(database: new TestDatabase(_statements));
        await _world.AddReaderAsync();
        await _world.Get<EndToEndTest>().AllowAsync(Admins.Adam, _world.Org.OrganizationId, true, CancellationToken.None);
        _people = new()
        {
            [By.Rep] = await ArrangeAsync(_world.Org.Rita, "Rita Rep"),
            [By.OtherRep] = await ArrangeAsync(_world.Org.Sam, "Sam Seller"),
            [By.Admin] = await ArrangeAsync(_world.Org.Adam, "Adam Admin"),
        };

        // The copies share one organization: a grant that is given back in one of them would be missing in the others.
        _world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, Times = 0, PathContains = "/oauth2/revoke" });
    }

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    /// <summary>Whose secrets this person must not see.</summary>
    public IEnumerable<string> Names(By except) => _people.Where(person => person.Key != except).Select(person => person.Value.Name);

    /// <summary>What is named, as this person means it.</summary>
    public Belongings Find(By by, Named named) => named switch
    {
        Named.Guessed => Belongings.Guessed(),
        Named.Deleted => _people[Account(by)].Deleted,
        Named.Others => _people[Account(by) == By.Rep ? By.OtherRep : By.Rep].Own,
        _ => _people[Account(by)].Own,
    };

    /// <summary>Sits down at a page of that world.</summary>
    public Asker Sit(SyncWorld world, By by)
    {
        var own = _people[Account(by)].Own;
        var actor = by == By.Anonymous ? new Actor(Guid.NewGuid(), "Nobody", IsAdmin: false) : new Actor(own.Person, by.ToString(), by == By.Admin);
        var identity = by == By.Anonymous ? new ClaimsIdentity() : new ClaimsIdentity(
            [
                new(TaskSyncClaims.Person, own.Person.ToString()),
                new(TaskSyncClaims.Session, (by == By.EndedSession ? _people[By.Rep].Deleted : own).SignIn.ToString()),
                new(ClaimTypes.Role, by == By.Admin ? Policies.AdminRole : "none"),
            ],
            "test");
        return new Asker(world, new SignedInPerson(new Cookie(new ClaimsPrincipal(identity)), new SessionCheck(world.Get<SignIns>(), world.Time, NullLogger<SessionCheck>.Instance)), actor);
    }

    /// <summary>Every row that does not tell of this person or of what the person has.</summary>
    /// <param name="world">Whose database.</param>
    /// <param name="except">Null for every row.</param>
    public static async Task<string> RowsAsync(SyncWorld world, Guid? except = null)
    {
        await using var db = world.Database.CreateDbContext();
        List<string> own = except is { } person
            ? [.. (await db.Connections.Where(c => c.PersonId == person).Select(c => c.Id).ToListAsync()).Append(person).Select(id => id.ToString())]
            : [];
        var rows = new List<string>();
        await db.Database.OpenConnectionAsync();
        foreach (var table in db.Model.GetEntityTypes().Select(type => type.GetSchemaQualifiedTableName()!).Distinct())
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // The name of a table of our own.
            command.CommandText = $"SELECT * FROM \"{table}\"";
#pragma warning restore CA2100
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                var values = new object[reader.FieldCount];
                reader.GetValues(values);
                var row = string.Join('|', values);
                if (!own.Exists(id => row.Contains(id, StringComparison.OrdinalIgnoreCase)))
                {
                    rows.Add($"{table}: {row}");
                }
            }
        }

        return string.Join('\n', rows.Order(StringComparer.Ordinal));
    }

    private static By Account(By by) => by is By.Anonymous or By.EndedSession ? By.Rep : by;

    private async Task<(string Name, Belongings Own, Belongings Deleted)> ArrangeAsync(SimulatedUser user, string name)
    {
        var rep = await _world.RepAsync(user, name);
        var local = new TaskItem { PersonId = rep.Id, Subject = Secret("local"), CreatedAt = Now, UpdatedAt = Now };
        await rep.SaveAsync(true);
        await using var db = _world.Database.CreateDbContext();
        db.Tasks.Add(local);
        var (open, done, removed, purged) = (Linked("open"), Linked("done", t => (t.Status, t.IsCompleted) = ("Completed", true)), Linked("removed", t => (t.RemovedAt, t.Removal) = (Now, Removal.DeletedHere)), Guid.NewGuid());
        var problem = new Problem { PersonId = rep.Id, ConnectionId = rep.ConnectionId, TaskId = removed.Id, Code = "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message = Secret("problem"), FirstSeenAt = Now, LastSeenAt = Now };
        var history = new HistoryEntry { TaskId = open.Id, PersonId = rep.Id, At = Now, Kind = HistoryKind.Edited, Changes = [new FieldChange(TaskField.Subject, Secret("before"), open.Subject)] };
        var conflict = new Conflict { PersonId = rep.Id, TaskId = open.Id, Field = TaskField.Subject, OurValue = open.Subject, TheirValue = Secret("theirs"), Winner = TaskSide.TaskSync, At = Now };
        var run = new SyncRun { PersonId = rep.Id, ConnectionId = rep.ConnectionId, StartedAt = Now, EndedAt = Now, Outcome = SyncRunOutcome.Succeeded, Message = Secret("run") };
        db.AddRange(problem, history, conflict, run);
        db.PendingWrites.Add(new PendingWrite { TaskId = done.Id, ConnectionId = rep.ConnectionId, QueuedAt = Now, DueAt = Now.AddSeconds(5) });
        db.PendingWrites.Add(new PendingWrite { TaskId = removed.Id, ConnectionId = rep.ConnectionId, QueuedAt = Now, DueAt = Now, ProblemId = problem.Id });
        await db.SaveChangesAsync();
        var (signIn, ended) = (await BeginAsync(), await BeginAsync());
        await _world.Get<SignIns>().EndAsync(rep.Id, ended, SignInEnd.EndedByAdmin, CancellationToken.None);
        var own = new Belongings(rep.Id, open.Id, done.Id, removed.Id, local.Id, conflict.Id, history.Id, problem.Id, signIn, run.Id, _world.ReaderId!.Value, _world.Org.OrganizationId);
        return (name, own, Belongings.Guessed() with { Open = removed.Id, Done = removed.Id, Local = removed.Id, Removed = purged, SignIn = ended });

        TaskItem Linked(string what, Action<TaskItem>? with = null)
        {
            var task = new TaskItem { PersonId = rep.Id, Subject = Secret(what), Origin = TaskOrigin.Salesforce, CreatedAt = Now, UpdatedAt = Now };
            with?.Invoke(task);
            db.Tasks.Add(task);
            db.Links.Add(new TaskLink { TaskId = task.Id, ConnectionId = rep.ConnectionId, OrganizationId = _world.Org.OrganizationId, SalesforceId = $"00T{task.Id.ToString("N")[^12..]}AAA", Key = $"TSK-{task.Id:N}", Base = task.Values });
            return task;
        }

        async Task<Guid> BeginAsync() => (await _world.Get<SignIns>().BeginAsync(rep.Id, user == _world.Org.Adam, Secret("device"), CancellationToken.None))!.Value;

        string Secret(string what) => $"secret of {name}: {what}";
    }

    private DateTimeOffset Now => _world.Time.GetUtcNow();

    private sealed class Cookie(ClaimsPrincipal user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(user));
    }
}
