using System.Text;
using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class ControlTests : SimulatorTest
{
    private Task<ApiAnswer> Control(string method, string path, object? body = null) => Rita.Send(method, "/simulator-control/" + path, body, []);

    [Fact]
    public async Task Calls_are_counted_by_kind_and_user_and_can_be_reset()
    {
        await Rita.Get("limits");
        await Rita.Post("sobjects/Task", new { Subject = "a" });
        await CallerOf(Org.Sam.Id).Get("limits");
        var calls = await Control("GET", "calls");
        Assert.Equal(("3", "1"), (calls["total"], calls["rowsCreated"]));
        Assert.Equal(2, calls.Json.GetProperty("byKind").GetProperty("GET /limits").GetInt32());
        Assert.Equal(2, calls.Json.GetProperty("byUser").GetProperty(Org.Rita.Id).GetInt32());
        await Control("POST", "calls/reset");
        Assert.Equal("0", (await Control("GET", "calls"))["total"]);
    }

    [Fact]
    public async Task Faults_are_switched_on_looked_at_and_off()
    {
        var fault = await Control("POST", "faults", """{"kind":"RowLock","resource":"/sobjects/Task","item":0,"times":3}""");
        (await Rita.Post("sobjects/Task", new { Subject = "a" })).IsRefusedWith(400, "UNABLE_TO_LOCK_ROW");
        Assert.Equal(1, (await Control("GET", "faults")).Json[0].GetProperty("fired").GetInt32());
        Assert.Equal(204, (await Control("DELETE", $"faults/{fault["id"]}")).Status);
        Assert.Equal(201, (await Rita.Post("sobjects/Task", new { Subject = "a" })).Status);
    }

    [Fact]
    public async Task Tasks_are_worked_on_as_Salesforce()
    {
        var created = await Control("POST", "tasks", """{"owner":"rita.rep@acme.example","fields":{"Subject":"a","ActivityDate":"2026-03-06"},"audit":{"createdDate":"2026-03-01T00:00:00Z","lastModifiedDate":"2026-03-02T00:00:00Z"}}""");
        var id = created["id"]!;
        Assert.Equal((201, new DateOnly(2026, 3, 6), Start.AddDays(-4).AddHours(-10)), (created.Status, Org.FindTask(id)!.ActivityDate, Org.FindTask(id)!.CreatedDate));
        await Control("PATCH", $"tasks/{id}", """{"fields":{"Subject":"b"},"asUser":"adam.admin@acme.example"}""");
        Assert.Equal(("b", Org.Adam.Id), (Org.FindTask(id)!.Subject, Org.FindTask(id)!.LastModifiedById));
        await Control("POST", $"tasks/{id}/complete");
        await Control("DELETE", $"tasks/{id}");
        Assert.Equal((true, true), (Org.FindTask(id)!.IsClosed, Org.FindTask(id)!.IsDeleted));
        await Control("POST", $"tasks/{id}/undelete");
        Assert.Equal(1, (await Control("GET", "tasks?owner=rita.rep@acme.example")).Json.GetArrayLength());
        Assert.Equal((400, 400, 404), ((await Control("POST", "tasks", """{"fields":{}}""")).Status, (await Control("PATCH", $"tasks/{id}", """{"fields":{"Nonsense":1}}""")).Status, (await Control("GET", "nonsense")).Status));
    }

    [Fact]
    public async Task Control_gives_tokens_and_does_not_count_as_API_call()
    {
        var token = await Control("POST", "users/sam.seller@acme.example/token");
        Assert.Equal((200, 0), (token.Status, Org.Calls.Total));
        Assert.Equal(200, (await new ApiCaller(Host.BaseAddress, token["accessToken"]!).Get("limits")).Status);
        await Control("POST", "org/expire-access-tokens");
        (await Rita.Get("limits")).IsRefusedWith(401, "INVALID_SESSION_ID");
    }

    [Fact]
    public async Task Control_is_closed_to_other_sites()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Host.BaseAddress, "/simulator-control/org/revoke-grants")) { Content = new StringContent("", Encoding.UTF8, "text/plain") };
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        Assert.Equal(403, (await ApiCaller.Send(request)).Status);
    }
}
