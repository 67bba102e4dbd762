using Bunit;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;
using TaskSync.Tests.Tasks;
using TaskSync.Web.Components.Admin;
using TaskSync.Web.Security;

namespace TaskSync.Tests.Web;

public sealed class SyncStatusPageTests : PageTest
{
    public SyncStatusPageTests() =>
        SignIn(Desk.Add(new Person { SubjectId = "adam", Name = "Adam Admin", CreatedAt = Desk.Now }), "Adam Admin", Policies.AdminRole);

    [Fact]
    public async Task Pausing_all_keeps_who_and_why_and_resuming_ends_it()
    {
        var page = Show<SyncStatusPage>("/admin/sync");

        await Button(page, "Pause all").ClickAsync();
        await page.Find(".pause-popup input").InputAsync("Data load");
        await page.Find(".pause-popup form").SubmitAsync();
        var control = Desk.Read(db => db.Control.Single());
        Assert.Equal(("Adam Admin", "Data load"), (control.PausedBy, control.Reason));
        Assert.Contains("Data load", page.Find(".headline").TextContent + page.Find(".pause-state").TextContent, StringComparison.Ordinal);

        await Button(page, "Resume all").ClickAsync();
        Assert.Null(Desk.Read(db => db.Control.Single().PausedAt));
    }

