using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Web;

namespace TaskSync.Tests.Access;

/// <summary>Every mapped route, asked for by everybody (docs/architecture.md, "Security in brief").</summary>
public sealed class RouteMatrixTests(RouteMatrixTests.Visitors visitors) : IClassFixture<RouteMatrixTests.Visitors>
{
    public enum Who
    {
        Anybody,
        SignedIn,
        Admins,
    }

    /// <summary>A route that does not say its method.</summary>
    private const string AnyMethod = "ANY";

    /// <summary>Who may ask for a route. A new route gets its row here.</summary>
    private static readonly Dictionary<string, Who> Rows = new()
    {
        ["GET /"] = Who.SignedIn,
        ["POST /"] = Who.SignedIn,
        ["GET /settings"] = Who.SignedIn,
        ["POST /settings"] = Who.SignedIn,
        ["GET /sync"] = Who.SignedIn,
        ["POST /sync"] = Who.SignedIn,
        ["GET /admin/sync"] = Who.Admins,
        ["POST /admin/sync"] = Who.Admins,
        ["GET /admin/sync/runs.csv"] = Who.Admins,
        ["GET /admin/sync/people/{personId:guid}/export.zip"] = Who.Admins,
        ["GET /admin/organizations"] = Who.Admins,
        ["POST /admin/organizations"] = Who.Admins,
        ["GET /admin/organizations/tasksync-salesforce.zip"] = Who.Admins,
        ["GET /salesforce/callback"] = Who.SignedIn,
        ["POST /salesforce/connect"] = Who.SignedIn,
        ["POST /salesforce/connect-reader"] = Who.Admins,
        ["ANY /_blazor"] = Who.SignedIn,
        ["ANY /_blazor/negotiate"] = Who.SignedIn,
        ["ANY /_blazor/disconnect/"] = Who.SignedIn,
        ["ANY /_blazor/initializers/"] = Who.SignedIn,
        ["GET /_framework/opaque-redirect"] = Who.SignedIn,
        ["GET /{**path:file}"] = Who.SignedIn,
        ["HEAD /{**path:file}"] = Who.SignedIn,
        ["GET /sign-in"] = Who.Anybody,
        ["POST /sign-in"] = Who.Anybody,
        ["POST /sign-in/demo"] = Who.Anybody,
        ["POST /sign-out"] = Who.Anybody,
        ["GET /access-denied"] = Who.Anybody,
        ["POST /access-denied"] = Who.Anybody,
        ["GET /error"] = Who.Anybody,
        ["POST /error"] = Who.Anybody,
        ["GET /not-found"] = Who.Anybody,
        ["POST /not-found"] = Who.Anybody,
        ["ANY /health/live"] = Who.Anybody,
        ["ANY /health/ready"] = Who.Anybody,
    };

    public static TheoryData<string, By> Cases
    {
        get
        {
            var cases = new TheoryData<string, By>();
            foreach (var route in Rows.Keys)
            {
                foreach (var by in Enum.GetValues<By>())
                {
                    cases.Add(route, by);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task SE9_a_route_lets_in_whom_it_is_for(string route, By by)
    {
        var (method, path) = route.Split(' ') is [var first, var second] ? (first, second) : default;
        using var request = new HttpRequestMessage(method == AnyMethod ? HttpMethod.Get : new HttpMethod(method), Address(path));
        request.Headers.Add("Origin", "http://localhost");

        var answer = await visitors[by].SendAsync(request, TestContext.Current.CancellationToken);

        var to = answer.Headers.Location?.ToString() ?? "";
        var expected = (Rows[route], by) switch
        {
            (Who.Anybody, _) => "let in",
            (_, By.Anonymous or By.EndedSession) => "sign in",
            (Who.Admins, not By.Admin) => "denied",
            _ => "let in",
        };
        Assert.Equal(expected, answer.StatusCode == HttpStatusCode.Unauthorized || to.Contains("/sign-in?returnUrl=", StringComparison.Ordinal) ? "sign in" : to.Contains("/access-denied", StringComparison.Ordinal) ? "denied" : "let in");
    }

    private static string Address(string path) =>
        path.Replace("{**path:file}", "some.file", StringComparison.Ordinal).Replace("{personId:guid}", Guid.Empty.ToString(), StringComparison.Ordinal);

    [Fact]
    public void SE9_every_route_has_a_row()
    {
        var routes = visitors.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        var (files, others) = (routes.Where(IsFile).ToList(), routes.Where(route => !IsFile(route)).ToList());
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.NotNull(file.Metadata.GetMetadata<IAllowAnonymous>()));

        var mapped = others.SelectMany(route => (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [AnyMethod]).Select(method => $"{method} /{route.RoutePattern.RawText?.TrimStart('/')}")).ToHashSet();
        Assert.Empty(mapped.Except(Rows.Keys).Order().Select(route => $"{route}: say in TaskSync.Tests/Access/RouteMatrixTests.cs whom it is for."));
        Assert.Empty(Rows.Keys.Except(mapped).Select(route => $"{route} is not mapped any more: remove its row."));
    }

    /// <summary>Files of ours, and the simulated organization, which is there in Development alone.</summary>
    private static bool IsFile(RouteEndpoint route) => route.Metadata.GetMetadata<StaticAssetDescriptor>() is not null || route.RoutePattern.RawText!.TrimStart('/').StartsWith("simulator", StringComparison.Ordinal);

    /// <summary>One app, and a browser of each.</summary>
    public sealed class Visitors : IAsyncLifetime
    {
        private readonly Dictionary<By, HttpClient> _browsers = [];

        public WebApp App { get; } = new();

        public HttpClient this[By by] => _browsers[by];

        public async ValueTask InitializeAsync()
        {
            _browsers[By.Anonymous] = App.NewBrowser();
            _browsers[By.EndedSession] = await App.SignedInAsync();
            var rita = await App.Services.GetRequiredService<PeopleService>().EnsureAsync("demo:rita", "Rita Rep", "rita.rep@acme.example", CancellationToken.None);
            await App.Services.GetRequiredService<SignIns>().EndAllAsync(rita, null, SignInEnd.EndedByAdmin, CancellationToken.None);
            _browsers[By.Rep] = await App.SignedInAsync();
            _browsers[By.OtherRep] = await App.SignedInAsync("sam");
            _browsers[By.Admin] = await App.SignedInAsync("adam");
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var browser in _browsers.Values)
            {
                browser.Dispose();
            }

            await App.DisposeAsync();
        }
    }
}
