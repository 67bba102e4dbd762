using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Pull;

/// <summary>What looks like a mass deletion and is none: unless Salesforce says so of each task, nothing is deleted on either side, whichever read meets it.</summary>
public sealed class ApparentDeletionTests
{
    private const int Count = 15;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public enum Looks
    {
        /// <summary>Every query answers with no rows at all.</summary>
        EmptyPages,

        /// <summary>getUpdated and getDeleted know of nothing.</summary>
        EmptyLogs,

        /// <summary>The rep sees none of the tasks any more.</summary>
        LostPermission,

        /// <summary>Every task is in the archive, which an ordinary query does not show.</summary>
        Archived,

        /// <summary>Salesforce purged its deletion log; the tasks are all there.</summary>
        PurgedLog,

        /// <summary>The rep connected as somebody else of the organization.</summary>
        OtherUser,

        /// <summary>The app is pointed at another organization: a refreshed sandbox, or the wrong one.</summary>
        OtherOrganization,

        /// <summary>The database is that of two days ago.</summary>
        RestoredBackup,
    }

    public enum Met
    {
        Poll,
        Sweep,
        CatchUp,
        Audit,
        Push,
    }

    public static MatrixTheoryData<Looks, Met> Cases => new(Enum.GetValues<Looks>(), Enum.GetValues<Met>());

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task S7_S10_an_apparent_mass_deletion_deletes_nothing(Looks looks, Met met)
    {
        await using var world = await SyncWorld.StartAsync();
        for (var i = 0; i < Count; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i:00}" });
        }

        var rep = await world.SyncedRepAsync();
        await using var backup = world.Database.Copy();
        world.Time.Advance(TimeSpan.FromDays(2));
        await rep.SyncAsync();
        if (met == Met.CatchUp)
        {
            await rep.SaveAsync(false);
            world.Time.Advance(TimeSpan.FromDays(1));
        }

        SyncWorld? restarted = null;
        SimulatorHost? other = null;
        var user = rep.User;
        switch (looks)
        {
            case Looks.EmptyPages:
                Answer(world, "/query", """{"totalSize":0,"done":true,"records":[]}""");
                break;
            case Looks.EmptyLogs:
                Answer(world, "/updated", """{"ids":[],"latestDateCovered":"2026-03-07T09:00:00.000+0000"}""");
                Answer(world, "/deleted", """{"deletedRecords":[],"earliestDateAvailable":"2026-01-01T00:00:00.000+0000","latestDateCovered":"2026-03-07T09:00:00.000+0000"}""");
                break;
            case Looks.LostPermission:
                rep.Remote().ToList().ForEach(task => world.Org.SetVisible(task.Id, user.Id, false));
                break;
            case Looks.Archived:
                rep.Remote().ToList().ForEach(task => world.Org.Archive(task.Id));
                break;
            case Looks.PurgedLog:
                world.Org.PurgeDeleteLog();
                break;
            case Looks.OtherUser:
                await rep.ConnectAsync(world.Org.Sam);
                await rep.SaveAsync(true);
                break;
            case Looks.OtherOrganization:
                other = await SimulatorHost.StartAsync(new SimulatorOptions { TimeProvider = world.Time, TimeZone = "UTC", OrganizationCreatedDate = world.Time.GetUtcNow().AddYears(-2) }, Token);
                restarted = SyncWorld.Restarted(world, world.Database, other);
                break;
            case Looks.RestoredBackup:
                restarted = SyncWorld.Restarted(world, backup);
                break;
        }

        var now = restarted ?? world;
        var her = restarted?.Former(rep) ?? rep;
        if (looks == Looks.OtherOrganization)
        {
            await her.SyncAsync();
            await her.ConnectAsync(now.Org.Rita);
        }

        await MeetAsync(now, her, met);
        world.Org.Faults.Clear();

        // Nothing left the list here, nothing was deleted there, and nothing was made anew.
        Assert.Equal(Count, (await her.ListAsync()).Count(t => t.Subject!.StartsWith("task ", StringComparison.Ordinal)));
        Assert.Equal(Count, world.Org.Tasks(user.Id).Count);
        Assert.Equal((0, 0), (world.Org.Calls.RowsDeleted, world.Org.Calls.RowsCreated));
        if (restarted is not null)
        {
            await restarted.DisposeAsync();
        }

        if (other is not null)
        {
            await other.DisposeAsync();
        }
    }

    private static async Task MeetAsync(SyncWorld world, SyncWorld.Rep rep, Met met)
    {
        switch (met)
        {
            case Met.Sweep:
                await world.ReadAsync(db => db.Cursors.ExecuteUpdateAsync(set => set.SetProperty(c => c.SweptAt, world.Time.GetUtcNow().AddHours(-1)), Token));
                break;
            case Met.CatchUp when !await world.ReadAsync(db => db.People.AnyAsync(p => p.Id == rep.Id && p.SyncEnabled, Token)):
                await rep.SaveAsync(true);
                break;
            case Met.Audit:
                await world.Get<AdminActions>().AuditNowAsync(Admins.Adam, Token);
                break;
            case Met.Push when await rep.ListAsync() is [var first, ..]:
                await rep.EditAsync(first.Id, draft => draft with { Details = "edited meanwhile" });
                break;
        }

        for (var i = 0; i < 3; i++)
        {
            await rep.SyncAsync();
            world.Time.Advance(TimeSpan.FromMinutes(2));
        }
    }

    private static void Answer(SyncWorld world, string path, string body) => world.Org.Faults.Add(new FaultRule
    {
        Kind = FaultKind.HostileAnswer,
        Times = 1000,
        Status = 200,
        Body = body,
        When = target => target.Path.Contains(path, StringComparison.OrdinalIgnoreCase),
    });
}
