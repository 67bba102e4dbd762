using Bunit;
using TaskSync.Sync.Model;
using TaskSync.Web.Components.MySync;

namespace TaskSync.Tests.Web;

public sealed class MySyncPageTests : PageTest
{
    [Fact]
    public void S9_the_exact_message_of_Salesforce_is_visible_without_a_click()
    {
        Desk.Park(Desk.Linked(Desk.StartSync()));
        var page = Show<MySyncPage>("/sync?tab=problems");

        Assert.Contains("Region is required.", page.Find(".problem-card .exact").TextContent, StringComparison.Ordinal);
        Assert.True(HasButton(page, "Retry"));
    }

    [Fact]
    public async Task S9_Retry_sends_again_and_Ignore_lets_it_be()
    {
        var task = Desk.Linked(Desk.StartSync());
        Desk.Park(task);
        var page = Show<MySyncPage>("/sync?tab=problems");

        await Button(page, "Ignore").ClickAsync();
        Assert.Contains("Ignored", page.Find(".problem-card .chip").TextContent, StringComparison.Ordinal);
        await Button(page, "Retry").ClickAsync();

        Assert.Null(Desk.Pending(task.Id)!.ProblemId);
        Assert.NotEmpty(Desk.Rings);
    }

    [Fact]
    public async Task S3_a_conflict_shows_both_values_and_the_other_can_be_taken()
    {
        var task = Desk.Linked(Desk.StartSync(), with: t => t.Priority = "High");
        Desk.InConflict(task, TaskField.Priority, "High", "Low", TaskSide.TaskSync);
        var page = Show<MySyncPage>("/sync?tab=conflicts");

        Assert.Equal(["High", "Low"], page.FindAll(".side-value").Select(value => value.TextContent));
        await page.FindAll("button").Single(button => Name(button).StartsWith("Take the other", StringComparison.Ordinal)).ClickAsync();

        Assert.Equal("Low", Desk.Task(task.Id).Priority);
        Assert.Contains("No conflicts", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S4_a_deleted_task_can_be_restored()
    {
        var id = await Desk.NewTask("Call Ana", Desk.Today);
        await Desk.Tasks.DeleteAsync(Desk.Rita, [id], Never);
        var page = Show<MySyncPage>("/sync?tab=deleted");

        Assert.Contains("15 days left", page.Markup, StringComparison.Ordinal);
        await Button(page, "Restore Call Ana").ClickAsync();

        Assert.Null(Desk.Task(id).RemovedAt);
        Assert.Contains("Nothing was deleted lately", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_activity_it_says_where_it_will_come_from()
    {
        var page = Show<MySyncPage>("/sync");

        Assert.Contains("No sync activity yet", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_from_Salesforce_is_text_and_never_markup()
    {
        var problem = Desk.Park(Desk.Linked(Desk.StartSync(), "<img src=x onerror=alert(1)>"));
        Desk.Change(db => db.Problems.Find(problem.Id)!.Message = "<script>alert(1)</script>");
        var page = Show<MySyncPage>("/sync?tab=problems");

        Assert.Empty(page.FindAll("img, script"));
        Assert.Contains("<script>alert(1)</script>", page.Find(".exact").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_elses_problems_are_shown()
    {
        var sam = Desk.Add(new Person { SubjectId = "sam", Name = "Sam Seller", CreatedAt = Desk.Now });
        Desk.Park(Desk.Linked(Desk.Connect(sam)));

        var page = Show<MySyncPage>("/sync?tab=problems");

        Assert.Contains("No problems", page.Markup, StringComparison.Ordinal);
    }
}
