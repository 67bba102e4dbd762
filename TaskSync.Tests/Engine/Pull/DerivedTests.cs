using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Pull;

/// <summary>What follows from other data: it changes in Salesforce while the task stays as it is.</summary>
public sealed class DerivedTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S1_a_status_that_becomes_closed_completes_its_tasks_here(bool withReader)
    {
        await using var world = await SyncWorld.StartAsync(withReader: withReader);
        var rep = await world.SyncedRepAsync();
        var id = await rep.CreateAsync("Call Ana", more: draft => draft with { Status = "Deferred" });
        await rep.SyncAsync();
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await rep.SyncAsync();
        var before = await rep.HistoryAsync(id);
        world.Org.SetStatusClosed("Deferred");
        world.Org.Calls.Reset();

        await rep.SyncAsync();
        await rep.SyncAsync();

        var task = await rep.TaskAsync(id);
        Assert.True(task.IsCompleted);
        Assert.NotNull(task.CompletedAt);
        var line = Assert.Single((await rep.HistoryAsync(id)).Skip(before.Count));
        Assert.Equal((HistoryKind.Completed, null, 0), (line.Kind, line.Actor, line.Changes.Count));
        world.Org.SetStatusClosed("Deferred", closed: false);
        await rep.SyncAsync();
        task = await rep.TaskAsync(id);
        Assert.Equal((false, null), (task.IsCompleted, task.CompletedAt));
        Assert.Equal((0, 0), (world.Org.Calls.RowsWritten, await rep.WaitingAsync()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_the_instant_of_completion_is_hidden_tasks_are_kept_in_step_without_it(bool withReader)
    {
        await using var world = await SyncWorld.StartAsync(withReader: withReader);
        var (rep, id, remote) = await world.PairAsync();
        world.Org.HideField("CompletedDateTime");
        world.Time.Advance(TimeSpan.FromMinutes(2));
        world.Org.UpdateTask(remote, new FieldValues { ["Status"] = "Completed" });

        await rep.SettleAsync();

        Assert.True((await rep.TaskAsync(id)).IsCompleted);
        Assert.NotNull((await rep.TaskAsync(id)).CompletedAt);
    }

    [Fact]
    public async Task A_name_that_changed_in_Salesforce_comes_with_the_next_sweep()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rep, task, contact) = await WithContactAsync(world);
        Rename(world, contact);

        world.Time.Advance(TimeSpan.FromMinutes(16));
        await rep.RunAsync();

        Assert.Equal("Ana Weber", (await rep.TaskAsync(task)).WhoName);
        Assert.Equal(HistoryKind.CameIn, Assert.Single(await rep.HistoryAsync(task)).Kind);
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task A_name_that_changed_comes_to_a_follower_with_the_audit_and_is_no_difference()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var (rep, task, contact) = await WithContactAsync(world);
        Rename(world, contact);

        await world.Get<AdminActions>().AuditNowAsync(Admins.Adam, Token);
        await rep.RunAsync();

        Assert.Equal("Ana Weber", (await rep.TaskAsync(task)).WhoName);
        Assert.Equal(0, (await world.ReadAsync(db => db.Audits.SingleAsync(Token))).Different);
    }

    private static async Task<(SyncWorld.Rep Rep, Guid Task, string Contact)> WithContactAsync(SyncWorld world)
    {
        var contact = world.Org.CreateRecord("Contact", new FieldValues { ["FirstName"] = "Ana", ["LastName"] = "Ruiz" }, world.Org.Rita.Id);
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call", ["WhoId"] = contact });
        var rep = await world.SyncedRepAsync();
        var task = (await rep.OfAsync(remote))!;
        Assert.Equal("Ana Ruiz", task.WhoName);
        return (rep, task.Id, contact);
    }

    private static void Rename(SyncWorld world, string contact)
    {
        world.Time.Advance(TimeSpan.FromMinutes(5));
        world.Org.UpdateRecord(contact, new FieldValues { ["LastName"] = "Weber" });
    }
}
