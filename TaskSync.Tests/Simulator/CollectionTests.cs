using System.Text.Json;
using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class CollectionTests : SimulatorTest
{
    private static object Records(bool allOrNone, params Dictionary<string, object?>[] records) => new
    {
        allOrNone,
        records = records.Select(r => new Dictionary<string, object?>(r) { ["attributes"] = new { type = "Task" } }),
    };

    private static Dictionary<string, object?> Row(params (string Name, object? Value)[] fields) => fields.ToDictionary(f => f.Name, f => f.Value);

    private static string Code(JsonElement result) => result.GetProperty("errors")[0].GetProperty("statusCode").GetString()!;

    [Fact]
    public async Task Create_answers_in_the_order_of_the_request_and_good_records_survive_bad_ones()
    {
        var answer = await Rita.Post("composite/sobjects", Records(false, Row(("Subject", "a")), Row(("IsClosed", true)), Row(("Subject", "c"))));
        Assert.Equal(200, answer.Status);
        Assert.Equal([true, false, true], answer.Json.EnumerateArray().Select(r => r.GetProperty("success").GetBoolean()));
        Assert.Equal("INVALID_FIELD_FOR_INSERT_UPDATE", Code(answer.Json[1]));
        Assert.False(answer.Json[1].TryGetProperty("id", out _));
        Assert.Equal(["a", "c"], Org.Tasks(Org.Rita.Id).Select(t => t.Subject));
    }

    [Fact]
    public async Task Item_errors_call_their_code_statusCode_and_always_list_fields()
    {
        var answer = await Rita.Patch("composite/sobjects", Records(false, Row(("id", "00TWs0000zzzzzz"), ("Subject", "x"))));
        Assert.Equal("""[{"success":false,"errors":[{"statusCode":"INVALID_CROSS_REFERENCE_KEY","message":"invalid cross reference id","fields":[]}]}]""", answer.Text);
    }

    [Fact]
    public async Task All_or_none_takes_everything_back()
    {
        var kept = Org.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = "kept" });
        var answer = await Rita.Patch("composite/sobjects", Records(true, Row(("id", kept.Id), ("Subject", "changed")), Row(("id", kept.Id), ("OwnerId", "005Ws0000zzzzzz"))));
        Assert.Equal(["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_CROSS_REFERENCE_KEY"], answer.Json.EnumerateArray().Select(Code));
        Assert.Equal(("kept", kept.SystemModstamp), (Org.FindTask(kept.Id)!.Subject, Org.FindTask(kept.Id)!.SystemModstamp));
    }

    [Fact]
    public async Task Delete_takes_ids_in_the_address()
    {
        var (a, b) = (Org.CreateTask(Org.Rita.Id).Id, Org.CreateTask(Org.Rita.Id).Id);
        Org.DeleteTask(b);
        var answer = await Rita.Delete($"composite/sobjects?ids={a},{b}&allOrNone=false");
        Assert.Equal($$"""{"id":"{{a}}","success":true,"errors":[]}""", answer.Json[0].GetRawText());
        Assert.Equal("ENTITY_IS_DELETED", Code(answer.Json[1]));
        Assert.Empty(Org.Tasks());
    }

    [Fact]
    public async Task Retrieve_has_one_slot_per_id_and_null_for_what_cannot_be_read()
    {
        var (mine, gone, sams) = (Org.CreateTask(Org.Rita.Id).Id, Org.CreateTask(Org.Rita.Id).Id, Org.CreateTask(Org.Sam.Id).Id);
        Org.DeleteTask(gone);
        var answer = await Rita.Post("composite/sobjects/Task", new { ids = new[] { gone, mine, sams, "nonsense", mine[..15] }, fields = new[] { "Id", "Status" } });
        Assert.Equal([null, mine, null, null, mine], answer.Json.EnumerateArray().Select(r => r.ValueKind == JsonValueKind.Null ? null : r.GetProperty("Id").GetString()));
        Assert.Equal(1, (await Rita.Get($"composite/sobjects/Task?ids={mine}&fields=Id,Subject")).Json.GetArrayLength());
        (await Rita.Post("composite/sobjects/Task", new { ids = new[] { mine }, fields = new[] { "Nonsense" } })).IsRefusedWith(400, "INVALID_FIELD");
    }

    [Fact]
    public async Task Upsert_says_which_records_were_created()
    {
        var body = Records(false, Row(("TaskSync_Key__c", "k1"), ("Subject", "a")), Row(("TaskSync_Key__c", "k2"), ("Subject", "b")));
        Assert.Equal([true, true], (await Rita.Patch("composite/sobjects/Task/TaskSync_Key__c", body)).Json.EnumerateArray().Select(r => r.GetProperty("created").GetBoolean()));
        Assert.Equal([false, false], (await Rita.Patch("composite/sobjects/Task/TaskSync_Key__c", body)).Json.EnumerateArray().Select(r => r.GetProperty("created").GetBoolean()));
        Assert.Equal(2, Org.Tasks().Count);
    }

    [Fact]
    public async Task Two_records_with_the_same_external_id_are_both_refused()
    {
        var answer = await Rita.Patch("composite/sobjects/Task/TaskSync_Key__c", Records(false, Row(("TaskSync_Key__c", "k")), Row(("TaskSync_Key__c", "k")), Row(("TaskSync_Key__c", "other"))));
        Assert.Equal([false, false, true], answer.Json.EnumerateArray().Select(r => r.GetProperty("success").GetBoolean()));
    }

    [Fact]
    public async Task More_than_200_records_and_records_without_type_are_refused_as_a_whole()
    {
        Assert.Equal(400, (await Rita.Post("composite/sobjects", Records(false, [.. Enumerable.Range(0, 201).Select(_ => Row(("Subject", "x")))]))).Status);
        Assert.Equal(400, (await Rita.Post("composite/sobjects", new { records = new[] { new { Subject = "x" } } })).Status);
        Assert.Empty(Org.Tasks());
    }

    [Fact]
    public async Task Two_hundred_records_are_one_call()
    {
        var before = Org.Calls.Total;
        await Rita.Post("composite/sobjects", Records(false, [.. Enumerable.Range(0, 200).Select(i => Row(("Subject", $"t{i}")))]));
        Assert.Equal((200, 1, 200), (Org.Tasks().Count, Org.Calls.Total - before, Org.Calls.RowsCreated));
    }
}
