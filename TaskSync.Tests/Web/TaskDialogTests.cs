using AngleSharp.Dom;
using Bunit;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Tasks;
using TaskSync.Web.Components.CommandCenter;

namespace TaskSync.Tests.Web;

public sealed class TaskDialogTests : PageTest
{
    private readonly BusyDatabase _database;

    public TaskDialogTests()
        : this(new BusyDatabase())
    {
    }

    private TaskDialogTests(BusyDatabase database)
        : base(database) => _database = database;

    private IElement Field(string label) => Control(Dialogs, label);

    /// <summary>Opens the dialog. The click itself is done only when the dialog is closed.</summary>
    private IRenderedComponent<CommandCenterPage> Open(string? subject = null)
    {
        var page = Show<CommandCenterPage>();
        _ = Button(page, subject is null ? "New task" : "Edit " + subject).ClickAsync();
        Dialogs.WaitForElement("form.task-form");
        return page;
    }

    private Task SaveAsync() => Dialogs.Find("form.task-form").SubmitAsync();

    [Fact]
    public void The_fields_have_the_names_that_scripts_rely_on()
    {
        Open();

        Assert.All(
            ["Subject", "Type", "Person", "Related to", "Due date", "Priority", "Status", "Reminder", "Details"],
            label => Assert.NotNull(Field(label)));
        Assert.Single(Dialogs.FindAll("button"), button => Name(button).StartsWith("Save", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_task_is_stored_with_everything_that_was_typed()
    {
        var page = Open();

        await Field("Subject").InputAsync("Call Ana");
        await Field("Due date").InputAsync("2026-11-24");
        await Field("Type").ChangeAsync("Call");
        await Field("Priority").ChangeAsync("High");
        await Field("Reminder").ChangeAsync("2026-11-24T08:30:00");
        await Field("Details").InputAsync("About the renewal");
        await SaveAsync();

        page.WaitForAssertion(() => Assert.Equal(["Call Ana"], Subjects(page, "Tomorrow")));
        var task = Desk.Read(db => db.Tasks.Single());
        Assert.Equal(("Call", "High", "About the renewal"), (task.Type, task.Priority, task.Details));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 8, 30, 0, TimeSpan.Zero), task.ReminderAt);
    }

    [Fact]
    public async Task What_is_wrong_is_said_at_the_field_and_nothing_is_saved()
    {
        Open();

        await Field("Due date").InputAsync("24.11.2026");
        await SaveAsync();
        Assert.Equal("true", Field("Due date").GetAttribute("aria-invalid"));
        Assert.Contains("year-month-day", Dialogs.Find("#" + Field("Due date").GetAttribute("aria-describedby")).TextContent, StringComparison.Ordinal);

        await Field("Due date").InputAsync("2026-11-24");
        await SaveAsync();
        Assert.Equal("true", Field("Subject").GetAttribute("aria-invalid"));
        Assert.Null(Field("Due date").GetAttribute("aria-invalid"));
        Assert.Empty(Desk.Read(db => db.Tasks.ToList()));
    }

    [Fact]
    public async Task Nothing_typed_is_lost_when_the_database_is_busy()
    {
        var page = Open();
        await Field("Subject").InputAsync("Call Ana");

        _database.Away = true;
        await SaveAsync();
        Assert.Contains("What you typed is still here", Dialogs.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Call Ana", Field("Subject").GetAttribute("value"));

        _database.Away = false;
        await SaveAsync();
        page.WaitForAssertion(() => Assert.Equal(["Call Ana"], Subjects(page, "Today")));
    }

    [Fact]
    public async Task A_task_that_is_being_edited_is_not_overwritten()
    {
        var id = await Desk.NewTask("Call Ana", Desk.Today);
        var page = Open("Call Ana");
        await Field("Subject").InputAsync("Call Ana Ruiz");

        await Desk.Edit(id, draft => draft with { Subject = "Call A.", Details = "From elsewhere" });
        Desk.Clock.Advance(TimeSpan.FromSeconds(1));
        Dialogs.WaitForAssertion(() => Assert.Contains("Changed meanwhile: Subject, Details", Dialogs.Markup, StringComparison.Ordinal));
        Assert.Equal("Call Ana Ruiz", Field("Subject").GetAttribute("value"));
        Assert.Equal("From elsewhere", Field("Details").GetAttribute("value"));

        await SaveAsync();
        page.WaitForAssertion(() => Assert.Equal(["Call Ana Ruiz"], Subjects(page, "Today")));
        Assert.Equal("From elsewhere", Desk.Task(id).Details);
    }

    [Fact]
    public async Task The_new_values_can_be_taken_instead_of_what_was_typed()
    {
        var id = await Desk.NewTask("Call Ana", Desk.Today);
        Open("Call Ana");
        await Field("Subject").InputAsync("Call Ana Ruiz");
        await Desk.Edit(id, draft => draft with { Subject = "Call A." });
        Desk.Clock.Advance(TimeSpan.FromSeconds(1));

        Dialogs.WaitForAssertion(() => Assert.True(HasButton(Dialogs, "Use the new values")));
        await Button(Dialogs, "Use the new values").ClickAsync();

        Assert.Equal("Call A.", Field("Subject").GetAttribute("value"));
    }

    [Fact]
    public async Task What_was_typed_is_not_thrown_away_without_asking()
    {
        Open();
        await Field("Subject").InputAsync("Call Ana");

        await Button(Dialogs, "Cancel").ClickAsync();
        Assert.Contains("Discard what you typed?", Dialogs.Markup, StringComparison.Ordinal);
        await Button(Dialogs, "Keep editing").ClickAsync();

        Assert.Equal("Call Ana", Field("Subject").GetAttribute("value"));
    }

    [Fact]
    public async Task History_says_who_when_which_side_before_and_after()
    {
        var id = await Desk.NewTask("Call Ana", Desk.Today);
        await Desk.Edit(id, draft => draft with { Priority = "High" });
        Open("Call Ana");

        await Button(Dialogs, "History").ClickAsync();

        var line = Dialogs.Find("ol.history li").TextContent;
        Assert.All(["Rita Rep", "in TaskSync", "Priority", "Normal", "High"], part => Assert.Contains(part, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task F5_why_says_why_a_task_is_only_here()
    {
        await Desk.NewTask("Call Ana", Desk.Today);
        Open("Call Ana");

        await Button(Dialogs, "Why?").ClickAsync();

        Assert.Contains(Dialogs.FindAll(".why .rule"), rule => rule.TextContent == "F5");
    }

    [Fact]
    public void Records_cannot_be_picked_without_a_connection_and_the_field_says_why()
    {
        Open();

        Assert.True(Field("Person").HasAttribute("disabled"));
        Assert.Contains("Connect Salesforce", Field("Person").GetAttribute("placeholder"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_result_is_shown_and_stored_where_the_org_has_the_field()
    {
        Desk.StartSync(WithCallResult());
        var page = Open();
        await Field("Subject").InputAsync("Call Ana");
        await Field("Call result").InputAsync(" Left a message ");
        Assert.False(Field("Call result").HasAttribute("readonly"));
        Assert.Empty(Dialogs.FindAll("datalist"));

        await SaveAsync();

        page.WaitForAssertion(() => Assert.Equal(["Call Ana"], Subjects(page, "Today")));
        Assert.Equal("Left a message", Desk.Read(db => db.Tasks.Single()).CallResult);
    }

    [Fact]
    public void A_call_result_is_not_shown_where_there_is_no_org_or_none_that_has_it()
    {
        Open();
        Assert.DoesNotContain(Dialogs.FindAll("form.task-form label"), label => label.TextContent == "Call result");
    }

    [Fact]
    public void A_call_result_that_may_not_be_written_is_for_reading_and_not_in_a_new_task()
    {
        var connection = Desk.StartSync(WithCallResult() with { Createable = TaskFields.All & ~TaskFields.CallResult, Updateable = TaskFields.All & ~TaskFields.CallResult });
        Desk.Linked(connection, "Call Ana", task => (task.CallResult, task.DueDate) = ("Spoke to Ana", Desk.Today));

        Open("Call Ana");

        Assert.Equal("Spoke to Ana", Field("Call result").GetAttribute("value"));
        Assert.True(Field("Call result").HasAttribute("readonly"));
        Assert.Empty(TaskForm.Of(WithCallResult() with { Createable = TaskFields.None }, canPickRecords: true, isNew: true).More);
    }

    [Fact]
    public async Task The_call_results_that_the_org_lists_are_suggested_and_one_too_long_is_refused()
    {
        var results = new Picklist(["No answer", "Left a message"], IsRestricted: false);
        Desk.StartSync(WithCallResult() with { Picklists = new Dictionary<TaskField, Picklist> { [TaskField.CallResult] = results } });
        Open();
        var list = Dialogs.Find("#" + Field("Call result").GetAttribute("list"));
        Assert.Equal(results.Values, list.Children.Select(option => option.GetAttribute("value")));

        await Field("Subject").InputAsync("Call Ana");
        await Field("Call result").InputAsync(new string('x', 256));
        Assert.Contains("256 of 255 characters", Dialogs.Markup, StringComparison.Ordinal);
        await SaveAsync();

        Assert.Equal("true", Field("Call result").GetAttribute("aria-invalid"));
        Assert.Empty(Desk.Read(db => db.Tasks.ToList()));
    }

    private static OrgSchema WithCallResult() => OrgSchema.Default with { Readable = TaskFields.All, Createable = TaskFields.All, Updateable = TaskFields.All };

    [Fact]
    public async Task A_task_deleted_meanwhile_can_be_restored_from_the_dialog()
    {
        var id = await Desk.NewTask("Call Ana", Desk.Today);
        Open("Call Ana");
        await Desk.Tasks.DeleteAsync(Desk.Rita, [id], Never);
        Desk.Clock.Advance(TimeSpan.FromSeconds(1));

        Dialogs.WaitForAssertion(() => Assert.True(HasButton(Dialogs, "Restore it")));
        await Button(Dialogs, "Restore it").ClickAsync();

        Assert.Null(Desk.Task(id).RemovedAt);
    }
}
