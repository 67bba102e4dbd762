using TaskSync.Simulator;

namespace TaskSync.Tests.Simulator;

public sealed class PersistenceTests : SimulatorTest
{
    private readonly string _directory = Directory.CreateTempSubdirectory("simulator-").FullName;

    protected override void Configure(SimulatorOptions options) => options.DataDirectory = _directory;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, true);
    }

    /// <summary>Starts an org from what is on disk now, while the first still holds its journal: as after a SIGKILL.</summary>
    private async Task<TaskSync.Simulator.SimulatorHost> Resurrect(Action<string>? tamper = null)
    {
        var copy = Directory.CreateDirectory(Path.Combine(_directory, Guid.NewGuid().ToString("N"))).FullName;
        var journal = Path.Combine(copy, "org.jsonl");
        await using (var source = new FileStream(Path.Combine(_directory, "org.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        await using (var target = File.Create(journal))
            await source.CopyToAsync(target, Cancel);
        tamper?.Invoke(journal);
        return await TaskSync.Simulator.SimulatorHost.StartAsync(new SimulatorOptions { TimeProvider = Clock, DataDirectory = copy }, Cancel);
    }

    [Fact]
    public async Task Records_tokens_and_setup_survive_a_kill()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "Call", ActivityDate = "2026-03-05", ReminderDateTime = "2026-03-05T08:00:00Z", IsReminderSet = true, CallDurationInSeconds = 7, TaskSync_Key__c = "k" }));
        var gone = Org.CreateTask(Org.Rita.Id).Id;
        Org.DeleteTask(gone);
        Org.PurgeRecycleBin();
        Org.HideField("Type");
        Org.SetStatuses(new("Open", IsDefault: true), new("Won", IsFlagged: true));

        await using var again = await Resurrect();
        var caller = new ApiCaller(again.BaseAddress, Rita.Token);
        Assert.Equal((await Rita.Get($"sobjects/Task/{id}")).Text, (await caller.Get($"sobjects/Task/{id}")).Text);
        Assert.Equal(["Open", "Won"], (await caller.Get("query?q=SELECT+ApiName+FROM+TaskStatus+ORDER+BY+SortOrder")).Json.GetProperty("records").EnumerateArray().Select(r => r.GetProperty("ApiName").GetString()));
        Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Contains(gone, (await caller.Get("sobjects/Task/deleted?start=2026-03-05T10:00:00Z&end=2026-03-05T10:05:00Z")).Text, StringComparison.Ordinal);
        (await caller.Post("sobjects/Task", new { TaskSync_Key__c = "k" })).IsRefusedWith(400, "DUPLICATE_VALUE");
        Assert.Equal(again.Org.OrganizationId, Org.OrganizationId);
        Assert.DoesNotContain(Id(await caller.Post("sobjects/Task", new { Subject = "new" })), new[] { id, gone });
    }

    [Fact]
    public async Task A_torn_last_line_is_ignored()
    {
        var id = Id(await Rita.Post("sobjects/Task", new { Subject = "kept" }));
        await using var again = await Resurrect(journal => File.AppendAllText(journal, """{"row":{"$":"Task","Id":"00TWs"""));
        Assert.Equal("kept", again.Org.FindTask(id)!.Subject);
    }

    [Fact]
    public async Task What_was_rolled_back_is_not_in_the_journal()
    {
        await Rita.Post("composite/sobjects", new { allOrNone = true, records = new object[] { new { attributes = new { type = "Task" }, Subject = "a" }, new { attributes = new { type = "Task" }, IsClosed = true } } });
        await using var again = await Resurrect();
        Assert.Empty(again.Org.Tasks());
    }

    [Fact]
    public async Task A_revoked_grant_stays_revoked()
    {
        Org.RevokeGrants();
        await using var again = await Resurrect();
        (await new ApiCaller(again.BaseAddress, Rita.Token).Get("limits")).IsRefusedWith(401, "INVALID_SESSION_ID");
    }
}
