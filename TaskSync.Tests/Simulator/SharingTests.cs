using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class SharingTests : SimulatorTest
{
    private async Task<int> Seen(string userId, bool all = false) =>
        int.Parse((await CallerOf(userId).Get($"query{(all ? "All" : "")}?q=SELECT+COUNT()+FROM+Task"))["totalSize"]!);

    [Fact]
    public async Task A_rep_sees_own_tasks_a_manager_those_below_and_view_all_data_everything()
    {
        Org.CreateTask(Org.Rita.Id);
        Org.CreateTask(Org.Sam.Id);
        Org.CreateTask(Org.AddQueue("Inbound"));
        var manager = Org.AddUser("Mia", "Manager");
        Org.PutUnder(manager.Id, Org.Rita.Id, Org.Sam.Id);
        Assert.Equal((1, 1, 0, 2, 3, 3), (await Seen(Org.Rita.Id), await Seen(Org.Sam.Id), await Seen(Org.Nora.Id), await Seen(manager.Id), await Seen(Org.Adam.Id), await Seen(Org.Integration.Id)));
    }

    [Fact]
    public async Task What_cannot_be_seen_is_not_found()
    {
        var sams = Org.CreateTask(Org.Sam.Id).Id;
        (await Rita.Get($"sobjects/Task/{sams}")).IsRefusedWith(404, "NOT_FOUND");
        (await Rita.Patch($"sobjects/Task/{sams}", new { Subject = "x" })).IsRefusedWith(404, "NOT_FOUND");
        (await Rita.Delete($"sobjects/Task/{sams}")).IsRefusedWith(404, "NOT_FOUND");
    }

    [Fact]
    public async Task What_can_be_seen_but_not_edited_says_INSUFFICIENT_ACCESS_OR_READONLY()
    {
        var ritas = Org.CreateTask(Org.Rita.Id).Id;
        (await CallerOf(Org.Integration.Id).Patch($"sobjects/Task/{ritas}", new { Subject = "x" })).IsRefusedWith(403, "INSUFFICIENT_ACCESS_OR_READONLY");
        Assert.Equal(204, (await CallerOf(Org.Adam.Id).Patch($"sobjects/Task/{ritas}", new { Subject = "x" })).Status);
    }

    [Fact]
    public async Task A_task_given_away_leaves_the_reps_sight_without_an_event()
    {
        var id = Org.CreateTask(Org.Rita.Id).Id;
        Clock.Advance(TimeSpan.FromMinutes(5));
        Org.Reassign(id, Org.Sam.Id, Org.Adam.Id);
        Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(await Query("SELECT Id FROM Task", "Id", all: true));
        Assert.Equal("[]", (await Rita.Get("sobjects/Task/updated?start=2026-03-05T10:00:00Z&end=2026-03-05T10:10:00Z")).Json.GetProperty("ids").GetRawText());
        Assert.Equal([null], (await Rita.Post("composite/sobjects/Task", new { ids = new[] { id }, fields = new[] { "Id" } })).Json.EnumerateArray().Select(r => r.GetString()));
    }

    [Fact]
    public async Task A_task_can_be_lost_from_sight_and_no_stamp_moves()
    {
        var task = Org.CreateTask(Org.Rita.Id);
        Clock.Advance(TimeSpan.FromMinutes(5));
        Org.SetVisible(task.Id, Org.Rita.Id, false);
        Assert.Equal((0, 1), (await Seen(Org.Rita.Id), await Seen(Org.Adam.Id)));
        Assert.Equal(task.SystemModstamp, Org.FindTask(task.Id)!.SystemModstamp);
        Org.SetVisible(task.Id, Org.Rita.Id, true);
        Assert.Equal(1, await Seen(Org.Rita.Id));
    }

    [Fact]
    public async Task A_reps_queryAll_hides_foreign_deletions_in_the_other_reading()
    {
        var (own, foreign) = (Org.CreateTask(Org.Rita.Id).Id, Org.CreateTask(Org.Rita.Id).Id);
        Org.DeleteTask(own);
        Org.DeleteTask(foreign, Org.Adam.Id);
        Assert.Equal(2, await Seen(Org.Rita.Id, all: true));
        Org.Options.QueryAllShowsForeignDeletions = false;
        Assert.Equal((1, 2), (await Seen(Org.Rita.Id, all: true), await Seen(Org.Integration.Id, all: true)));
    }

    [Fact]
    public async Task A_hidden_field_is_absent_from_describe_and_answers_and_cannot_be_named()
    {
        var id = Org.CreateTask(Org.Rita.Id, new FieldValues { ["Type"] = "Call" }).Id;
        Org.HideField("Type", Org.Rita.Id);
        Assert.DoesNotContain("\"name\":\"Type\"", (await Rita.Get("sobjects/Task/describe")).Text, StringComparison.Ordinal);
        Assert.False((await Rita.Get($"sobjects/Task/{id}")).Json.TryGetProperty("Type", out _));
        (await Rita.Get($"sobjects/Task/{id}?fields=Type")).IsRefusedWith(400, "INVALID_FIELD");
        (await Ask("SELECT Type FROM Task")).IsRefusedWith(400, "INVALID_FIELD");
        (await Ask("SELECT Id FROM Task WHERE Type = 'Call'")).IsRefusedWith(400, "INVALID_FIELD");
        (await Rita.Patch($"sobjects/Task/{id}", new { Type = "Email" })).IsRefusedWith(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
        Assert.Equal("Call", (await CallerOf(Org.Adam.Id).Get($"sobjects/Task/{id}"))["Type"]);
        Org.ShowField("Type", Org.Rita.Id);
        Assert.Equal("Call", (await Rita.Get($"sobjects/Task/{id}"))["Type"]);
    }

    [Fact]
    public async Task A_read_only_field_can_be_read_but_not_written()
    {
        Org.SetFieldAccess("Priority", FieldAccess.ReadOnly);
        (await Rita.Post("sobjects/Task", new { Priority = "High" })).IsRefusedWith(400, "INVALID_FIELD_FOR_INSERT_UPDATE");
        Assert.Equal("Normal", (await Rita.Get($"sobjects/Task/{Id(await Rita.Post("sobjects/Task", new { Subject = "x" }))}"))["Priority"]);
    }

    [Fact]
    public async Task An_org_without_the_key_field_does_not_know_it()
    {
        await using var plain = await TaskSync.Simulator.SimulatorHost.StartAsync(new SimulatorOptions { HasKeyField = false }, Cancel);
        var caller = new ApiCaller(plain.BaseAddress, plain.Org.IssueToken(plain.Org.Rita.Id).AccessToken);
        (await caller.Post("sobjects/Task", new { TaskSync_Key__c = "k" })).IsRefusedWith(400, "INVALID_FIELD");
        (await caller.Patch("sobjects/Task/TaskSync_Key__c/k", new { Subject = "x" })).IsRefusedWith(404, "NOT_FOUND");
    }
}
