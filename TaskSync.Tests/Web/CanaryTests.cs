using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Tests.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>Secrets as canaries: tokens, the client's secret and the code are looked for wherever something is written down.</summary>
public sealed class CanaryTests
{
    private const string ClientSecret = "canary-9F3A71C2B4D84E0F";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tokens_client_secret_and_code_are_in_no_log_page_trace_error_or_byte_of_the_database()
    {
        using var logs = new LogSink();
        var written = new ConcurrentQueue<string>();
        using var traces = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => written.Enqueue($"trace {activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(e => e.Tags))}"),
        };
        ActivitySource.AddActivityListener(traces);
        void Remember(object? sender, FirstChanceExceptionEventArgs thrown) => written.Enqueue($"exception {thrown.Exception.GetType().Name}: {thrown.Exception.Message} {thrown.Exception.InnerException?.Message}");
        AppDomain.CurrentDomain.FirstChanceException += Remember;
        try
        {
            await using var app = new WebApp(settings: new() { ["Salesforce:ClientSecret"] = ClientSecret, ["Simulator:RefreshTokenRotation"] = "true", ["Logging:LogLevel:Default"] = "Information", ["Logging:LogLevel:TaskSync"] = "Trace", ["Logging:LogLevel:System.Net.Http"] = "Trace" })
            {
                ConfigureServices = services => services.AddSingleton<ILoggerProvider>(logs),
            };
            app.Listen();
            var secrets = new HashSet<string> { ClientSecret };
            using var rita = await app.SignedInAsync();
            secrets.Add(await ConnectAsync(app, rita));
            await RememberTokensAsync(app, secrets);
            await WorkAsync(app, secrets);

            foreach (var path in new[] { "/", "/settings", "/sync", "/settings?connect=stale", "/admin/sync" })
            {
                using var admin = path == "/admin/sync" ? await app.SignedInAsync("adam") : null;
                written.Enqueue($"page {path} {await (await (admin ?? rita).GetAsync(path, Token)).Content.ReadAsStringAsync(Token)}");
            }

            // Two access tokens, two refresh tokens, the code and the secret.
            Assert.True(secrets.Count >= 6, $"only {secrets.Count} canaries");
            Assert.Contains(written, line => line.StartsWith("trace", StringComparison.Ordinal));
            Assert.NotEmpty(logs.Lines);
            Assert.All(secrets, secret =>
            {
                Assert.DoesNotContain(logs.Lines, line => line.Contains(secret, StringComparison.Ordinal));
                Assert.DoesNotContain(written, line => line.Contains(secret, StringComparison.Ordinal));
            });
            Assert.Equal([], HitsInFiles(await DatabaseAsync(app), secrets));
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Remember;
        }
    }

    /// <returns>The code.</returns>
    private static async Task<string> ConnectAsync(WebApp app, HttpClient rita)
    {
        var authorize = (await WebApp.PostAsync(rita, "/salesforce/connect")).Headers.Location!;
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var fields = QueryHelpers.ParseQuery(authorize.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        (fields["user"], fields["decision"]) = (app.Org.Rita.Id, "allow");
        var callback = (await browser.PostAsync(authorize.GetLeftPart(UriPartial.Path), new FormUrlEncodedContent(fields), Token)).Headers.Location!;
        Assert.Equal("/settings?connect=ok", (await rita.GetAsync(callback.PathAndQuery, Token)).Headers.Location!.ToString());
        return QueryHelpers.ParseQuery(callback.Query)["code"]!;
    }

    /// <summary>A first sync, writes, a refresh, everything that can go wrong with a call, and a sign-in that is refused in the end.</summary>
    private static async Task WorkAsync(WebApp app, HashSet<string> secrets)
    {
        var person = await ReadAsync(app, db => db.People.SingleAsync(p => p.ConnectionId != null, Token));
        await app.Services.GetRequiredService<SyncSwitch>().TurnOnAsync(person.Id, ImportWindow.Last24Hours, Token);
        await Until.TrueAsync(() => ReadAsync(app, db => db.InitialSyncs.AnyAsync(i => i.State == InitialSyncState.Done, Token)), Patience);
        app.Org.ExpireAccessTokens();
        var before = secrets.Count;
        app.Services.GetRequiredService<SyncDoorbell>().Ring(person.ConnectionId!.Value, readChanges: true);
        await Until.TrueAsync(async () =>
        {
            await RememberTokensAsync(app, secrets);
            return secrets.Count >= before + 2;
        }, Patience);
        foreach (var kind in new[] { FaultKind.DropAfterCommit, FaultKind.TruncatedJson, FaultKind.ServiceUnavailableHtml, FaultKind.UnknownException })
        {
            app.Org.Faults.Add(kind);
            await Record.ExceptionAsync(() => app.Services.GetRequiredService<SalesforceApi>().CountTasksAsync(Caller.Unasked(person.ConnectionId!.Value), ApiPurpose.Poll, new("Id != null"), Token));
            await RememberTokensAsync(app, secrets);
        }

        app.Org.RevokeGrants();
        await Until.TrueAsync(async () =>
        {
            app.Services.GetRequiredService<SyncDoorbell>().Ring(person.ConnectionId!.Value, readChanges: true);
            return await ReadAsync(app, db => db.Connections.AnyAsync(c => c.State == ConnectionState.NeedsReconnect, Token));
        }, Patience);
    }

    private static async Task RememberTokensAsync(WebApp app, HashSet<string> secrets)
    {
        var vault = app.Services.GetRequiredService<TokenVault>();
        var connection = await ReadAsync(app, db => db.Connections.AsNoTracking().SingleAsync(Token));
        foreach (var sealedToken in new[] { connection.AccessToken, connection.RefreshToken })
        {
            if (vault.TryOpen(sealedToken, out var token))
            {
                secrets.Add(token);
            }
        }
    }

    private static async Task<string> DatabaseAsync(WebApp app) => await ReadAsync(app, db => Task.FromResult(new SqliteConnectionStringBuilder(db.Database.GetConnectionString()).DataSource));

    /// <summary>The database with its journal, byte by byte.</summary>
    private static List<string> HitsInFiles(string database, HashSet<string> secrets)
    {
        var files = Directory.GetFiles(Path.GetDirectoryName(database)!, Path.GetFileName(database) + "*");
        Assert.NotEmpty(files);
        return [.. files.SelectMany(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return secrets.Where(secret => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0 || bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(secret)) >= 0).Select(_ => file);
        })];
    }

    private static async Task<T> ReadAsync<T>(WebApp app, Func<TaskSyncDb, Task<T>> read)
    {
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(Token);
        return await read(db);
    }
}
