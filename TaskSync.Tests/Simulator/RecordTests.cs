using System.Text.Json;
using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class RecordTests : SimulatorTest
{
    [Fact]
    public async Task A_create_answers_201_with_id_and_location_and_no_stamps()
    {
        var answer = await Rita.Post("sobjects/Task", new { Subject = "Call" });
        var id = Id(answer);
        Assert.Equal($$"""{"id":"{{id}}","success":true,"errors":[]}""", answer.Text);
        Assert.Equal($"/services/data/v66.0/sobjects/Task/{id}", answer.Headers["Location"]);
        Assert.Equal("application/json; charset=UTF-8", answer.Headers["Content-Type"]);
        Assert.Matches("^00T[0-9A-Za-z]{15}$", id);
    }

    [Fact]
    public async Task A_new_task_gets_Salesforces_defaults()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call" }));
        var task = await Rita.Get($"sobjects/Task/{id}");
        Assert.Equal(("Not Started", "Normal", "Task", Org.Rita.Id), (task["Status"], task["Priority"], task["TaskSubtype"], task["OwnerId"]));
        Assert.Equal(("False", "False", "False"), (task["IsClosed"], task["IsReminderSet"], task["IsDeleted"]));
    }

    [Fact]
    public async Task Stamps_are_whole_seconds_in_UTC_with_an_offset_without_colon()
    {
        Clock.Advance(TimeSpan.FromMilliseconds(789));
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call", ReminderDateTime = "2026-03-06T09:00:00+01:00" }));
        var task = await Rita.Get($"sobjects/Task/{id}?fields=CreatedDate,ReminderDateTime");
        Assert.Equal("2026-03-05T10:00:00.000+0000", task["CreatedDate"]);
        Assert.Equal("2026-03-06T08:00:00.000+0000", task["ReminderDateTime"]);
    }

    [Fact]
    public async Task The_record_begins_with_attributes_and_shows_empty_fields_as_null()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call" }));
        var task = await Rita.Get($"sobjects/Task/{id}");
        Assert.StartsWith($$"""{"attributes":{"type":"Task","url":"/services/data/v66.0/sobjects/Task/{{id}}"},"Id":"{{id}}",""", task.Text, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, task.Json.GetProperty("Description").ValueKind);
        Assert.Equal("Thu, 05 Mar 2026 10:00:00 GMT", task.Headers["Last-Modified"]);
    }

    [Fact]
    public async Task Fields_can_be_chosen_in_any_case()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { subject = "Call" }));
        var task = await Rita.Get($"sobjects/task/{id}?fields=SUBJECT,status");
        Assert.Equal(["attributes", "Subject", "Status"], task.Json.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task A_15_character_id_is_as_good_as_the_18_character_one()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call" }));
        Assert.Equal(id, (await Rita.Get($"sobjects/Task/{id[..15]}"))["Id"]);
        Assert.Equal([id], await Query($"SELECT Id FROM Task WHERE Id = '{id[..15]}'", "Id"));
        Assert.Equal(204, (await Rita.Patch($"sobjects/Task/{id[..15]}", new { OwnerId = Org.Sam.Id[..15] })).Status);
        Assert.Equal(Org.Sam.Id, Org.FindTask(id)!.OwnerId);
    }

    [Fact]
    public async Task An_update_answers_204_and_moves_both_stamps_even_when_nothing_changes()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call" }));
        Clock.Advance(TimeSpan.FromSeconds(5));
        var answer = await Rita.Patch($"sobjects/Task/{id}", new { Subject = "Call" });
        Assert.Equal((204, ""), (answer.Status, answer.Text));
        var task = Org.FindTask(id)!;
        Assert.Equal((Start.AddSeconds(5), Start.AddSeconds(5), Start), (task.LastModifiedDate, task.SystemModstamp, task.CreatedDate));
    }

    [Fact]
    public async Task Null_and_empty_text_empty_a_field_and_what_is_not_named_stays()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call", Description = "x", ActivityDate = "2026-03-05" }));
        await Rita.Patch($"sobjects/Task/{id}", """{"Description":"","ActivityDate":null}""");
        var task = Org.FindTask(id)!;
        Assert.Equal(("Call", null, null), (task.Subject, task.Description, task.ActivityDate));
    }

    [Fact]
    public async Task Text_is_stored_without_the_white_space_around_it_and_as_it_is_inside()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "\t Call  Ana ", Description = "   - first\n   - second\n\n" }));
        var task = Org.FindTask(id)!;
        Assert.Equal(("Call  Ana", "- first\n   - second"), (task.Subject, task.Description));
        await Rita.Patch($"sobjects/Task/{id}", new { Subject = " Call Ben\n", Description = " \n " });
        task = Org.UpdateTask(id, new FieldValues { ["CallDisposition"] = " sold " });
        Assert.Equal(("Call Ben", null, "sold"), (task.Subject, task.Description, task.CallDisposition));
        Assert.Equal(201, (await Rita.Post("sobjects/Task", new { Subject = " " + new string('x', 255) + " " })).Status);
    }

    [Fact]
    public async Task A_delete_answers_204_and_the_row_is_then_not_found()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call" }));
        Assert.Equal(204, (await Rita.Delete($"sobjects/Task/{id}")).Status);
        (await Rita.Get($"sobjects/Task/{id}")).IsRefusedWith(404, "NOT_FOUND");
    }

    [Fact]
    public async Task Writing_a_row_in_the_recycle_bin_says_ENTITY_IS_DELETED()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call" }));
        await Rita.Delete($"sobjects/Task/{id}");
        (await Rita.Patch($"sobjects/Task/{id}", new { Subject = "x" })).IsRefusedWith(404, "ENTITY_IS_DELETED");
        (await Rita.Delete($"sobjects/Task/{id}")).IsRefusedWith(404, "ENTITY_IS_DELETED");
    }

    [Fact]
    public async Task Writing_a_purged_row_says_INVALID_CROSS_REFERENCE_KEY()
    {
        var id = Org.CreateTask(Org.Rita.Id).Id;
        Org.DeleteTask(id);
        Org.PurgeRecycleBin();
        (await Rita.Patch($"sobjects/Task/{id}", new { Subject = "x" })).IsRefusedWith(404, "INVALID_CROSS_REFERENCE_KEY");
        (await Rita.Delete($"sobjects/Task/{id}")).IsRefusedWith(404, "INVALID_CROSS_REFERENCE_KEY");
    }

    [Theory]
    [InlineData("""{"Nonsense":"x"}""", "INVALID_FIELD")]
    [InlineData("""{"IsClosed":true}""", "INVALID_FIELD_FOR_INSERT_UPDATE")]
    [InlineData("""{"CreatedDate":"2020-01-01T00:00:00Z"}""", "INVALID_FIELD_FOR_INSERT_UPDATE")]
    [InlineData("""{"Id":"00TWs0000000001MAA"}""", "INVALID_FIELD_FOR_INSERT_UPDATE")]
    [InlineData("""{"ActivityDate":"05.03.2026"}""", "JSON_PARSER_ERROR")]
    [InlineData("""{"ReminderDateTime":"soon"}""", "JSON_PARSER_ERROR")]
    [InlineData("""{"IsReminderSet":"maybe"}""", "JSON_PARSER_ERROR")]
    [InlineData("""{"Subject":""", "JSON_PARSER_ERROR")]
    [InlineData("""[]""", "JSON_PARSER_ERROR")]
    [InlineData("""{"WhoId":"123"}""", "MALFORMED_ID")]
    [InlineData("""{"WhoId":"001Ws0000000001AAA"}""", "MALFORMED_ID")]
    [InlineData("""{"WhoId":"003Ws0000zzzzzz"}""", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY")]
    [InlineData("""{"OwnerId":"005Ws0000zzzzzz"}""", "INVALID_CROSS_REFERENCE_KEY")]
    [InlineData("""{"TaskSubtype":"Nonsense"}""", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")]
    public async Task A_bad_record_is_refused(string body, string code) =>
        (await Rita.Post("sobjects/Task", body)).IsRefusedWith(400, code);

    [Fact]
    public async Task The_refusal_of_a_read_only_field_names_it()
    {
        var answer = await Rita.Post("sobjects/Task", new { IsClosed = true, IsArchived = true });
        Assert.Equal("Unable to create/update fields: IsClosed, IsArchived. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", answer.Message);
        Assert.Equal(["IsClosed", "IsArchived"], answer.Json[0].GetProperty("fields").EnumerateArray().Select(f => f.GetString()));
    }

    [Fact]
    public async Task TaskSubtype_and_IsRecurrence_can_be_given_at_create_only()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { TaskSubtype = "Call" }));
        (await Rita.Patch($"sobjects/Task/{id}", new { TaskSubtype = "Task" })).IsRefusedWith(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
        (await Rita.Patch($"sobjects/Task/{id}", new { IsRecurrence = true })).IsRefusedWith(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
    }

    [Theory]
    [InlineData("Subject", 255)]
    [InlineData("CallObject", 255)]
    [InlineData("Description", 32_000)]
    [InlineData("Status", 40)]
    public async Task Text_that_is_too_long_is_refused_and_the_longest_is_kept(string field, int length)
    {
        (await Rita.Post("sobjects/Task", new Dictionary<string, string> { [field] = new('x', length + 1) })).IsRefusedWith(400, "STRING_TOO_LONG");
        var id = Id(await Rita.Post("sobjects/Task", new Dictionary<string, string> { [field] = new('x', length) }));
        Assert.Equal(length, ((string)Org.FindTask(id)![field]!).Length);
    }

    [Fact]
    public async Task An_unknown_type_or_resource_is_not_found_and_a_wrong_method_not_allowed()
    {
        (await Rita.Get("sobjects/Nonsense/00TWs0000000001")).IsRefusedWith(404, "NOT_FOUND");
        (await Rita.Get("nonsense")).IsRefusedWith(404, "NOT_FOUND");
        (await Rita.Post("query")).IsRefusedWith(405, "METHOD_NOT_ALLOWED");
        (await Rita.Get("/services/data/v12.0/limits")).IsRefusedWith(404, "UNSUPPORTED_API_VERSION");
    }

    [Fact]
    public async Task The_call_result_is_text_that_can_be_written_protected_and_hidden()
    {
        async Task<string?> Described() => (await Rita.Get("sobjects/Task/describe")).Json.GetProperty("fields").EnumerateArray()
            .Where(field => field.GetProperty("name").GetString() == "CallDisposition")
            .Select(field => string.Join(' ', new[] { "label", "type", "length", "createable", "updateable", "nillable" }.Select(fact => field.GetProperty(fact).ToString()))).FirstOrDefault();
        Assert.Equal("Call Result string 255 True True True", await Described());
        var id = Id(await Rita.Post("sobjects/Task", new { CallDisposition = "no answer" }));
        Assert.Equal(204, (await Rita.Patch($"sobjects/Task/{id}", new { CallDisposition = "sold" })).Status);
        Assert.Equal(["sold"], await Query("SELECT CallDisposition FROM Task WHERE CallDisposition = 'sold'", "CallDisposition"));

        Org.SetFieldAccess("CallDisposition", FieldAccess.ReadOnly);
        Assert.Equal("Call Result string 255 False False True", await Described());
        (await Rita.Patch($"sobjects/Task/{id}", new { CallDisposition = "x" })).IsRefusedWith(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
        Org.HideField("CallDisposition", Org.Rita.Id);
        Assert.Null(await Described());
        (await Ask("SELECT CallDisposition FROM Task")).IsRefusedWith(400, "INVALID_FIELD");
        Assert.DoesNotContain("CallDisposition", (await Rita.Get($"/tasks/{id}?user={Org.Rita.Id}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_post_can_stand_for_a_patch()
    {
        var id = Org.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = "a" }).Id;
        Assert.Equal(204, (await Rita.Post($"sobjects/Task/{id}?_HttpMethod=PATCH", new { Subject = "b" })).Status);
        Assert.Equal("b", Org.FindTask(id)!.Subject);
    }
}
