using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Tests.Repository;
using TaskSync.Web.Hosting;

namespace TaskSync.Tests.Web;

/// <summary>The app as a company runs it: nothing is open that only Development opens, and no setting that cannot work is taken.</summary>
public sealed partial class ProductionTests
{
    /// <summary>For each key of docs/operations.md values that cannot work; none where any value can.</summary>
    private static readonly Dictionary<string, string?[]> Wrong = new()
    {
        ["Database:Provider"] = ["Oracle", "7"],
        ["ConnectionStrings:TaskSync"] = ["Server=db.acme.example", "Data Source=/dev/null/folder/tasksync.db"],
        ["Web:PublicUrl"] = [null, "tasks.acme.example", "http://tasks.acme.example", "ftp://tasks.acme.example"],
        ["Web:TrustedOrigins"] = ["https://tasks.acme.example/", "*"],
        ["AzureAd:Instance"] = [null, "http://login.microsoftonline.com/", "login"],
        ["AzureAd:TenantId"] = [null, "common", "acme.example"],
        ["AzureAd:ClientId"] = [], // without it nobody can sign in, and the sign-in page says so
        ["AzureAd:ClientSecret"] = [null, ""],
        ["SignIn:IdleTime"] = ["00:00:01", "soon"],
        ["SignIn:Lifetime"] = ["00:00:01", "soon"],
        ["DataProtection:CertificatePath"] = [null, "/none.pfx"],
        ["DataProtection:CertificatePassword"] = [null, "wrong"],
        ["DataProtection:OlderCertificates:0:Path"] = ["/none.pfx"],
        ["DataProtection:OlderCertificates:0:Password"] = [], // KeyRingTests: a list entry is a path and a password
        ["Salesforce:LoginUrl"] = ["http://login.salesforce.com", "salesforce", ""],
        ["Salesforce:ClientId"] = [null, " "],
        ["Salesforce:ClientSecret"] = [], // empty for a public client; Salesforce knows whether it is right
        ["Salesforce:ApiVersion"] = ["", "v66", "66.5"],
        ["Salesforce:KeyField"] = ["Key", "TaskSync Key__c"],
        ["Salesforce:ReaderKeyFile"] = [], // read when a reader is set up, which says what is wrong with it
        ["Salesforce:AllowedOrganizations"] = ["acme", "003000000000000AAA"],
        ["Salesforce:UseSimulator"] = ["true", "perhaps"],
        ["Sync:PollInterval"] = ["00:00:00", "fifteen"],
        ["Sync:IdlePollInterval"] = ["00:00:00", "x"],
        ["Sync:Overlap"] = ["-00:00:01", "x"],
        ["Sync:SweepInterval"] = ["00:00:00", "x"],
        ["Sync:UnknownOutcomeWait"] = ["00:01:00", "x"],
        ["Sync:HistoryTime"] = ["1.00:00:00", "x"],
        ["Sync:HistoryPerTask"] = ["1", "many"],
        ["Sync:UndoTime"] = ["-00:00:01", "x"],
        ["Sync:ApiShare"] = ["0", "1.5", "all"],
        ["Sync:UseComposite"] = ["perhaps"],
        ["Limits:SignInsPerMinute"] = ["0", "many"],
        ["Limits:ConnectsPerMinute"] = ["-1", "many"],
        ["Limits:ExportsPerMinute"] = ["0", "many"],
        ["Limits:SearchesPerMinute"] = ["100001", "many"],
        ["Limits:PagesPerMinute"] = ["0", "many"],
        ["Limits:OpenPages"] = ["0", "many"],
    };

    public static TheoryData<string, string?> WrongValues => [.. Wrong.SelectMany(row => row.Value.Select(value => new TheoryDataRow<string, string?>(row.Key, value)))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(WrongValues))]
    public async Task SE10_a_setting_that_cannot_work_stops_the_start_and_is_named(string key, string? value)
    {
        await using var app = Production((key, value));

        Assert.Contains(key, StartFailure.Of(Assert.ThrowsAny<Exception>(() => app.CreateClient())), StringComparison.Ordinal);
    }

    [Fact]
    public void SE10_every_setting_of_the_document_has_a_row()
    {
        var keys = SettingsRow().Matches(Repo.Read("docs/operations.md")).SelectMany(row => Key().Matches(row.Groups[1].Value)).Select(key => key.Groups[1].Value)
            .Where(key => !key.StartsWith("Simulator:", StringComparison.Ordinal)).ToHashSet();

        Assert.Empty(keys.Except(Wrong.Keys).Select(key => $"{key}: say in TaskSync.Tests/Web/ProductionTests.cs which values cannot work."));
        Assert.Empty(Wrong.Keys.Except(keys));
    }

    [Fact]
    public async Task SE7_nothing_is_open_that_only_Development_opens()
    {
        await using var development = new WebApp();
        await using var production = Production();
        development.CreateClient();
        using var visitor = production.CreateClient();
        var closed = Routes(development).Except(Routes(production)).ToList();
        Assert.Contains("/sign-in/demo", closed);
        Assert.Contains(closed, route => route.StartsWith("/simulator", StringComparison.Ordinal));

        foreach (var path in closed.Concat(["/swagger", "/openapi/v1.json", "/metrics", "/quartz", "/_vs/browserLink", "/_framework/aspnetcore-browser-refresh.js", "/appsettings.json", "/App_Data/tasksync.db"]))
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete })
            {
                using var request = new HttpRequestMessage(method, Parameter().Replace(path, "x"));
                var answer = await visitor.SendAsync(request, Token);
                Assert.True(IsClosed(answer), $"{method} {path}: {answer.StatusCode} {answer.Headers.Location}");
            }
        }
    }

    [Fact]
    public async Task SE7_a_failure_shows_nothing_of_the_program()
    {
        await using var app = Production();
        var page = await app.CreateClient().GetStringAsync("/error", Token);

        Assert.DoesNotContain("TaskSync.Web", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", page, StringComparison.Ordinal);
    }

    /// <summary>Not there, or for who is signed in.</summary>
    private static bool IsClosed(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized or HttpStatusCode.MethodNotAllowed
        || (answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location!.ToString().Contains("/sign-in?returnUrl=", StringComparison.Ordinal));

    private static IEnumerable<string> Routes(WebApp app) => app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(route => route.Metadata.GetMetadata<StaticAssetDescriptor>() is null).Select(route => "/" + route.RoutePattern.RawText!.TrimStart('/')).Distinct();

    /// <summary>All that has to be set is, and right, but for these.</summary>
    private static WebApp Production(params (string Key, string? Value)[] changes)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Salesforce:ClientId"] = "real",
            ["Web:PublicUrl"] = "https://tasks.acme.example",
            ["DataProtection:CertificatePath"] = KeyRingFiles.Make(),
            ["DataProtection:CertificatePassword"] = KeyRingFiles.Password,
            ["AzureAd:Instance"] = "https://login.microsoftonline.com/",
            ["AzureAd:TenantId"] = Guid.NewGuid().ToString(),
            ["AzureAd:ClientId"] = Guid.NewGuid().ToString(),
            ["AzureAd:ClientSecret"] = "secret",
        };
        foreach (var (key, value) in changes)
        {
            settings[key] = value;
        }

        return new WebApp("Production", settings);
    }

    [GeneratedRegex(@"^\| (`\w+:[^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex SettingsRow();

    [GeneratedRegex(@"`((?:\w+:)+\w+)`")]
    private static partial Regex Key();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