    [Fact]
    public void SE9_who_is_no_admin_is_told_so_whatever_the_route_lets_through()
    {
        SignIn(Desk.Rita, "Rita Rep");

        Assert.Contains("This page is for administrators", Show<SyncStatusPage>("/admin/sync").Markup, StringComparison.Ordinal);
        Assert.Contains("This page is for administrators", Render<OrganizationsPage>().Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SE9_a_role_that_is_lost_on_an_open_page_is_lost_for_its_buttons()
    {
        Desk.StartSync();
        var page = Show<SyncStatusPage>("/admin/sync?tab=people");
        SignIn(Desk.Rita, "Rita Rep");

        await Button(page, "Pause: Rita Rep").ClickAsync();

        Assert.Contains("it takes the role of an admin", page.Markup, StringComparison.Ordinal);
        Assert.Null(Desk.Read(db => db.People.Single(p => p.Id == Desk.Rita).PausedAt));
    }

    [Fact]
    public async Task A_person_can_be_paused_and_resumed()
    {
        Desk.StartSync();
        var page = Show<SyncStatusPage>("/admin/sync?tab=people");

        await Button(page, "Pause: Rita Rep").ClickAsync();
        Assert.NotNull(Desk.Read(db => db.People.Single(p => p.Id == Desk.Rita).PausedAt));
        await Button(page, "Resume: Rita Rep").ClickAsync();

        Assert.Null(Desk.Read(db => db.People.Single(p => p.Id == Desk.Rita).PausedAt));
    }

    [Fact]
    public async Task A_person_is_removed_after_a_question_and_let_in_again()
    {
        Desk.StartSync();
        var page = Show<SyncStatusPage>("/admin/sync?tab=people");
        Assert.False(HasButton(page, "Remove …: Adam Admin"));

        await Button(page, "Remove …: Rita Rep").ClickAsync();
        await Button(page, "Keep Rita Rep").ClickAsync();
        Assert.Null(Desk.Read(db => db.People.Single(p => p.Id == Desk.Rita).RemovedAt));
        await Button(page, "Remove …: Rita Rep").ClickAsync();
        await Button(page, "Remove Rita Rep").ClickAsync();

        Assert.Equal((true, false), Desk.Read(db => db.People.Single(p => p.Id == Desk.Rita)) is var rita ? (rita.RemovedAt is not null, rita.SyncEnabled) : default);
        Assert.Contains("Rita Rep is removed", page.Markup, StringComparison.Ordinal);
        await Button(page, "Let in again: Rita Rep").ClickAsync();
        Assert.Null(Desk.Read(db => db.People.Single(p => p.Id == Desk.Rita).RemovedAt));
    }

    [Fact]
    public async Task Section7_a_person_is_erased_after_a_dialog_said_what_is_lost()
    {
        var connection = Desk.StartSync();
        Desk.Linked(connection, "Call Ana", pending: true);
        var page = Show<SyncStatusPage>("/admin/sync?tab=people");
        Assert.Equal($"/admin/sync/people/{Desk.Rita}/export.zip", page.Find("a[aria-label='Export: Rita Rep']").GetAttribute("href"));

        var asked = Button(page, "Erase: Rita Rep").ClickAsync();
        Assert.Contains("1 task in TaskSync", Dialogs.Markup, StringComparison.Ordinal);
        Assert.Contains("1 change made here has not reached Salesforce", Dialogs.Markup, StringComparison.Ordinal);
        Assert.Contains("Salesforce keeps its own tasks", Dialogs.Markup, StringComparison.Ordinal);
        await Button(Dialogs, "Cancel").ClickAsync();
        await asked;
        Assert.Equal(2, Desk.Read(db => db.People.Count()));

        asked = Button(page, "Erase: Rita Rep").ClickAsync();
        await Button(Dialogs, "Erase for good").ClickAsync();
        await asked;

        Assert.Contains("Rita Rep is erased.", page.Markup, StringComparison.Ordinal);
        Assert.Equal("Adam Admin", Desk.Read(db => db.People.Single().Name));
    }

    [Fact]
    public async Task Section7_an_erasure_that_fails_says_so_and_can_be_tried_again()
    {
        Desk.StartSync();
        var page = Show<SyncStatusPage>("/admin/sync?tab=people");
        var asked = Button(page, "Erase: Rita Rep").ClickAsync();
        Desk.Change(db => db.Database.ExecuteSqlRaw("CREATE TRIGGER Refuse BEFORE DELETE ON People BEGIN SELECT RAISE(ABORT, 'no'); END"));

        await Button(Dialogs, "Erase for good").ClickAsync();
        Assert.Contains("Not erased", Dialogs.Find(".field-error").TextContent, StringComparison.Ordinal);
        Desk.Change(db => db.Database.ExecuteSqlRaw("DROP TRIGGER Refuse"));

        await Button(Dialogs, "Erase for good").ClickAsync();
        await asked;
        Assert.Contains("Rita Rep is erased.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S9_problems_are_grouped_by_cause_with_Retry_all()
    {
        var connection = Desk.StartSync();
        var tasks = new[] { Desk.Linked(connection, "One"), Desk.Linked(connection, "Two") };
        foreach (var task in tasks)
        {
            Desk.Park(task);
        }

        var page = Show<SyncStatusPage>("/admin/sync?tab=problems");
        Assert.Contains("2 tasks · 1 person", page.Find(".problem-card .chip").TextContent, StringComparison.Ordinal);
        await Button(page, "Retry all: FIELD_CUSTOM_VALIDATION_EXCEPTION").ClickAsync();

        Assert.All(tasks, task => Assert.Null(Desk.Pending(task.Id)!.ProblemId));
    }

    [Fact]
    public async Task Runs_can_be_filtered_and_the_file_has_the_same_filter()
    {
        var connection = Desk.StartSync();
        Desk.Change(db => db.Runs.AddRange(
            new SyncRun { PersonId = Desk.Rita, ConnectionId = connection.Id, Kind = SyncRunKind.Push, StartedAt = Desk.Now, EndedAt = Desk.Now, Outcome = SyncRunOutcome.Succeeded, Sent = 3 },
            new SyncRun { PersonId = Desk.Rita, ConnectionId = connection.Id, Kind = SyncRunKind.Pull, StartedAt = Desk.Now, EndedAt = Desk.Now, Outcome = SyncRunOutcome.Failed }));
        var page = Show<SyncStatusPage>("/admin/sync?tab=runs");
        Assert.Equal(2, page.FindAll("tbody tr").Count);

        await page.FindAll(".tab-head select")[0].ChangeAsync(nameof(SyncRunKind.Push));

        Assert.Single(page.FindAll("tbody tr"));
        Assert.EndsWith("/runs.csv?kind=Push", page.Find("a[download]").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_chart_has_a_table_beside_it()
    {
        var page = Show<SyncStatusPage>("/admin/sync");

        Assert.Equal("img", page.Find("svg.chart").GetAttribute("role"));
        Assert.NotEmpty(page.FindAll(".chart-data tbody tr"));
    }

    [Fact]
    public async Task S8_the_audits_figures_are_shown_and_an_audit_can_be_asked_for()
    {
        var connection = Desk.StartSync();
        Desk.Change(db =>
        {
            db.Cursors.Add(new SyncCursor { ConnectionId = connection.Id });
            db.Audits.Add(new Audit { PersonId = Desk.Rita, ConnectionId = connection.Id, StartedAt = Desk.Now.AddDays(-1), EndedAt = Desk.Now.AddDays(-1), Compared = 40, Different = 3, Healed = 3, Duplicates = 1, DuplicateIds = "00T000000000001AAA", ApiCalls = 1 });
            db.Audits.Add(new Audit { PersonId = Desk.Rita, ConnectionId = connection.Id, StartedAt = Desk.Now.AddHours(-6), EndedAt = Desk.Now.AddHours(-6), Compared = 412, ApiCalls = 1 });
        });
        var page = Show<SyncStatusPage>("/admin/sync");

        Assert.Equal(["412", "0", "0", "0"], page.FindAll(".audit-card .figures dd").Select(figure => figure.TextContent));
        Assert.Contains("00T000000000001AAA", page.Find(".audit-card tbody tr").TextContent, StringComparison.Ordinal);
        await Button(page, "Audit now").ClickAsync();

        Assert.Equal(AuditReason.Asked, Desk.Read(db => db.Cursors.Single().AuditAsked));
        Assert.NotEmpty(Desk.Rings);
        Assert.Contains("1 list to go", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Before_the_first_audit_it_says_so() =>
        Assert.Contains("No audit has run yet", Show<SyncStatusPage>("/admin/sync").Markup, StringComparison.Ordinal);
}
