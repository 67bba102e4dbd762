using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Model;
using TaskSync.Sync.Privacy;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Privacy;

public sealed class PersonalDataTests
{
    private const string Canary = "Zephyrine";

    private static readonly Actor Admin = new(Guid.NewGuid(), "Adam Admin", IsAdmin: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Section7_each_table_is_of_a_person_or_said_to_be_nobodys()
    {
        await using var database = new TestDatabase();
        await using var db = database.CreateDbContext();

        Assert.Equal(
            ["Links", "PendingWrites", "ApiUsage", "Cursors", "InitialSyncs", "Audits", "Conflicts", "Connections", "History", "Notes", "Problems", "Runs", "SignIns", "Tasks", "People"],
            PersonTable.In(db.Model).Select(table => table.Name));
    }

    [Fact]
    public async Task Section7_an_erased_person_leaves_nothing_and_others_and_Salesforce_keep_all()
    {
        await using var world = await SyncWorld.StartAsync();
        var rita = await FullAsync(world, world.Org.Rita, "Rita Rep");
        var sam = await FullAsync(world, world.Org.Sam, "Sam Rep");
        var (others, salesforce) = (await CountsAsync(world, sam.Id), Salesforce(world));
        Assert.All(await CountsAsync(world, rita.Id), table => Assert.NotEqual(0, table.Value));

        Assert.Equal(new Erasure.Done(GrantRevoked: true), await world.Get<PersonalData>().EraseAsync(Admin, rita.Id, Token));

        Assert.All(await CountsAsync(world, rita.Id), table => Assert.Equal(0, table.Value));
        Assert.Equal(others, await CountsAsync(world, sam.Id));
        Assert.Equal(salesforce, Salesforce(world));
        Assert.Equal(0, world.Org.CountGrants(rita.User.Id));
        Assert.Equal(1, world.Org.CountGrants(sam.User.Id));
        if (TestDatabase.Provider == DatabaseProvider.Sqlite)
        {
            Assert.DoesNotContain($"{Canary} {rita.User.Id}", await FilesAsync(world), StringComparison.Ordinal);
            Assert.Contains($"{Canary} {sam.User.Id}", await FilesAsync(world), StringComparison.Ordinal);
        }

        Assert.IsType<Erasure.Unknown>(await world.Get<PersonalData>().EraseAsync(Admin, rita.Id, Token));
    }

    [Fact]
    public async Task Section7_bytes_that_could_not_be_overwritten_are_told()
    {
        TestDatabase.DemandSqlite();
        await using var world = await SyncWorld.StartAsync();
        var rita = await FullAsync(world, world.Org.Rita, "Rita Rep");
        await using var reader = new SqliteConnection(world.Database.ConnectionString + ";Pooling=false");
        await reader.OpenAsync(Token);
        await using var transaction = reader.BeginTransaction(deferred: true);
        await using var command = reader.CreateCommand();
        (command.Transaction, command.CommandText) = (transaction, "SELECT COUNT(*) FROM People");
        await command.ExecuteScalarAsync(Token);

        // Somebody reads on in the log: it cannot be emptied.
        var erased = await world.Get<PersonalData>().EraseAsync(Admin, rita.Id, Token);

        Assert.Equal(new Erasure.Done(GrantRevoked: true, Overwritten: false), erased);
        Assert.All(await CountsAsync(world, rita.Id), table => Assert.Equal(0, table.Value));
    }

    [Fact]
    public async Task Section7_whoever_was_erased_begins_anew_without_duplicates()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, _, remote) = await world.PairAsync();
        await world.Get<PersonalData>().EraseAsync(Admin, rep.Id, Token);

        var again = await world.SyncedRepAsync();
        await again.SettleAsync();
        var own = await again.CreateAsync("Another");
        await again.SettleAsync();

