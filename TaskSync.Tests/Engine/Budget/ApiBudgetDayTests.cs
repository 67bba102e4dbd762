using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Tasks;

namespace TaskSync.Tests.Engine.Budget;

/// <summary>A whole day of an organization with next to no allowance, on the simulated clock.</summary>
public sealed class ApiBudgetDayTests(ITestOutputHelper output)
{
    private const int Reps = 200;
    private const int Allowance = 2_000;
    private const int EditsHere = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private enum What
    {
        Run,
        EditHere,
        EditThere,
    }

    [Fact]
    public async Task With_2000_calls_a_day_and_200_reps_the_day_ends_inside_the_share_with_everybodys_changes_delivered()
    {
        await using var world = SyncWorld.StartInProcess(o => o.AccessTokenLifetime = TimeSpan.FromDays(7));
        var reps = await SeedAsync(world);

        // The next day but one, at midnight UTC.
        var start = new DateTimeOffset(world.Time.GetUtcNow().UtcDateTime.Date.AddDays(2), TimeSpan.Zero);
        world.Time.Advance(start - world.Time.GetUtcNow());
        world.Org.SetApiUsage(0, Allowance);
        world.Org.Calls.Reset();
        var share = (int)(Allowance * world.Get<Microsoft.Extensions.Options.IOptions<SyncOptions>>().Value.ApiShare);

        // Everybody edits a few times between eight and six, on both sides.
        var random = new Random(1);
        var events = new PriorityQueue<(What What, Desk Desk), DateTimeOffset>();
        foreach (var desk in reps)
        {
            events.Enqueue((What.Run, desk), start);
            desk.NextRun = start;
            for (var i = 0; i < EditsHere; i++)
            {
                events.Enqueue((What.EditHere, desk), start + TimeSpan.FromHours(8) + (TimeSpan.FromHours(10) * random.NextDouble()));
            }

            events.Enqueue((What.EditThere, desk), start + TimeSpan.FromHours(8) + (TimeSpan.FromHours(10) * random.NextDouble()));
        }

        var delays = new List<TimeSpan>();
        while (events.TryPeek(out _, out var at) && at < start + TimeSpan.FromDays(1))
        {
            var (what, desk) = events.Dequeue();
            if (at > world.Time.GetUtcNow())
            {
                world.Time.Advance(at - world.Time.GetUtcNow());
            }

            switch (what)
            {
                case What.EditHere:
                    await desk.EditHereAsync(world);
                    break;
                case What.EditThere:
                    desk.EditThere(world);
                    continue;
                case What.Run when desk.NextRun != at:
                    continue;
            }

            var next = await world.Get<SyncEngine>().RunConnectionAsync(desk.ConnectionId, Token) ?? at + TimeSpan.FromMinutes(1);
            desk.NextRun = next <= at ? at + TimeSpan.FromSeconds(1) : next;
            events.Enqueue((What.Run, desk), desk.NextRun);
            delays.AddRange(await desk.DeliveredAsync(world));
        }

        delays.Sort();
        output.WriteLine($"{world.Org.Calls.Total} of {share} calls; {delays.Count} edits, the median delivered after {delays[delays.Count / 2]:hh\\:mm\\:ss}, the slowest after {delays[^1]:hh\\:mm\\:ss}.");
        Assert.InRange(world.Org.Calls.Total, Reps, share);
        Assert.All(reps, desk => Assert.Equal((0, 0), (desk.WaitingHere.Count, desk.WaitingThere.Count)));
        Assert.Equal(Reps * (EditsHere + 1), delays.Count);
    }

