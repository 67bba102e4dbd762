using Bunit;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Tests.Tasks;
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
    public async Task S10_the_question_of_the_delete_brake_names_the_tasks_and_takes_both_answers()
    {
        var (keep, drop) = Asked("Call Ana", "Write to Ben");
        var page = Show<MySyncPage>("/sync?tab=problems");

        Assert.Equal(["Call Ana", "Write to Ben"], page.FindAll(".problem-card li").Select(item => item.TextContent));
        Assert.DoesNotContain("Salesforce says", page.Markup, StringComparison.Ordinal);
        Assert.False(HasButton(page, "Ignore"));

        await Button(page, "Restore all 2 here").ClickAsync();
        Assert.All(new[] { keep, drop }, id => Assert.Null(Desk.Task(id).RemovedAt));
        Assert.Contains("No problems", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S10_the_rep_can_let_the_deletions_through()
    {
        var (one, other) = Asked("Call Ana", "Write to Ben");
        var page = Show<MySyncPage>("/sync?tab=problems");

        await Button(page, "Delete all 2 in Salesforce too").ClickAsync();

        Assert.All(new[] { one, other }, id => Assert.Null(Desk.Pending(id)!.ProblemId));
        Assert.Equal(Desk.Task(one).RemovedAt, Desk.Task(one).Link!.DeletionAllowed);
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

    /// <summary>Two deletions that wait for the rep's word.</summary>
    private (Guid One, Guid Other) Asked(string subject, string otherSubject)
    {
        var connection = Desk.StartSync();
        var tasks = new[] { subject, otherSubject }.Select(name => Desk.Linked(connection, name, task => (task.RemovedAt, task.Removal) = (Desk.Now, Removal.DeletedHere), pending: true)).ToList();
        var problem = new Problem { PersonId = Desk.Rita, ConnectionId = connection.Id, Code = ProblemCodes.ManyDeleted, Message = "2 tasks were deleted here within an hour and are still in Salesforce.", FirstSeenAt = Desk.Now, LastSeenAt = Desk.Now };
        Desk.Change(db =>
        {
            db.Problems.Add(problem);
            foreach (var task in tasks)
            {
                db.PendingWrites.Find(task.Id)!.ProblemId = problem.Id;
            }
        });
        return (tasks[0].Id, tasks[1].Id);
    }
}
