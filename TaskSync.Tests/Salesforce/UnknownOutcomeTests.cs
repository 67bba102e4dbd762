using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

/// <summary>S5: known not applied means that nothing was written to the wire, or Salesforce answered with its own error array. Everything else is unknown.</summary>
public sealed class UnknownOutcomeTests
{
    private static readonly NewTask Task1 = new("TSK-1", TaskValues.Unknown.With(TaskField.Subject, "x"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.DropBeforeCommit, 0)]
    [InlineData(FaultKind.DropAfterCommit, 1)]
    [InlineData(FaultKind.TruncatedJson, 1)]
    [InlineData(FaultKind.ServiceUnavailableHtml, 0)]
    [InlineData(FaultKind.ServerTooBusy, 0)]
    [InlineData(FaultKind.UnknownException, 0)]
    public async Task S5_a_lost_or_unreadable_answer_or_a_5xx_is_unknown_whether_or_not_it_was_applied(FaultKind fault, int rows)
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.Faults.Add(fault, "/composite/sobjects");
        var failure = await FailsAsync(rig.Api.CreateAsync(Caller.Unasked(connection), [Task1], Token));
        Assert.Equal((false, FailureClass.Intermittent), (failure.NotApplied, failure.Class));
        Assert.Equal(rows, rig.Org.Tasks().Count);
        Assert.Equal(1, rig.Org.Calls.Count("/composite/sobjects"));
    }

    [Theory]
    [InlineData(FaultKind.DailyLimit)]
    [InlineData(FaultKind.ConcurrentLimit)]
    [InlineData(FaultKind.QueryTimeout)]
    public async Task S5_Salesforces_own_error_array_with_a_4xx_is_known_not_applied(FaultKind fault)
    {
        await using var rig = await SalesforceRig.StartAsync();
        var connection = await rig.ConnectAsync();
        rig.Org.Faults.Add(fault, "/composite/sobjects");
        Assert.True((await FailsAsync(rig.Api.CreateAsync(Caller.Unasked(connection), [Task1], Token))).NotApplied);
        Assert.Empty(rig.Org.Tasks());
    }

    [Theory]
    [InlineData(400, """[{"errorCode":"REQUEST_RUNNING_TOO_LONG","message":"stopped"}]""", "REQUEST_RUNNING_TOO_LONG", false)]
    [InlineData(500, """[{"errorCode":"UNKNOWN_EXCEPTION","message":"m"}]""", "UNKNOWN_EXCEPTION", false)]
    [InlineData(503, """[{"errorCode":"SERVER_UNAVAILABLE","message":"m"}]""", "SERVER_UNAVAILABLE", false)]
    [InlineData(400, """[{"errorCode":"JSON_PARSER_ERROR","message":"m"}]""", "JSON_PARSER_ERROR", true)]
    [InlineData(403, """[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]""", "REQUEST_LIMIT_EXCEEDED", true)]
    [InlineData(400, "<html>bad request</html>", "HTTP_400", false)]
    [InlineData(403, """{"errorCode":"X","message":"no array"}""", "HTTP_403", false)]
    [InlineData(400, "[]", "HTTP_400", false)]
    [InlineData(400, """[{"message":"no code"}]""", "HTTP_400", false)]
    [InlineData(400, """[{"errorCode":"not a code","message":"m"}]""", "HTTP_400", false)]
    [InlineData(401, "Bad_OAuth_Token", "HTTP_401", false)]
    [InlineData(307, "", "UNEXPECTED_REDIRECT", false)]
    [InlineData(302, "", "UNEXPECTED_REDIRECT", false)]
    [InlineData(200, "<html>sign in</html>", "UNREADABLE_ANSWER", false)]
    [InlineData(200, "", "UNREADABLE_ANSWER", false)]
    [InlineData(201, "[]", "UNREADABLE_ANSWER", false)]
    [InlineData(200, """[{"id":"00TWs00000A1b2cMAB","success":true},{"id":"00TWs00000A1b2dMAB","success":true}]""", "UNREADABLE_ANSWER", false)]
    [InlineData(200, """[{"success":true}]""", "UNREADABLE_ANSWER", false)]
    [InlineData(200, """[{"id":"003Ws00000A1b2cMAB","success":true}]""", "UNREADABLE_ANSWER", false)]
    [InlineData(200, """[{"success":false}]""", "UNREADABLE_ANSWER", false)]
    [InlineData(200, """[{"success":false,"errors":[]}]""", "UNREADABLE_ANSWER", false)]
    [InlineData(200, """[{"id":"00TWs00000A1b2cMAB","success":"yes"}]""", "UNREADABLE_ANSWER", false)]
    [InlineData(200, """{"id":"00TWs00000A1b2cMAB","success":true}""", "UNREADABLE_ANSWER", false)]
    [InlineData(200, "null", "UNREADABLE_ANSWER", false)]
    public async Task S5_each_answer_to_a_create_is_known_or_unknown(int status, string body, string code, bool notApplied)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context =>
        {
            context.Response.Headers.Location = "/elsewhere";
            return StubSalesforce.Json(context, status, body);
        };
        var failure = await FailsAsync(rig.Api.CreateAsync(Caller.Unasked(connection), [Task1], Token));
        Assert.Equal((code, notApplied, (int?)status), (failure.Code, failure.NotApplied, failure.HttpStatus));
        Assert.Equal(1, stub.Count("/composite/sobjects"));
        Assert.Equal(0, stub.Count("/elsewhere"));
    }

    [Fact]
    public async Task S5_when_nobody_listens_nothing_was_sent()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://{listener.LocalEndpoint}";
        listener.Stop();
        await using var rig = SalesforceRig.Over(url);
        var connection = await rig.AddConnectionAsync(url);
        var failure = await FailsAsync(rig.Api.CreateAsync(Caller.Unasked(connection), [Task1], Token));
        Assert.Equal((FailureCodes.ConnectionFailed, true, FailureClass.Intermittent), (failure.Code, failure.NotApplied, failure.Class));
        Assert.Equal(0, rig.Counter.CallsToday(connection));
    }

    [Fact]
    public async Task S5_when_TLS_fails_nothing_was_sent()
    {
        await using var stub = await StubSalesforce.StartAsync();
        var url = stub.Url.Replace("http:", "https:", StringComparison.Ordinal);
        await using var rig = SalesforceRig.Over(url);
        var connection = await rig.AddConnectionAsync(url);
        var failure = await FailsAsync(rig.Api.CreateAsync(Caller.Unasked(connection), [Task1], Token));
        Assert.Equal((FailureCodes.ConnectionFailed, true), (failure.Code, failure.NotApplied));
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task S5_a_connection_that_is_reused_and_found_dead_does_not_send_a_create_twice()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => StubSalesforce.Json(context, 200, """{"totalSize":0,"done":true,"records":[]}""");
        await rig.Api.CountTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null"), Token);
        stub.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        var failure = await FailsAsync(rig.Api.CreateAsync(Caller.Unasked(connection), [Task1], Token));
        Assert.Equal((FailureCodes.ConnectionBroken, false), (failure.Code, failure.NotApplied));
        Assert.Equal(1, stub.Count("/composite/sobjects"));
    }

    [Theory]
    [InlineData(ApiPurpose.Poll, 30)]
    [InlineData(ApiPurpose.Import, 120)]
    public async Task S5_a_call_ends_after_its_time_limit_and_the_outcome_is_unknown(ApiPurpose purpose, int seconds)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        var arrived = new TaskCompletionSource();
        stub.Answer = context =>
        {
            arrived.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        var call = rig.Api.CountTasksAsync(Caller.Unasked(connection), purpose, new("Id != null"), Token);
        await arrived.Task;
        rig.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.False(call.IsCompleted);
        rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        var failure = await FailsAsync(call);
        Assert.Equal((FailureCodes.Timeout, false, FailureClass.Intermittent), (failure.Code, failure.NotApplied, failure.Class));
        Assert.Equal(1, rig.Counter.CallsToday(connection, purpose));
    }

    [Fact]
    public async Task S5_a_caller_who_gives_up_gets_no_answer_rather_than_a_wrong_one()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        using var caller = new CancellationTokenSource();
        stub.Answer = async context =>
        {
            await caller.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, rig.Time, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rig.Api.CreateAsync(Caller.Unasked(connection), [Task1], caller.Token));
    }

    [Theory]
    [InlineData("duplicate value found: TaskSync_Key__c duplicates value on record with id: 00TWs00000A1b2c", "00TWs00000A1b2cMAB")]
    [InlineData("doppelter Wert gefunden: TaskSync_Key__c dupliziert Wert in Datensatz mit ID: 00TWs00000A1b2cMAB", "00TWs00000A1b2cMAB")]
    [InlineData("Valeur en double sur 00TWs00000A1b2cMAB.", "00TWs00000A1b2cMAB")]
    [InlineData("duplicate value found: Dialer_Id__c duplicates value on record with id: 00TWs00000A1b2c", null)]
    [InlineData("duplicate value found: <unknown> duplicates value on record with id: <unknown>", null)]
    [InlineData("duplicate value found: TaskSync_Key__c duplicates value on record with id: 00UWs00000A1b2c", null)]
    public async Task S5_the_id_of_a_duplicate_is_taken_from_the_message_in_any_language_if_it_is_about_our_key(string message, string? id)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => StubSalesforce.Json(context, 200, $$"""[{"success":false,"errors":[{"statusCode":"DUPLICATE_VALUE","message":"{{message}}","fields":[]}]}]""");
        var outcome = Assert.Single(await rig.Api.CreateAsync(Caller.Unasked(connection), [Task1], Token));
        Assert.Equal(id, (outcome as WriteOutcome.Duplicate)?.ExistingId);
        Assert.True(outcome is WriteOutcome.Duplicate or WriteOutcome.Rejected);
    }

    [Theory]
    [InlineData("UNABLE_TO_LOCK_ROW", typeof(WriteOutcome.Deferred))]
    [InlineData("REQUEST_LIMIT_EXCEEDED", typeof(WriteOutcome.Deferred))]
    [InlineData("SERVER_UNAVAILABLE", typeof(WriteOutcome.Deferred))]
    [InlineData("QUERY_TIMEOUT", typeof(WriteOutcome.Deferred))]
    [InlineData("ENTITY_IS_DELETED", typeof(WriteOutcome.Gone))]
    [InlineData("NOT_FOUND", typeof(WriteOutcome.Gone))]
    [InlineData("INVALID_CROSS_REFERENCE_KEY", typeof(WriteOutcome.Gone))]
    [InlineData("INVALID_CROSS_REFERENCE_KEY,WhoId", typeof(WriteOutcome.Rejected))]
    [InlineData("ENTITY_IS_LOCKED", typeof(WriteOutcome.Rejected))]
    [InlineData("BRAND_NEW_CODE", typeof(WriteOutcome.Rejected))]
    public async Task Item_errors_of_an_update_are_told_apart(string code, Type outcome)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        var fields = code.Split(',') is [_, var field] ? $"\"{field}\"" : "";
        stub.Answer = context => StubSalesforce.Json(context, 200, $$"""[{"success":false,"errors":[{"errorCode":"{{code.Split(',')[0]}}","message":"m","fields":[{{fields}}]}]}]""");
        Assert.IsType(outcome, Assert.Single(await rig.Api.UpdateAsync(Caller.Unasked(connection), [new("00TWs00000A1b2cMAB", Task1.Values)], Token)));
    }

    private static async Task<CallFailure> FailsAsync(Task call) => (await Assert.ThrowsAsync<SalesforceCallException>(() => call)).Failure;
}
