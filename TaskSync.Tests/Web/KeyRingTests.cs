using System.Net;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Data;
using TaskSync.Sync.Salesforce;
using TaskSync.Tests.Salesforce;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Web;

/// <summary>The certificate of the key ring is changed (SE8): what was encrypted before is read on, or the start stops.</summary>
public sealed class KeyRingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tasksync-ring-").FullName;
    private readonly (string A, string B) _files = (KeyRingFiles.Make(), KeyRingFiles.Make());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task SE8_with_the_older_certificate_named_cookies_and_grants_made_before_are_read()
    {
        var (cookie, grant) = await FillAsync(App(_files.A));

        await using var app = App(_files.B, _files.A);
        using var browser = app.CreateClient();
        browser.DefaultRequestHeaders.Add("Cookie", cookie);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/settings", Token)).StatusCode);
        Assert.True(app.Services.GetRequiredService<TokenVault>().TryOpen(grant, out var token));
        Assert.Equal("00D-a-grant", token);
    }

    [Fact]
    public async Task SE8_new_keys_are_wrapped_by_the_newer_certificate_alone()
    {
        await using (var app = App(_files.B, _files.A))
        {
            app.Services.GetRequiredService<IKeyManager>().CreateNewKey(WallClock.Now, WallClock.Now.AddDays(90));
        }

        await using var later = App(_files.B);
        Assert.NotEmpty(later.Services.GetRequiredService<IKeyManager>().GetAllKeys());
    }

    [Fact]
    public async Task SE8_without_the_older_certificate_the_start_stops_and_names_the_key()
    {
        await FillAsync(App(_files.A));

        await using var app = App(_files.B);
        var words = Assert.ThrowsAny<SetupException>(() => app.CreateClient()).Message;

        Assert.Contains("DataProtection:CertificatePath", words, StringComparison.Ordinal);
        Assert.Contains("Name that one in DataProtection:OlderCertificates", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Path", null, "DataProtection:OlderCertificates:0:Path is not set")]
    [InlineData("Path", "/none.pfx", "DataProtection:OlderCertificates:0:Path (/none.pfx)")]
    [InlineData("Password", "wrong", "could not be read with DataProtection:OlderCertificates:0:Password")]
    public async Task SE8_an_older_certificate_that_cannot_be_used_is_named(string name, string? value, string words)
    {
        await using var app = App(_files.B, _files.A, ($"DataProtection:OlderCertificates:0:{name}", value));

        Assert.Contains(words, Assert.ThrowsAny<SetupException>(() => app.CreateClient()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SE8_older_certificates_alone_wrap_nothing_and_stop_the_start()
    {
        await using var app = App(null, _files.A);

        Assert.Contains("DataProtection:CertificatePath is not", Assert.ThrowsAny<SetupException>(() => app.CreateClient()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SE8_an_expired_certificate_works_and_is_told_in_the_log()
    {
        using var log = new LogSink();
        await using var app = App(_files.B, KeyRingFiles.Make(expired: true), log: log);
        app.CreateClient();

        Assert.Single(log.Lines, line => line.Contains("The certificate of DataProtection:OlderCertificates:0:Path expires on", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains("The certificate of DataProtection:CertificatePath expires", StringComparison.Ordinal));
    }

    /// <summary>Somebody signs in, and a grant is stored.</summary>
    private static async Task<(string Cookie, string Grant)> FillAsync(WebApp app)
    {
        await using (app)
        {
            var signedIn = await WebApp.PostAsync(app.CreateClient(), "/sign-in/demo", new() { ["person"] = "rita" });
            return (string.Join("; ", signedIn.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0])), app.Services.GetRequiredService<TokenVault>().Seal("00D-a-grant"));
        }
    }

    /// <summary>The same database each time. In Development, so that demo people can sign in: the certificate counts there, too.</summary>
    private WebApp App(string? newest, string? older = null, (string Key, string? Value)? change = null, LogSink? log = null)
    {
        Dictionary<string, string?> settings = new()
        {
            ["ConnectionStrings:TaskSync"] = $"Data Source={Path.Combine(_folder, "tasksync.db")}",
            ["DataProtection:CertificatePath"] = newest,
            ["DataProtection:CertificatePassword"] = KeyRingFiles.Password,
            ["Logging:LogLevel:Default"] = log is null ? "Error" : "Warning",
        };
        if (older is not null)
        {
            (settings["DataProtection:OlderCertificates:0:Path"], settings["DataProtection:OlderCertificates:0:Password"]) = (older, KeyRingFiles.Password);
        }

        if (change is { } changed)
        {
            settings[changed.Key] = changed.Value;
        }

        return new WebApp(settings: settings)
        {
            ConfigureServices = services =>
            {
                if (log is not null)
                {
                    services.AddSingleton<ILoggerProvider>(log);
                }
            },
        };
    }
}
