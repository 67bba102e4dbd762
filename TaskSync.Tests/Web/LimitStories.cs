using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace TaskSync.Tests.Web;

/// <summary>What somebody at a browser sees who asks too often (SE4).</summary>
public sealed class LimitStories(BrowserApp browser) : IClassFixture<BrowserApp>
{
    [Fact]
    public async Task SE4_Sync_now_pressed_again_and_again_says_when_to_ask_again()
    {
        await using var rita = await browser.VisitAsync();
        await rita.SignInAsync("Rita Rep");
        await rita.StartSyncAsync();
        await rita.GoAsync("/sync");

        for (var i = 0; i < 20; i++)
        {
            await rita.Button("Sync now").ClickAsync();
        }

        await Expect(rita.Page.GetByText("Looked a moment ago. You can ask again in 5 seconds.")).ToBeVisibleAsync();
        Assert.Empty(rita.Errors);
    }

    [Fact]
    public async Task SE4_a_file_asked_for_too_often_leads_to_a_page_that_says_when()
    {
        await using var adam = await browser.VisitAsync();
        await adam.SignInAsync("Adam Admin");
        await adam.Page.EvaluateAsync("async () => { for (let i = 0; i < 40; i++) await fetch('/admin/sync/runs.csv'); }");

        await adam.Page.GotoAsync("/admin/sync/runs.csv");

        await Expect(adam.Page.GetByRole(AriaRole.Heading, new() { Name = "That was too often" })).ToBeVisibleAsync();
        await Expect(adam.Page.GetByText("Try again in")).ToBeVisibleAsync();
        await Expect(adam.Page.GetByRole(AriaRole.Link, new() { Name = "Try again" })).ToHaveAttributeAsync("href", "/admin/sync/runs.csv");
    }

    [Fact]
    public async Task SE4_a_page_that_is_one_too_many_says_so_instead_of_standing_still()
    {
        const string Negotiate = "**/_blazor/negotiate*";
        const string Words = "This was asked for more often than anybody needs it. What you saved is safe. Try again in 1 second.";
        await using var sam = await browser.VisitAsync();
        await sam.SignInAsync("Sam Seller");
        await sam.Page.RouteAsync(Negotiate, route => route.FulfillAsync(new() { Status = 429, ContentType = "application/problem+json", Body = $$"""{"status":429,"detail":"{{Words}}"}""" }));
        await sam.Page.GotoAsync("/settings");
        await Expect(sam.Page.Locator("#blazor-error-ui")).ToBeVisibleAsync();
        await Expect(sam.Page.Locator("#blazor-error-ui")).ToContainTextAsync(Words);

        await sam.Page.UnrouteAsync(Negotiate);
        await sam.Button("Reload").ClickAsync();
        await sam.LiveAsync();
    }
}
