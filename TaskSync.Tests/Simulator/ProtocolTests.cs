using System.Net;
using System.Text.Json;
using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class ProtocolTests : SimulatorTest
{
    [Fact]
    public async Task Versions_need_no_token_and_do_not_count()
    {
        var answer = await new ApiCaller(Host.BaseAddress, "nonsense").Get("/services/data/");
        Assert.Equal((200, false, 0), (answer.Status, answer.Headers.ContainsKey("Sforce-Limit-Info"), Org.Calls.Total));
        Assert.Contains(answer.Json.EnumerateArray(), v => v.GetRawText() == """{"label":"Spring '26","url":"/services/data/v66.0","version":"66.0"}""");
    }

    [Fact]
    public async Task Every_answer_tells_the_use_of_the_allowance()
    {
        Assert.Equal("api-usage=1/100000", (await Rita.Get("limits")).Headers["Sforce-Limit-Info"]);
        Assert.Equal("api-usage=2/100000", (await Rita.Get("sobjects/Task/nonsense")).Headers["Sforce-Limit-Info"]);
        Assert.Equal("api-usage=3/100000", (await Rita.Post("sobjects/Task", "{")).Headers["Sforce-Limit-Info"]);
    }

    [Fact]
    public async Task The_allowance_rolls_over_24_hours_and_is_guarded()
    {
        Org.SetApiUsage(99_998);
        Assert.Equal(99_999, 100_000 - (await Rita.Get("limits")).Json.GetProperty("DailyApiRequests").GetProperty("Remaining").GetInt32());
        await Rita.Get("limits");
        var answer = await Rita.Get("limits");
        answer.IsRefusedWith(403, "REQUEST_LIMIT_EXCEEDED");
        Assert.Equal("TotalRequests Limit exceeded.", answer.Message);
        Clock.Advance(TimeSpan.FromHours(25));
        Org.ExpireAccessTokens();
        Assert.Equal("api-usage=99999/100000", (await CallerOf(Org.Rita.Id).Get("limits")).Headers["Sforce-Limit-Info"]);
    }

    [Fact]
    public async Task The_Date_header_is_the_orgs_clock()
    {
        Clock.Advance(TimeSpan.FromDays(100));
        Assert.Equal("Sat, 13 Jun 2026 10:00:00 GMT", (await Rita.Get("/services/data/")).Headers["Date"]);
        Assert.Equal("Sat, 13 Jun 2026 10:00:00 GMT", (await Rita.Get("limits")).Headers["Date"]);
    }

    [Fact]
    public async Task A_read_can_be_conditional_by_the_second()
    {
        var id = Org.CreateTask(Org.Rita.Id).Id;
        Assert.Equal(304, (await Rita.Get($"sobjects/Task/{id}", ("If-Modified-Since", "Thu, 05 Mar 2026 10:00:00 GMT"))).Status);
        Assert.Equal(200, (await Rita.Get($"sobjects/Task/{id}", ("If-Modified-Since", "Thu, 05 Mar 2026 09:59:59 GMT"))).Status);
        Assert.Equal(412, (await Rita.Get($"sobjects/Task/{id}", ("If-Unmodified-Since", "Thu, 05 Mar 2026 09:59:59 GMT"))).Status);
    }

    [Fact]
    public async Task A_write_can_be_conditional_and_a_bad_date_is_refused()
    {
        var id = Org.CreateTask(Org.Rita.Id).Id;
        Assert.Equal(412, (await Rita.Patch($"sobjects/Task/{id}", new { Subject = "x" }, ("If-Unmodified-Since", "Thu, 05 Mar 2026 09:59:59 GMT"))).Status);
        Assert.Null(Org.FindTask(id)!.Subject);
        Assert.Equal(204, (await Rita.Patch($"sobjects/Task/{id}", new { Subject = "x" }, ("If-Unmodified-Since", "Thu, 05 Mar 2026 10:00:00 GMT"))).Status);
        Assert.Equal(400, (await Rita.Patch($"sobjects/Task/{id}", new { Subject = "x" }, ("If-Unmodified-Since", "yesterday"))).Status);
    }

    [Fact]
    public async Task Long_answers_are_compressed_on_request()
    {
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Host.BaseAddress, "/services/data/v66.0/sobjects/Task/describe"));
        request.Headers.Authorization = new("Bearer", Rita.Token);
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var response = await client.SendAsync(request, Cancel);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        await using var plain = new System.IO.Compression.GZipStream(await response.Content.ReadAsStreamAsync(Cancel), System.IO.Compression.CompressionMode.Decompress);
        Assert.Equal("Task", (await JsonDocument.ParseAsync(plain, default, Cancel)).RootElement.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_long_address_is_refused()
    {
        var soql = "SELECT Id FROM Task WHERE Id IN ('" + string.Join("','", Enumerable.Repeat(Org.OrganizationId, 800)) + "')";
        Assert.Equal(414, (await Ask(soql)).Status);
    }

    [Fact]
    public async Task A_call_without_token_or_with_another_scheme_is_401()
    {
        using var none = new HttpRequestMessage(HttpMethod.Get, new Uri(Host.BaseAddress, "/services/data/v66.0/limits"));
        (await ApiCaller.Send(none)).IsRefusedWith(401, "INVALID_SESSION_ID");
        using var basic = new HttpRequestMessage(HttpMethod.Get, new Uri(Host.BaseAddress, "/services/data/v66.0/limits"));
        basic.Headers.Authorization = new("Basic", "eDp5");
        (await ApiCaller.Send(basic)).IsRefusedWith(401, "INVALID_AUTH_HEADER");
    }

    [Fact]
    public async Task Describe_tells_what_a_client_needs_of_a_field()
    {
        var describe = await Rita.Get("sobjects/Task/describe");
        Assert.Equal(("00T", "True", "True", "True"), (describe["keyPrefix"], describe["createable"], describe["replicateable"], describe["undeletable"]));
        var fields = describe.Json.GetProperty("fields").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!);
        var key = fields["TaskSync_Key__c"];
        Assert.All(new[] { "unique", "externalId", "caseSensitive", "createable", "custom", "idLookup" }, flag => Assert.True(key.GetProperty(flag).GetBoolean(), flag));
        Assert.False(fields["Description"].GetProperty("filterable").GetBoolean());
        Assert.Equal(("textarea", 32_000), (fields["Description"].GetProperty("type").GetString(), fields["Description"].GetProperty("length").GetInt32()));
        Assert.Equal(["Contact", "Lead"], fields["WhoId"].GetProperty("referenceTo").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal((false, true), (fields["Status"].GetProperty("nillable").GetBoolean(), fields["Status"].GetProperty("defaultedOnCreate").GetBoolean()));
        Assert.Equal(["Not Started"], fields["Status"].GetProperty("picklistValues").EnumerateArray().Where(v => v.GetProperty("defaultValue").GetBoolean()).Select(v => v.GetProperty("value").GetString()));
        Assert.Equal((true, false), (fields["TaskSubtype"].GetProperty("createable").GetBoolean(), fields["TaskSubtype"].GetProperty("updateable").GetBoolean()));
        Assert.DoesNotContain(fields.Keys, name => name.StartsWith('$'));
    }

    [Theory]
    [InlineData("User")]
    [InlineData("Contact")]
    [InlineData("Lead")]
    [InlineData("Account")]
    [InlineData("Opportunity")]
    [InlineData("Case")]
    [InlineData("TaskStatus")]
    [InlineData("TaskPriority")]
    [InlineData("Organization")]
    public async Task Each_type_can_be_described(string type) => Assert.Equal(type, (await Rita.Get($"sobjects/{type}/describe"))["name"]);
}
