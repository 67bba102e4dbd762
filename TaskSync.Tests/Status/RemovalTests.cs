using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Status;

/// <summary>A person whom an admin removes: nothing of theirs runs, and nobody is them, until they are let in again.</summary>
public sealed class RemovalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SE5_sync_stops_the_grant_is_revoked_and_what_they_have_stays()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        await rep.EditAsync(id, draft => draft with { Subject = "Not sent yet" });

        Assert.True(await world.Get<AccountActions>().RemoveAsync(Admins.Adam, rep.Id, Token));
        world.Org.Calls.Reset();
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Made in Salesforce" });
        await rep.SyncAsync();

        Assert.Equal(0, world.Org.CountGrants(rep.User.Id));
        Assert.Equal(0, world.Org.Calls.Total);
        var connection = await world.ReadAsync(db => db.Connections.AsNoTracking().SingleAsync(c => c.Id == rep.ConnectionId, Token));
        Assert.Equal((ConnectionState.Disconnected, null, null), (connection.State, connection.AccessToken, connection.RefreshToken));
        Assert.False(await world.ReadAsync(db => db.People.Where(p => p.Id == rep.Id).Select(p => p.SyncEnabled).SingleAsync(Token)));
        Assert.Equal(("Not sent yet", remote), await rep.TaskAsync(id) is var task ? (task.Subject, task.Link!.SalesforceId) : default);
        Assert.NotEmpty(await rep.HistoryAsync(id));
    }

    [Fact]
    public async Task SE5_nobody_signs_in_as_them_and_a_sign_in_that_slipped_in_does_not_count()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, signIns) = (await world.RepAsync(), world.Get<SignIns>());
        var open = (await signIns.BeginAsync(rep.Id, false, null, Token))!.Value;

        Assert.True(await world.Get<AccountActions>().RemoveAsync(Admins.Adam, rep.Id, Token));
        var slipped = new SignIn { Id = Guid.NewGuid(), PersonId = rep.Id, StartedAt = world.Time.GetUtcNow(), LastSeenAt = world.Time.GetUtcNow() };
        await using var db = world.Database.CreateDbContext();
        db.SignIns.Add(slipped);
        await db.SaveChangesAsync(Token);

        Assert.Null(await signIns.BeginAsync(rep.Id, false, null, Token));
        var ended = await signIns.EndedAsync([open, slipped.Id], Token);
        Assert.Equal((SignInEnd.RemovedByAdmin, SignInEnd.RemovedByAdmin), (ended[open], ended[slipped.Id]));
    }

    [Fact]
    public async Task SE5_a_consent_that_comes_back_after_the_removal_is_refused_and_revoked()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.RepAsync();
        await world.Get<AccountActions>().RemoveAsync(Admins.Adam, rep.Id, Token);

        var result = await rep.ConnectAsync(rep.User);

        Assert.Equal(ConnectRefusal.PersonRemoved, Assert.IsType<ConnectResult.Refused>(result).Reason);
        Assert.Equal(0, world.Org.CountGrants(rep.User.Id));
    }

    [Fact]
    public async Task F6_let_in_again_they_catch_up_without_duplicates_and_old_sign_ins_stay_ended()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();
        var (accounts, signIns) = (world.Get<AccountActions>(), world.Get<SignIns>());
        var old = (await signIns.BeginAsync(rep.Id, false, null, Token))!.Value;
        await accounts.RemoveAsync(Admins.Adam, rep.Id, Token);
        await accounts.RemoveAsync(Admins.Adam, rep.Id, Token);
        world.Org.UpdateTask(remote, new FieldValues { ["Priority"] = "High" });

        Assert.True(await accounts.LetInAsync(Admins.Adam, rep.Id, Token));
        Assert.NotNull(await signIns.BeginAsync(rep.Id, false, null, Token));
        await rep.ConnectAsync(rep.User);
        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal(SignInEnd.RemovedByAdmin, (await signIns.EndedAsync([old], Token))[old]);
        Assert.Equal((id, "High"), Assert.Single(await rep.ListAsync()) is var task ? (task.Id, task.Priority) : default);
    }

    [Fact]
    public async Task Neither_oneself_nor_nobody_is_removed()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();

        Assert.False(await world.Get<AccountActions>().RemoveAsync(Admins.Of(rep.Id), rep.Id, Token));
        Assert.False(await world.Get<AccountActions>().RemoveAsync(Admins.Adam, Guid.NewGuid(), Token));
        Assert.False(await world.Get<AccountActions>().LetInAsync(Admins.Adam, Guid.NewGuid(), Token));

        Assert.True(await world.ReadAsync(db => db.People.Where(p => p.Id == rep.Id).Select(p => p.SyncEnabled && p.RemovedAt == null).SingleAsync(Token)));
    }
}
