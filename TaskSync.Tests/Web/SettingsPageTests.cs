using Bunit;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Connections;
using TaskSync.Sync.Engine.SwitchOn.Preview;
using TaskSync.Sync.Model;
using TaskSync.Tests.Tasks;
using TaskSync.Web.Components.Settings;
using TaskSync.Web.Salesforce;

namespace TaskSync.Tests.Web;

public sealed class SettingsPageTests : PageTest
{
    private const string Box = "#sync-on";

    private bool SyncEnabled => Desk.Read(db => db.People.Single(p => p.Id == Desk.Rita).SyncEnabled);

    [Fact]
    public void F1_the_checkbox_is_off_by_default()
    {
        Desk.Connect(Desk.Rita);
        var page = Show<SettingsPage>("/settings");

        Assert.False(page.Find(Box).HasAttribute("checked"));
        Assert.Equal("Sync my tasks with Salesforce", page.FindAll("label").Single(label => label.QuerySelector(Box) is not null).TextContent.Trim());
    }

    [Fact]
    public async Task F1_nothing_happens_until_Save_is_pressed()
    {
        Desk.Connect(Desk.Rita);
        var page = Show<SettingsPage>("/settings");

        await page.Find(Box).ChangeAsync(true);
        Assert.False(SyncEnabled);
        await Button(page, "Save").ClickAsync();

        Assert.True(SyncEnabled);
        Assert.Contains("Sync is on", page.Find(".sync-card [role=status]").TextContent, StringComparison.Ordinal);
        Assert.NotEmpty(Desk.Rings);
    }

    [Fact]
    public void Only_the_sync_card_has_a_button_named_Save()
    {
        Desk.Connect(Desk.Rita);
        var page = Show<SettingsPage>("/settings");

        Assert.Single(page.FindAll("button"), button => Name(button) == "Save");
    }

    [Fact]
    public void Without_a_connection_the_box_is_disabled_and_says_why()
    {
        var page = Show<SettingsPage>("/settings");

        Assert.True(page.Find(Box).HasAttribute("disabled"));
        Assert.Contains("sync-locked", page.Find(Box).GetAttribute("aria-describedby"), StringComparison.Ordinal);
        Assert.NotEmpty(page.Find("#sync-locked").TextContent);
        Assert.True(HasButton(page, "Connect Salesforce"));
    }

