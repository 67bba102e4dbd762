using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Model;

namespace TaskSync.Tests.Engine.Check;

public sealed class RetentionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S4_a_tombstone_is_kept_for_15_days_after_Salesforce_confirmed_the_deletion_and_an_unconfirmed_one_for_good()
    {
        await using var world = await SyncWorld.StartAsync();
        foreach (var subject in new[] { "confirmed", "unconfirmed", "deleted there", "alive" })
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = subject });
        }

        var rep = await world.SyncedRepAsync();
        var ids = (await rep.ListAsync()).ToDictionary(t => t.Subject!, t => t.Id);
        world.Org.DeleteTask((await rep.TaskAsync(ids["deleted there"])).Link!.SalesforceId!);
        await rep.DeleteAsync(ids["confirmed"]);
        await rep.SyncAsync();
        await rep.SaveAsync(false);
        await rep.DeleteAsync(ids["unconfirmed"]);
        var local = await rep.CreateAsync("only here");
        await rep.DeleteAsync(local);

        world.Time.Advance(TimeSpan.FromDays(15) - TimeSpan.FromMinutes(1));
        Assert.Equal(0, await world.Get<Retention>().PurgeAsync(Token));
        world.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(3, await world.Get<Retention>().PurgeAsync(Token));
        world.Time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(0, await world.Get<Retention>().PurgeAsync(Token));

        Assert.Equal(["alive", "unconfirmed"], await world.ReadAsync(db => db.Tasks.OrderBy(t => t.Subject).Select(t => t.Subject).ToListAsync(Token)));
        Assert.Equal([ids["alive"], ids["unconfirmed"]], (await world.ReadAsync(db => db.History.Select(h => h.TaskId).Distinct().ToListAsync(Token))).OrderBy(id => id == ids["unconfirmed"]));
        Assert.Equal(2, await world.ReadAsync(db => db.Links.CountAsync(Token)));

        // And it still travels.
        await rep.SaveAsync(true);
        await rep.SyncAsync();
        Assert.Equal("alive", Assert.Single(rep.Remote()).Subject);
        Assert.Equal(0, await world.Get<Retention>().PurgeAsync(Token));
    }

    [Fact]
    public async Task S4_a_row_undeleted_in_Salesforce_after_retention_enters_as_a_new_task()
    {
        await using var world = await SyncWorld.StartAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana" });
        var rep = await world.SyncedRepAsync();
        var former = (await rep.OfAsync(remote))!.Id;
        await rep.DeleteAsync(former);
        await rep.SyncAsync();
        world.Time.Advance(TimeSpan.FromDays(16));
        Assert.Equal(1, await world.Get<Retention>().PurgeAsync(Token));

        world.Org.UndeleteTask(remote.Id);
        world.Org.UpdateTask(remote.Id, new FieldValues { ["Priority"] = "High" });
        await rep.SyncAsync();

        var task = Assert.Single(await rep.ListAsync());
        Assert.NotEqual(former, task.Id);
        Assert.Equal((remote.Id, TaskOrigin.Salesforce), (task.Link!.SalesforceId, task.Origin));
    }

    [Fact]
    public async Task S4_a_task_of_ours_undeleted_in_Salesforce_after_retention_is_no_sign_of_a_restored_backup()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await rep.DeleteAsync(id);
        await rep.SyncAsync();
        await PurgeAsync(world);

        world.Org.UndeleteTask(remote);
        world.Org.UpdateTask(remote, new FieldValues { ["Priority"] = "High" });
        await rep.SyncAsync();

        Assert.Equal(remote, Assert.Single(await rep.ListAsync()).Link!.SalesforceId);
        await AssertNoAlarmAsync(world);
    }

    [Fact]
    public async Task S7_a_task_of_ours_that_a_colleague_has_is_no_sign_of_a_restored_backup_when_its_link_was_purged()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rep, id, remote) = await world.PairAsync();
        world.Org.PutUnder(world.Org.Rita.Id, world.Org.Sam.Id);
        world.Org.Reassign(remote, world.Org.Sam.Id, world.Org.Adam.Id);
        await rep.SettleAsync();
        Assert.Equal(Removal.Reassigned, (await rep.TaskAsync(id)).Removal);
        await PurgeAsync(world);

        world.Org.UpdateTask(remote, new FieldValues { ["Priority"] = "High" }, world.Org.Sam.Id);
        await rep.SettleAsync();

        Assert.Empty(await rep.ListAsync());
        await AssertNoAlarmAsync(world);
    }

    [Fact]
    public async Task Runs_audits_and_call_counts_are_kept_for_90_days()
    {
        await using var world = await SyncWorld.StartAsync();
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana" });
        await world.SyncedRepAsync();
        Assert.NotEqual(0, await world.ReadAsync(db => db.Runs.CountAsync(Token)));

        world.Time.Advance(TimeSpan.FromDays(91));
        await world.Get<Retention>().PurgeAsync(Token);

        Assert.Equal(0, await world.ReadAsync(db => db.Runs.CountAsync(Token)));
    }

    private static async Task PurgeAsync(SyncWorld world)
    {
        world.Time.Advance(TimeSpan.FromDays(16));
        Assert.Equal(1, await world.Get<Retention>().PurgeAsync(Token));
    }

    private static async Task AssertNoAlarmAsync(SyncWorld world)
    {
        Assert.Null((await world.ReadAsync(db => db.Cursors.SingleAsync(Token))).AuditAsked);
        Assert.DoesNotContain(await world.ReadAsync(db => db.Audits.Select(a => a.Reason).ToListAsync(Token)), reason => reason == AuditReason.RestoredBackup);
    }
}
