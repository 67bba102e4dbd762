using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Tests.Salesforce;

/// <summary>Nonsense is refused as a whole (Section6): half a page would look like deletions.</summary>
public sealed class HostileAnswerTests
{
    private const string Row = """
        {"attributes":{"type":"Task"},"Id":"00TWs00000A1b2cMAB","OwnerId":"005Ws0000000001IAA","IsClosed":false,"IsDeleted":false,"IsArchived":false,"IsRecurrence":false,
         "CreatedDate":"2026-03-01T09:14:07.000+0000","CreatedById":"005Ws0000000001IAA","LastModifiedDate":"2026-03-02T10:00:00.000+0000","LastModifiedById":"005Ws0000000001IAA",
         "SystemModstamp":"2026-03-02T10:00:00.000+0000","CompletedDateTime":null,"Subject":"Call","ActivityDate":"2026-03-05","Status":"Not Started","Priority":"Normal","Description":null,
         "Type":null,"IsReminderSet":false,"ReminderDateTime":null,"WhoId":null,"WhatId":null,"Who":null,"What":null,"LastModifiedBy":{"Name":"Rita"}}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Each is a change of one good row: what is there, and what stands in its place.</summary>
    public static TheoryData<string, string> BadRows => new()
    {
        { "\"Id\":\"00TWs00000A1b2cMAB\",", "" },
        { "\"Id\":\"00TWs00000A1b2cMAB\"", "\"Id\":null" },
        { "\"Id\":\"00TWs00000A1b2cMAB\"", "\"Id\":42" },
        { "\"Id\":\"00TWs00000A1b2cMAB\"", "\"Id\":\"00TWs00000A1b2cMAB' OR '\"" },
        { "\"Id\":\"00TWs00000A1b2cMAB\"", "\"Id\":\"003Ws00000A1b2cMAB\"" },
        { "\"OwnerId\":\"005Ws0000000001IAA\",", "" },
        { "\"IsDeleted\":false", "\"IsDeleted\":\"false\"" },
        { "\"IsDeleted\":false,", "" },
        { "\"IsRecurrence\":false", "\"IsRecurrence\":null" },
        { "2026-03-02T10:00:00.000+0000\",\"CompletedDateTime\"", "yesterday\",\"CompletedDateTime\"" },
        { "\"SystemModstamp\":\"2026-03-02T10:00:00.000+0000\"", "\"SystemModstamp\":1772445600000" },
        { "\"SystemModstamp\":\"2026-03-02T10:00:00.000+0000\"", "\"SystemModstamp\":\"99999-03-02T10:00:00.000+0000\"" },
        { "\"CreatedDate\":\"2026-03-01T09:14:07.000+0000\"", "\"CreatedDate\":\"0001-01-01T00:00:00.000+1400\"" },
        { "\"ActivityDate\":\"2026-03-05\"", "\"ActivityDate\":\"2026-02-30\"" },
        { "\"ActivityDate\":\"2026-03-05\"", "\"ActivityDate\":\"2026-03-05T00:00:00Z\"" },
        { "\"ActivityDate\":\"2026-03-05\"", "\"ActivityDate\":20260305" },
        { "\"Subject\":\"Call\"", "\"Subject\":{\"text\":\"Call\"}" },
        { "\"Subject\":\"Call\"", "\"Subject\":\"Call\",\"Subject\":\"Mail\"" },
        { "\"Status\":\"Not Started\"", "\"Status\":[\"Not Started\"]" },
        { "\"IsReminderSet\":false", "\"IsReminderSet\":\"maybe\"" },
        { "\"IsReminderSet\":false,\"ReminderDateTime\":null", "\"IsReminderSet\":true,\"ReminderDateTime\":\"soon\"" },
        { "\"WhoId\":null", "\"WhoId\":\"nobody\"" },
        { "\"Who\":null", "\"Who\":\"Ana\"" },
        { "\"Who\":null", "\"Who\":{\"Name\":7}" },
        { "\"LastModifiedBy\":{\"Name\":\"Rita\"}", "\"LastModifiedBy\":" + new string('[', 100) + new string(']', 100) },
    };

    [Fact]
    public async Task The_row_the_others_are_made_of_is_good()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var task = Assert.Single((await QueryAsync(stub, rig, Page(Row))).Tasks);
        Assert.Equal(("Call", "Rita"), (task.Values[TaskField.Subject], task.LastModifiedByName));
    }

    [Theory]
    [MemberData(nameof(BadRows))]
    public async Task One_malformed_row_refuses_the_whole_page(string good, string bad)
    {
        Assert.Contains(good, Row);
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var failure = await FailsAsync(QueryAsync(stub, rig, Page(Row, Row.Replace(good, bad, StringComparison.Ordinal))));
        Assert.Equal((FailureCodes.UnreadableAnswer, false), (failure.Code, failure.NotApplied));
    }

    /// <summary>What stands in the JSON, and how it is read.</summary>
    public static TheoryData<string, string> OddTexts => new()
    {
        { "\\ud800", "\ufffd" },
        { "a\\udc00b", "a\ufffdb" },
        { "a\\u0000b", "a\ufffdb" },
        { "\\uDBFF\\ud83d\\ude00\\uDC00", "\ufffd\ud83d\ude00\ufffd" },
        { "\\\\ud800 \\\"\\ud83d", "\\ud800 \"\ufffd" },
        { new string('x', 300), new string('x', 255) },
        { string.Concat(Enumerable.Repeat("😀", 255)), string.Concat(Enumerable.Repeat("😀", 127)) },
    };

    [Theory]
    [MemberData(nameof(OddTexts))]
    public async Task An_odd_subject_is_read_as_far_as_it_can_be_held_and_the_other_rows_come_in(string json, string read)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var odd = Row.Replace("\"Subject\":\"Call\"", $"\"Subject\":\"{json}\"", StringComparison.Ordinal);
        var page = await QueryAsync(stub, rig, Page(Row, odd.Replace("00TWs00000A1b2cMAB", "00TWs00000A1b2dMAB", StringComparison.Ordinal)));
        Assert.Equal(["Call", read], page.Tasks.Select(t => t.Values[TaskField.Subject]));
    }

    [Fact]
    public async Task Half_a_character_in_the_field_of_the_key_refuses_no_page()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var odd = Row.Replace("\"Subject\":\"Call\"", "\"Subject\":\"Call\",\"CallObject\":\"\\ud83d\"", StringComparison.Ordinal);
        var page = await QueryAsync(stub, rig, Page(Row, odd.Replace("00TWs00000A1b2cMAB", "00TWs00000A1b2dMAB", StringComparison.Ordinal)), OrgSchema.Default with { Key = KeyPlace.CallObject });
        Assert.Equal([null, "\ufffd"], page.Tasks.Select(t => t.Key));
    }

    [Fact]
    public async Task Any_text_that_is_too_long_or_no_text_at_all_is_read_as_far_as_it_can_be_held()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var odd = Row.Replace("\"Description\":null", "\"Description\":\"" + new string('x', 200_000) + "\"", StringComparison.Ordinal)
            .Replace("\"Status\":\"Not Started\"", "\"Status\":\"" + new string('y', 300) + "\"", StringComparison.Ordinal)
            .Replace("\"Who\":null", "\"Who\":{\"Name\":\"Ana \\ud83d\"}", StringComparison.Ordinal);
        var task = Assert.Single((await QueryAsync(stub, rig, Page(odd))).Tasks);
        Assert.Equal((131_072, 255, "Ana \ufffd"), (task.Values[TaskField.Details]!.Length, task.Values[TaskField.Status]!.Length, task.WhoName));
    }

    [Fact]
    public async Task Half_a_character_where_the_key_is_kept_does_not_refuse_the_page()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url, OrgSchema.Default with { Key = KeyPlace.CallObject });
        stub.Answer = context => StubSalesforce.Json(context, 200, Page(Row.Replace("\"Subject\":", "\"CallObject\":\"\\ud83d\",\"Subject\":", StringComparison.Ordinal)));

        var page = await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Read, new("Id != null"), Token);

        Assert.Equal("\ufffd", Assert.Single(page.Tasks).Key);
    }

    [Fact]
    public async Task A_refusal_whose_words_hold_half_a_character_is_still_a_refusal()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => StubSalesforce.Error(context, 400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "No \\ud83d here");
        var failure = await FailsAsync(rig.Api.DeleteAsync(Caller.Unasked(connection), ["00TWs00000A1b2cMAB"], Token));
        Assert.Equal(("FIELD_CUSTOM_VALIDATION_EXCEPTION", "No \ufffd here", true), (failure.Code, failure.Message, failure.NotApplied));
    }

    [Theory]
    [InlineData(25, false)]
    [InlineData(-25, false)]
    [InlineData(23, true)]
    public async Task S8_an_answer_from_another_day_is_refused_for_the_cursor_follows_its_clock(int hours, bool isTaken)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context =>
        {
            context.Response.Headers.Date = SalesforceRig.Start.AddHours(hours).ToString("R");
            return StubSalesforce.Json(context, 200, Page(Row));
        };
        var failure = await Record.ExceptionAsync(() => rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null", null, includeDeleted: true), Token));
        Assert.Equal(isTaken ? null : FailureCodes.UnreadableAnswer, (failure as SalesforceCallException)?.Failure.Code);
        Assert.Equal(isTaken ? TimeSpan.FromHours(hours) : null, rig.Services.GetRequiredService<ClockOffset>().OffsetOf(StubSalesforce.OrganizationId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("<!doctype html><title>Maintenance</title>")]
    [InlineData("""{"totalSize":1,"done":true,"records":[""")]
    [InlineData("""{"totalSize":1,"done":true}""")]
    [InlineData("""{"totalSize":"1","done":true,"records":[]}""")]
    [InlineData("""{"totalSize":-1,"done":true,"records":[]}""")]
    [InlineData("""{"totalSize":99999999999,"done":true,"records":[]}""")]
    [InlineData("""{"totalSize":1,"records":[]}""")]
    [InlineData("""{"totalSize":1,"done":false,"records":[]}""")]
    [InlineData("""{"totalSize":1,"done":true,"records":{}}""")]
    [InlineData("""{"totalSize":1,"done":true,"records":[null]}""")]
    [InlineData("""{"totalSize":1,"done":true,"records":["x"]}""")]
    [InlineData("""{"totalSize":1,"done":false,"records":[],"nextRecordsUrl":"https://evil.example/services/data/v66.0/query/01g-2000"}""")]
    [InlineData("""{"totalSize":1,"done":false,"records":[],"nextRecordsUrl":"//evil.example/services/data/v66.0/query/01g-2000"}""")]
    [InlineData("""{"totalSize":1,"done":false,"records":[],"nextRecordsUrl":"@evil.example/services/data/v66.0/query/01g-2000"}""")]
    [InlineData("""{"totalSize":1,"done":false,"records":[],"nextRecordsUrl":"/services/data/v66.0/query/../../../x"}""")]
    [InlineData("""{"totalSize":1,"done":true,"records":[]}{"totalSize":1}""")]
    [InlineData("""{"totalSize":1,"done":true,"records":[],"totalSize":2}""")]
    [InlineData("""[{"errorCode":"X","message":"an error with status 200"}]""")]
    public async Task An_answer_that_is_no_page_is_refused(string body)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        Assert.Equal(FailureCodes.UnreadableAnswer, (await FailsAsync(QueryAsync(stub, rig, body))).Code);
    }

    /// <summary>Some 900 places: wherever the answer ends, no row of it is taken.</summary>
    [Fact]
    public async Task An_answer_that_ends_anywhere_is_refused()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        var page = Page(Row.ReplaceLineEndings(""));
        var body = page;
        stub.Answer = context => StubSalesforce.Json(context, 200, body);
        for (var length = 0; length < page.Length; length++)
        {
            body = page[..length];
            Assert.Equal(FailureCodes.UnreadableAnswer, (await FailsAsync(rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null", null, includeDeleted: true), Token))).Code);
        }

        body = page;
        Assert.Single((await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null", null, includeDeleted: true), Token)).Tasks);
    }

    [Fact]
    public async Task Deep_nesting_is_refused_without_harm()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        Assert.Equal(FailureCodes.UnreadableAnswer, (await FailsAsync(QueryAsync(stub, rig, new string('[', 200_000)))).Code);
    }

    [Fact]
    public async Task An_answer_that_unpacks_to_more_than_memory_should_hold_is_refused()
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        stub.Answer = async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 80 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await zip.WriteAsync(zeros, context.RequestAborted);
            }
        };
        var connection = await rig.AddConnectionAsync(stub.Url);
        var failure = await FailsAsync(rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null", null, includeDeleted: true), Token));
        Assert.Equal(FailureCodes.UnreadableAnswer, failure.Code);
    }

    [Theory]
    [InlineData("""[null]""")]
    [InlineData("""[null,null,null]""")]
    [InlineData("""{}""")]
    [InlineData("""[null,"x"]""")]
    public async Task Slots_that_are_not_those_asked_for_are_refused(string body)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => StubSalesforce.Json(context, 200, body);
        string[] ids = ["00TWs00000A1b2cMAB", "00TWs00000A1b2d"];
        Assert.Equal(FailureCodes.UnreadableAnswer, (await FailsAsync(rig.Api.RetrieveAsync(Caller.Unasked(connection), ApiPurpose.Read, ids, Token))).Code);

        // A row in another's slot is refused as well.
        stub.Answer = context => StubSalesforce.Json(context, 200, $"[null,{Row}]");
        Assert.Equal(FailureCodes.UnreadableAnswer, (await FailsAsync(rig.Api.RetrieveAsync(Caller.Unasked(connection), ApiPurpose.Read, ids, Token))).Code);
    }

    [Theory]
    [InlineData("""{"ids":["00TWs00000A1b2cMAB"]}""")]
    [InlineData("""{"ids":["00T"],"latestDateCovered":"2026-03-05T10:00:00.000+0000"}""")]
    [InlineData("""{"ids":[1],"latestDateCovered":"2026-03-05T10:00:00.000+0000"}""")]
    [InlineData("""{"latestDateCovered":"2026-03-05T10:00:00.000+0000"}""")]
    [InlineData("""{"ids":[],"latestDateCovered":null}""")]
    public async Task A_replication_answer_that_is_none_is_refused(string body)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => StubSalesforce.Json(context, 200, body);
        Assert.Equal(FailureCodes.UnreadableAnswer, (await FailsAsync(rig.Api.UpdatedAsync(Caller.Unasked(connection), SalesforceRig.Start.AddHours(-1), SalesforceRig.Start, Token))).Code);
        Assert.Equal(FailureCodes.UnreadableAnswer, (await FailsAsync(rig.Api.DeletedAsync(Caller.Unasked(connection), SalesforceRig.Start.AddHours(-1), SalesforceRig.Start, Token))).Code);
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>")]
    [InlineData("<not-soap/>")]
    [InlineData("<a><b>")]
    [InlineData("{}")]
    public async Task A_SOAP_answer_that_is_none_is_refused_and_no_entity_resolved(string body)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        stub.Answer = context => StubSalesforce.Json(context, 200, body, "text/xml");
        Assert.Equal(FailureCodes.UnreadableAnswer, (await FailsAsync(rig.Api.UndeleteAsync(Caller.Unasked(connection), ["00TWs00000A1b2cMAB"], Token))).Code);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"createable":true,"updateable":true,"fields":"none"}""")]
    [InlineData("""{"createable":true,"updateable":true,"fields":[{"label":"no name"}]}""")]
    public async Task A_description_that_is_none_is_refused_and_the_known_one_kept(string body)
    {
        await using var stub = await StubSalesforce.StartAsync();
        await using var rig = SalesforceRig.Over(stub.Url);
        var connection = await rig.AddConnectionAsync(stub.Url);
        var before = (await rig.ConnectionAsync(connection)).SchemaJson;
        stub.Answer = context => StubSalesforce.Json(context, 200, context.Request.Path.Value!.EndsWith("/describe", StringComparison.Ordinal)
            ? body
            : """{"compositeResponse":[{"referenceId":"q0","httpStatusCode":200,"body":{"records":[]}},{"referenceId":"q1","httpStatusCode":200,"body":{"records":[]}}]}""");
        Assert.Equal(FailureCodes.UnreadableAnswer, (await FailsAsync(rig.Api.ReadSchemaAsync(Caller.Unasked(connection), Token))).Code);
        Assert.Equal(before, (await rig.ConnectionAsync(connection)).SchemaJson);
    }

    private static string Page(params string[] rows) => $$"""{"totalSize":{{rows.Length}},"done":true,"records":[{{string.Join(',', rows)}}]}""";

    private static async Task<TaskPage> QueryAsync(StubSalesforce stub, SalesforceRig rig, string body, OrgSchema? schema = null)
    {
        var connection = await rig.AddConnectionAsync(stub.Url, schema);
        stub.Answer = context =>
        {
            context.Response.StatusCode = 200;
            context.Response.ContentType = "application/json";
            return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body)).AsTask();
        };
        return await rig.Api.QueryTasksAsync(Caller.Unasked(connection), ApiPurpose.Poll, new("Id != null", null, includeDeleted: true), Token);
    }

    private static async Task<CallFailure> FailsAsync(Task call) => (await Assert.ThrowsAsync<SalesforceCallException>(() => call)).Failure;
}
