using System.Reflection;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Model;
using TaskSync.Web.Components.CommandCenter;

namespace TaskSync.Tests.Web;

/// <summary>What the Command Center draws, and draws again, of long lists: counted, not timed.</summary>
public sealed class LongListTests : PageTest
{
    [Fact]
    public void A_group_of_a_hundred_is_there_in_full()
    {
        Fill(100, 3);
        var page = Show<CommandCenterPage>();

        Assert.Equal(100, Subjects(page, "Today").Count);
        Assert.Equal(["Task 0100", "Task 0101", "Task 0102"], Subjects(page, "Tomorrow"));
        Assert.Null(page.Find("li").GetAttribute("aria-posinset"));
    }

    [Fact]
    public void Of_a_longer_group_only_what_is_seen_is_there()
    {
        Fill(2_500, 2_500);
        var page = Show<CommandCenterPage>();

        Assert.Equal(["2,500", "2,500"], page.FindAll(".group-head .count").Select(count => count.TextContent));
        Assert.Equal(50, page.FindAll("li").Count);
        Assert.Equal(("1", "2500"), (page.Find("li").GetAttribute("aria-posinset"), page.Find("li").GetAttribute("aria-setsize")));
        Assert.Equal("--above: 0; --below: 2475", page.Find("ul").GetAttribute("style"));
    }

    [Fact]
    public async Task Whoever_scrolls_gets_the_rows_around_what_is_seen_up_to_the_last()
    {
        Fill(3, 2_500);
        var page = Show<CommandCenterPage>();

        await page.Instance.OnSeen("Tomorrow", 1_000, 1_014);
        Assert.Equal(Titles(973, 74), Subjects(page, "Tomorrow"));
        Assert.Equal("971", page.FindAll("ul")[1].QuerySelector("li")!.GetAttribute("aria-posinset"));

        await page.Instance.OnSeen("Tomorrow", 2_490, 2_500);
        Assert.Equal(Titles(2_463, 40), Subjects(page, "Tomorrow"));
        Assert.Equal("--above: 2460; --below: 0", page.FindAll("ul")[1].GetAttribute("style"));
        Assert.Equal(Titles(0, 3), Subjects(page, "Today"));
    }

    [Fact]
    public async Task What_is_seen_stays_when_the_list_is_read_again_and_begins_anew_in_another_view()
    {
        Fill(0, 500);
        var page = Show<CommandCenterPage>();
        await page.Instance.OnSeen("Tomorrow", 200, 210);

        Desk.Change(db => db.Tasks.Single(t => t.Subject == "Task 0205").Subject = "Task 0205 renamed");
        Desk.Feed.Publish(Desk.Rita);
        await Support.Until.TrueAsync(async () =>
        {
            Desk.Clock.Advance(TimeSpan.FromSeconds(1));
            return await page.InvokeAsync(() => Subjects(page, "Tomorrow").Contains("Task 0205 renamed"));
        });
        Assert.Equal("Task 0170", Subjects(page, "Tomorrow")[0]);

        Services.GetRequiredService<NavigationManager>().NavigateTo("/?view=all");
        page.WaitForAssertion(() => Assert.Equal(Titles(0, 25), Subjects(page, "Open")));
    }

    [Fact]
    public async Task Keys_go_on_past_what_is_there()
    {
        Fill(2, 500);
        var page = Show<CommandCenterPage>();

        for (var i = 0; i < 302; i++)
        {
            await page.Instance.OnKey("j", null);
        }

        Assert.Equal("Task 0301", page.Find("li.is-current").GetAttribute("data-subject"));
        await page.Instance.OnKey("x", null);
        await page.Instance.OnKey("j", null);
        await page.Instance.OnKey("k", null);
        Assert.Equal("Task 0301", page.Find("li.is-current.is-selected").GetAttribute("data-subject"));

        await page.Instance.OnKey("e", null);
        Assert.Equal("Task 0302", page.Find("li.is-current").GetAttribute("data-subject"));
        await page.Instance.OnSeen("Tomorrow", 0, 10);
        await page.Instance.OnKey("z", null);
        Assert.Equal("Task 0301", page.Find("li.is-current").GetAttribute("data-subject"));
        await page.Instance.OnSeen("Tomorrow", 0, 10);
        Assert.Empty(page.FindAll("li.is-current"));
        await page.Instance.OnKey("k", null);
        Assert.Equal("Task 0300", page.Find("li.is-current").GetAttribute("data-subject"));
    }

