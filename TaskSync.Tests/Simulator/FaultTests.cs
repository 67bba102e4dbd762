using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Simulator;

public sealed class FaultTests : SimulatorTest
{
    [Theory]
    [InlineData("PATCH", false)]
    [InlineData("POST", true)]
    public async Task A_fault_of_Collections_hits_a_composite_request_that_carries_such_a_part(string method, bool hits)
    {
        var rule = Org.Faults.Add(new FaultRule { Kind = FaultKind.ServerTooBusy, Method = method, Resource = "/composite/sobjects" });
        var part = new { method = "POST", url = "/services/data/v66.0/composite/sobjects", referenceId = "a", body = new { records = new[] { new { attributes = new { type = "Task" }, Subject = "x" } } } };
        Assert.Equal(hits ? 503 : 200, (await Rita.Post("composite", new { compositeRequest = new[] { part } })).Status);
        Assert.Equal((hits ? 1 : 0, hits ? 0 : 1), (rule.Fired, Org.Tasks().Count));
    }

    [Fact]
    public async Task A_connection_cut_before_the_work_leaves_nothing()
    {
        var fault = Org.Faults.Add(FaultKind.DropBeforeCommit);
        await Assert.ThrowsAsync<HttpRequestException>(() => Rita.Post("sobjects/Task", new { Subject = "a" }));
        Assert.Equal((0, 1, 0), (Org.Tasks().Count, fault.Fired, Org.Calls.Total));
        Assert.Equal(201, (await Rita.Post("sobjects/Task", new { Subject = "a" })).Status);
    }

    [Fact]
    public async Task A_connection_cut_after_the_work_loses_only_the_answer()
    {
        Org.Faults.Add(FaultKind.DropAfterCommit);
        await Assert.ThrowsAsync<HttpRequestException>(() => Rita.Post("sobjects/Task", new { Subject = "a" }));
        Assert.Single(Org.Tasks());
        Assert.Equal((1, 0), (Org.Calls.Total, Org.Calls.Recent[^1].Status));
    }

    [Fact]
    public async Task A_held_answer_comes_when_it_is_released_and_the_work_is_done_before()
    {
        var fault = Org.Faults.Add(FaultKind.DelayAnswer, "/sobjects/Task");
        var call = Rita.Post("sobjects/Task", new { Subject = "a" });
        await Until.TrueAsync(() => Org.Tasks().Count > 0);
        Assert.False(call.IsCompleted);
        fault.Release();
        Assert.Equal(201, (await call).Status);
    }

    [Fact]
    public async Task A_delayed_request_is_done_even_when_nobody_waits_for_it_any_more()
    {
        var fault = Org.Faults.Add(new FaultRule { Kind = FaultKind.DelayRequest, Delay = TimeSpan.FromMinutes(1) });
        var call = Rita.Post("sobjects/Task", new { Subject = "a" });
        await Until.TrueAsync(() => fault.Fired > 0);
        Assert.Empty(Org.Tasks());
        await Until.TrueAsync(() =>
        {
            Clock.Advance(TimeSpan.FromMinutes(1));
            return Org.Tasks().Count > 0;
        });
        Assert.Equal(201, (await call).Status);
    }

