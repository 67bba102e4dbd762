using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using TaskSync.Simulator;
using TaskSync.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace TaskSync.Tests.Web;

/// <summary>What a rep and an admin do all day, in a real browser, against the real engine and a simulated org.</summary>
public sealed class BrowserStories(BrowserApp browser) : IClassFixture<BrowserApp>
{
    private SimulatedOrg Org => browser.App.Org;

    private SimulatedTask? Theirs(string subject, string ownerId) => Org.Tasks(ownerId).FirstOrDefault(task => task.Subject == subject);

    [Fact]
    public async Task F1_F2_S1_tick_the_box_and_both_lists_are_one()
    {
        await using var rita = await browser.VisitAsync();
        await rita.SignInAsync("Rita Rep");
        Org.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = "Was there before", ["ActivityDate"] = DateOnly.FromDateTime(WallClock.Now.UtcDateTime) });
        await rita.StartSyncAsync();

        await rita.GoAsync("/");
        await Expect(rita.Row("Was there before")).ToHaveAttributeAsync("data-sync-state", "In step");

        await rita.Button("New task").ClickAsync();
        await rita.Page.GetByLabel("Subject", new() { Exact = true }).FillAsync("Made here");
        await rita.Button("Save").ClickAsync();
        await Expect(rita.Group("Today").Locator("li[data-subject='Made here']")).ToHaveAttributeAsync("data-sync-state", "In step");
        var made = Theirs("Made here", Org.Rita.Id)!;

        Org.UpdateTask(made.Id, new FieldValues { ["Subject"] = "Renamed there" }, Org.Rita.Id);
        await Expect(rita.Row("Renamed there")).ToBeVisibleAsync();

        await rita.Button("Complete Renamed there").ClickAsync();
        await Expect(rita.Row("Renamed there")).ToHaveCountAsync(0);
        await Until.TrueAsync(() => Org.FindTask(made.Id)!.IsClosed);

        Org.DeleteTask(Theirs("Was there before", Org.Rita.Id)!.Id, Org.Rita.Id);
        await Expect(rita.Row("Was there before")).ToHaveCountAsync(0);

        Assert.All(rita.Requests, url => Assert.StartsWith(browser.Address.GetLeftPart(UriPartial.Authority), url, StringComparison.Ordinal));
        Assert.Empty(rita.Errors);
    }

    [Fact]
    public async Task S2_undo_within_the_bar_sends_nothing()
    {
        await using var sam = await browser.VisitAsync();
        await sam.SignInAsync("Sam Seller");
        await sam.StartSyncAsync();
        await sam.GoAsync("/");
        await sam.Page.GetByLabel("Quick add", new() { Exact = true }).FillAsync("Do not lose me");
        await sam.Page.Keyboard.PressAsync("Enter");
        await Expect(sam.Row("Do not lose me")).ToHaveAttributeAsync("data-sync-state", "In step");
        var deleted = Org.Calls.RowsDeleted;

        await sam.Button("Delete Do not lose me").ClickAsync();
        await Expect(sam.Row("Do not lose me")).ToHaveCountAsync(0);
        await sam.Page.Keyboard.PressAsync("z");

        await Expect(sam.Row("Do not lose me")).ToHaveAttributeAsync("data-sync-state", "In step");
        Assert.Equal(deleted, Org.Calls.RowsDeleted);
        Assert.False(Theirs("Do not lose me", Org.Sam.Id)!.IsDeleted);
    }

    [Fact]
    public async Task A_task_is_opened_edited_and_completed_with_the_keyboard_alone()
    {
        await using var nora = await browser.VisitAsync();
        await nora.SignInAsync("Nora North");
        await Expect(nora.Button("New task")).ToBeEnabledAsync();

        await nora.Page.Keyboard.PressAsync("n");
        await Expect(nora.Page.GetByLabel("Subject", new() { Exact = true })).ToBeFocusedAsync();
        await nora.Page.Keyboard.TypeAsync("By hand");
        await nora.Page.Keyboard.PressAsync("Enter");
        await Expect(nora.Row("By hand")).ToBeVisibleAsync();
        await Expect(nora.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        for (var i = 0; i < 20 && await nora.Page.Locator("li.is-current[data-subject='By hand']").CountAsync() == 0; i++)
        {
            var before = await nora.Page.Locator("li.is-current").CountAsync() == 0 ? null : await nora.Page.Locator("li.is-current").GetAttributeAsync("data-subject");
            await nora.Page.Keyboard.PressAsync("j");
            await Until.TrueAsync(async () => await nora.Page.Locator("li.is-current").CountAsync() == 1 && await nora.Page.Locator("li.is-current").GetAttributeAsync("data-subject") != before);
        }

        await nora.Page.Keyboard.PressAsync("Enter");
        await Expect(nora.Page.GetByLabel("Subject", new() { Exact = true })).ToHaveValueAsync("By hand");
        await nora.Page.Keyboard.PressAsync("Escape");
        await Expect(nora.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await nora.Page.Keyboard.PressAsync("e");
        await Expect(nora.Row("By hand")).ToHaveCountAsync(0);
        await nora.Page.Keyboard.PressAsync("z");
        await Expect(nora.Row("By hand")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_sign_in_that_is_ended_from_another_device_covers_its_page_within_seconds_and_signing_in_comes_back_to_it()
    {
        await using var left = await browser.VisitAsync();
        await left.SignInAsync("Nora North");
        await left.GoAsync("/settings");
        await using var here = await browser.VisitAsync();
        await here.SignInAsync("Nora North");
        await here.GoAsync("/settings");

        await here.Button("Sign out everywhere else").ClickAsync();

        var notice = left.Page.GetByRole(AriaRole.Alertdialog);
        await Expect(notice).ToContainTextAsync("You were signed out from another device.", new() { Timeout = 10_000 });
        await Expect(notice.GetByRole(AriaRole.Link)).ToBeFocusedAsync();
        Assert.Empty((await left.Page.RunAxe()).Violations);
        await left.Page.Keyboard.PressAsync("Enter");
        await left.Page.GetByRole(AriaRole.Button, new() { Name = "Continue as Nora North" }).ClickAsync();
        await Expect(left.Page).ToHaveURLAsync(new Uri(browser.Address, "/settings").AbsoluteUri);
        await Expect(here.Page.GetByRole(AriaRole.Heading, new() { Name = "Where you are signed in" })).ToBeVisibleAsync();
        await Expect(here.Page.GetByRole(AriaRole.Alertdialog)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task SE2_what_was_typed_when_the_sign_in_ended_is_there_after_signing_in_again_and_gone_after_signing_out()
    {
        await using var left = await browser.VisitAsync();
        await left.SignInAsync("Nora North");
        await using var here = await browser.VisitAsync();
        await here.SignInAsync("Nora North");
        await here.GoAsync("/settings");
        var line = left.Page.GetByLabel("Quick add", new() { Exact = true });
        await line.FillAsync("Typed when it ended");

        await here.Button("Sign out everywhere else").ClickAsync();
        await left.Page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Link).ClickAsync();
        await left.Button("Continue as Nora North").ClickAsync();

        await Expect(left.Page.GetByText("Your draft is back")).ToBeVisibleAsync();
        await Expect(line).ToHaveValueAsync("Typed when it ended");
        await line.PressAsync("Enter");
        await Expect(left.Row("Typed when it ended")).ToBeVisibleAsync();
        await left.Page.ReloadAsync();
        await Expect(left.Row("Typed when it ended")).ToBeVisibleAsync();
        await Expect(line).ToHaveValueAsync("");

        await line.FillAsync("Nobody's any more");
        await left.Page.Locator(".user-menu > button").ClickAsync();
        await left.Button("Sign out").ClickAsync();
        await left.SignInAsync("Nora North");
        await Expect(left.Row("Typed when it ended")).ToBeVisibleAsync();
        await Expect(line).ToHaveValueAsync("");
    }

    [Fact]
    public async Task Text_that_looks_like_markup_is_shown_as_text()
    {
        const string Evil = "<img src=x onerror=alert(1)><script>alert(2)</script>";
        await using var nora = await browser.VisitAsync();
        var dialogs = 0;
        nora.Page.Dialog += (_, dialog) =>
        {
            dialogs++;
            _ = dialog.DismissAsync();
        };
        await nora.SignInAsync("Nora North");

        await nora.Page.GetByLabel("Quick add", new() { Exact = true }).FillAsync(Evil);
        await nora.Page.Keyboard.PressAsync("Enter");

        await Expect(nora.Page.GetByText(Evil).First).ToBeVisibleAsync();
        await nora.Page.GetByRole(AriaRole.Button, new() { Name = "Edit " + Evil }).ClickAsync();
        await Expect(nora.Page.GetByLabel("Subject", new() { Exact = true })).ToHaveValueAsync(Evil);
        Assert.Equal(0, dialogs);
    }

    [Fact]
    public async Task Signing_out_in_one_tab_closes_the_others()
    {
        await using var adam = await browser.VisitAsync();
        await adam.SignInAsync("Adam Admin");
        var other = await adam.NewTabAsync();
        await other.GotoAsync("/settings");
        await other.Locator("[data-interactive=true]").WaitForAsync(new() { State = WaitForSelectorState.Attached });

        await adam.Page.Locator(".user-menu > button").ClickAsync();
        await adam.Button("Sign out").ClickAsync();

        await Expect(other.GetByRole(AriaRole.Alertdialog)).ToContainTextAsync("You signed out.");
    }

    [Theory]
    [InlineData("/", false)]
    [InlineData("/", true)]
    [InlineData("/?view=all", false)]
    [InlineData("/settings", false)]
    [InlineData("/settings", true)]
    [InlineData("/sync", false)]
    [InlineData("/sync", true)]
    [InlineData("/sync?tab=deleted", false)]
    [InlineData("/admin/sync", false)]
    [InlineData("/admin/sync", true)]
    [InlineData("/admin/sync?tab=people", true)]
    [InlineData("/admin/sync?tab=runs", false)]
    public async Task Every_page_is_accessible_and_fits_a_phone(string path, bool dark)
    {
        await using var visitor = await browser.VisitAsync(dark: dark);
        await visitor.SignInAsync(path.StartsWith("/admin", StringComparison.Ordinal) ? "Adam Admin" : "Nora North");
        await visitor.GoAsync(path);
        await visitor.Page.Locator("main .card").First.WaitForAsync();
        await Expect(visitor.Page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);

        await AssertAccessibleAsync(visitor.Page);

        await visitor.Page.SetViewportSizeAsync(390, 844);
        Assert.Equal(0, await visitor.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        await AssertAccessibleAsync(visitor.Page);
        Assert.Empty(visitor.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_dialog_and_the_sign_in_page_are_accessible(bool dark)
    {
        await using var visitor = await browser.VisitAsync(dark: dark);
        await visitor.Page.GotoAsync("/sign-in");
        await AssertAccessibleAsync(visitor.Page);
        await visitor.SignInAsync("Nora North");

        await visitor.Button("New task").ClickAsync();
        await visitor.Page.GetByLabel("Due date", new() { Exact = true }).FillAsync("soon");
        await visitor.Button("Save").ClickAsync();
        await Expect(visitor.Page.Locator(".field-error")).ToBeVisibleAsync();
        await AssertAccessibleAsync(visitor.Page);
        await visitor.Button("Open calendar").ClickAsync();
        await AssertAccessibleAsync(visitor.Page);
    }

    private static async Task AssertAccessibleAsync(IPage page)
    {
        var result = await page.RunAxe();
        Assert.Empty(result.Violations.Select(violation => $"{violation.Impact} {violation.Id}: {string.Join(", ", violation.Nodes.Select(node => node.Target))}"));
    }
}
