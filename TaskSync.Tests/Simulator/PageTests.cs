using System.Net;
using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class PageTests : SimulatorTest
{
    private Task<ApiAnswer> Post(string path, params (string, string)[] form) =>
        ApiCaller.PostForm(new Uri(Host.BaseAddress, path), [("user", Org.Rita.Id), .. form]);

    [Fact]
    public async Task The_list_shows_the_chosen_users_open_tasks_and_encodes_their_text()
    {
        Org.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = "<script>alert('x')</script>" });
        Org.CreateTask(Org.Sam.Id, new FieldValues { ["Subject"] = "Sam's own" });
        var page = await Rita.Get($"/?user={Org.Rita.Id}");
        Assert.Equal("text/html; charset=UTF-8", page.Headers["Content-Type"]);
        Assert.Contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Sam&#39;s own", page.Text, StringComparison.Ordinal);
        Assert.Contains("Simulated Salesforce", page.Text, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'; style-src 'self'", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal(200, (await Rita.Get("/ui/simulator.css")).Status);
    }

    [Fact]
    public async Task A_task_is_created_edited_completed_deleted_and_restored_by_forms()
    {
        var created = await Post("/tasks", ("Subject", "Call Ana"), ("ActivityDate", "2026-03-05"), ("Status", "Not Started"), ("Priority", "High"), ("OwnerId", Org.Rita.Id), ("ReminderDateTime", "2026-03-05T09:30"), ("CallDisposition", "sold"), ("Description", "a\r\nb"));
        Assert.Equal(303, created.Status);
        var task = Assert.Single(Org.Tasks());
        Assert.Equal(("Call Ana", new DateOnly(2026, 3, 5), "High", "a\nb", true), (task.Subject, task.ActivityDate, task.Priority, task.Description, task["IsReminderSet"]));
        Assert.Equal("sold", task.CallDisposition);
        Assert.Contains("name=\"CallDisposition\" value=\"sold\"", (await Rita.Get($"/tasks/{task.Id}?user={Org.Rita.Id}")).Text, StringComparison.Ordinal);

        await Post($"/tasks/{task.Id}", ("Subject", "Call Ben"), ("OwnerId", Org.Rita.Id), ("action", "save"));
        Assert.Equal("Call Ben", Org.FindTask(task.Id)!.Subject);
        await Post($"/tasks/{task.Id}", ("action", "complete"));
        Assert.True(Org.FindTask(task.Id)!.IsClosed);
        await Post($"/tasks/{task.Id}", ("action", "delete"));
        Assert.Contains("Call Ben", (await Rita.Get($"/recycle-bin?user={Org.Rita.Id}")).Text, StringComparison.Ordinal);
        await Post($"/recycle-bin/{task.Id}");
        Assert.False(Org.FindTask(task.Id)!.IsDeleted);
        await Post($"/tasks/{task.Id}", ("OwnerId", Org.Sam.Id), ("action", "save"));
        Assert.Equal(Org.Sam.Id, Org.FindTask(task.Id)!.OwnerId);
        Assert.Equal((0, 404), (Org.Calls.Total, (await Rita.Get($"/tasks/{task.Id}?user={Org.Rita.Id}")).Status));
    }

    [Fact]
    public async Task A_refusal_is_shown_in_the_form_with_what_was_typed()
    {
        Org.RequireField("CallDisposition");
        var answer = await Post("/tasks", ("Subject", "Kept \"as typed\""));
        Assert.Equal(400, answer.Status);
        Assert.Contains("REQUIRED_FIELD_MISSING", answer.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"Kept &quot;as typed&quot;\"", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    public async Task A_post_from_elsewhere_is_refused(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Host.BaseAddress, "/tasks")) { Content = new FormUrlEncodedContent([KeyValuePair.Create("Subject", "x")]) };
        request.Headers.Add(header, value);
        Assert.Equal(403, (await ApiCaller.Send(request)).Status);
        Assert.Empty(Org.Tasks());
    }

    [Fact]
    public async Task Every_input_has_a_label()
    {
        var form = WebUtility.HtmlDecode((await Rita.Get($"/tasks/new?user={Org.Rita.Id}")).Text);
        foreach (var id in System.Text.RegularExpressions.Regex.Matches(form, "<(?:input|select|textarea) id=\"(\\w+)\"").Select(m => m.Groups[1].Value))
            Assert.Contains($"<label for=\"{id}\">", form, StringComparison.Ordinal);
    }
}
