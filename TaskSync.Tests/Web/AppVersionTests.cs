using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Model;
using TaskSync.Tests.Salesforce;
using TaskSync.Tests.Tasks;
using TaskSync.Web.Components.Admin;
using TaskSync.Web.Hosting;
using TaskSync.Web.Security;

namespace TaskSync.Tests.Web;

/// <summary>Who runs TaskSync is told which one it is, and nobody else.</summary>
public sealed class AppVersionTests : PageTest
{
    [Theory]
    [InlineData("1.2.3", "TaskSync 1.2.3")]
    [InlineData("1.2.3-rc.1+0123456789abcdef0123456789abcdef01234567", "TaskSync 1.2.3-rc.1, build 0123456789ab")]
    [InlineData("1.2.3+local", "TaskSync 1.2.3, build local")]
    public void A_build_is_told_where_its_revision_is_known(string informational, string words) => Assert.Equal(words, AppVersion.Of(informational));

    [Fact]
    public void An_admin_reads_the_version_at_the_foot_of_Sync_status()
    {
        SignIn(Desk.Add(new Person { SubjectId = "adam", Name = "Adam Admin", CreatedAt = Desk.Now }), "Adam Admin", Policies.AdminRole);

        Assert.Equal(AppVersion.Words, Show<SyncStatusPage>("/admin/sync").Find(".admin > .version:last-child").TextContent);
    }

    [Fact]
    public async Task A_start_logs_the_version_and_no_page_of_strangers_tells_it()
    {
        using var log = new LogSink();
        await using var app = new WebApp(settings: new() { ["Logging:LogLevel:TaskSync"] = "Information" }) { ConfigureServices = services => services.AddLogging(logging => logging.ClearProviders().AddProvider(log)) };
        using var stranger = app.CreateClient();

        foreach (var path in new[] { "/sign-in", "/error", "/access-denied", "/health/ready", "/health/live" })
        {
            var answer = await stranger.GetAsync(path, Xunit.TestContext.Current.CancellationToken);
            Assert.DoesNotContain(AppVersion.Words, answer + await answer.Content.ReadAsStringAsync(Xunit.TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Contains(log.Lines, line => line.Contains(AppVersion.Words + " starts.", StringComparison.Ordinal));
    }
}
