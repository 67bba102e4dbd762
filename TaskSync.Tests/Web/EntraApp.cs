using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Data;
using TaskSync.Tests.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>The application with sign-in by a tenant of Microsoft Entra ID that is on this machine.</summary>
public sealed class EntraApp : IAsyncLifetime
{
    private readonly LogSink _log = new();

    internal EntraTenant Tenant { get; private set; } = null!;

    public WebApp App { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Tenant = await EntraTenant.StartAsync();
        var settings = Tenant.Settings;
        (settings["Logging:LogLevel:Default"], settings["Logging:LogLevel:Microsoft.AspNetCore"], settings["Logging:LogLevel:Microsoft.AspNetCore.Authentication"]) = ("Information", "Information", "Debug");
        App = new WebApp(settings: settings)
        {
            ConfigureServices = services =>
            {
                EntraTenant.Trust(services);
                services.AddLogging(logging => logging.ClearProviders().AddProvider(_log));
            },
        };
        App.ClientOptions.BaseAddress = new Uri("https://localhost");
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Tenant.DisposeAsync();
        _log.Dispose();
    }

    /// <summary>Presses "Continue with Microsoft".</summary>
    /// <returns>Where the browser is sent.</returns>
    public static async Task<Uri> BeginAsync(HttpClient browser, string returnUrl = "/settings") =>
        (await browser.GetAsync("/sign-in/microsoft?returnUrl=" + Uri.EscapeDataString(returnUrl), Token)).Headers.Location!;

    /// <summary>Comes back from Microsoft.</summary>
    public static Task<HttpResponseMessage> ReturnAsync(HttpClient browser, Dictionary<string, string> form) => browser.PostAsync("/signin-oidc", new FormUrlEncodedContent(form), Token);

    /// <summary>The whole way, there and back.</summary>
    /// <returns>What the app answers in the end.</returns>
    internal async Task<HttpResponseMessage> SignInAsync(HttpClient browser, EntraAccount? account, string returnUrl = "/settings") =>
        await ReturnAsync(browser, await Tenant.AnswerAsync(await BeginAsync(browser, returnUrl), account));

    /// <summary>The answer is a page in our words, nobody is signed in by it, and no code, token or secret stands in page, address or log.</summary>
    public async Task AssertRefusedAsync(HttpClient browser, HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/sign-in?failed=1", answer.Headers.Location!.ToString());
        var page = await browser.GetAsync(answer.Headers.Location, Token);
        var text = await page.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("The sign-in did not work.", text, StringComparison.Ordinal);
        Assert.DoesNotMatch("IDX[0-9]", text); // a code of the library, not letters of something sealed
        Assert.DoesNotContain("AADSTS", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/settings", Token)).StatusCode);
        Assert.All(Tenant.Secrets, secret =>
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain(_log.Lines, line => line.Contains(secret, StringComparison.Ordinal));
        });
        Assert.NotEmpty(_log.Lines);
    }

    public async Task<T> ReadAsync<T>(Func<TaskSyncDb, Task<T>> read)
    {
        await using var db = await App.Services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(Token);
        return await read(db);
    }
}
