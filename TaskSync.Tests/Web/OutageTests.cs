using System.Net;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quartz;
using TaskSync.Sync.Data;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>The host while its database, its scheduler or its engine is in trouble, from outside, over HTTP.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private readonly WebApp _app;

    public OutageTests() => _app = new WebApp { ConfigureServices = services => services.AddSingleton<TimeProvider>(_clock) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string DatabaseFile => Path.Combine(_app.Folder, "tasksync.db");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>What can happen to a database file under a server that runs, and how it is told.</summary>
    public static TheoryData<string, string> Troubles => new()
    {
        { "overwritten", "The database is damaged." },
        { "locked", "The database is busy." },
        { "another version's", "The tables of the database are not those of this version of TaskSync." },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task SE3_files_and_health_live_answer_and_ready_says_why_not(string trouble, string words)
    {
        using var browser = await _app.SignedInAsync();
        using var _ = Begin(trouble);
        await ReadyIsAsync(browser, HttpStatusCode.ServiceUnavailable);

        foreach (var path in new[] { "/app.css", "/boot.js", "/favicon.svg", "/health/live" })
        {
            Assert.Equal((path, HttpStatusCode.OK), (path, (await browser.GetAsync(path, Token)).StatusCode));
        }

        var ready = await browser.GetAsync("/health/ready", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal($"Unhealthy\ndatabase: {words}", await ready.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task SE3_every_address_answers_503_in_our_words(string trouble, string words)
    {
        using var browser = await _app.SignedInAsync();
        using var _ = Begin(trouble);
        await ReadyIsAsync(browser, HttpStatusCode.ServiceUnavailable);

        foreach (var path in new[] { "/", "/settings", "/sync?tab=problems", "/admin/sync", "/admin/sync/runs.csv", "/sign-in", "/salesforce/callback?code=1", "/nothing/here" })
        {
            await AssertSaidAsync(await browser.GetAsync(path, Token), words, path);
        }

        await AssertSaidAsync(await browser.PostAsync("/sign-out", new FormUrlEncodedContent([]), Token), words, "/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await browser.PutAsync("/settings", null, Token)).StatusCode);
    }

    [Fact]
    public async Task SE3_a_database_that_fails_in_the_middle_is_told_as_well()
    {
        var database = new BusyDatabase { Code = 13 };
        await using var app = new WebApp { ConfigureServices = services => services.ConfigureDbContext<SqliteTaskSyncDb>(options => options.AddInterceptors(database)) };
        using var browser = app.NewBrowser();
        var form = await WebApp.FormAsync(browser, new() { ["person"] = "rita" });
        database.Away = true;

        var answer = await browser.PostAsync("/sign-in/demo", form, Token);
        database.Away = false;

        await AssertSaidAsync(answer, "The disk of the database is full.", "/");
    }

    [Fact]
    public async Task SE3_ready_comes_back_with_the_database()
    {
        using var browser = _app.CreateClient();
        using (Begin("locked"))
        {
            await ReadyIsAsync(browser, HttpStatusCode.ServiceUnavailable);
        }

        await ReadyIsAsync(browser, HttpStatusCode.OK);
    }

    [Fact]
    public async Task SE3_ready_names_a_scheduler_that_stands_and_an_engine_that_rests()
    {
        using var browser = _app.CreateClient();
        await ReadyIsAsync(browser, HttpStatusCode.OK);
        await (await _app.Services.GetRequiredService<ISchedulerFactory>().GetScheduler(Token)).Standby(Token);

        // What the scheduler had begun may still end.
        await Until.TrueAsync(async () =>
        {
            _clock.Ahead += TimeSpan.FromMinutes(4);
            return (await (await browser.GetAsync("/health/ready", Token)).Content.ReadAsStringAsync(Token)).Split('\n')
                is ["Unhealthy", "scheduler: The scheduler is not running.", ['e', 'n', 'g', 'i', 'n', 'e', ':', ..]];
        });
    }

    /// <summary>An answer is good for two seconds: what was true before is still told so long.</summary>
    private static Task ReadyIsAsync(HttpClient browser, HttpStatusCode status) => Until.TrueAsync(async () => (await browser.GetAsync("/health/ready", Token)).StatusCode == status);

    private static async Task AssertSaidAsync(HttpResponseMessage answer, string words, string tryAgain)
    {
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal((tryAgain, HttpStatusCode.ServiceUnavailable), (tryAgain, answer.StatusCode));
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter!.Delta);
        Assert.Contains("DENY", answer.Headers.GetValues("X-Frame-Options"));
        Assert.Contains("no-store", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Contains($"<p>{words} What you saved is safe.", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"{tryAgain}\" data-comes-back", page, StringComparison.Ordinal);
    }

    /// <summary>Begins the trouble; a lock ends with the result.</summary>
    private SqliteConnection Begin(string trouble)
    {
        var connection = new SqliteConnection($"Data Source={DatabaseFile};Pooling=false;Default Timeout=60");
        connection.Open();
        using var command = connection.CreateCommand();
        switch (trouble)
        {
            case "overwritten":
                connection.Dispose();
                Overwrite(DatabaseFile);
                Overwrite(DatabaseFile + "-wal");
                break;
            case "locked":
                command.CommandText = "BEGIN EXCLUSIVE";
                command.ExecuteNonQuery();
                break;
            default:
                command.CommandText = "UPDATE __EFMigrationsHistory SET MigrationId = '29991231235959_Later' WHERE MigrationId = (SELECT MAX(MigrationId) FROM __EFMigrationsHistory)";
                command.ExecuteNonQuery();
                break;
        }

        return connection;
    }

    /// <summary>In place: a file that is cut under the program that has mapped it would end the program.</summary>
    private static void Overwrite(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Write([.. Enumerable.Repeat((byte)'x', (int)file.Length)]);
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => WallClock.Now + Ahead;
    }
}
