using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>Many reps of one organization, straight in the database and in the org; the sign-in of each is not what is tested.</summary>
internal static class ManyReps
{
    /// <summary>So many more reps, each with tasks that both sides have.</summary>
    /// <param name="world">Where.</param>
    /// <param name="like">A rep who is connected: the others are shown the same fields.</param>
    /// <param name="count">How many.</param>
    /// <param name="follows">Whether the org's reader reads for them.</param>
    /// <param name="tasks">Of each.</param>
    /// <returns>Their connections.</returns>
    public static async Task<List<Guid>> AddAsync(SyncWorld world, SyncWorld.Rep like, int count, bool follows, int tasks)
    {
        var token = TestContext.Current.CancellationToken;
        var now = world.Time.GetUtcNow();
        var ids = new List<Guid>();
        await using var db = world.Database.CreateDbContext();
        var model = await db.Connections.AsNoTracking().FirstAsync(c => c.Id == like.ConnectionId, token);
        for (var i = 0; i < count; i++)
        {
            var user = world.Org.AddUser("Rep", $"Number{i}");
            var tokens = world.Get<SalesforceGrants>().Seal(world.Simulator.GrantOf(user));
            var id = NewId.Next();
            ids.Add(id);
            var person = new Person { SubjectId = $"demo:{i}", Name = user.Name, SyncEnabled = true, ConnectionId = id, CreatedAt = now };
            db.People.Add(person);
            db.Connections.Add(new Connection
            {
                Id = id,
                PersonId = person.Id,
                Shard = Shards.Of(id, Shards.Usual),
                OrganizationId = model.OrganizationId,
                UserId = user.Id,
                Username = user.Username,
                DisplayName = user.Name,
                OrganizationName = model.OrganizationName,
                InstanceUrl = model.InstanceUrl,
                AccessToken = tokens.Access,
                RefreshToken = tokens.Refresh,
                EntryFloor = now.AddDays(-1),
                ConnectedAt = now,
                SchemaJson = model.SchemaJson,
                SchemaReadAt = now,
                LastSuccessAt = now,
            });
            db.Cursors.Add(new SyncCursor { ConnectionId = id, Fast = now, SweepUpdated = now, SweepDeleted = now, SweptAt = now, AuditedAt = now, FollowsReader = follows });
            for (var t = 0; t < tasks; t++)
            {
                var remote = world.Org.CreateTask(user.Id, new FieldValues { ["Subject"] = $"Task {t}" });
                var task = new TaskItem { PersonId = person.Id, Subject = remote.Subject, Origin = TaskOrigin.Salesforce, CreatedAt = now, Revision = 1 };
                db.Tasks.Add(task);
                db.Links.Add(new TaskLink
                {
                    TaskId = task.Id,
                    ConnectionId = id,
                    OrganizationId = model.OrganizationId,
                    SalesforceId = remote.Id,
                    Key = $"TSK-{i}-{t}",
                    Base = task.Values,
                    ObservedModstamp = now,
                });
            }

            if (i % 500 == 499)
            {
                await db.SaveChangesAsync(token);
                db.ChangeTracker.Clear();
            }
        }

        await db.SaveChangesAsync(token);
        return ids;
    }
}
