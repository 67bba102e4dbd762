using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace TaskSync.Tests.Web;

/// <summary>What somebody at a browser sees of an outage of the database.</summary>
public sealed class OutageStories(BrowserApp browser) : IClassFixture<BrowserApp>
{
    [Fact]
    public async Task Section6_a_locked_database_is_said_and_everything_goes_on_by_itself()
    {
        await using var rita = await browser.VisitAsync();
        await rita.SignInAsync("Rita Rep");
        await rita.Page.GetByLabel("Quick add", new() { Exact = true }).FillAsync("Typed in an outage");
        var other = await rita.NewTabAsync();

        await using (var holder = new SqliteConnection($"Data Source={Path.Combine(browser.App.Folder, "tasksync.db")};Pooling=false;Default Timeout=60"))
        {
            await holder.OpenAsync(TestContext.Current.CancellationToken);
            await using var transaction = holder.BeginTransaction();
            await rita.Page.Keyboard.PressAsync("Enter");
            await Expect(rita.Page.GetByText("Could not be saved just now: the database is busy.")).ToBeVisibleAsync();
            await Expect(rita.Page.GetByLabel("Quick add", new() { Exact = true })).ToHaveValueAsync("Typed in an outage");

            await other.GotoAsync("/sync");
            await Expect(other.GetByRole(AriaRole.Heading, new() { Name = "TaskSync is not available just now" })).ToBeVisibleAsync();
        }

        await Expect(other.GetByRole(AriaRole.Heading, new() { Name = "My sync" })).ToBeVisibleAsync();
        await rita.Page.Keyboard.PressAsync("Enter");
        await Expect(rita.Row("Typed in an outage")).ToBeVisibleAsync();
    }
}
