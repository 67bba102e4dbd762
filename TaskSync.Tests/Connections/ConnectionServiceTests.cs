using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Tests.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Connections;

public sealed class ConnectionServiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connecting_stores_who_it_is_where_and_what_the_org_allows()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var person = await rig.AddPersonAsync();
        var result = Assert.IsType<ConnectResult.Connected>(await rig.Connections.ConnectAsync(person, rig.GrantOf(rig.Org.Rita), Token));
        Assert.Equal((false, null), (result.SyncTurnedOff, result.SchemaFailure));

        var connection = await rig.ConnectionAsync(result.ConnectionId);
        Assert.Equal(
            (person, rig.Org.OrganizationId, rig.Org.Rita.Id, rig.Org.Rita.Username, "Acme Demo", "Europe/Vienna", rig.LoginUrl, ConnectionState.Active),
            (connection.PersonId, connection.OrganizationId, connection.UserId, connection.Username, connection.OrganizationName, connection.UserTimeZone, connection.InstanceUrl, connection.State));
        Assert.Equal(Shards.Of(connection.Id, Shards.Usual), connection.Shard);
        Assert.Equal(SalesforceRig.Start, connection.ConnectedAt);
        Assert.NotNull(connection.SchemaJson);
        Assert.Equal(KeyPlace.KeyField, connection.Schema.Key);
        var stored = await rig.PersonAsync(person);
        Assert.Equal((connection.Id, false), (stored.ConnectionId, stored.SyncEnabled));
    }

    [Fact]
    public async Task Tokens_are_encrypted_at_rest()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var grant = rig.GrantOf(rig.Org.Rita);
        var result = Assert.IsType<ConnectResult.Connected>(await rig.Connections.ConnectAsync(await rig.AddPersonAsync(), grant, Token));
        var connection = await rig.ConnectionAsync(result.ConnectionId);
        Assert.DoesNotContain(grant.AccessToken, connection.AccessToken);
        Assert.DoesNotContain(grant.RefreshToken!, connection.RefreshToken);
        Assert.Equal((grant.AccessToken, grant.RefreshToken), (rig.Open(connection.AccessToken), rig.Open(connection.RefreshToken)));
    }

    [Fact]
    public async Task F9_a_second_person_on_the_same_Salesforce_user_is_refused_and_told_why()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var first = await rig.ConnectAsync(rig.Org.Rita, await rig.AddPersonAsync("First Owner"));
        var second = await rig.AddPersonAsync("Second Comer");
        var grant = rig.GrantOf(rig.Org.Rita);
        var refused = Assert.IsType<ConnectResult.Refused>(await rig.Connections.ConnectAsync(second, grant, Token));
        Assert.Equal(ConnectRefusal.InUse, refused.Reason);
        Assert.Contains("Another person in TaskSync is already connected", refused.Words);
        Assert.DoesNotContain("First Owner", refused.Words);
        Assert.Null((await rig.PersonAsync(second)).ConnectionId);

        // The refused grant is given back, the first person's goes on working.
        Assert.IsType<SalesforceCallException>(await Record.ExceptionAsync(() => rig.OAuth.RefreshAsync(grant.RefreshToken!, Token)));
        Assert.Equal(0, await rig.Api.CountTasksAsync(Caller.Unasked(first), ApiPurpose.Poll, new("Id != null"), Token));
    }

    [Fact]
    public async Task A_sign_in_of_which_nobody_can_say_whose_it_is_is_given_back()
    {
        await using var rig = await SalesforceRig.StartAsync();
        rig.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, PathContains = "/id/" });
        Assert.IsType<ConnectResult.Failed>(await rig.Connections.ConnectAsync(await rig.AddPersonAsync(), rig.GrantOf(rig.Org.Rita), Token));
        Assert.Equal(0, rig.Org.CountGrants(rig.Org.Rita.Id));
    }

    [Fact]
    public async Task F9_a_Salesforce_user_is_free_again_when_the_other_person_disconnected()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var first = await rig.AddPersonAsync("First Owner");
        await rig.ConnectAsync(rig.Org.Rita, first);
        await rig.Connections.DisconnectAsync(first, Token);
        Assert.NotEqual(Guid.Empty, await rig.ConnectAsync(rig.Org.Rita, await rig.AddPersonAsync("Second Comer")));
    }

    [Fact]
    public async Task F9_two_people_who_connect_as_the_same_user_at_once_do_not_both_succeed()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var server = rig.NewServer().GetRequiredService<ConnectionService>();
            return await server.ConnectAsync(await rig.AddPersonAsync(), rig.GrantOf(rig.Org.Rita), Token);
        }));
        Assert.Single(results.OfType<ConnectResult.Connected>());
        Assert.All(results.OfType<ConnectResult.Refused>(), refused => Assert.Equal(ConnectRefusal.InUse, refused.Reason));
    }

    [Fact]
    public async Task A_rep_whose_call_hangs_keeps_nobody_else_from_connecting()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var (slow, quick) = (await rig.AddPersonAsync(), await rig.AddPersonAsync());
        var hung = rig.Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayRequest, UserId = rig.Org.Rita.Id, Resource = "/composite" });
        var first = rig.Connections.ConnectAsync(slow, rig.GrantOf(rig.Org.Rita), Token);
        await Until.TrueAsync(() => hung.Fired == 1);

        var second = rig.Connections.ConnectAsync(quick, rig.GrantOf(rig.Org.Sam), Token);
        await Until.TrueAsync(() => second.IsCompleted);
        Assert.IsType<ConnectResult.Connected>(await second);
        Assert.False(first.IsCompleted);

        hung.Release();
        Assert.IsType<ConnectResult.Connected>(await first);
    }

    [Fact]
    public async Task F9_of_two_organizations_that_come_first_at_once_one_is_taken()
    {
        await using var rig = await SalesforceRig.StartAsync();
        await using var other = await SimulatorHost.StartAsync(new SimulatorOptions { TimeProvider = rig.Time, InstanceCode = "Xx0", OrganizationName = "Other Org" }, Token);
        var moved = rig.NewServer(new() { ["Salesforce:LoginUrl"] = other.BaseAddress.AbsoluteUri }).GetRequiredService<ConnectionService>();
        var (rita, sam) = (await rig.AddPersonAsync(), await rig.AddPersonAsync());
        var results = await Task.WhenAll(
            rig.Connections.ConnectAsync(rita, rig.GrantOf(rig.Org.Rita), Token), moved.ConnectAsync(sam, rig.GrantOf(other.Org.Sam, other), Token));

        Assert.Single(results.OfType<ConnectResult.Connected>());
        Assert.Equal(ConnectRefusal.OrganizationNotAllowed, Assert.Single(results.OfType<ConnectResult.Refused>()).Reason);
    }

    [Fact]
    public async Task F9_connecting_as_someone_else_parks_the_old_connection_unticks_and_gives_the_old_grant_back()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var person = await rig.AddPersonAsync();
        var old = await rig.ConnectAsync(rig.Org.Rita, person);
        await TickAsync(rig, person, old);
        var result = Assert.IsType<ConnectResult.Connected>(await rig.Connections.ConnectAsync(person, rig.GrantOf(rig.Org.Sam), Token));
        Assert.True(result.SyncTurnedOff);
        Assert.Equal(InitialSyncState.Interrupted, await StateOfFirstSyncAsync(rig, old));

        var stored = await rig.PersonAsync(person);
        Assert.Equal((result.ConnectionId, false), (stored.ConnectionId, stored.SyncEnabled));
        var parked = await rig.ConnectionAsync(old);
        Assert.Equal((ConnectionState.Parked, null, null), (parked.State, parked.AccessToken, parked.RefreshToken));
        Assert.Equal(0, rig.Org.CountGrants(rig.Org.Rita.Id));
        Assert.Equal(1, rig.Org.CountGrants(rig.Org.Sam.Id));
        Assert.Equal(FailureCodes.NotConnected, (await FailsAsync(rig.Api.CountTasksAsync(Caller.Unasked(old), ApiPurpose.Poll, new("Id != null"), Token))).Code);
    }

    [Fact]
    public async Task F9_connecting_as_the_former_user_again_revives_the_old_connection_with_its_links()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var person = await rig.AddPersonAsync();
        var rita = await rig.ConnectAsync(rig.Org.Rita, person);
        var sam = await rig.ConnectAsync(rig.Org.Sam, person);
        Assert.Equal(rita, await rig.ConnectAsync(rig.Org.Rita, person));
        Assert.Equal((ConnectionState.Active, ConnectionState.Parked), ((await rig.ConnectionAsync(rita)).State, (await rig.ConnectionAsync(sam)).State));
        Assert.Equal(rita, (await rig.PersonAsync(person)).ConnectionId);
    }

    [Fact]
    public async Task Reconnecting_as_the_same_user_keeps_the_box_ticked_and_brings_the_connection_back()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var person = await rig.AddPersonAsync();
        var connection = await rig.ConnectAsync(rig.Org.Rita, person);
        await TickAsync(rig, person, connection);
        await rig.Services.GetRequiredService<ConnectionStates>().MarkNeedsReconnectAsync(connection, "because", "invalid_grant", ifTokenIs: null);
        var marked = await rig.ConnectionAsync(connection);
        Assert.Equal((ConnectionState.NeedsReconnect, "because"), (marked.State, marked.StateReason));

        var result = Assert.IsType<ConnectResult.Connected>(await rig.Connections.ConnectAsync(person, rig.GrantOf(rig.Org.Rita), Token));
        Assert.Equal((connection, false), (result.ConnectionId, result.SyncTurnedOff));
        Assert.True((await rig.PersonAsync(person)).SyncEnabled);
        Assert.Equal(InitialSyncState.Running, await StateOfFirstSyncAsync(rig, connection));
        var revived = await rig.ConnectionAsync(connection);
        Assert.Equal((ConnectionState.Active, null), (revived.State, revived.StateReason));
    }

    [Fact]
    public async Task F9_without_a_list_the_first_organization_connected_is_the_one()
    {
        await using var rig = await SalesforceRig.StartAsync();
        await rig.ConnectAsync(rig.Org.Rita);
        await using var other = await SimulatorHost.StartAsync(new SimulatorOptions { TimeProvider = rig.Time, InstanceCode = "Xx0", OrganizationName = "Other Org" }, Token);
        var moved = rig.NewServer(new() { ["Salesforce:LoginUrl"] = other.BaseAddress.AbsoluteUri }).GetRequiredService<ConnectionService>();
        var refused = Assert.IsType<ConnectResult.Refused>(await moved.ConnectAsync(await rig.AddPersonAsync(), rig.GrantOf(other.Org.Rita, other), Token));
        Assert.Equal(ConnectRefusal.OrganizationNotAllowed, refused.Reason);
        Assert.Contains("Other Org", refused.Words);
        Assert.Equal(0, other.Org.CountGrants());
    }

    [Fact]
    public async Task F9_only_listed_organizations_can_be_connected()
    {
        await using var rig = await SalesforceRig.StartAsync(settings: new() { ["Salesforce:AllowedOrganizations"] = "00D000000000001AAA" });
        var result = await rig.Connections.ConnectAsync(await rig.AddPersonAsync(), rig.GrantOf(rig.Org.Rita), Token);
        Assert.Equal(ConnectRefusal.OrganizationNotAllowed, Assert.IsType<ConnectResult.Refused>(result).Reason);

        await using var listed = await SalesforceRig.StartAsync(settings: new() { ["Salesforce:AllowedOrganizations"] = $"00D000000000001AAA,{rig.Org.OrganizationId[..15]}" });
        Assert.NotEqual(Guid.Empty, await listed.ConnectAsync());
    }

    [Fact]
    public async Task Disconnecting_unticks_forgets_the_tokens_and_gives_the_grant_back()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var person = await rig.AddPersonAsync();
        var connection = await rig.ConnectAsync(rig.Org.Rita, person);
        await TickAsync(rig, person, connection);
        var told = 0;
        using var subscription = rig.Services.GetRequiredService<ChangeFeed>().Subscribe(person, () => told++);
        await rig.Connections.DisconnectAsync(person, Token);

        var stored = await rig.ConnectionAsync(connection);
        Assert.Equal((ConnectionState.Disconnected, null, null), (stored.State, stored.AccessToken, stored.RefreshToken));
        Assert.False((await rig.PersonAsync(person)).SyncEnabled);
        Assert.Equal((0, 1), (rig.Org.CountGrants(), told));
        Assert.Equal(InitialSyncState.Interrupted, await StateOfFirstSyncAsync(rig, connection));
        await rig.Connections.DisconnectAsync(await rig.AddPersonAsync(), Token);
    }

    [Fact]
    public async Task Disconnecting_works_when_Salesforce_is_away()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var person = await rig.AddPersonAsync();
        var connection = await rig.ConnectAsync(rig.Org.Rita, person);
        rig.Org.Faults.Add(FaultKind.ServiceUnavailableHtml, times: 0);
        await rig.Connections.DisconnectAsync(person, Token);
        Assert.Equal(ConnectionState.Disconnected, (await rig.ConnectionAsync(connection)).State);
    }

    [Fact]
    public async Task A_grant_that_would_not_last_is_refused_and_the_admin_told_what_is_missing()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var result = await rig.Connections.ConnectAsync(await rig.AddPersonAsync(), rig.GrantOf(rig.Org.Rita) with { RefreshToken = null }, Token);
        var refused = Assert.IsType<ConnectResult.Refused>(result);
        Assert.Equal(ConnectRefusal.NoRefreshToken, refused.Reason);
        Assert.Contains("refresh_token", refused.Words);
    }

    [Fact]
    public async Task When_Salesforce_does_not_say_who_it_is_nothing_changes()
    {
        await using var rig = await SalesforceRig.StartAsync();
        var person = await rig.AddPersonAsync();
        rig.Org.Faults.Add(FaultKind.ServerTooBusy, times: 0);
        var failed = Assert.IsType<ConnectResult.Failed>(await rig.Connections.ConnectAsync(person, rig.GrantOf(rig.Org.Rita), Token));
        Assert.Equal(FailureClass.Intermittent, failed.Failure.Class);
        Assert.Null((await rig.PersonAsync(person)).ConnectionId);
    }

    [Fact]
    public async Task When_the_fields_cannot_be_read_at_once_the_connection_stands_and_they_are_read_with_the_first_call()
    {
        await using var rig = await SalesforceRig.StartAsync();
        rig.Org.Faults.Add(FaultKind.ServerTooBusy, "/sobjects/Task/describe");
        var result = Assert.IsType<ConnectResult.Connected>(await rig.Connections.ConnectAsync(await rig.AddPersonAsync(), rig.GrantOf(rig.Org.Rita), Token));
        Assert.Equal("SERVER_UNAVAILABLE", result.SchemaFailure?.Code);
        Assert.Null((await rig.ConnectionAsync(result.ConnectionId)).SchemaJson);
        await rig.Api.QueryTasksAsync(Caller.Unasked(result.ConnectionId), ApiPurpose.Poll, new("Id != null"), Token);
        Assert.NotNull((await rig.ConnectionAsync(result.ConnectionId)).SchemaJson);
    }

    [Fact]
    public void Shards_are_stable_and_spread()
    {
        Assert.Equal(Shards.Of(Guid.Parse("01960000-0000-7000-8000-00000000000d"), Shards.Usual), Shards.Of(Guid.Parse("01960000-0000-7000-8000-00000000000d"), Shards.Usual));
        Assert.Equal(5, Shards.Of(Guid.Parse("01960000-0000-7000-8000-00000000000d"), Shards.Usual));
        Assert.Equal(Shards.Usual, Enumerable.Range(0, 500).Select(_ => Shards.Of(Guid.CreateVersion7(), Shards.Usual)).Distinct().Count());
    }

    /// <summary>The box is ticked and the first sync has begun.</summary>
    private static async Task TickAsync(SalesforceRig rig, Guid person, Guid connection)
    {
        await using var db = rig.Database.CreateDbContext();
        db.InitialSyncs.Add(new InitialSync { ConnectionId = connection });
        await db.SaveChangesAsync(Token);
        await db.People.Where(p => p.Id == person).ExecuteUpdateAsync(set => set.SetProperty(p => p.SyncEnabled, true), Token);
    }

    private static async Task<InitialSyncState> StateOfFirstSyncAsync(SalesforceRig rig, Guid connection)
    {
        await using var db = rig.Database.CreateDbContext();
        return await db.InitialSyncs.Where(i => i.ConnectionId == connection).Select(i => i.State).SingleAsync(Token);
    }

    private static async Task<CallFailure> FailsAsync(Task call) => (await Assert.ThrowsAsync<SalesforceCallException>(() => call)).Failure;
}