    /// <summary>Reps with one linked task each, as a first sync leaves them: copied from one that had it.</summary>
    private static async Task<List<Desk>> SeedAsync(SyncWorld world)
    {
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "as it was" });
        var rita = await world.SyncedRepAsync();
        var (task, now) = (Assert.Single(await rita.ListAsync()), world.Time.GetUtcNow());
        await rita.SaveAsync(false);
        var vault = world.Get<TokenVault>();
        var desks = new List<Desk>();
        await using var db = world.Database.CreateDbContext();
        var template = await db.Connections.AsNoTracking().SingleAsync(Token);
        for (var i = 0; i < Reps; i++)
        {
            var user = world.Org.AddUser("Rep", $"Number {i:000}");
            var (remote, token) = (world.Org.CreateTask(user.Id, new FieldValues { ["Subject"] = "as it was" }), world.Org.IssueToken(user.Id));
            var (person, id) = (new Person { SubjectId = $"demo:{i}", Name = user.Name, SyncEnabled = true, CreatedAt = now }, Guid.CreateVersion7());
            var mine = new TaskItem { PersonId = person.Id, Origin = TaskOrigin.Salesforce, CreatedAt = now, UpdatedAt = now, Revision = 1 };
            mine.Take(task.Values);
            var connection = new Connection
            {
                Id = id,
                PersonId = person.Id,
                OrganizationId = template.OrganizationId,
                OrganizationName = template.OrganizationName,
                UserId = user.Id,
                Username = user.Username,
                DisplayName = user.Name,
                InstanceUrl = template.InstanceUrl,
                AccessToken = vault.Seal(token.AccessToken),
                RefreshToken = vault.Seal(token.RefreshToken!),
                SchemaJson = template.SchemaJson,
                SchemaReadAt = now.AddDays(1),
                EntryFloor = template.EntryFloor,
                Shard = Shards.Of(id, Shards.Usual),
            };
            db.AddRange(person, connection, mine, new SyncCursor { ConnectionId = id, Fast = now, SweepUpdated = now, SweepDeleted = now, SweptAt = now, AuditedAt = now });
            db.Add(new TaskLink { TaskId = mine.Id, ConnectionId = id, OrganizationId = template.OrganizationId, SalesforceId = remote.Id, Key = $"TSK-{i}", Base = task.Link!.Base, ObservedModstamp = remote.SystemModstamp });
            db.Add(new InitialSync { ConnectionId = id, State = InitialSyncState.Done, Import = ImportStage.Finished, RequestedAt = now, WindowStart = template.EntryFloor, FinishedAt = now });
            desks.Add(new Desk(person.Id, id, mine.Id, remote.Id));
        }

        await db.SaveChangesAsync(Token);
        foreach (var desk in desks)
        {
            await db.People.Where(p => p.Id == desk.PersonId).ExecuteUpdateAsync(set => set.SetProperty(p => p.ConnectionId, desk.ConnectionId), Token);
        }

        // A process that has just begun reads once for everybody: that was before.
        foreach (var desk in desks)
        {
            await world.Get<SyncEngine>().RunConnectionAsync(desk.ConnectionId, Token);
        }

        return desks;
    }

    /// <summary>One rep and the rep's one task.</summary>
    private sealed class Desk(Guid personId, Guid connectionId, Guid taskId, string salesforceId)
    {
        private int _edits;

        public Guid PersonId => personId;

        public Guid ConnectionId => connectionId;

        public DateTimeOffset NextRun { get; set; }

        public List<DateTimeOffset> WaitingHere { get; } = [];

        public List<DateTimeOffset> WaitingThere { get; } = [];

        public async Task EditHereAsync(SyncWorld world)
        {
            WaitingHere.Add(world.Time.GetUtcNow());
            var loaded = TaskDraft.Of(await TaskAsync(world));
            Assert.IsType<TaskResult.Saved>(await world.Tasks.EditAsync(personId, taskId, loaded, loaded with { Subject = $"here {++_edits}" }, Token));
        }

        public void EditThere(SyncWorld world)
        {
            WaitingThere.Add(world.Time.GetUtcNow());
            world.Org.UpdateTask(salesforceId, new FieldValues { ["Description"] = "there" });
        }

        /// <summary>How long those took that have arrived by now.</summary>
        public async Task<List<TimeSpan>> DeliveredAsync(SyncWorld world)
        {
            List<TimeSpan> delivered = [];
            if (WaitingHere.Count > 0 && world.Org.FindTask(salesforceId)!.Subject == $"here {_edits}")
            {
                delivered.AddRange(WaitingHere.Select(at => world.Time.GetUtcNow() - at));
                WaitingHere.Clear();
            }

            if (WaitingThere.Count > 0 && (await TaskAsync(world)).Details == "there")
            {
                delivered.AddRange(WaitingThere.Select(at => world.Time.GetUtcNow() - at));
                WaitingThere.Clear();
            }

            return delivered;
        }

        private Task<TaskItem> TaskAsync(SyncWorld world) => world.ReadAsync(db => db.Tasks.AsNoTracking().FirstAsync(t => t.Id == taskId, Token));
    }
}
