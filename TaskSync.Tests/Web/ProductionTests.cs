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
    public static TheoryData<string, string?> WrongValues => ProductionSettings.WrongValues;

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

        Assert.Empty(keys.Except(ProductionSettings.Wrong.Keys).Select(key => $"{key}: say in TaskSync.Tests/Web/ProductionSettings.cs which values cannot work."));
        Assert.Empty(ProductionSettings.Wrong.Keys.Except(keys));
    }

    [Fact]
    public async Task SE7_nothing_is_open_that_only_Development_opens()
    {
        await using var production = Production();
        using var visitor = production.CreateClient();
        var closed = await OnlyInDevelopmentAsync(production);
        Assert.Contains("/sign-in/demo", closed);
        Assert.Contains(closed, route => route.StartsWith("/simulator", StringComparison.Ordinal));

        await AssertClosedAsync(visitor, closed);
    }

    [Fact]
    public async Task SE10_browsers_are_told_to_use_TLS_for_a_year()
    {
        await using var app = Production();
        using var visitor = app.CreateClient();

        Assert.Equal(["max-age=31536000; includeSubDomains"], (await visitor.GetAsync("/sign-in", Token)).Headers.GetValues("Strict-Transport-Security"));
    }

    [Fact]
    public async Task SE7_a_failure_shows_nothing_of_the_program()
    {
        await using var app = Production();
        var page = await app.CreateClient().GetStringAsync("/error", Token);

        Assert.DoesNotContain("TaskSync.Web", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", page, StringComparison.Ordinal);
    }

    /// <summary>Addresses that Development has and this app has not.</summary>
    internal static async Task<IReadOnlyList<string>> OnlyInDevelopmentAsync(WebApp production)
    {
        await using var development = new WebApp();
        return [.. Routes(development).Except(Routes(production))];
    }

    /// <summary>None of these addresses, nor those that a framework may open in Development, does anything for whoever is not signed in.</summary>
    internal static async Task AssertClosedAsync(HttpClient visitor, IEnumerable<string> routes)
    {
        foreach (var path in routes.Concat(["/swagger", "/openapi/v1.json", "/metrics", "/quartz", "/_vs/browserLink", "/_framework/aspnetcore-browser-refresh.js", "/appsettings.json", "/App_Data/tasksync.db"]))
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete })
            {
                using var request = new HttpRequestMessage(method, Parameter().Replace(path, "x"));
                var answer = await visitor.SendAsync(request, Token);
                Assert.True(IsClosed(answer), $"{method} {path}: {answer.StatusCode} {answer.Headers.Location}");
            }
        }
    }

    /// <summary>Not there, or for who is signed in.</summary>
    private static bool IsClosed(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized or HttpStatusCode.MethodNotAllowed
        || (answer.StatusCode == HttpStatusCode.Redirect && answer.Headers.Location!.ToString().Contains("/sign-in?returnUrl=", StringComparison.Ordinal));

    private static IEnumerable<string> Routes(WebApp app) => app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(route => route.Metadata.GetMetadata<StaticAssetDescriptor>() is null).Select(route => "/" + route.RoutePattern.RawText!.TrimStart('/')).Distinct();

    private static WebApp Production(params (string Key, string? Value)[] changes) => new("Production", ProductionSettings.Right(changes));

    [GeneratedRegex(@"^\| (`\w+:[^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex SettingsRow();

    [GeneratedRegex(@"`((?:\w+:)+\w+)`")]
    private static partial Regex Key();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
