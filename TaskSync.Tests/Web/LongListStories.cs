using System.Globalization;
using Deque.AxeCore.Playwright;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace TaskSync.Tests.Web;

/// <summary>Thousands of tasks in a real browser: what is sent, what is there, and that the last one can be reached.</summary>
public sealed class LongListStories(BrowserApp browser) : IClassFixture<BrowserApp>
{
    [Theory]
    [InlineData("Rita Rep", 200, 200)]
    [InlineData("Sam Seller", 5_000, 85)]
    public async Task Little_is_sent_until_the_list_is_there(string name, int tasks, int mostRows)
    {
        await using var visitor = await browser.VisitAsync();
        await visitor.SignInAsync(name);
        await FillAsync(name, tasks);
        var bytes = 0L;
        visitor.Page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) => Interlocked.Add(ref bytes, frame.Binary?.Length ?? frame.Text!.Length);

        var page = (await (await visitor.Page.GotoAsync("/"))!.BodyAsync()).Length;
        await Expect(visitor.Row("Task 0001")).ToBeVisibleAsync();
        await Until.TrueAsync(async () => await visitor.Page.Locator("li[data-task-id]").CountAsync() is var rows && (tasks > 200 ? rows > 0 : rows == tasks));

        var shown = await visitor.Page.Locator("li[data-task-id]").CountAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"{tasks} tasks: {page} + {bytes} bytes, {shown} rows");
        Assert.InRange(shown, 1, mostRows);
        Assert.InRange(Interlocked.Read(ref bytes), 1, (shown * 2_200) + 40_000);
        Assert.Empty(visitor.Errors);
    }

    [Fact]
    public async Task Every_one_of_ten_thousand_tasks_is_reached_by_scrolling_and_by_the_keyboard()
    {
        await using var nora = await browser.VisitAsync();
        await nora.SignInAsync("Nora North");
        await FillAsync("Nora North", 10_000);
        await nora.GoAsync("/");
        await Expect(nora.Row("Task 0001")).ToBeVisibleAsync();
        Assert.Equal("5000", await nora.Row("Task 0001").GetAttributeAsync("aria-setsize"));

        await nora.Page.Keyboard.PressAsync("End");
        await Expect(nora.Row("Task 9998")).ToBeInViewportAsync();
        await nora.Page.EvaluateAsync("() => window.scrollTo(0, document.documentElement.scrollHeight * 0.3)");
        await Until.TrueAsync(() => nora.Page.EvaluateAsync<bool>(
            "() => { const row = document.elementFromPoint(innerWidth / 2, innerHeight / 2).closest('[data-task-id]'); return !!row && row.matches('[aria-posinset]'); }"));

        // Each row is where its number says, or what is scrolled to would not be what one sees.
        Assert.InRange(
            await nora.Page.EvaluateAsync<double>(
                "() => Math.max(...[...document.querySelectorAll('[data-list] li')].map(row => Math.abs(row.getBoundingClientRect().top - row.parentElement.getBoundingClientRect().top - (row.ariaPosInSet - 1) * row.offsetHeight)))"),
            0, 2);

        await nora.Page.EvaluateAsync("() => window.scrollTo(0, 0)");
        await Expect(nora.Row("Task 0001")).ToBeVisibleAsync();
        for (var i = 1; i <= 60; i++)
        {
            await nora.Page.Keyboard.PressAsync("j");
            await Expect(nora.Page.Locator("li.is-current")).ToHaveAttributeAsync("data-subject", "Task " + ((2 * i) - 1).ToString("0000", CultureInfo.InvariantCulture));
        }

        await Expect(nora.Row("Task 0119")).ToBeFocusedAsync();
        await Expect(nora.Row("Task 0119")).ToBeInViewportAsync();
        await nora.Page.Keyboard.PressAsync("e");
        await Expect(nora.Row("Task 0121")).ToBeFocusedAsync();
        await nora.Page.Keyboard.PressAsync("z");
        await Expect(nora.Row("Task 0119")).ToBeFocusedAsync();
        Assert.Empty((await nora.Page.RunAxe()).Violations.Select(violation => violation.Id));
        await nora.Page.SetViewportSizeAsync(390, 844);
        Assert.Equal(0, await nora.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Empty((await nora.Page.RunAxe()).Violations.Select(violation => violation.Id));
        Assert.Empty(nora.Errors);
    }

    /// <summary>So many tasks and no others, the odd ones due today, the even ones tomorrow.</summary>
    private async Task FillAsync(string name, int count)
    {
        await using var db = await browser.App.Services.GetRequiredService<IDbContextFactory<TaskSyncDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        var person = await db.People.SingleAsync(p => p.Name == name, TestContext.Current.CancellationToken);
        await db.Tasks.Where(t => t.PersonId == person.Id).ExecuteDeleteAsync(TestContext.Current.CancellationToken);
        var (now, today) = (WallClock.Now, DateOnly.FromDateTime(WallClock.Now.UtcDateTime));
        for (var i = 0; i < count; i++)
        {
            db.Tasks.Add(new TaskItem { PersonId = person.Id, Subject = $"Task {i:0000}", DueDate = today.AddDays(i % 2 == 1 ? 0 : 1), Type = "Call", WhoName = "Ana Ruiz", CreatedAt = now, UpdatedAt = now });
        }

        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }
}
