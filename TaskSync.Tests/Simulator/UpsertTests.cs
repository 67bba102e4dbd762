using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class UpsertTests : SimulatorTest
{
    private const string Key = "sobjects/Task/TaskSync_Key__c";

    [Fact]
    public async Task Upsert_creates_once_and_updates_afterwards()
    {
        var created = await Rita.Patch($"{Key}/abc", new { Subject = "a" });
        Assert.Equal((201, "True"), (created.Status, created["created"]));
        var updated = await Rita.Patch($"{Key}/abc", new { Subject = "b" });
        Assert.Equal((200, "False", created["id"]), (updated.Status, updated["created"], updated["id"]));
        Assert.Equal(("b", "abc"), (Assert.Single(Org.Tasks()).Subject, Org.Tasks()[0].Key));
    }

    [Fact]
    public async Task An_update_by_upsert_was_an_empty_204_before_version_46()
    {
        Org.CreateTask(Org.Rita.Id, new FieldValues { ["TaskSync_Key__c"] = "abc" });
        var old = new ApiCaller(Host.BaseAddress, Rita.Token, "45.0");
        Assert.Equal((204, ""), ((await old.Patch($"{Key}/abc", new { Subject = "b" })).Status, ""));
    }

    [Fact]
    public async Task The_case_of_the_key_counts_and_it_may_need_encoding()
    {
        Assert.Equal(201, (await Rita.Patch($"{Key}/abc", new { Subject = "a" })).Status);
        Assert.Equal(201, (await Rita.Patch($"{Key}/ABC", new { Subject = "a" })).Status);
        Assert.Equal(201, (await Rita.Patch($"{Key}/{Uri.EscapeDataString("50% ä+b")}", new { Subject = "a" })).Status);
        Assert.Equal("50% ä+b", Org.Tasks()[2].Key);
    }

    [Fact]
    public async Task A_row_in_the_recycle_bin_does_not_match_so_a_second_one_is_made()
    {
        var first = Id(await Rita.Patch($"{Key}/abc", new { Subject = "a" }));
        Org.DeleteTask(first);
        var second = await Rita.Patch($"{Key}/abc", new { Subject = "a" });
        Assert.Equal(201, second.Status);
        Assert.NotEqual(first, second["id"]);
    }

    [Fact]
    public async Task UpdateOnly_never_creates()
    {
        (await Rita.Patch($"{Key}/abc?updateOnly=true", new { Subject = "a" })).IsRefusedWith(404, "NOT_FOUND");
        Assert.Empty(Org.Tasks());
        Org.CreateTask(Org.Rita.Id, new FieldValues { ["TaskSync_Key__c"] = "abc" });
        Assert.Equal(200, (await Rita.Patch($"{Key}/abc?updateOnly=true", new { Subject = "a" })).Status);
    }

    [Theory]
    [InlineData("""{"TaskSync_Key__c":"abc","Subject":"a"}""")]
    [InlineData("""{"Id":"00TWs0000000001MAA","Subject":"a"}""")]
    public async Task The_body_must_not_name_the_key_or_the_id(string body) => (await Rita.Patch($"{Key}/abc", body)).IsRefusedWith(400, "INVALID_FIELD");

    [Fact]
    public async Task A_field_that_is_no_external_id_is_not_found()
    {
        var answer = await Rita.Patch("sobjects/Task/CallObject/abc", new { Subject = "a" });
        answer.IsRefusedWith(404, "NOT_FOUND");
        Assert.Equal("Provided external ID field does not exist or is not accessible: CallObject", answer.Message);
    }

    [Fact]
    public async Task A_taken_key_is_refused_with_the_id_that_has_it()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { TaskSync_Key__c = "abc" }));
        var answer = await Rita.Post("sobjects/Task", new { TaskSync_Key__c = "abc" });
        answer.IsRefusedWith(400, "DUPLICATE_VALUE");
        Assert.Equal($"duplicate value found: TaskSync_Key__c duplicates value on record with id: {id[..15]}", answer.Message);
    }

    [Fact]
    public async Task The_recycle_bin_frees_a_key_and_undeleting_into_a_taken_one_fails()
    {
        var first = Id(await Rita.Post("sobjects/Task", new { TaskSync_Key__c = "abc" }));
        Org.DeleteTask(first);
        Assert.Equal(201, (await Rita.Post("sobjects/Task", new { TaskSync_Key__c = "abc" })).Status);
        var refusal = Assert.Throws<InvalidOperationException>(() => Org.UndeleteTask(first));
        Assert.StartsWith("DUPLICATE_VALUE", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_recycle_bin_holds_keys_in_the_other_reading()
    {
        Org.Options.Readings.RecycleBinHoldsUniqueValues = true;
        Org.DeleteTask(Id(await Rita.Post("sobjects/Task", new { TaskSync_Key__c = "abc" })));
        (await Rita.Post("sobjects/Task", new { TaskSync_Key__c = "abc" })).IsRefusedWith(400, "DUPLICATE_VALUE");
    }

    [Fact]
    public async Task A_record_can_be_read_by_its_key()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { TaskSync_Key__c = "abc" }));
        Assert.Equal(id, (await Rita.Get($"{Key}/abc"))["Id"]);
        (await Rita.Get($"{Key}/xyz")).IsRefusedWith(404, "NOT_FOUND");
    }

    [Fact]
    public async Task Post_to_Id_is_a_plain_create() => Assert.Equal(201, (await Rita.Post("sobjects/Task/Id", new { Subject = "a" })).Status);
}
