using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Simulator.Setup;
using TaskSync.Tests.Support;
using TaskSync.Tests.Web;
using static Microsoft.Playwright.Assertions;

namespace TaskSync.Tests.Crash;

/// <summary>
/// A rep works on through everything that can be away: Salesforce, the database, the server, the sign-in. The app is a process, the org lives in the test and
/// sees everything that happened. Each state is said within ten seconds, nothing typed or saved is lost, and nobody lends a hand to bring both sides in step.
/// </summary>
public sealed class EveningOfTroubleTests : IAsyncLifetime
{
    private const string Rep = "Rita Rep";

    /// <summary>Within this a state is said (milliseconds).</summary>
    private const int Said = 10_000;

    /// <summary>How long a process may take to start and both sides to be in step (milliseconds): how fast that is, is not the question here.</summary>
    private const int Patience = 120_000;

    private readonly SmallDisk _disk = new();
    private readonly List<string> _written = [];
    private SimulatorHost _salesforce = null!;
    private ChromiumBrowser _chromium = null!;
    private AppProcess _app = null!;
    private Visitor _rita = null!;

    private ILocator QuickAdd => _rita.Page.GetByLabel("Quick add", new() { Exact = true });

    private ILocator Pill => _rita.Page.Locator(".pill-text");

    private string Database => Path.Combine(_disk.Folder, "tasksync.db");

    private SimulatedOrg Org => _salesforce.Org;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Section6_a_short_evening_of_trouble_is_said_and_nothing_is_lost() => PlayAsync(away: TimeSpan.FromSeconds(12), locked: TimeSpan.FromSeconds(12), full: TimeSpan.FromSeconds(3));

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public Task Section6_an_evening_of_trouble_is_said_and_nothing_is_lost() => PlayAsync(away: TimeSpan.FromMinutes(10), locked: TimeSpan.FromSeconds(45), full: TimeSpan.FromSeconds(30));

