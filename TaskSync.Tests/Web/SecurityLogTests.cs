using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>What an auditor finds in the log.</summary>
public sealed class SecurityLogTests : IAsyncLifetime
{
    private readonly LogSink _log = new();
    private readonly WebApp _app;

    public SecurityLogTests() => _app = new WebApp(settings: new() { ["Logging:LogLevel:TaskSync"] = "Information" }) { ConfigureServices = services => services.AddLogging(logging => logging.ClearProviders().AddProvider(_log)) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task Section7_a_sign_in_and_what_is_refused_afterwards_are_logged_with_the_person()
    {
        using var rita = await _app.SignedInAsync();
        var id = await PersonAsync();

        Assert.Equal(HttpStatusCode.Redirect, (await rita.GetAsync("/admin/sync?secret=1", Token)).StatusCode);

        Assert.Contains(_log.Lines, line => line.Contains($"Person {id} signed in: sign-in ", StringComparison.Ordinal) && line.Contains("admin: False", StringComparison.Ordinal));
        Assert.Contains(_log.Lines, line => line.StartsWith($"Warning TaskSync.Web.Security.SecurityLog: Person {id} was refused /admin/sync. ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Section7_forms_and_circuits_of_another_page_are_logged()
    {
        using var rita = await _app.SignedInAsync();

        using var form = new HttpRequestMessage(HttpMethod.Post, "/salesforce/connect");
        Assert.Equal(HttpStatusCode.BadRequest, (await rita.SendAsync(form, Token)).StatusCode);
        using var circuit = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1") { Headers = { { "Origin", "http://evil.example" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await rita.SendAsync(circuit, Token)).StatusCode);

        Assert.Contains(_log.Lines, line => line.Contains("A form to /salesforce/connect was refused", StringComparison.Ordinal));
        Assert.Contains(_log.Lines, line => line.Contains("A circuit was refused", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, line => line.Contains("evil.example", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Section7_what_an_admin_does_to_somebody_names_both_and_a_removed_person_is_logged()
    {
        using var rita = await _app.SignedInAsync();
        var id = await PersonAsync();

        await _app.Services.GetRequiredService<AccountActions>().RemoveAsync(Admins.Adam, id, Token);
        await WebApp.PostAsync(_app.NewBrowser(), "/sign-in/demo", new() { ["person"] = "rita" });

        Assert.Contains(_log.Lines, line => line.Contains($"Admin {Admins.Adam.Id} removed person {id}.", StringComparison.Ordinal));
        Assert.Contains(_log.Lines, line => line.Contains($"A sign-in of person {id} was refused", StringComparison.Ordinal));
    }

    private Task<Guid> PersonAsync() => _app.Services.GetRequiredService<PeopleService>().EnsureAsync("demo:rita", "Rita Rep", "rita.rep@acme.example", Token);
}