    [Fact]
    public async Task Past_the_last_row_the_keys_stay_there()
    {
        Fill(1, 150);
        var page = Show<CommandCenterPage>();

        await page.Instance.OnKey("k", null);
        await page.Instance.OnKey("j", null);
        Assert.Equal("Task 0150", page.Find("li.is-current").GetAttribute("data-subject"));
    }

    [Fact]
    public async Task A_row_is_drawn_again_only_when_something_of_it_changed()
    {
        Fill(60, 300);
        var page = Show<CommandCenterPage>();
        Assert.Equal(85, Draws(page));

        await page.Find("li[data-subject='Task 0007'] input").ChangeAsync(true);
        Assert.Equal(86, Draws(page));

        await page.Instance.OnKey("j", null);
        await page.Instance.OnKey("j", null);
        Assert.Equal(86, Draws(page));

        await page.Find("li[data-subject='Task 0007'] input").ChangeAsync(false);
        Assert.Equal(87, Draws(page));

        // The one that comes into the window for the one that leaves it.
        await Button(page, "Complete Task 0062").ClickAsync();
        Assert.Equal(85, page.FindAll("li").Count);
        Assert.Equal(87, Draws(page));

        Desk.Change(db => db.Tasks.Single(t => t.Subject == "Task 0020").Subject = "Task 0020 renamed");
        Desk.Feed.Publish(Desk.Rita);
        await Support.Until.TrueAsync(async () =>
        {
            Desk.Clock.Advance(TimeSpan.FromSeconds(1));
            return await page.InvokeAsync(() => Subjects(page, "Today").Contains("Task 0020 renamed"));
        });
        Assert.Equal(88, Draws(page));
    }

    [Fact]
    public void A_row_is_short()
    {
        Desk.Linked(Desk.StartSync(), with: t => (t.DueDate, t.Priority, t.Type, t.WhoName, t.WhatName) = (Desk.Today, "High", "Call", "Ana Ruiz", "Northwind"));
        var page = Show<CommandCenterPage>();

        Assert.InRange(page.Find("li").OuterHtml.Length, 500, 1_800);
        Assert.DoesNotContain("<path", page.Markup, StringComparison.Ordinal);

        // With one more a circuit keeps twice as much of each row.
        Assert.InRange(Pieces(page.FindComponent<TaskLine>().Instance), 1, 32);
    }

    [Fact]
    public void What_a_row_says_is_text_whatever_it_looks_like()
    {
        const string Evil = "<img src=x onerror=alert(1)> & \"é\"";
        Desk.Linked(Desk.StartSync(), Evil, t => (t.DueDate, t.Status, t.Type, t.WhoId, t.WhoName, t.WhatName) = (Desk.Today, Evil, Evil, "003000000000001AAA", Evil, Evil));
        var page = Show<CommandCenterPage>();

        Assert.Empty(page.FindAll("img"));
        Assert.Equal(5, page.FindAll(".task-title > span, .task-meta > span").Count(span => span.TextContent.Contains(Evil, StringComparison.Ordinal)));
        Assert.Equal("https://acme.my.salesforce.com/lightning/r/Contact/003000000000001AAA/view", page.Find(".task-meta a").GetAttribute("href"));
    }

    /// <summary>Of how many pieces the component consists, as Blazor keeps them.</summary>
    private static int Pieces(ComponentBase component)
    {
        using var builder = new RenderTreeBuilder();
        typeof(ComponentBase).GetMethod("BuildRenderTree", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(component, [builder]);
#pragma warning disable BL0006 // Counted only: what they are does not matter.
        return builder.GetFrames().Count;
#pragma warning restore BL0006
    }

    /// <summary>How often rows that are there were drawn.</summary>
    private static int Draws(IRenderedComponent<CommandCenterPage> page) => page.FindComponents<TaskLine>().Sum(line => line.RenderCount);

    private static List<string> Titles(int from, int count) => [.. Enumerable.Range(from, count).Select(i => $"Task {i:0000}")];

    /// <summary>So many tasks due today and tomorrow, numbered through.</summary>
    private void Fill(int today, int tomorrow) => Desk.Change(db =>
    {
        for (var i = 0; i < today + tomorrow; i++)
        {
            db.Tasks.Add(new TaskItem { PersonId = Desk.Rita, Subject = $"Task {i:0000}", DueDate = Desk.Today.AddDays(i < today ? 0 : 1), CreatedAt = Desk.Now, UpdatedAt = Desk.Now });
        }
    });
}
