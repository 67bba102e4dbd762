using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class ReplicationTests : SimulatorTest
{
    private Task<ApiAnswer> Changes(string kind, DateTimeOffset from, DateTimeOffset to, ApiCaller? caller = null) =>
        (caller ?? Rita).Get($"sobjects/Task/{kind}/?start={Text(from)}&end={Text(to)}");

    private static string Text(DateTimeOffset moment) => Uri.EscapeDataString(moment.ToString("yyyy-MM-dd'T'HH:mm:sszzz"));

    private static string?[] Ids(ApiAnswer answer) => [.. answer.Json.GetProperty("ids").EnumerateArray().Select(id => id.GetString())];

    private static string?[] Deleted(ApiAnswer answer) => [.. answer.Json.GetProperty("deletedRecords").EnumerateArray().Select(r => r.GetProperty("id").GetString())];

    [Fact]
    public async Task Updated_lists_what_was_created_or_changed_but_not_deleted()
    {
        var (a, b) = (Org.CreateTask(Org.Rita.Id).Id, Org.CreateTask(Org.Rita.Id).Id);
        Org.DeleteTask(b);
        Clock.Advance(TimeSpan.FromMinutes(10));
        var answer = await Changes("updated", Start, Clock.GetUtcNow());
        Assert.Equal([a], Ids(answer));
        Assert.Equal("2026-03-05T10:10:00.000+0000", answer["latestDateCovered"]);
    }

    [Fact]
    public async Task Deleted_lists_the_deletions_with_lower_case_id()
    {
        var id = Org.CreateTask(Org.Rita.Id).Id;
        Clock.Advance(TimeSpan.FromSeconds(70));
        Org.DeleteTask(id);
        Clock.Advance(TimeSpan.FromMinutes(10));
        var answer = await Changes("deleted", Start, Clock.GetUtcNow());
        Assert.Equal($$"""[{"deletedDate":"2026-03-05T10:01:10.000+0000","id":"{{id}}"}]""", answer.Json.GetProperty("deletedRecords").GetRawText());
        Assert.Equal("2026-03-05T10:11:00.000+0000", answer["latestDateCovered"]);
        Assert.Equal("2023-03-05T10:00:00.000+0000", answer["earliestDateAvailable"]);
    }

    [Fact]
    public async Task Seconds_are_cut_off_and_both_ends_count()
    {
        var id = Org.CreateTask(Org.Rita.Id).Id;
        Clock.Advance(TimeSpan.FromMinutes(5));
        var later = Org.CreateTask(Org.Rita.Id).Id;
        Clock.Advance(TimeSpan.FromSeconds(30));
        Org.CreateTask(Org.Rita.Id);
        Assert.Equal([id, later], Ids(await Changes("updated", Start.AddSeconds(59), Clock.GetUtcNow())));
    }

    [Theory]
    [InlineData("updated", 0, 60, true)]
    [InlineData("updated", 0, 119, true)]
    [InlineData("updated", 0, 120, false)]
    [InlineData("updated", 60, 0, true)]
    [InlineData("updated", -30 * 86_400, 0, true)]
    [InlineData("updated", -30 * 86_400 + 60, 0, false)]
    [InlineData("deleted", -15 * 86_400, 0, true)]
    [InlineData("deleted", -15 * 86_400 + 60, 0, false)]
    [InlineData("deleted", 0, 60, true)]
    public async Task The_window_must_be_longer_than_a_minute_and_not_too_far_back(string kind, int from, int to, bool refused)
    {
        var answer = await Changes(kind, Start.AddSeconds(from), Start.AddSeconds(to));
        if (refused)
            answer.IsRefusedWith(400, "INVALID_REPLICATION_DATE");
        else
            Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task A_start_before_the_org_existed_is_refused()
    {
        await using var young = await TaskSync.Simulator.SimulatorHost.StartAsync(new SimulatorOptions { TimeProvider = Clock, OrganizationCreatedDate = Start.AddDays(-2) }, Cancel);
        var caller = new ApiCaller(young.BaseAddress, young.Org.IssueToken(young.Org.Rita.Id).AccessToken);
        var answer = await Changes("updated", Start.AddDays(-3), Start, caller);
        answer.IsRefusedWith(400, "INVALID_REPLICATION_DATE");
        Assert.Equal("startDate before org replication enabled date", answer.Message);
    }

    [Fact]
    public async Task The_covered_time_never_lies_in_the_future()
    {
        var answer = await Changes("updated", Start, Start.AddHours(1));
        Assert.Equal("2026-03-05T10:00:00.000+0000", answer["latestDateCovered"]);
    }

    [Fact]
    public async Task Both_calls_show_only_what_the_caller_may_see()
    {
        var (rita, sam) = (Org.CreateTask(Org.Rita.Id).Id, Org.CreateTask(Org.Sam.Id).Id);
        var (ritaGone, samGone) = (Org.CreateTask(Org.Rita.Id).Id, Org.CreateTask(Org.Sam.Id).Id);
        Org.DeleteTask(ritaGone);
        Org.DeleteTask(samGone);
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal([rita], Ids(await Changes("updated", Start, Clock.GetUtcNow())));
        Assert.Equal([ritaGone], Deleted(await Changes("deleted", Start, Clock.GetUtcNow())));
        var reader = CallerOf(Org.Integration.Id);
        Assert.Equal([rita, sam], Ids(await Changes("updated", Start, Clock.GetUtcNow(), reader)));
        Assert.Equal([ritaGone, samGone], Deleted(await Changes("deleted", Start, Clock.GetUtcNow(), reader)));
    }

    [Fact]
    public async Task A_purged_row_stays_in_the_delete_log_and_an_undeleted_one_moves_to_updated()
    {
        var (purged, undeleted) = (Org.CreateTask(Org.Rita.Id).Id, Org.CreateTask(Org.Rita.Id).Id);
        Org.DeleteTask(purged);
        Org.DeleteTask(undeleted);
        Org.PurgeRecycleBin(purged);
        Clock.Advance(TimeSpan.FromMinutes(2));
        Org.UndeleteTask(undeleted);
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal([purged], Deleted(await Changes("deleted", Start, Clock.GetUtcNow())));
        Assert.Equal([undeleted], Ids(await Changes("updated", Start.AddMinutes(1), Clock.GetUtcNow())));
    }

    [Fact]
    public async Task After_the_delete_log_was_purged_an_earlier_start_is_refused()
    {
        Org.DeleteTask(Org.CreateTask(Org.Rita.Id).Id);
        Clock.Advance(TimeSpan.FromHours(3));
        Org.PurgeDeleteLog();
        Clock.Advance(TimeSpan.FromMinutes(5));
        var caller = CallerOf(Org.Rita.Id);
        (await Changes("deleted", Start, Clock.GetUtcNow(), caller)).IsRefusedWith(400, "INVALID_REPLICATION_DATE");
        var answer = await Changes("deleted", Start.AddHours(3), Clock.GetUtcNow(), caller);
        Assert.Equal((0, "2026-03-05T13:00:00.000+0000"), (Deleted(answer).Length, answer["earliestDateAvailable"]));
    }

    [Fact]
    public async Task Archiving_shows_as_updated_because_SystemModstamp_moves()
    {
        var id = Org.CreateTask(Org.Rita.Id, new FieldValues { ["Status"] = "Completed" }).Id;
        Clock.Advance(TimeSpan.FromMinutes(5));
        Org.Archive(id);
        Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal([id], Ids(await Changes("updated", Start.AddMinutes(1), Clock.GetUtcNow())));
    }

    [Fact]
    public async Task Some_types_are_not_replicable()
    {
        var answer = await Rita.Get($"sobjects/TaskStatus/updated?start={Text(Start.AddDays(-1))}&end={Text(Start)}");
        Assert.Equal((400, "sObject type 'TaskStatus' is not replicable"), (answer.Status, answer.Message));
    }
}