        Assert.NotEqual(rep.Id, again.Id);
        Assert.Equal(["Another", "Call Ana"], await again.SubjectsAsync());
        Assert.Equal([remote, (await again.InSalesforceAsync(own))!.Id], again.Remote().Select(t => t.Id).Order());
    }

    [Theory]
    [InlineData(FaultKind.DelayRequest)]
    [InlineData(FaultKind.DelayAnswer)]
    public async Task Section7_a_cycle_under_way_brings_nothing_of_an_erased_person_back(FaultKind wait)
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.SyncedRepAsync();
        world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = Canary });
        var hung = world.Org.Faults.Add(new FaultRule { Kind = wait, Method = "GET", Resource = "/query*" });
        var cycle = rep.SyncAsync();
        await Until.TrueAsync(() => hung.Fired == 1);

        await world.Get<PersonalData>().EraseAsync(Admin, rep.Id, Token);
        hung.Release();
        await cycle;
        await world.Get<ApiCallFlush>().FlushAsync(Token);

        Assert.Equal(0, await world.ReadAsync(async db =>
            await db.People.CountAsync(Token) + await db.Problems.CountAsync(Token) + await db.History.CountAsync(Token) + await db.Tasks.CountAsync(Token)
                + await db.Runs.CountAsync(Token) + await db.Cursors.CountAsync(Token) + await db.ApiUsage.CountAsync(Token)));
    }

    [Fact]
    public async Task Section7_an_interrupted_erasure_is_taken_up_again()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, _, _) = await world.PairAsync();
        using var interrupted = new CancellationTokenSource();
        using var subscription = world.Get<Sync.Signals.ChangeFeed>().Subscribe(rep.Id, interrupted.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Get<PersonalData>().EraseAsync(Admin, rep.Id, interrupted.Token));
        var between = await world.ReadAsync(db => db.Connections.SingleAsync(c => c.Id == rep.ConnectionId, Token));
        Assert.Equal((ConnectionState.Disconnected, null, 0), (between.State, between.RefreshToken, world.Org.CountGrants(rep.User.Id)));

        Assert.Equal(new Erasure.Done(GrantRevoked: true), await world.Get<PersonalData>().EraseAsync(Admin, rep.Id, Token));
        Assert.All(await CountsAsync(world, rep.Id), table => Assert.Equal(0, table.Value));
    }

    [Fact]
    public async Task Section7_Salesforce_away_stops_no_erasure_and_that_is_said()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, _, _) = await world.PairAsync();
        world.Org.Faults.Add(FaultKind.ServiceUnavailableHtml, times: 0);

        Assert.Equal(new Erasure.Done(GrantRevoked: false), await world.Get<PersonalData>().EraseAsync(Admin, rep.Id, Token));
        Assert.All(await CountsAsync(world, rep.Id), table => Assert.Equal(0, table.Value));
    }

    [Fact]
    public async Task Section7_who_set_up_a_reader_is_erased_only_after_it_is_somebody_elses()
    {
        await using var world = await SyncWorld.StartAsync(withReader: true);
        var admin = await world.ReadAsync(db => db.People.Where(p => p.Name == "Adam Admin").Select(p => p.Id).SingleAsync(Token));
        Assert.Contains("Organizations", Assert.IsType<Erasure.Refused>(await world.Get<PersonalData>().EraseAsync(Admin, admin, Token)).Words, StringComparison.Ordinal);

        var next = await world.Get<PeopleService>().EnsureAsync("demo:Eve Admin", "Eve Admin", null, Token);
        await world.Get<Sync.Connections.ReaderService>().ConnectAsync(new Actor(next, "Eve Admin", IsAdmin: true), world.Simulator.GrantOf(world.Org.Integration), Token);

        Assert.IsType<Erasure.Done>(await world.Get<PersonalData>().EraseAsync(Admin, admin, Token));
        Assert.Equal(next, await world.ReadAsync(db => db.Connections.Select(c => c.PersonId).SingleAsync(Token)));
    }

    [Fact]
    public async Task Section7_who_set_up_a_reader_while_the_grant_was_given_back_is_not_erased()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.DelayRequest,
            Delay = TimeSpan.Zero,
            PathContains = "/oauth2/revoke",
            When = _ =>
            {
                using var db = world.Database.CreateDbContext();
                db.Readers.Add(new OrgReader { ConnectionId = rep.ConnectionId, OrganizationId = world.Org.OrganizationId });
                db.SaveChanges();
                return true;
            },
        });

        Assert.IsType<Erasure.Refused>(await world.Get<PersonalData>().EraseAsync(Admin, rep.Id, Token));

        Assert.True(await world.ReadAsync(db => db.People.AnyAsync(p => p.Id == rep.Id, Token)));
    }

    [Fact]
    public async Task Section7_the_name_of_an_erased_admin_is_in_nobodys_pause_and_no_setting()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var people = world.Get<PeopleService>();
        var (adam, rita, sam) = (await people.EnsureAsync("a", "Adam", null, Token), await people.EnsureAsync("r", "Rita", null, Token), await people.EnsureAsync("s", "Sam", null, Token));
        var actions = world.Get<Sync.Status.AdminActions>();
        await actions.PauseAllAsync(Admin with { Name = "Adam" }, "load", Token);
        await actions.PauseAsync(Admin with { Name = "Adam" }, rita, "on leave", Token);
        await actions.PauseAsync(Admin with { Name = "Adam Smith" }, sam, null, Token);
        await world.ReadAsync(db =>
        {
            db.OrgTests.Add(new OrgTest { OrganizationId = "00D000000000001AAA", IsAllowed = true, AllowedBy = "Adam" });
            return db.SaveChangesAsync(Token);
        });

        await world.Get<PersonalData>().EraseAsync(Admin, adam, Token);

        Assert.Equal(
            (null, null, "Paused by an admin: on leave", "Paused by Adam Smith"),
            await world.ReadAsync(async db => (
                (await db.Control.SingleAsync(Token)).PausedBy, (await db.OrgTests.SingleAsync(Token)).AllowedBy,
                (await db.People.SingleAsync(p => p.Id == rita, Token)).PauseReason, (await db.People.SingleAsync(p => p.Id == sam, Token)).PauseReason)));
    }

    [Fact]
    public async Task Section7_an_export_holds_every_row_twice_and_no_token()
    {
        await using var world = await SyncWorld.StartAsync();
        var rita = await FullAsync(world, world.Org.Rita, "Rita Rep");
        await FullAsync(world, world.Org.Sam, "Sam Rep");
        await rita.CreateAsync("=HYPERLINK(\"http://evil.example\")");
        using var stream = new MemoryStream();

        Assert.True(await world.Get<PersonalData>().ExportAsync(Admin, rita.Id, stream, Token));

        using var zip = new ZipArchive(stream);
        var files = zip.Entries.ToDictionary(entry => entry.FullName, Text);
        foreach (var (table, count) in await CountsAsync(world, rita.Id))
        {
            Assert.Equal((table, count), (table, JsonDocument.Parse(files[$"json/{table}.json"]).RootElement.GetArrayLength()));
            Assert.StartsWith("\uFEFF", files[$"csv/{table}.csv"], StringComparison.Ordinal);
        }

        Assert.Contains("\"'=HYPERLINK(\"\"http://evil.example\"\")\"", files["csv/Tasks.csv"], StringComparison.Ordinal);
        Assert.Contains("\"field\": \"Subject\"", files["json/History.json"], StringComparison.Ordinal);
        Assert.Contains($"{Canary} {rita.User.Id}", files["json/Tasks.json"], StringComparison.Ordinal);
        var all = string.Concat(files.Values);
        Assert.DoesNotContain(world.Org.Sam.Id, all, StringComparison.Ordinal);
        var secrets = await world.ReadAsync(async db => (string?[])[
            .. await db.Connections.Select(c => c.AccessToken).ToListAsync(Token), .. await db.Connections.Select(c => c.RefreshToken).ToListAsync(Token),
            .. (await db.SignIns.Select(s => s.Id).ToListAsync(Token)).Select(id => id.ToString())]);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret!, all, StringComparison.Ordinal));
        Assert.False(await world.Get<PersonalData>().ExportAsync(Admin, Guid.NewGuid(), stream, Token));
    }

    [Fact]
    public async Task A_person_is_found_by_id_account_address_or_Salesforce_username()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await world.RepAsync();
        var elan = await world.Get<PeopleService>().EnsureAsync("tenant.object", "Élan", "Élan@acme.example", Token);
        var data = world.Get<PersonalData>();

        Assert.Equal([rep.Id], await data.FindAsync(Admin, rep.Id.ToString(), Token));
        Assert.Equal([rep.Id], await data.FindAsync(Admin, rep.User.Username.ToUpperInvariant(), Token));
        Assert.Equal([rep.Id], await data.FindAsync(Admin, "DEMO:rita rep", Token));
        Assert.Equal([elan], await data.FindAsync(Admin, " élan@ACME.example ", Token));
        Assert.Empty(await data.FindAsync(Admin, "nobody", Token));
    }

    /// <summary>A rep of whom every table knows something.</summary>
    private static async Task<SyncWorld.Rep> FullAsync(SyncWorld world, SimulatedUser user, string name)
    {
        world.Org.CreateTask(user.Id, new FieldValues { ["Subject"] = $"{Canary} {user.Id}" });
        var rep = await world.SyncedRepAsync(user, name);
        var gone = await rep.CreateAsync($"Gone {user.Id}");
        await rep.SyncAsync();
        await rep.DeleteAsync(gone);
        await rep.SyncAsync();
        var waits = await rep.CreateAsync($"Waits {user.Id}");
        await rep.EditAsync(waits, draft => draft with { Subject = $"Waits still {user.Id}" });
        await world.Get<SignIns>().BeginAsync(rep.Id, isAdmin: false, "Firefox on Linux", Token);
        await world.ReadAsync(db =>
        {
            db.Conflicts.Add(new Conflict { PersonId = rep.Id, TaskId = waits, Field = TaskField.Subject, OurValue = Canary });
            db.Problems.Add(new Problem { PersonId = rep.Id, ConnectionId = rep.ConnectionId, TaskId = waits, Code = "SOME_CODE", Message = Canary });
            db.Audits.Add(new Audit { PersonId = rep.Id, ConnectionId = rep.ConnectionId });
            return db.SaveChangesAsync(Token);
        });
        await world.Get<ConnectNotes>().KeepAsync(rep.Id, new(Canary, null), Token);
        await world.Get<ApiCallFlush>().FlushAsync(Token);
        return rep;
    }

    private static async Task<Dictionary<string, int>> CountsAsync(SyncWorld world, Guid personId)
    {
        Dictionary<string, int> counts = [];
        await using var db = world.Database.CreateDbContext();
        foreach (var table in PersonTable.In(db.Model))
        {
            counts[table.Name] = await table.Of(db, personId).CountAsync(Token);
        }

        return counts;
    }

    private static List<string> Salesforce(SyncWorld world) =>
        [.. new[] { world.Org.Rita, world.Org.Sam }.SelectMany(user => world.Org.Tasks(user.Id)).Select(t => $"{t} {t.SystemModstamp:O}")];

    /// <summary>What is in the database's files, when its log has been carried over as it is now and then. Nothing of a server's: its files are its own affair.</summary>
    private static async Task<string> FilesAsync(SyncWorld world)
    {
        if (TestDatabase.Provider != DatabaseProvider.Sqlite)
        {
            return "";
        }

        await world.ReadAsync(db => db.Database.ExecuteSqlAsync($"PRAGMA wal_checkpoint(TRUNCATE)", Token));
        return Encoding.Latin1.GetString(await File.ReadAllBytesAsync(world.Database.Path, Token));
    }

    private static string Text(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open(), new UTF8Encoding(), detectEncodingFromByteOrderMarks: false);
        return reader.ReadToEnd();
    }
}
