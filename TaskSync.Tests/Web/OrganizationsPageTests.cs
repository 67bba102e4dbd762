using Bunit;
using TaskSync.Sync.Model;
using TaskSync.Tests.Tasks;
using TaskSync.Web.Components.Admin;
using TaskSync.Web.Security;

namespace TaskSync.Tests.Web;

/// <summary>The page of the org's administrator.</summary>
public sealed class OrganizationsPageTests : PageTest
{
    public OrganizationsPageTests() =>
        SignIn(Desk.Add(new Person { SubjectId = "adam", Name = "Adam Admin", CreatedAt = Desk.Now }), "Adam Admin", Policies.AdminRole);

    [Fact]
    public void It_says_what_to_create_with_the_callback_address_and_the_package()
    {
        var page = Show<OrganizationsPage>("/admin/organizations");

        var copied = page.FindAll(".copy-line code").Select(code => code.TextContent).ToList();
        Assert.Contains("http://localhost/salesforce/callback", copied);
        Assert.Contains("api refresh_token openid id", copied);
        Assert.Contains("TaskSync_Key__c", copied);
        Assert.Equal(PackageDownload.Path, page.Find("a[download]").GetAttribute("href"));
        Assert.Contains("No organization is connected yet", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_org_hides_and_why_the_key_field_is_not_used_is_named()
    {
        var connection = Desk.StartSync();
        Desk.Change(db => db.Connections.Single(c => c.Id == connection.Id).Schema = OrgSchema.Default with
        {
            Readable = TaskFields.All & ~TaskFields.Type,
            Key = KeyPlace.CallObject,
            KeyTrouble = "TaskSync_Key__c is not unique.",
        });

        var page = Show<OrganizationsPage>("/admin/organizations");

        var facts = page.Find(".organization .facts").TextContent;
        Assert.Contains("TaskSync_Key__c is not unique.", facts, StringComparison.Ordinal);
        Assert.Contains("Type (Type) for everybody", facts, StringComparison.Ordinal);
        Assert.Contains("Completed", facts, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_that_stands_by_says_why_and_what_to_grant()
    {
        var connection = Desk.StartSync();
        AddReader(connection, ReaderState.Standby, "It does not see tasks of Rita Rep.", new ReaderFinding(ReaderVerdict.Blocking, "Other people's tasks", "Give the integration user View All Data."));

        var page = Show<OrganizationsPage>("/admin/organizations");

        Assert.Contains("Standing by", page.Find(".organization").TextContent, StringComparison.Ordinal);
        Assert.Contains("It does not see tasks of Rita Rep.", page.Find(".organization .note").TextContent, StringComparison.Ordinal);
        Assert.Contains("View All Data", page.Find(".finding-blocking").TextContent, StringComparison.Ordinal);
        var status = Render<SyncStatusPage>();
        Assert.Contains("reader stands by", status.Find(".reading").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_test_is_offered_only_where_it_was_allowed_with_the_warning_beside_the_switch()
    {
        Desk.StartSync();
        var page = Show<OrganizationsPage>("/admin/organizations");
        Assert.False(HasButton(page, "Test end to end"));
        Assert.Contains("own flows", page.Find(".organization").TextContent, StringComparison.Ordinal);

        await page.Find(".choice-line input").ChangeAsync(true);

        Assert.True(HasButton(page, "Test end to end"));
        var test = Desk.Read(db => db.OrgTests.Single());
        Assert.Equal((true, "Adam Admin"), (test.IsAllowed, test.AllowedBy));
    }

    [Fact]
    public async Task A_key_that_is_none_is_refused_before_anything_is_sent()
    {
        var page = Show<OrganizationsPage>("/admin/organizations");
        await page.Find("#reader-username").ChangeAsync("integration@acme.example");
        await page.Find("#reader-key").ChangeAsync("my secret key");

        await page.Find(".reader-setup details form").SubmitAsync();

        Assert.Contains("no RSA private key", page.Find(".reader-setup [role=alert]").TextContent, StringComparison.Ordinal);
    }

    private void AddReader(Connection rep, ReaderState state, string? reason, params ReaderFinding[] findings)
    {
        var connection = new Connection
        {
            Kind = ConnectionKind.Reader,
            PersonId = rep.PersonId,
            OrganizationId = rep.OrganizationId,
            UserId = "005Ws000001AbCdIAK",
            Username = "integration@acme.example",
            DisplayName = "Integration User",
            OrganizationName = rep.OrganizationName,
            InstanceUrl = rep.InstanceUrl,
            ConnectedAt = Desk.Now,
        };
        Desk.Change(db =>
        {
            db.Connections.Add(connection);
            db.Readers.Add(new OrgReader
            {
                ConnectionId = connection.Id,
                OrganizationId = rep.OrganizationId,
                State = state,
                StateReason = reason,
                StateSince = Desk.Now,
                CheckedAt = Desk.Now,
                ChecksJson = new ReaderReport(findings).ToJson(),
            });
        });
    }
}
