using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Model;
using TaskSync.Sync.Privacy;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;
using TaskSync.Web.Hosting;

namespace TaskSync.Tests.Web;

/// <summary>Secrets and people's texts as canaries: they are looked for wherever something is written down.</summary>
public sealed class CanaryTests
{
    private const string Repeated = "what Salesforce repeats";

    /// <summary>Where each may be found. What has no row is a secret: it may be found nowhere.</summary>
    private static readonly Dictionary<string, Place[]> May = new()
    {
        ["a subject"] = [Place.Page, Place.Database],
        ["a later subject"] = [Place.Page, Place.Database],
        ["details"] = [Place.Page, Place.Database],
        ["a call result"] = [Place.Page, Place.Database],
        ["a contact's name"] = [Place.Page, Place.Database],
        ["an account's name"] = [Place.Page, Place.Database],
        ["a Salesforce subject"] = [Place.Page, Place.Database],
        ["Salesforce details"] = [Place.Page, Place.Database],
        ["a value that lost"] = [Place.Page, Place.Database],
        ["the words of a problem"] = [Place.Page, Place.Database],
        [Repeated] = [Place.Page, Place.Database], // When it was the engine that was told so.
        ["the person's name"] = [Place.Page, Place.Database],
        ["the person's e-mail"] = [Place.Page, Place.Database, Place.Redirect], // To Salesforce, which fills its form in with it.
        ["the Salesforce user's name"] = [Place.Page, Place.Database],
        ["a search for a task"] = [Place.Page],
        ["the OAuth state"] = [Place.Redirect], // To Salesforce, which gives it back.
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Section7_each_secret_and_each_text_is_only_where_it_may_be()
    {
        await using var app = await CanaryApp.StartAsync();
        var rita = await app.RepAsync(EntraTenant.Erika);
        await app.RememberTokensAsync();
        await rita.WorkAsync();
        await FailAsync(app, rita);
        await SetUpReaderAsync(app); // Afterwards: a rep whom a reader serves makes no call that could fail.
        foreach (var path in new[] { "/", "/settings", "/sync", "/settings?connect=stale", "/admin/sync", "/salesforce/callback?error=server_error" })
        {
            await rita.Browser.GetAsync(path, Token);
        }

        var heard = app.Ears.All();
        var found = app.Canaries.SelectMany(canary => heard.Where(line => canary.IsIn(line.Text)).Select(line => (canary.Of, line.Place, line.Text)))
            .Concat(app.InDatabase().Select(canary => (canary.Of, Place: Place.Database, Text: "tasksync.db")))
            .ToList();

        var wrong = found.Where(hit => !May.GetValueOrDefault(hit.Of, []).Contains(hit.Place)).Select(hit => $"{hit.Of} in {hit.Place}: {hit.Text}").Distinct();
        Assert.True(!wrong.Any(), string.Join('\n', wrong));

        // Nobody is deaf, and each canary sang.
        Assert.Equal(Enum.GetValues<Place>().Where(place => place != Place.Database), heard.Select(line => line.Place).Distinct().Order());
        Assert.Equal([], May.Where(row => row.Key != Repeated && row.Value.Contains(Place.Database) && !found.Any(hit => hit.Of == row.Key && hit.Place == Place.Database)).Select(row => row.Key));
        Assert.Equal([], new[] { "the client secret", "an access token", "a refresh token", "the OAuth code", "the OAuth state", "a cookie", "the reader's key", "what Entra ID gave", "a search for a record", "a search for a task" }
            .Where(of => app.Canaries.All(canary => canary.Of != of)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Section7_no_byte_of_an_erased_person_is_left_in_the_database_files(bool byCommandLine)
    {
        await using var app = await CanaryApp.StartAsync();
        var rita = await app.RepAsync(EntraTenant.Erika);
        await rita.WorkAsync();
        foreach (var token in await app.ReadAsync(db => db.Connections.Select(c => c.RefreshToken).ToListAsync(Token)))
        {
            app.Remember("a sealed token", token!);
        }

        Assert.Contains("a sealed token", app.InDatabase().Select(canary => canary.Of));

        if (byCommandLine)
        {
            using var error = new StringWriter();
            Assert.Equal(0, await CommandLine.RunAsync(
                ["erase", rita.Email, "--yes", $"--ConnectionStrings:TaskSync=Data Source={Path.Combine(app.App.Folder, "tasksync.db")}", "--environment=Development"], TextWriter.Null, error));
            Assert.DoesNotContain("VACUUM", error.ToString(), StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(new Erasure.Done(GrantRevoked: true), await app.Get<PersonalData>().EraseAsync(Admins.Adam, rita.Id, Token));
        }

        Assert.Equal([], app.InDatabase().Select(canary => canary.Of).Distinct());
    }

    /// <summary>An integration user whose private key an admin uploads.</summary>
    private static async Task SetUpReaderAsync(CanaryApp app)
    {
        using var key = RSA.Create(2048);
        var pem = key.ExportPkcs8PrivateKeyPem();
        app.Remember("the reader's key", pem.Split('\n')[3]);
        app.Org.RegisterCertificate(key.ExportSubjectPublicKeyInfoPem());
        app.Org.ApproveUser(app.Org.Integration.Id);
        var admin = await app.Get<PeopleService>().EnsureAsync("tenant.admin", "Adam Admin", null, Token);
        Assert.IsType<ConnectResult.Connected>(await app.Get<ReaderService>().ConnectAsync(Admins.Of(admin), app.Org.Integration.Username, pem, Token));
        await app.RememberTokensAsync();
    }

    /// <summary>A new token, everything that can go wrong with a call, words of Salesforce that repeat what they were told, and a sign-in that is refused in the end.</summary>
    private static async Task FailAsync(CanaryApp app, CanaryRep rep)
    {
        var secret = app.Hatch(Repeated);
        app.Org.ExpireAccessTokens();
        foreach (var kind in new[] { FaultKind.DropAfterCommit, FaultKind.TruncatedJson, FaultKind.ServiceUnavailableHtml, FaultKind.UnknownException })
        {
            app.Org.Faults.Add(kind);
            await CountAsync();
        }

        app.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Resource = "/query*", Status = 400, Code = "MALFORMED_QUERY", Message = $"unexpected token: {secret}" });
        await CountAsync();
        app.Org.RevokeGrants(rep.User.Id);
        await Until.TrueAsync(async () =>
        {
            app.Get<SyncDoorbell>().Ring(rep.Connection, readChanges: true);
            return await app.ReadAsync(db => db.Connections.AnyAsync(c => c.Id == rep.Connection && c.State == ConnectionState.NeedsReconnect, Token));
        }, CanaryApp.Patience);

        async Task CountAsync()
        {
            await Record.ExceptionAsync(() => app.Get<SalesforceApi>().CountTasksAsync(Caller.Unasked(rep.Connection), ApiPurpose.Poll, new(Soql.Contains("Subject", secret)), Token));
            await app.RememberTokensAsync();
        }
    }
}