    public async ValueTask InitializeAsync()
    {
        _chromium = await ChromiumBrowser.StartAsync();
        _salesforce = await SimulatorHost.StartAsync(new SimulatorOptions { TimeZone = "UTC", DailyApiLimit = 10_000_000 }, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _chromium.DisposeAsync();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        await _salesforce.DisposeAsync();
        _disk.Dispose();
    }

    private async Task PlayAsync(TimeSpan away, TimeSpan locked, TimeSpan full)
    {
        Assert.SkipUnless(ChromiumBrowser.IsThere, "No Chromium was found (CHROMIUM_PATH, /usr/bin/chromium).");
        await StartAsync("http://127.0.0.1:0");
        await using var rita = _rita = await _chromium.VisitAsync(_app.Address);
        await using var adam = await _chromium.VisitAsync(_app.Address);
        await rita.SignInAsync(Rep);
        await rita.StartSyncAsync();
        await rita.GoAsync("/");
        await adam.SignInAsync("Adam Admin");
        await WriteAsync("Before the trouble");

        try
        {
            await SalesforceIsAwayAsync(away);
            await DatabaseIsLockedAsync(locked);
            await DiskIsFullAsync(full);
            await ServerIsKilledAsync("Typed when the server died");
            await ServerIsKilledAsync("Typed when it died once more");
            await AdminEndsTheSignInAsync(adam);
            await InStepAsync();
        }
        catch
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"The browser:\n{string.Join('\n', rita.Errors)}\nThe app:\n{_app.Output}");
            throw;
        }
    }

    private async Task SalesforceIsAwayAsync(TimeSpan duration)
    {
        var outage = Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, Times = 0 });
        await using (new Lasting(duration))
        {
            await WriteAsync("Written while Salesforce was away");
            Org.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = "Made there meanwhile", ["ActivityDate"] = DateOnly.FromDateTime(WallClock.Now.UtcDateTime) });
            _written.Add("Made there meanwhile");
            await Expect(Pill).ToContainTextAsync("Salesforce is away", new() { Timeout = Said });
        }

        Org.Faults.Remove(outage.Id);
        await InStepAsync();
    }

    private async Task DatabaseIsLockedAsync(TimeSpan duration)
    {
        var other = await _rita.NewTabAsync();
        await QuickAdd.FillAsync("Written to a locked database");
        await using (var holder = await OpenAsync())
        {
            await using var transaction = holder.BeginTransaction();
            await using (new Lasting(duration))
            {
                await _rita.Page.Keyboard.PressAsync("Enter");
                await other.GotoAsync("/sync");
                await Expect(other.GetByRole(AriaRole.Heading, new() { Name = "TaskSync is not available just now" })).ToBeVisibleAsync(new() { Timeout = Said });
                await Expect(_rita.Page.GetByText("Could not be saved just now: the database is busy.")).ToBeVisibleAsync(new() { Timeout = Said });
                await Expect(QuickAdd).ToHaveValueAsync("Written to a locked database");
            }
        }

        await Expect(other.GetByRole(AriaRole.Heading, new() { Name = "My sync" })).ToBeVisibleAsync();
        await other.CloseAsync();
        await SendAsync("Written to a locked database");
    }

    private async Task DiskIsFullAsync(TimeSpan duration)
    {
        if (!_disk.CanBeFilled)
        {
            TestContext.Current.AddWarning("The disk was not filled: only root on Linux can make a small one.");
            return;
        }

        await InStepAsync();
        await using (var holder = await OpenAsync())
        {
            // What the log has room for could be stored yet.
            await using var command = holder.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            await command.ExecuteNonQueryAsync(Token);
        }

        _disk.Fill();
        await using (new Lasting(duration))
        {
            await QuickAdd.FillAsync("Written on a full disk");
            await _rita.Page.Keyboard.PressAsync("Enter");
            await Expect(_rita.Page.GetByText("Could not be saved just now: the disk of the database is full.")).ToBeVisibleAsync(new() { Timeout = Said });
            await Expect(QuickAdd).ToHaveValueAsync("Written on a full disk");
        }

        _disk.MakeRoom();
        await SendAsync("Written on a full disk");
    }

    /// <summary>It starts again at the same address, as a service manager sees to.</summary>
    private async Task ServerIsKilledAsync(string typed)
    {
        await QuickAdd.FillAsync(typed);
        var address = _app.Address;
        _app.Kill();
        await Expect(_rita.Page.GetByText("The connection was lost.")).ToBeVisibleAsync(new() { Timeout = Said });
        await _app.DisposeAsync();
        await StartAsync(address.ToString());

        await Expect(_rita.Page.GetByText("Your draft is back")).ToBeVisibleAsync(new() { Timeout = Patience });
        await Expect(QuickAdd).ToHaveValueAsync(typed);
        await SendAsync(typed);
    }

    private async Task AdminEndsTheSignInAsync(Visitor adam)
    {
        await adam.GoAsync("/admin/sync?tab=people");
        await QuickAdd.FillAsync("Typed when an admin ended it");
        await adam.Button("Sign out everywhere: " + Rep).ClickAsync();

        var notice = _rita.Page.GetByRole(AriaRole.Alertdialog);
        await Expect(notice).ToContainTextAsync("An admin signed you out.", new() { Timeout = Said });
        await notice.GetByRole(AriaRole.Link).ClickAsync();
        await _rita.Button("Continue as " + Rep).ClickAsync();
        await Expect(_rita.Page.GetByText("Your draft is back")).ToBeVisibleAsync();
        await Expect(QuickAdd).ToHaveValueAsync("Typed when an admin ended it");
        await SendAsync("Typed when an admin ended it");
    }

    private async Task WriteAsync(string subject)
    {
        await QuickAdd.FillAsync(subject);
        await SendAsync(subject);
    }

    /// <summary>What stands in the line is saved.</summary>
    private async Task SendAsync(string subject)
    {
        await QuickAdd.PressAsync("Enter");
        await Expect(_rita.Row(subject)).ToBeVisibleAsync();
        _written.Add(subject);
    }

    /// <summary>Both sides show all that was written, once each, and the page says so.</summary>
    private async Task InStepAsync()
    {
        await Until.TrueAsync(() => _written.Order(StringComparer.Ordinal).SequenceEqual(Org.Tasks().Select(t => t.Subject).Order(StringComparer.Ordinal)), TimeSpan.FromMilliseconds(Patience));
        await Expect(Pill).ToHaveTextAsync("In step", new() { Timeout = Patience });
        foreach (var subject in _written)
        {
            await Expect(_rita.Row(subject)).ToHaveCountAsync(1);
        }
    }

    private async Task StartAsync(string address) => _app = await AppProcess.StartAsync(new Dictionary<string, string>
    {
        ["ASPNETCORE_URLS"] = address,
        ["ConnectionStrings__TaskSync"] = $"Data Source={Database}",
        ["Salesforce__LoginUrl"] = _salesforce.BaseAddress.ToString().TrimEnd('/'),
        ["Salesforce__ClientId"] = "TaskSync.Demo",
        ["Sync__PollInterval"] = "00:00:01",
        ["Sync__IdlePollInterval"] = "00:00:01",
        ["Logging__LogLevel__Microsoft.AspNetCore"] = "Information",
    });

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection($"Data Source={Database};Pooling=false;Default Timeout=60");
        await connection.OpenAsync(Token);
        return connection;
    }

    /// <summary>Something that lasts so long at least, whatever happens meanwhile.</summary>
    private sealed class Lasting(TimeSpan duration) : IAsyncDisposable
    {
        private readonly Task _over = Task.Delay(duration, WallClock.Time, Token);

        public async ValueTask DisposeAsync() => await _over;
    }
}
