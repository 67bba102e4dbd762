using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace TaskSync.Tests.Web;

/// <summary>A Chromium, if this machine has one. Without it the stories are skipped.</summary>
public sealed class ChromiumBrowser : IAsyncDisposable
{
    private static readonly string? Path = new[] { Environment.GetEnvironmentVariable("CHROMIUM_PATH"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
        .FirstOrDefault(path => path is not null && File.Exists(path));

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private ChromiumBrowser()
    {
    }

    public static bool IsThere => Path is not null;

    public static async Task<ChromiumBrowser> StartAsync()
    {
        var chromium = new ChromiumBrowser();
        if (Path is null)
        {
            return chromium;
        }

        // Five seconds, the default, are not enough for a page on a machine that runs all other tests at the same time.
        Assertions.SetDefaultExpectTimeout(30_000);
        chromium._playwright = await Playwright.CreateAsync();
        chromium._browser = await chromium._playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
        });
        return chromium;
    }

    /// <summary>A fresh browser profile: signed out, no history.</summary>
    public async Task<Visitor> VisitAsync(Uri address, int width = 1280, int height = 860, bool dark = false, bool ignoreHttpsErrors = false)
    {
        Assert.SkipWhen(_browser is null, "No Chromium was found (CHROMIUM_PATH, /usr/bin/chromium), so the stories in a browser cannot be played.");
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ReducedMotion = ReducedMotion.Reduce,
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            IgnoreHTTPSErrors = ignoreHttpsErrors,
        });
        context.SetDefaultTimeout(60_000);
        return new Visitor(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

/// <summary>The application on a real port and one Chromium for all stories.</summary>
public sealed class BrowserApp : IAsyncLifetime
{
    private ChromiumBrowser? _chromium;

    public BrowserApp()
        : this(new WebApp())
    {
    }

    internal BrowserApp(WebApp app) => App = app;

    public WebApp App { get; }

    public Uri Address => App.ClientOptions.BaseAddress;

    public async ValueTask InitializeAsync()
    {
        if (ChromiumBrowser.IsThere)
        {
            App.Listen();
        }

        _chromium = await ChromiumBrowser.StartAsync();
    }

    /// <summary>A fresh browser profile: signed out, no history. With TLS the certificate is of this machine.</summary>
    public Task<Visitor> VisitAsync(int width = 1280, int height = 860, bool dark = false) => _chromium!.VisitAsync(Address, width, height, dark, App.SecurePort is not null);

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.DisposeAsync();
        }

        await App.DisposeAsync();
    }
}

/// <summary>Somebody at a browser, and what the browser did meanwhile.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    public Visitor(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        context.Request += (_, request) => Requests.Add(request.Url);
        context.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                Errors.Add(message.Text);
            }
        };
    }

    public IPage Page { get; }

    public ConcurrentBag<string> Requests { get; } = [];

    public ConcurrentBag<string> Errors { get; } = [];

    public ILocator Row(string subject) => Page.Locator($"li[data-subject=\"{subject}\"]");

    public ILocator Group(string name) => Page.GetByRole(AriaRole.Region, new() { Name = name, Exact = true });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Goes to a page and waits until it answers.</summary>
    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path);
        await LiveAsync();
    }

    public Task LiveAsync() => Page.Locator("[data-interactive=true]").WaitForAsync(new() { State = WaitForSelectorState.Attached });

    public async Task SignInAsync(string name)
    {
        await Page.GotoAsync("/");
        await Button("Continue as " + name).ClickAsync();
        await LiveAsync();
    }

    /// <summary>Connects on Settings, ticks the box, saves, and waits for the first sync.</summary>
    public async Task StartSyncAsync()
    {
        await GoAsync("/settings");
        await Button("Connect Salesforce").ClickAsync();
        await Button("Allow").ClickAsync();
        await LiveAsync();
        await Page.GetByLabel("Sync my tasks with Salesforce").CheckAsync();
        await Button("Save").ClickAsync();
        await Page.GetByText("Your Salesforce tasks are in").WaitForAsync();
    }

    public Task<IPage> NewTabAsync() => _context.NewPageAsync();

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
