using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Connections;

/// <summary>Setting a reader up: by a browser's sign-in or a certificate, for allowed organizations only, and taking it away again.</summary>
public sealed class ReaderSetUpTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_a_certificate_it_signs_in_by_itself_again_and_again_and_the_key_is_stored_encrypted()
    {
        using var key = RSA.Create(2048);
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.SyncedRepAsync();
        world.Org.RegisterCertificate(key.ExportSubjectPublicKeyInfoPem());
        world.Org.ApproveUser(world.Org.Integration.Id);
        var id = await CertifiedAsync(world, key.ExportPkcs8PrivateKeyPem());
        await world.Get<SyncEngine>().RunReaderAsync(id, Token);
        await rep.SyncAsync();

        world.Org.ExpireAccessTokens(world.Org.Integration.Id);
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "After the token expired" });
        world.Get<SyncDoorbell>().Ring(id, readChanges: true);
        await world.Get<SyncEngine>().RunReaderAsync(id, Token);

        Assert.Equal(["After the token expired"], await rep.SubjectsAsync());
        var stored = await world.ReadAsync(db => db.Readers.AsNoTracking().SingleAsync(Token));
        Assert.Equal(ReaderState.Serving, stored.State);
        Assert.DoesNotContain("PRIVATE KEY", stored.SealedKey, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configured_key_is_read_from_its_file()
    {
        using var key = RSA.Create(2048);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, key.ExportPkcs8PrivateKeyPem(), Token);
        await using var world = await SyncWorld.StartAsync(settings: new() { ["Salesforce:ReaderKeyFile"] = file }, withReader: false);
        world.Org.RegisterCertificate(key.ExportSubjectPublicKeyInfoPem());
        world.Org.ApproveUser(world.Org.Integration.Id);

        var id = await CertifiedAsync(world, null);

        Assert.Null(await world.ReadAsync(db => db.Readers.Where(r => r.ConnectionId == id).Select(r => r.SealedKey).SingleAsync(Token)));
        File.Delete(file);
    }

    [Theory]
    [InlineData("no key at all")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    public async Task A_key_file_that_has_gone_bad_is_named_and_everybody_reads_alone(string bad)
    {
        using var key = RSA.Create(2048);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, key.ExportPkcs8PrivateKeyPem(), Token);
        await using var world = await SyncWorld.StartAsync(settings: new() { ["Salesforce:ReaderKeyFile"] = file }, withReader: false);
        var rep = await world.SyncedRepAsync();
        world.Org.RegisterCertificate(key.ExportSubjectPublicKeyInfoPem());
        world.Org.ApproveUser(world.Org.Integration.Id);
        var id = await CertifiedAsync(world, null);
        await world.Get<SyncEngine>().RunReaderAsync(id, Token);
        await rep.SyncAsync();
        Assert.True(await world.ReadAsync(db => db.Cursors.AllAsync(c => c.FollowsReader, Token)));

        await File.WriteAllTextAsync(file, bad, Token);
        world.Org.ExpireAccessTokens(world.Org.Integration.Id);
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Read alone" });
        world.Get<SyncDoorbell>().Ring(id, readChanges: true);
        await world.Get<SyncEngine>().RunReaderAsync(id, Token);
        await rep.SyncAsync();

        var reader = await world.ReadAsync(db => db.Readers.AsNoTracking().SingleAsync(Token));
        Assert.Equal(ReaderState.Standby, reader.State);
        Assert.Contains("Salesforce:ReaderKeyFile", reader.StateReason, StringComparison.Ordinal);
        Assert.Equal(["Read alone"], await rep.SubjectsAsync());
        var again = await world.Get<ReaderService>().ConnectAsync(await AdminAsync(world), world.Org.Integration.Username, null, Token);
        Assert.Equal((FailureClass.Auth, true), Assert.IsType<ConnectResult.Failed>(again).Failure is var failure ? (failure.Class, failure.NotApplied) : default);
        Assert.Contains("Salesforce:ReaderKeyFile", SalesforceErrors.For(failure).Words, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task A_user_who_was_not_approved_for_the_app_is_refused_with_Salesforces_words()
    {
        using var key = RSA.Create(2048);
        await using var world = await SyncWorld.StartAsync(withReader: false);
        world.Org.RegisterCertificate(key.ExportSubjectPublicKeyInfoPem());

        var result = await world.Get<ReaderService>().ConnectAsync(await AdminAsync(world), world.Org.Integration.Username, key.ExportPkcs8PrivateKeyPem(), Token);

        Assert.Contains("approved", Assert.IsType<ConnectResult.Failed>(result).Failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, await world.ReadAsync(db => db.Readers.CountAsync(Token)));
    }

    [Fact]
    public async Task F9_an_organization_that_is_not_allowed_gets_no_reader_and_the_grant_is_revoked()
    {
        await using var world = await SyncWorld.StartAsync(settings: new() { ["Salesforce:AllowedOrganizations"] = "00D000000000001AAA" }, withReader: false);

        var result = await world.Get<ReaderService>().ConnectAsync(await AdminAsync(world), world.Simulator.GrantOf(world.Org.Integration), Token);

        Assert.Equal(ConnectRefusal.OrganizationNotAllowed, Assert.IsType<ConnectResult.Refused>(result).Reason);
        Assert.Equal(0, world.Org.CountGrants(world.Org.Integration.Id));
    }

    [Fact]
    public async Task A_sign_in_of_which_nobody_can_say_whose_it_is_is_given_back()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, PathContains = "/id/" });

        Assert.IsType<ConnectResult.Failed>(await world.Get<ReaderService>().ConnectAsync(await AdminAsync(world), world.Simulator.GrantOf(world.Org.Integration), Token));

        Assert.Equal(0, world.Org.CountGrants(world.Org.Integration.Id));
    }

    [Fact]
    public async Task Removing_it_revokes_its_grant_and_its_followers_read_on_without_a_gap()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await world.SyncedRepAsync();
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = "Not read yet" });

        await world.Get<ReaderService>().RemoveAsync(Admins.Adam, world.ReaderId!.Value, Token);
        await rep.RunAsync();

        Assert.Equal(["Not read yet"], await rep.SubjectsAsync());
        Assert.Equal(0, world.Org.CountGrants(world.Org.Integration.Id));
        Assert.Equal(0, await world.ReadAsync(db => db.Readers.CountAsync(Token)));
    }

    [Fact]
    public async Task A_new_one_takes_the_place_of_the_old_one_of_the_same_user_too()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var rep = await world.SyncedRepAsync();

        await world.AddReaderAsync();
        await rep.SyncAsync();

        Assert.Equal(1, await world.ReadAsync(db => db.Readers.CountAsync(Token)));
        Assert.True(await world.ReadAsync(db => db.Cursors.AllAsync(c => c.FollowsReader, Token)));
    }

    [Fact]
    public async Task F9_an_admin_who_syncs_as_the_same_Salesforce_user_keeps_the_own_connection()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.SyncedRepAsync(world.Org.Adam, "Adam Admin");

        await world.AddReaderAsync(world.Org.Adam);
        await rep.ConnectAsync(world.Org.Adam);
        await rep.SyncAsync();

        Assert.Equal(2, await world.ReadAsync(db => db.Connections.CountAsync(c => c.State == ConnectionState.Active, Token)));
        Assert.Equal(ReaderState.Serving, (await world.ReaderAsync()).State);
    }

    private static async Task<Guid> CertifiedAsync(SyncWorld world, string? pem) => Assert.IsType<ConnectResult.Connected>(
        await world.Get<ReaderService>().ConnectAsync(await AdminAsync(world), world.Org.Integration.Username, pem, Token)).ConnectionId;

    private static async Task<Actor> AdminAsync(SyncWorld world) => Admins.Of(await world.Get<PeopleService>().EnsureAsync("demo:Adam Admin", "Adam Admin", null, Token));
}
