using System.Text.Json;
using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class CompositeTests : SimulatorTest
{
    private const string Base = "/services/data/v66.0/";

    private static object Part(string method, string url, string reference, object? body = null) => body is null
        ? new { method, url = url.StartsWith('/') ? url : Base + url, referenceId = reference }
        : new { method, url = url.StartsWith('/') ? url : Base + url, referenceId = reference, body };

    private Task<ApiAnswer> Composite(bool allOrNone, bool? collate, params object[] parts) => Rita.Post("composite",
        collate is null ? new { allOrNone, compositeRequest = parts } : new { allOrNone, collateSubrequests = collate, compositeRequest = parts });

    private static List<int> Statuses(ApiAnswer answer) =>
        [.. answer.Json.GetProperty("compositeResponse").EnumerateArray().Select(part => part.GetProperty("httpStatusCode").GetInt32())];

    private static JsonElement Body(ApiAnswer answer, int part) => answer.Json.GetProperty("compositeResponse")[part].GetProperty("body");

    [Fact]
    public async Task A_later_part_refers_to_an_earlier_one()
    {
        var answer = await Composite(false, false,
            Part("POST", "sobjects/Task", "new", new { Subject = "Call" }),
            Part("GET", "sobjects/Task/@{new.id}?fields=Subject,SystemModstamp", "read"),
            Part("PATCH", "sobjects/Task/@{new.id}", "change", new { Description = "was @{read.Subject}" }));
        Assert.Equal([201, 200, 204], Statuses(answer));
        Assert.Equal("2026-03-05T10:00:00.000+0000", Body(answer, 1).GetProperty("SystemModstamp").GetString());
        Assert.Equal("was Call", Org.Tasks()[0].Description);
        var first = answer.Json.GetProperty("compositeResponse")[0];
        Assert.Equal(("new", $"{Base}sobjects/Task/{Org.Tasks()[0].Id}"), (first.GetProperty("referenceId").GetString(), first.GetProperty("httpHeaders").GetProperty("Location").GetString()));
        Assert.Equal(JsonValueKind.Null, Body(answer, 2).ValueKind);
    }

    [Fact]
    public async Task It_counts_as_one_call()
    {
        var before = Org.Calls.Total;
        var answer = await Composite(false, false, [.. Enumerable.Range(0, 25).Select(i => Part("POST", "sobjects/Task", $"r{i}", new { Subject = $"t{i}" }))]);
        Assert.Equal((25, 1, 1), (Statuses(answer).Count(status => status == 201), Org.Calls.Total - before, Org.Calls.ByKind["POST /composite"]));
    }

    [Fact]
    public async Task Parts_fail_on_their_own_unless_all_or_none()
    {
        var answer = await Composite(false, false,
            Part("POST", "sobjects/Task", "good", new { Subject = "a" }), Part("POST", "sobjects/Task", "bad", new { IsClosed = true }), Part("GET", "sobjects/Task/@{bad.id}", "orphan"));
        Assert.Equal([201, 400, 400], Statuses(answer));
        Assert.Equal("PROCESSING_HALTED", Body(answer, 2)[0].GetProperty("errorCode").GetString());
        Assert.Single(Org.Tasks());

        answer = await Composite(true, false, Part("POST", "sobjects/Task", "good", new { Subject = "b" }), Part("POST", "sobjects/Task", "bad", new { IsClosed = true }));
        Assert.Equal([400, 400], Statuses(answer));
        Assert.Equal(["PROCESSING_HALTED", "INVALID_FIELD_FOR_INSERT_UPDATE"], new[] { 0, 1 }.Select(i => Body(answer, i)[0].GetProperty("errorCode").GetString()));
        Assert.Single(Org.Tasks());
    }

    [Fact]
    public async Task Without_collating_the_order_sent_is_the_order_run()
    {
        var answer = await Composite(false, false, Part("POST", "composite/sobjects", "write", new { records = new[] { new { attributes = new { type = "Task" }, Subject = "a" } } }), Part("GET", "queryAll?q=SELECT+Id+FROM+Task", "read"));
        Assert.Equal(1, Body(answer, 1).GetProperty("totalSize").GetInt32());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(null)]
    public async Task With_collating_a_query_may_run_before_an_earlier_write_but_the_answers_keep_their_places(bool? collate)
    {
        var answer = await Composite(false, collate, Part("POST", "sobjects/Task", "write", new { Subject = "a" }), Part("GET", "query?q=SELECT+Id+FROM+Task", "read"));
        Assert.Equal(("write", 0), (answer.Json.GetProperty("compositeResponse")[0].GetProperty("referenceId").GetString(), Body(answer, 1).GetProperty("totalSize").GetInt32()));
    }

    [Fact]
    public async Task More_than_25_parts_or_five_queries_and_collections_are_refused()
    {
        Assert.Equal(400, (await Composite(false, false, [.. Enumerable.Range(0, 26).Select(i => Part("GET", "limits", $"r{i}"))])).Status);
        Assert.Equal(400, (await Composite(false, false, [.. Enumerable.Range(0, 6).Select(i => Part("GET", "query?q=SELECT+Id+FROM+Task", $"r{i}"))])).Status);
        Assert.Equal(200, (await Composite(false, false, [.. Enumerable.Range(0, 5).Select(i => Part("GET", "query?q=SELECT+Id+FROM+Task", $"r{i}")), Part("GET", "limits", "l")])).Status);
    }

    [Fact]
    public async Task A_part_with_a_foreign_address_is_not_found()
    {
        Assert.Equal([404, 404], Statuses(await Composite(false, false, Part("GET", "/nonsense", "a"), Part("GET", "nonsense", "b"))));
    }

    [Fact]
    public async Task Every_part_of_a_batch_counts_and_a_halt_stops_the_rest()
    {
        var id = Org.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = "a" }).Id;
        var before = Org.Calls.Total;
        var answer = await Rita.Post("composite/batch", new
        {
            haltOnError = true,
            batchRequests = new object[]
            {
                new { method = "PATCH", url = $"v66.0/sobjects/Task/{id}", richInput = new { Subject = "b" } },
                new { method = "GET", url = "v66.0/sobjects/Task/00TWs0000zzzzzz" },
                new { method = "GET", url = "v66.0/limits" },
            },
        });
        Assert.Equal("True", answer["hasErrors"]);
        Assert.Equal([204, 404, 412], answer.Json.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("statusCode").GetInt32()));
        Assert.Equal("BATCH_PROCESSING_HALTED", answer.Json.GetProperty("results")[2].GetProperty("result")[0].GetProperty("errorCode").GetString());
        Assert.Equal(("b", 3), (Org.FindTask(id)!.Subject, Org.Calls.Total - before));
    }
}
