using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Simulator;
using TaskSync.Sync.Salesforce;
using TaskSync.Tests.Support;
using TaskSync.Web.Components;

namespace TaskSync.Tests.Web;

/// <summary>The whole application as it starts on a fresh machine, with a database and a simulated org of its own.</summary>
public sealed partial class WebApp : WebApplicationFactory<App>
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tasksync-web-").FullName;

    /// <summary>Where the database is.</summary>
    public string Folder => _folder;

    private readonly Dictionary<string, string?> _settings;
    private readonly string _environment;
    private bool _listening;

    /// <param name="environment">Development, mostly.</param>
    /// <param name="settings">What differs from the defaults.</param>
    public WebApp(string environment = "Development", Dictionary<string, string?>? settings = null)
    {
        _environment = environment;
        _settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:TaskSync"] = $"Data Source={Path.Combine(_folder, "tasksync.db")}",
            ["Simulator:DataDirectory"] = Path.Combine(_folder, "simulator"),
            ["Simulator:TimeZone"] = "Etc/UTC",
            ["Sync:PollInterval"] = "00:00:01",

            // A read a second by every person of the stories is more than a small organization's day allows: the engine would slow down.
            ["Simulator:DailyApiLimit"] = "10000000",
            ["Logging:LogLevel:Default"] = "Error",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Error",
        };
        foreach (var (key, value) in settings ?? [])
        {
            _settings[key] = value;
        }

        ClientOptions.AllowAutoRedirect = false;
    }

    /// <summary>With TLS it listens at https://127.0.0.1 on this port; null is plain http on a free one.</summary>
    public int? SecurePort { get; init; }

    /// <summary>Listens for browsers and for a Salesforce that calls back.</summary>
    public void Listen()
    {
        if (SecurePort is { } port)
        {
            UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(LoopbackCertificate.Value)));
        }
        else
        {
            UseKestrel(0);
        }

        StartServer();
        _listening = true;
    }

    /// <summary>A browser without scripts, with cookies of its own, that shows where it is sent and does not go there.</summary>
    public HttpClient NewBrowser() => _listening
        ? new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = ClientOptions.BaseAddress }
        : CreateClient();

    /// <summary>What a test replaces.</summary>
    public Action<IServiceCollection>? ConfigureServices { get; init; }

    /// <summary>The Salesforce side.</summary>
    public SimulatedOrg Org => Services.GetRequiredService<SimulatedOrg>();

    public string LoginUrl => Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<SalesforceOptions>>().Value.LoginUrl;

    /// <summary>The same, signed in as one of the demo people.</summary>
    public async Task<HttpClient> SignedInAsync(string person = "rita")
    {
        var client = NewBrowser();
        var answer = await PostAsync(client, "/sign-in/demo", new() { ["person"] = person });
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return client;
    }

    /// <summary>Sends a form as a page of ours would, with its antiforgery token.</summary>
    public static async Task<HttpResponseMessage> PostAsync(HttpClient client, string path, Dictionary<string, string>? fields = null) =>
        await client.PostAsync(path, await FormAsync(client, fields));

    /// <summary>The form, to be sent later.</summary>
    public static async Task<FormUrlEncodedContent> FormAsync(HttpClient client, Dictionary<string, string>? fields = null)
    {
        var page = await client.GetStringAsync("/sign-in");
        fields ??= [];
        fields["__RequestVerificationToken"] = WebUtility.HtmlDecode(Token().Match(page).Groups[1].Value);
        return new FormUrlEncodedContent(fields);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(_environment);
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        if (ConfigureServices is not null)
        {
            builder.ConfigureTestServices(ConfigureServices);
        }

        if (_environment != "Development")
        {
            builder.UseStaticWebAssets();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
