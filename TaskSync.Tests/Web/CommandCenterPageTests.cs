using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;
using TaskSync.Tests.Tasks;
using TaskSync.Web.Components.CommandCenter;

namespace TaskSync.Tests.Web;

public sealed class CommandCenterPageTests : PageTest
{
    private readonly BusyDatabase _database;

    public CommandCenterPageTests()
        : this(new BusyDatabase())
    {
    }

    private CommandCenterPageTests(BusyDatabase database)
        : base(database) => _database = database;

    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public void The_two_groups_exist_when_there_is_nothing_to_do()
    {
        var page = Show<CommandCenterPage>();

        Assert.Equal(["Today", "Tomorrow"], page.FindAll("h2").Select(h => h.TextContent));
        Assert.Equal(2, page.FindAll("section ul").Count);
        Assert.Empty(Subjects(page, "Today"));
        Assert.Empty(Subjects(page, "Tomorrow"));
    }

    [Fact]
    public async Task By_default_exactly_what_is_due_today_and_tomorrow_is_shown()
    {
        await Desk.NewTask("Yesterday's", Desk.Today.AddDays(-1));
        await Desk.NewTask("Today's", Desk.Today);
        await Desk.NewTask("Tomorrow's", Desk.Today.AddDays(1));
        await Desk.NewTask("Later", Desk.Today.AddDays(2));
        await Desk.NewTask("Some day");

        var page = Show<CommandCenterPage>();

        Assert.Equal(["Today's"], Subjects(page, "Today"));
        Assert.Equal(["Tomorrow's"], Subjects(page, "Tomorrow"));
        Assert.Contains("1 overdue task is not in this view", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_carries_what_scripts_rely_on()
    {
        var id = await Desk.NewTask("Call Ana", Desk.Today);
        var page = Show<CommandCenterPage>();

        var row = page.Find("li[data-task-id]");
        Assert.Equal(id.ToString(), row.GetAttribute("data-task-id"));
        Assert.Equal("Call Ana", row.GetAttribute("data-subject"));
        Assert.Equal("Only here", row.GetAttribute("data-sync-state"));
        Assert.Contains("Only here", row.TextContent, StringComparison.Ordinal);
        Assert.All(["Complete Call Ana", "Edit Call Ana", "Delete Call Ana"], name => Assert.True(HasButton(page, name)));
    }

    [Fact]
    public async Task No_button_before_New_task_begins_with_New_Add_or_Create()
    {
        await Desk.NewTask("Add the new figures", Desk.Today);
        var page = Show<CommandCenterPage>();

        var before = page.FindAll("button").Select(Name).TakeWhile(name => name != "New task").ToList();
        Assert.DoesNotContain(before, name => name.StartsWith("New", StringComparison.Ordinal) || name.StartsWith("Add", StringComparison.Ordinal) || name.StartsWith("Create", StringComparison.Ordinal));
        Assert.True(HasButton(page, "New task"));
    }

    [Fact]
    public async Task No_other_region_begins_with_Today_or_Tomorrow_in_any_view()
    {
        await Desk.NewTask("Late", Desk.Today.AddDays(-1));
        await Desk.NewTask("Now", Desk.Today);
        var page = Show<CommandCenterPage>();
        foreach (var view in new[] { "overdue", "next7", "nodate", "completed", "all" })
        {
            Navigation.NavigateTo("/?view=" + view);
            page.WaitForAssertion(() => Assert.EndsWith("view=" + view, page.Find("a.view-chip[aria-current]").GetAttribute("href"), StringComparison.Ordinal));
            Assert.DoesNotContain(page.FindAll("h2"), h => h.TextContent.StartsWith("Today", StringComparison.Ordinal) || h.TextContent.StartsWith("Tomorrow", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Chips_have_counts_and_are_kept_in_the_address()
    {
        await Desk.NewTask("Late", Desk.Today.AddDays(-3));
        var page = Show<CommandCenterPage>("/?view=overdue");

        var chip = page.FindAll("a.view-chip").Single(a => a.TextContent.StartsWith("Overdue", StringComparison.Ordinal));
        Assert.Equal("page", chip.GetAttribute("aria-current"));
        Assert.Equal("Overdue 1", chip.TextContent.Trim());
        Assert.Equal(["Late"], Subjects(page, "Overdue"));
        Assert.All(page.FindAll("a.view-chip"), a => Assert.StartsWith("/", a.GetAttribute("href"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task SE2_a_draft_is_asked_for_and_forgotten_by_the_name_of_its_person()
    {
        var name = $"{Desk.Rita}:quick-add";
        JSInterop.Setup<string?>("taskSync.draft", name).SetResult("Call Ana tomorrow");
        var page = Render<CommandCenterPage>();

        page.WaitForAssertion(() => Assert.Equal("Call Ana tomorrow", page.Find("#quick-add").GetAttribute("value")));
        Assert.Equal(name, page.Find("#quick-add").GetAttribute("data-draft"));
        Assert.Contains("Your draft is back", page.Find(".quick-hint").TextContent, StringComparison.Ordinal);

        await page.Find("form.quick-add").SubmitAsync();
        page.WaitForAssertion(() => Assert.Equal(name, JSInterop.Invocations["taskSync.forgetDraft"].Single().Arguments[0]));
    }

    [Fact]
    public async Task Quick_add_makes_a_task_due_today()
    {
        var page = Show<CommandCenterPage>();

        await page.Find("#quick-add").InputAsync("Call Ana");
        await page.Find("form.quick-add").SubmitAsync();

        Assert.Equal(["Call Ana"], Subjects(page, "Today"));
        Assert.Equal("", page.Find("#quick-add").GetAttribute("value"));
    }

    [Fact]
    public async Task Quick_add_shows_the_day_it_understood_before_it_saves()
    {
        var page = Show<CommandCenterPage>();

        await page.Find("#quick-add").InputAsync("Call Ana tomorrow !high");
        Assert.Contains("due tomorrow", page.Find(".quick-hint").TextContent, StringComparison.Ordinal);
        await page.Find("form.quick-add").SubmitAsync();

        Assert.Equal(["Call Ana"], Subjects(page, "Tomorrow"));
        Assert.Equal("High", Desk.Read(db => db.Tasks.Single().Priority));
    }

    [Fact]
    public async Task What_quick_add_could_not_save_stays_in_the_line()
    {
        var page = Show<CommandCenterPage>();

        await page.Find("#quick-add").InputAsync(new string('x', 256));
        await page.Find("form.quick-add").SubmitAsync();
        Assert.Equal(256, page.Find("#quick-add").GetAttribute("value")!.Length);
        Assert.NotEmpty(page.Find(".quick-add .field-error").TextContent);

        await page.Find("#quick-add").InputAsync("Call Ana");
        _database.Away = true;
        await page.Find("form.quick-add").SubmitAsync();
        Assert.Equal("Call Ana", page.Find("#quick-add").GetAttribute("value"));

        _database.Away = false;
        await page.Find("form.quick-add").SubmitAsync();
        Assert.Equal(["Call Ana"], Subjects(page, "Today"));
    }

    [Fact]
    public async Task S2_completing_waits_for_the_undo_bar_and_goes_out_when_it_ends()
    {
        var task = Desk.Linked(Desk.StartSync(), with: t => t.DueDate = Desk.Today);
        var page = Show<CommandCenterPage>();

        await Button(page, "Complete Call Ana").ClickAsync();
        Assert.Empty(Subjects(page, "Today"));
        Assert.True(HasButton(page, "Undo"));
        Assert.Equal(Desk.Now.AddSeconds(5), Desk.Pending(task.Id)!.DueAt);

        Assert.Empty(Desk.Rings);

        Desk.Clock.Advance(TimeSpan.FromSeconds(4.9));
        page.WaitForAssertion(() => Assert.False(HasButton(page, "Undo")));
        page.WaitForAssertion(() => Assert.NotEmpty(Desk.Rings));
    }

    [Fact]
    public async Task S2_leaving_the_page_sends_what_waited_for_the_undo_bar()
    {
        var task = Desk.Linked(Desk.StartSync(), with: t => t.DueDate = Desk.Today);
        var page = Show<CommandCenterPage>();
        await Button(page, "Delete Call Ana").ClickAsync();
        Desk.Clock.Advance(TimeSpan.FromSeconds(1));
        Desk.Rings.Clear();

        await DisposeComponentsAsync();

        Assert.NotEmpty(Desk.Rings);
        Assert.True(Desk.Pending(task.Id)!.DueAt <= Desk.Now);
    }

    [Fact]
    public async Task Undo_puts_a_deleted_task_back()
    {
        await Desk.NewTask("Call Ana", Desk.Today);
        var page = Show<CommandCenterPage>();

        await Button(page, "Delete Call Ana").ClickAsync();
        Assert.Empty(Subjects(page, "Today"));
        await Button(page, "Undo").ClickAsync();

        Assert.Equal(["Call Ana"], Subjects(page, "Today"));
        Assert.False(HasButton(page, "Undo"));
    }

    [Fact]
    public async Task Several_tasks_are_completed_and_taken_back_at_once()
    {
        await Desk.NewTask("One", Desk.Today);
        await Desk.NewTask("Two", Desk.Today);
        var page = Show<CommandCenterPage>();

        foreach (var subject in new[] { "One", "Two" })
        {
            await page.Find($"li[data-subject='{subject}'] input[type=checkbox]").ChangeAsync(true);
        }

        await Button(page, "Complete selected").ClickAsync();
        Assert.Empty(Subjects(page, "Today"));
        Assert.Contains("2 tasks completed", page.Find(".undo-bar").TextContent, StringComparison.Ordinal);

        await Button(page, "Undo").ClickAsync();
        Assert.Equal(["One", "Two"], Subjects(page, "Today"));
    }

    [Fact]
    public async Task Snoozing_moves_a_task_to_tomorrow()
    {
        await Desk.NewTask("Call Ana", Desk.Today);
        var page = Show<CommandCenterPage>();

        await Button(page, "Snooze Call Ana").ClickAsync();
        await page.FindAll("[aria-label='Snooze Call Ana'] .menu-item").First(item => item.TextContent.StartsWith("Tomorrow", StringComparison.Ordinal)).ClickAsync();

        Assert.Empty(Subjects(page, "Today"));
        Assert.Equal(["Call Ana"], Subjects(page, "Tomorrow"));
    }

    [Fact]
    public async Task S2_a_change_made_elsewhere_appears_by_itself()
    {
        var page = Show<CommandCenterPage>();

        await Desk.NewTask("From Salesforce", Desk.Today);
        Desk.Feed.Publish(Desk.Rita);
        Desk.Clock.Advance(TimeSpan.FromSeconds(3));

        page.WaitForAssertion(() => Assert.Equal(["From Salesforce"], Subjects(page, "Today")));
        Assert.Contains("The list changed", page.Find("[aria-live=polite]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_the_reps_midnight_tomorrow_becomes_today()
    {
        await Desk.NewTask("Tomorrow's", Desk.Today.AddDays(1));
        var page = Show<CommandCenterPage>();
        Assert.Equal(["Tomorrow's"], Subjects(page, "Tomorrow"));

        Desk.Clock.Advance(TimeSpan.FromHours(15) + TimeSpan.FromSeconds(1));
        Desk.Clock.Advance(TimeSpan.FromSeconds(1));

        page.WaitForAssertion(() => Assert.Equal(["Tomorrow's"], Subjects(page, "Today")));
    }

    [Fact]
    public async Task A_search_goes_into_the_address_and_narrows_the_list()
    {
        await Desk.NewTask("Call Ana", Desk.Today);
        await Desk.NewTask("Write to Ben", Desk.Today);
        var page = Show<CommandCenterPage>();

        await page.Find("#search").InputAsync("ana");
        Desk.Clock.Advance(TimeSpan.FromMilliseconds(300));

        page.WaitForAssertion(() => Assert.EndsWith("/?q=ana", Navigation.Uri, StringComparison.Ordinal));
        page.WaitForAssertion(() => Assert.Equal(["Call Ana"], Subjects(page, "Today")));
    }

    [Fact]
    public async Task SE4_who_searches_too_often_is_told_keeps_what_was_typed_and_gets_it_in_a_moment()
    {
        await Desk.NewTask("Call Ana", Desk.Today);
        await Desk.NewTask("Write to Ben", Desk.Today);
        var page = Show<CommandCenterPage>();
        var limit = Services.GetRequiredService<SearchLimit>();
        await Until.TrueAsync(() => limit.Refuse(Desk.Rita) is not null);

        await page.Find("#search").InputAsync("ana");
        Desk.Clock.Advance(TimeSpan.FromMilliseconds(300));

        page.WaitForAssertion(() => Assert.Contains("You have searched very often in a short time. What you typed stays. Try again in 1 second.", page.Markup, StringComparison.Ordinal));
        Assert.Equal(["Call Ana", "Write to Ben"], Subjects(page, "Today"));
        Assert.Equal("ana", page.Find("#search").GetAttribute("value"));
        await Until.TrueAsync(() =>
        {
            Desk.Clock.Advance(TimeSpan.FromSeconds(1));
            return Subjects(page, "Today") is ["Call Ana"];
        });
    }

    [Fact]
    public async Task Keys_move_select_complete_and_take_back()
    {
        await Desk.NewTask("One", Desk.Today);
        await Desk.NewTask("Two", Desk.Today);
        var page = Show<CommandCenterPage>();

        await page.Instance.OnKey("j", null);
        await page.Instance.OnKey("j", null);
        Assert.Equal("Two", page.Find("li.is-current").GetAttribute("data-subject"));
        await page.Instance.OnKey("e", null);
        Assert.Equal(["One"], Subjects(page, "Today"));
        await page.Instance.OnKey("z", null);
        Assert.Equal(["One", "Two"], Subjects(page, "Today"));
        await page.Instance.OnKey("k", null);
        await page.Instance.OnKey("x", null);
        Assert.Single(page.FindAll("li.is-selected"));
    }

    [Fact]
    public async Task Single_letter_keys_can_be_switched_off()
    {
        await Desk.NewTask("One", Desk.Today);
        Desk.Change(db => db.People.Find(Desk.Rita)!.ShortcutsEnabled = false);
        var page = Show<CommandCenterPage>();

        await page.Instance.OnKey("j", null);
        await page.Instance.OnKey("e", null);

        Assert.Equal(["One"], Subjects(page, "Today"));
    }

    [Fact]
    public async Task Nobody_elses_task_is_ever_shown()
    {
        var sam = Desk.Add(new Person { SubjectId = "sam", Name = "Sam Seller", CreatedAt = Desk.Now });
        await Desk.NewTask("Sam's", Desk.Today, sam);

        var page = Show<CommandCenterPage>();

        Assert.Empty(Subjects(page, "Today"));
    }

    [Fact]
    public async Task When_the_database_is_away_the_page_says_so_and_recovers()
    {
        await Desk.NewTask("Call Ana", Desk.Today);
        _database.Away = true;
        var page = Show<CommandCenterPage>();
        Assert.Contains("the database is busy", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);

        _database.Away = false;
        await Button(page, "Try again").ClickAsync();

        Assert.Equal(["Call Ana"], Subjects(page, "Today"));
    }

    [Theory]
    [InlineData(5, "What you see may be out of date: the database is busy. It is tried again by itself.")]
    [InlineData(11, "What you see may be out of date: the database is damaged. Tell your administrator")]
    [InlineData(14, "What you see may be out of date: the database does not answer. It is tried again by itself.")]
    public async Task Section6_a_list_that_cannot_be_refreshed_says_why_and_recovers_by_itself(int code, string words)
    {
        await Desk.NewTask("Call Ana", Desk.Today);
        var page = Show<CommandCenterPage>();
        (_database.Away, _database.Code) = (true, code);
        Desk.Feed.Publish(Desk.Rita);
        await PassAsync(page, () => page.FindAll("[role=alert]").Count == 1);
        Assert.StartsWith(words, page.Find("[role=alert] .note-body").TextContent, StringComparison.Ordinal);
        Assert.Equal(["Call Ana"], Subjects(page, "Today"));

        _database.Away = false;
        await PassAsync(page, () => page.FindAll("[role=alert]").Count == 0);
    }

    [Theory]
    [InlineData(5, "the database is busy. Your text is still here")]
    [InlineData(13, "the disk of the database is full. Your text is still here")]
    public async Task Section6_what_cannot_be_saved_is_kept_and_the_reason_said(int code, string words)
    {
        var page = Show<CommandCenterPage>();
        await page.Find("#quick-add").InputAsync("Call Ana");
        (_database.Away, _database.Code) = (true, code);

        await page.Find("form.quick-add").SubmitAsync();

        Assert.Contains(words, page.Find(".quick-add .field-error").TextContent, StringComparison.Ordinal);
        Assert.Equal("Call Ana", page.Find("#quick-add").GetAttribute("value"));
    }

    /// <summary>Lets time pass until the page shows it.</summary>
    private Task PassAsync<T>(IRenderedComponent<T> page, Func<bool> shows)
        where T : IComponent => Until.TrueAsync(async () =>
        {
            Desk.Clock.Advance(TimeSpan.FromSeconds(1));
            return await page.InvokeAsync(shows);
        });
}
