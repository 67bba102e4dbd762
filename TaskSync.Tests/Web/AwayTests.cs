using Bunit;
using Microsoft.AspNetCore.Components;
using TaskSync.Sync.Model;
using TaskSync.Tests.Support;
using TaskSync.Web.Components.Admin;
using TaskSync.Web.Components.CommandCenter;
using TaskSync.Web.Components.Layout;
using TaskSync.Web.Components.Settings;
using TaskSync.Web.Security;

namespace TaskSync.Tests.Web;

/// <summary>Everywhere it is said alike that Salesforce is away, and since when on the wall clock of whoever reads it.</summary>
public sealed class AwayTests : PageTest
{
    private readonly Connection _connection;

    public AwayTests()
    {
        _connection = Desk.StartSync();
        Desk.Change(db =>
        {
            db.People.Find(Desk.Rita)!.TimeZone = "Asia/Tokyo";
            var row = db.Connections.Find(_connection.Id)!;
            (row.FailingSince, row.BackOffReason, row.LastSuccessAt) = (Away, "Salesforce cannot be reached from TaskSync.", Away);
        });
    }

    private DateTimeOffset Away => Desk.Now.AddMinutes(-12);

    private string Words => "Salesforce is away since " + TimeZoneInfo.ConvertTimeBySystemTimeZoneId(Away, "Asia/Tokyo").ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task SE6_the_pill_says_since_when_and_its_age_goes_on()
    {
        var words = Words;
        var pill = Show<SyncPillButton>();
        Assert.Equal(words, pill.Find(".pill-text").TextContent);
        Assert.Contains("in step as of 12 min ago", pill.Find("button.pill").GetAttribute("title"), StringComparison.Ordinal);

        await PassAsync(pill, () => pill.Find("button.pill").GetAttribute("title")!.Contains("14 min ago", StringComparison.Ordinal));
        Assert.Equal(words, pill.Find(".pill-text").TextContent);
    }

    [Fact]
    public void SE6_settings_say_so() =>
        Assert.StartsWith(Words + ". Salesforce cannot be reached", Show<SettingsPage>("/settings").Find(".note-waiting .note-body").TextContent, StringComparison.Ordinal);

    [Fact]
    public void SE6_the_Command_Center_says_so() =>
        Assert.StartsWith(Words + ". Salesforce cannot be reached", Show<CommandCenterPage>().Find(".note-waiting .note-body").TextContent, StringComparison.Ordinal);

    [Fact]
    public async Task SE6_settings_follow_when_it_is_back()
    {
        var page = Show<SettingsPage>("/settings");
        Desk.Change(db => (db.Connections.Find(_connection.Id)!.FailingSince, db.Connections.Find(_connection.Id)!.LastSuccessAt) = (null, Desk.Now));

        await PassAsync(page, () => page.FindAll(".note-waiting").Count == 0 && page.Markup.Contains("Connected", StringComparison.Ordinal));
    }

    [Fact]
    public void SE6_the_admins_table_says_so()
    {
        SignIn(Desk.Rita, "Adam Admin", Policies.AdminRole);

        Assert.Contains(Words, Show<SyncStatusPage>("/admin/sync?tab=people").Find("td .chip").TextContent, StringComparison.Ordinal);
    }

    /// <summary>Lets time pass until the page shows it.</summary>
    private Task PassAsync<T>(IRenderedComponent<T> page, Func<bool> shows)
        where T : IComponent => Until.TrueAsync(async () =>
        {
            Desk.Clock.Advance(TimeSpan.FromSeconds(15));
            return await page.InvokeAsync(shows);
        });
}
