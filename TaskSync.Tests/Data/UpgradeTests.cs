using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using TaskSync.Simulator;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Model;
using TaskSync.Tests.Crash;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Repository;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Data;

/// <summary>
/// A database of the first schema, written by the program of that time in the middle of its work, and its organization. In Upgrade/: Rita has an edit, a deletion and
/// a task that wait, and a create whose answer was lost; Sam's first sync has read four of its six tasks.
/// </summary>
public sealed class UpgradeTests
{
    /// <summary>When that program was stopped.</summary>
    private static readonly DateTimeOffset Stopped = new(2026, 3, 5, 10, 0, 18, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseProvider.Sqlite)]
    [InlineData(DatabaseProvider.PostgreSql)]
    public async Task A_database_of_the_first_schema_is_brought_up_to_date_and_its_work_ends_well(DatabaseProvider provider)
    {
        await using var database = TestDatabase.Empty(provider);
        await FillAsync(database, provider);

        await new DatabaseMigrator(database, WallClock.Time, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(Token);

        await using var world = await StartAsync(database, provider);
        var reps = await world.ReadAsync(db => db.People.Where(p => p.ConnectionId != null).ToDictionaryAsync(p => p.Name, p => (p.Id, Connection: p.ConnectionId!.Value), Token));
        var rita = new SyncWorld.Rep(world, reps["Rita Rep"].Id, world.Org.Rita, reps["Rita Rep"].Connection);
        var sam = new SyncWorld.Rep(world, reps["Sam Seller"].Id, world.Org.Sam, reps["Sam Seller"].Connection);
        for (var i = 0; i < 3; i++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(2));
            await rita.SyncAsync();
            await sam.SyncAsync();
        }

        string[] expected = ["Answer lost", "Call Ana back", "Edited in Salesforce", "Kept here", "Made before the upgrade"];
        Assert.Equal(expected, world.Org.Tasks(rita.User.Id).Select(t => t.Subject).Order(StringComparer.Ordinal));
        Assert.Equal(expected, await SubjectsAsync(world, rita.Id));
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"Sam's {i}"), await SubjectsAsync(world, sam.Id));
        Assert.Equal([InitialSyncState.Done], await world.ReadAsync(db => db.InitialSyncs.Select(i => i.State).Distinct().ToListAsync(Token)));
        Assert.Empty(await world.ReadAsync(db => db.PendingWrites.ToListAsync(Token)));
        Assert.Empty(await world.ReadAsync(db => db.Problems.ToListAsync(Token)));
    }

    [Fact]
    public async Task An_upgrade_of_the_tables_does_not_begin_while_an_instance_lives()
    {
        await using var database = TestDatabase.On(DatabaseProvider.PostgreSql);
        await using (var db = database.CreateDbContext())
        {
            db.Instances.Add(new Instance { Id = "old", Version = "0.9.0", SeenAt = WallClock.Now });
            await db.SaveChangesAsync(Token);

            // As if one more migration had come with this version.
            await db.Database.ExecuteSqlRawAsync("DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" LIKE '%_Initial'", Token);
        }

        using var living = new CancellationTokenSource();
        var lives = LiveAsync(database, living.Token);
        var refusal = await Assert.ThrowsAsync<SetupException>(() => new DatabaseMigrator(database, WallClock.Time, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(Token));

        Assert.Contains("TaskSync 0.9.0 still runs on this database", refusal.Message, StringComparison.Ordinal);
        await living.CancelAsync();
        await lives;
    }

    private static async Task LiveAsync(TestDatabase database, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await using var db = database.CreateDbContext();
            await db.Instances.ExecuteUpdateAsync(set => set.SetProperty(i => i.SeenAt, WallClock.Now), CancellationToken.None);
            await Task.Delay(TimeSpan.FromMilliseconds(100), WallClock.Time, CancellationToken.None);
        }
    }

    private static Task<List<string?>> SubjectsAsync(SyncWorld world, Guid person) =>
        world.ReadAsync(db => db.Tasks.Where(t => t.PersonId == person && t.RemovedAt == null).Select(t => t.Subject).OrderBy(s => s).ToListAsync(Token));

    /// <summary>The first schema as its migration makes it, and the rows.</summary>
    private static async Task FillAsync(TestDatabase database, DatabaseProvider provider)
    {
        await using var db = database.CreateDbContext();
        await db.GetService<IMigrator>().MigrateAsync(db.Database.GetMigrations().First(), Token);
        await db.Database.OpenConnectionAsync(Token);
        await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // A file of our own.
        command.CommandText = (provider == DatabaseProvider.Sqlite ? "PRAGMA foreign_keys = OFF;\n" : "SET session_replication_role = replica;\n") + Repo.Read($"TaskSync.Tests/Data/Upgrade/{provider}/data.sql");
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Token);
        await db.Database.CloseConnectionAsync();
    }

    private static async Task<SyncWorld> StartAsync(TestDatabase database, DatabaseProvider provider)
    {
        var folder = Directory.CreateTempSubdirectory("tasksync-org-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "org.jsonl"), Repo.Read($"TaskSync.Tests/Data/Upgrade/{provider}/org.jsonl"), Token);
        return await SyncWorld.StartAsync(
            o =>
            {
                o.DataDirectory = folder.FullName;
                o.MaxPageSize = 2;
            },
            database: database, withReader: false, keys: new PlainProtection(), now: Stopped);
    }
}