    [Fact]
    public void The_promise_is_beside_the_box()
    {
        var page = Show<SettingsPage>("/settings");

        Assert.Contains("Your existing tasks stay here. Only tasks you create from now on are sent.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F7_unticking_works_with_problems_open_and_asks_nothing()
    {
        var connection = Desk.StartSync();
        Desk.Park(Desk.Linked(connection));
        var page = Show<SettingsPage>("/settings");

        await page.Find(Box).ChangeAsync(false);
        await Button(page, "Save").ClickAsync();

        Assert.False(SyncEnabled);
        Assert.Single(Desk.Read(db => db.Links.ToList()));
    }

    [Fact]
    public async Task F3_the_window_can_be_widened()
    {
        Desk.Connect(Desk.Rita);
        var page = Show<SettingsPage>("/settings");

        await page.Find(Box).ChangeAsync(true);
        await Control(page, "Bring in").ChangeAsync(nameof(ImportWindow.AllOpen));
        await Button(page, "Save").ClickAsync();

        Assert.Equal(ImportWindow.AllOpen, Desk.Read(db => db.InitialSyncs.Single().Window));
    }

    [Fact]
    public void F2_progress_is_shown_with_what_was_found_and_what_is_in()
    {
        var connection = Desk.StartSync();
        var initial = new InitialSync { ConnectionId = connection.Id, State = InitialSyncState.Running, RequestedAt = Desk.Now, WindowStart = Desk.Now.AddDays(-1), Today = Desk.Today, Found = 200, Done = 50 };
        Desk.Change(db => db.InitialSyncs.Add(initial));
        var page = Show<SettingsPage>("/settings");

        Assert.Equal("25", page.Find("[role=progressbar]").GetAttribute("aria-valuenow"));
        Assert.Contains("50 of 200", page.Markup, StringComparison.Ordinal);

        Desk.Change(db => db.InitialSyncs.Find(connection.Id)!.Done = 150);
        Desk.Feed.Publish(Desk.Rita);
        Desk.Clock.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => Assert.Equal("75", page.Find("[role=progressbar]").GetAttribute("aria-valuenow")));
    }

    [Fact]
    public async Task A_tick_that_is_not_saved_yet_survives_a_refresh()
    {
        Desk.Connect(Desk.Rita);
        var page = Show<SettingsPage>("/settings");
        await page.Find(Box).ChangeAsync(true);

        Desk.Change(db => db.People.Find(Desk.Rita)!.ShortcutsEnabled = false);
        Desk.Feed.Publish(Desk.Rita);
        Desk.Clock.Advance(TimeSpan.FromSeconds(1));

        page.WaitForAssertion(() => Assert.False(page.Find(".shortcut-choice input").HasAttribute("checked")));
        Assert.True(page.Find(Box).HasAttribute("checked"));
    }

    [Fact]
    public async Task S3_the_policy_saves_on_change_and_says_so()
    {
        var page = Show<SettingsPage>("/settings");

        await page.Find($"input[type=radio][value={nameof(ConflictPolicyKind.SalesforceWins)}]").ChangeAsync(nameof(ConflictPolicyKind.SalesforceWins));

        Assert.Equal(ConflictPolicyKind.SalesforceWins, Desk.Read(db => db.People.Single(p => p.Id == Desk.Rita).ConflictPolicy));
        Assert.Contains(page.FindAll("[role=status]"), status => status.TextContent == "Saved.");
    }

    [Fact]
    public async Task The_time_zone_saves_on_change()
    {
        var page = Show<SettingsPage>("/settings");

        await Control(page, "Time zone").ChangeAsync("Europe/Berlin");

        Assert.Equal("Europe/Berlin", Desk.Read(db => db.People.Single(p => p.Id == Desk.Rita).TimeZone));
    }

    [Fact]
    public void A_field_that_Salesforce_hides_is_said_to_be_hidden()
    {
        Desk.Connect(Desk.Rita, OrgSchema.Default with { Readable = TaskFields.All & ~TaskFields.Type });
        var page = Show<SettingsPage>("/settings");

        var row = page.FindAll("tbody tr").Single(tr => tr.QuerySelector("th")!.TextContent == "Type");
        Assert.Contains("not synced", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("hides this field", row.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anothers_connect_message_is_not_shown()
    {
        var notes = Services.GetRequiredService<ConnectNotes>();
        var id = await notes.KeepAsync(Guid.NewGuid(), new("Somebody else's words", null), Never);

        var page = Show<SettingsPage>("/settings?connect=" + id);

        Assert.DoesNotContain("Somebody else's words", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F8_ticking_the_box_shows_what_Save_would_do_and_why_it_cannot_be_shown()
    {
        // No grant behind this connection: the preview cannot be had, and Save works all the same.
        Desk.Connect(Desk.Rita);
        var page = Show<SettingsPage>("/settings");
        Assert.Empty(page.FindAll(".preview"));

        await page.Find(Box).ChangeAsync(true);
        page.WaitForAssertion(() => Assert.Contains("It cannot be shown just now.", page.Find(".preview").TextContent, StringComparison.Ordinal));
        Assert.Contains("You can save all the same.", page.Find(".preview").TextContent, StringComparison.Ordinal);
        await Button(page, "Save").ClickAsync();

        Assert.True(SyncEnabled);
        Assert.Empty(page.FindAll(".preview"));
    }

    [Fact]
    public async Task F8_the_preview_shows_its_sums_at_once_the_tasks_on_request_and_links_look_alikes()
    {
        var answers = new Queue<PreviewAnswer>([Ready(new LookAlike(Guid.NewGuid(), "00T000000000001AAA", "Call Ana", Desk.Today)), Ready()]);
        var linked = new List<LookAlike>();
        var panel = Render<PreviewPanel>(p => p
            .Add(x => x.Window, ImportWindow.Last24Hours).Add(x => x.Time, RepTime.At(Desk.Now, null, null, null))
            .Add(x => x.OnLook, (_, _) => Task.FromResult(answers.Dequeue()))
            .Add(x => x.OnLink, pair =>
            {
                linked.Add(pair);
                return Task.FromResult<string?>(null);
            }));

        Assert.Equal("12 tasks come in · 0 are sent · 41 of yours stay here", panel.Find(".preview-sum").TextContent);
        Assert.Empty(panel.FindAll(".preview-list"));
        await Button(panel, "Show the tasks").ClickAsync();
        Assert.Contains("Created or updated", panel.Find(".preview-list li").TextContent, StringComparison.Ordinal);

        await Button(panel, "Link Call Ana").ClickAsync();
        Assert.Equal("Call Ana", Assert.Single(linked).Title);
        Assert.Empty(panel.FindAll(".look-alikes"));
    }

    [Fact]
    public async Task F8_another_window_is_looked_at_anew_and_a_late_answer_to_the_former_one_is_dropped()
    {
        var first = new TaskCompletionSource<PreviewAnswer>();
        var panel = Render<PreviewPanel>(p => p
            .Add(x => x.Window, ImportWindow.Last24Hours).Add(x => x.Time, RepTime.At(Desk.Now, null, null, null))
            .Add(x => x.OnLook, (window, _) => window == ImportWindow.Last24Hours ? first.Task : Task.FromResult<PreviewAnswer>(Ready()))
            .Add(x => x.OnLink, _ => Task.FromResult<string?>(null)));
        Assert.Contains("Looking at both lists", panel.Markup, StringComparison.Ordinal);

        panel.Render(p => p.Add(x => x.Window, ImportWindow.AllOpen));
        await panel.InvokeAsync(() => first.SetResult(new PreviewAnswer.NotNow("too late")));

        panel.WaitForAssertion(() => Assert.NotEmpty(panel.FindAll(".preview-sum")));
        Assert.DoesNotContain("too late", panel.Markup, StringComparison.Ordinal);
    }

    private PreviewAnswer.Ready Ready(params LookAlike[] lookAlikes) => new(new Preview
    {
        Kind = InitialSyncKind.FirstSync,
        ComesIn = 12,
        StaysHere = 41,
        Rows = [new PreviewRow(PreviewFate.ComesIn, "Call Ana", Desk.Today, "Created or updated in Salesforce in the last 24 hours.")],
        LookAlikes = lookAlikes,
    });
}