    [Theory]
    [InlineData(FaultKind.SessionExpired, 401, "INVALID_SESSION_ID", "Session expired or invalid")]
    [InlineData(FaultKind.ServerTooBusy, 503, "SERVER_UNAVAILABLE", "server too busy")]
    [InlineData(FaultKind.DailyLimit, 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")]
    [InlineData(FaultKind.ConcurrentLimit, 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")]
    [InlineData(FaultKind.LongTransactionLimit, 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded")]
    [InlineData(FaultKind.QueryTimeout, 400, "QUERY_TIMEOUT", "Your query request was running for too long.")]
    [InlineData(FaultKind.InvalidQueryLocator, 400, "INVALID_QUERY_LOCATOR", "invalid query locator")]
    [InlineData(FaultKind.InvalidReplicationDate, 400, "INVALID_REPLICATION_DATE", "startDate is before the earliest date available")]
    public async Task A_refusal_can_be_ordered(FaultKind kind, int status, string code, string message)
    {
        Org.Faults.Add(kind);
        var answer = await Rita.Get("query?q=SELECT+Id+FROM+Task");
        answer.IsRefusedWith(status, code);
        Assert.Equal(message, answer.Message);
    }

    [Fact]
    public async Task An_expired_session_stays_expired()
    {
        Org.Faults.Add(FaultKind.SessionExpired);
        (await Rita.Get("limits")).IsRefusedWith(401, "INVALID_SESSION_ID");
        (await Rita.Get("limits")).IsRefusedWith(401, "INVALID_SESSION_ID");
    }

    [Fact]
    public async Task A_gateway_answers_503_as_HTML()
    {
        Org.Faults.Add(FaultKind.ServiceUnavailableHtml);
        var answer = await Rita.Get("limits");
        Assert.Equal((503, "text/html"), (answer.Status, answer.Headers["Content-Type"]));
        Assert.StartsWith("<html>", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Truncated_JSON_has_status_200_and_the_work_is_done()
    {
        Org.Faults.Add(FaultKind.TruncatedJson, "/composite/sobjects");
        var answer = await Rita.Post("composite/sobjects", new { records = new[] { new { attributes = new { type = "Task" }, Subject = "a" } } });
        Assert.Equal(200, answer.Status);
        Assert.ThrowsAny<System.Text.Json.JsonException>(() => answer.Json);
        Assert.Single(Org.Tasks());
    }

    [Fact]
    public async Task A_row_lock_hits_the_nth_record_of_a_collection_or_of_a_composite()
    {
        Org.Faults.Add(new FaultRule { Kind = FaultKind.RowLock, Item = 1 });
        var record = new { attributes = new { type = "Task" }, Subject = "a" };
        var answer = await Rita.Post("composite/sobjects", new { records = new[] { record, record, record } });
        Assert.Equal([true, false, true], answer.Json.EnumerateArray().Select(r => r.GetProperty("success").GetBoolean()));
        Assert.Equal("UNABLE_TO_LOCK_ROW", answer.Json[1].GetProperty("errors")[0].GetProperty("statusCode").GetString());
        Org.Faults.Add(new FaultRule { Kind = FaultKind.RowLock, Item = 0 });
        (await Rita.Post("sobjects/Task", new { Subject = "b" })).IsRefusedWith(400, "UNABLE_TO_LOCK_ROW");
    }

    [Fact]
    public async Task A_fault_hits_only_what_it_is_meant_for_as_often_as_it_is_meant_to()
    {
        var fault = Org.Faults.Add(new FaultRule { Kind = FaultKind.ServerTooBusy, Method = "post", Resource = "/composite*", BodyContains = "Needle", UserId = Org.Rita.Id, Skip = 1, Times = 2 });
        async Task<int> Post(string subject, ApiCaller caller) =>
            (await caller.Post("composite/sobjects", new { records = new[] { new { attributes = new { type = "Task" }, Subject = subject } } })).Status;
        List<int> statuses = [await Post("hay", Rita), await Post("Needle", CallerOf(Org.Sam.Id))];
        for (var i = 0; i < 4; i++)
            statuses.Add(await Post("Needle", Rita));
        Assert.Equal([200, 200, 200, 503, 503, 200], statuses);
        Assert.Equal((2, true), (fault.Fired, fault.IsSpent));
    }

    [Fact]
    public async Task Chosen_records_are_refused_with_code_message_and_fields_while_they_live()
    {
        var (merged, fine) = (Org.CreateTask(Org.Rita.Id).Id, Org.CreateTask(Org.Rita.Id).Id);
        var byId = Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, RecordContains = merged, Code = "INVALID_CROSS_REFERENCE_KEY", Message = "invalid cross reference id", Times = 0 });
        Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, RecordContains = "\"Subject\":\"bad\"", Code = "FIELD_CUSTOM_VALIDATION_EXCEPTION", Message = "No.", Fields = ["Subject"] });
        object Part(string reference, string method, string query, params object[] records) =>
            new { method, url = "/services/data/v66.0/composite/sobjects" + query, referenceId = reference, body = records.Length == 0 ? null : new { records } };
        object Row(string subject, string? id = null) => id is null ? new { attributes = new { type = "Task" }, Subject = subject } : new { attributes = new { type = "Task" }, Id = id, Subject = subject };

        var answer = await Rita.Post("composite", new { compositeRequest = new[] { Part("a", "POST", "", Row("good"), Row("bad")), Part("b", "PATCH", "", Row("x", merged), Row("x", fine)), Part("c", "DELETE", $"?ids={merged},{fine}") } });
        var results = answer.Json.GetProperty("compositeResponse").EnumerateArray().SelectMany(part => part.GetProperty("body").EnumerateArray()).ToList();
        Assert.Equal([true, false, false, true, false, true], results.Select(result => result.GetProperty("success").GetBoolean()));
        Assert.Equal("""[{"statusCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","message":"No.","fields":["Subject"]}]""", results[1].GetProperty("errors").GetRawText());
        Assert.All([results[2], results[4]], result => Assert.Equal("""[{"statusCode":"INVALID_CROSS_REFERENCE_KEY","message":"invalid cross reference id","fields":[]}]""", result.GetProperty("errors").GetRawText()));
        Assert.Equal((2, false, true), (byId.Fired, Org.FindTask(merged)!.IsDeleted, Org.FindTask(fine)!.IsDeleted));
        (await Rita.Patch($"sobjects/Task/{merged}", new { Subject = "y" })).IsRefusedWith(400, "INVALID_CROSS_REFERENCE_KEY");
        Org.Faults.Remove(byId.Id);
        Assert.Equal(204, (await Rita.Patch($"sobjects/Task/{merged}", new { Subject = "y" })).Status);
    }

    [Fact]
    public async Task An_item_error_counts_only_records_of_its_method()
    {
        var id = Org.CreateTask(Org.Rita.Id).Id;
        Org.Faults.Add(new FaultRule { Kind = FaultKind.RowLock, Method = "PATCH", Resource = "/composite/sobjects", Item = 0 });
        object Part(string reference, string method, object record) => new { method, url = "/services/data/v66.0/composite/sobjects", referenceId = reference, body = new { records = new[] { record } } };
        var answer = await Rita.Post("composite", new { compositeRequest = new[] { Part("a", "POST", new { attributes = new { type = "Task" } }), Part("b", "PATCH", new { attributes = new { type = "Task" }, Id = id }) } });
        Assert.Equal([true, false], answer.Json.GetProperty("compositeResponse").EnumerateArray().Select(part => part.GetProperty("body")[0].GetProperty("success").GetBoolean()));
    }

    [Theory]
    [InlineData(410, "UNSUPPORTED_API_VERSION")]
    [InlineData(404, "URL_NOT_RESET")]
    public async Task Every_call_but_the_sign_in_is_refused_until_switched_off(int status, string code)
    {
        var fault = Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, PathContains = "/services/data/v", Status = status, Code = code, Message = "No longer.", Times = 0 });
        foreach (var answer in new[] { await Rita.Get("limits"), await Rita.Post("composite", new { }), await Rita.Delete("sobjects/Task/00T") })
        {
            answer.IsRefusedWith(status, code);
            Assert.Equal("No longer.", answer.Message);
        }
        Assert.Equal(200, (await Rita.Get("/services/oauth2/userinfo")).Status);
        Assert.Equal((3, 0), (fault.Fired, Org.Calls.Total));
        Org.Faults.Remove(fault.Id);
        Assert.Equal(200, (await Rita.Get("limits")).Status);
    }

    [Fact]
    public async Task Redirects_and_cut_connections_can_be_ordered_by_number()
    {
        Org.Faults.Add(new FaultRule { Kind = FaultKind.Redirect, Location = "https://elsewhere.my.salesforce.com/", Times = 2 });
        Org.Faults.Add(FaultKind.DropBeforeCommit, times: 2);
        for (var i = 0; i < 2; i++)
        {
            var answer = await Rita.Get("limits");
            Assert.Equal((302, "https://elsewhere.my.salesforce.com/"), (answer.Status, answer.Headers["Location"]));
        }
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<HttpRequestException>(() => Rita.Get("limits"));
        Assert.Equal(200, (await Rita.Get("limits")).Status);
    }

    [Fact]
    public async Task Two_refreshes_at_once_with_one_token_are_refused()
    {
        var refreshToken = Org.IssueToken(Org.Rita.Id).RefreshToken!;
        var address = new Uri(Host.BaseAddress, "/services/oauth2/token");
        Task<ApiAnswer> Refresh() => ApiCaller.PostForm(address, ("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("client_id", "TaskSync.Demo"));
        var fault = Org.Faults.Add(FaultKind.DelayAnswer, "/oauth2/token");
        var first = Refresh();
        await Until.TrueAsync(() => fault.Fired > 0);
        var second = await Refresh();
        Assert.Equal((400, "invalid_grant", "token request is already being processed"), (second.Status, second["error"], second["error_description"]));
        fault.Release();
        Assert.Equal(200, (await first).Status);
        Assert.Equal(200, (await Refresh()).Status);
    }
}
