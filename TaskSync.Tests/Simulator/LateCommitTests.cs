using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Simulator;

public sealed class LateCommitTests : SimulatorTest
{
    private Task<ApiAnswer> Updated() => Rita.Get($"sobjects/Task/updated?start=2026-03-05T09:00:00Z&end={Clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}");

    [Fact]
    public async Task A_row_appears_at_commit_with_the_stamp_of_its_writing_so_a_poll_can_miss_it()
    {
        using var transaction = Org.BeginTransaction();
        var late = transaction.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = "late" });
        Clock.Advance(TimeSpan.FromMinutes(3));
        Org.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = "early" });
        Assert.Equal(["early"], await Query("SELECT Subject FROM Task", all: true));
        transaction.Commit();
        Assert.Equal(["early"], await Query("SELECT Subject FROM Task WHERE SystemModstamp >= 2026-03-05T10:03:00Z", all: true));
        Assert.Equal(["early", "late"], await Query("SELECT Subject FROM Task ORDER BY Subject", all: true));
        Assert.Equal(Start, Org.FindTask(late.Id)!.SystemModstamp);
    }

    [Fact]
    public async Task The_covered_time_stays_at_the_start_of_the_open_transaction()
    {
        Clock.Advance(TimeSpan.FromSeconds(20));
        using var transaction = Org.BeginTransaction();
        transaction.CreateTask(Org.Rita.Id);
        Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("2026-03-05T10:00:20.000+0000", (await Updated())["latestDateCovered"]);
        transaction.Commit();
        var after = await Updated();
        Assert.Equal(("2026-03-05T10:10:00.000+0000", 1), (after["latestDateCovered"], after.Json.GetProperty("ids").GetArrayLength()));
    }

    [Fact]
    public async Task Others_see_the_old_row_and_cannot_write_it_meanwhile()
    {
        var id = Org.CreateTask(Org.Rita.Id, new FieldValues { ["Subject"] = "old" }).Id;
        using var transaction = Org.BeginTransaction();
        transaction.UpdateTask(id, new FieldValues { ["Subject"] = "new" });
        transaction.UpdateTask(id, new FieldValues { ["Description"] = "twice" });
        Assert.Equal("old", (await Rita.Get($"sobjects/Task/{id}"))["Subject"]);
        (await Rita.Patch($"sobjects/Task/{id}", new { Subject = "mine" })).IsRefusedWith(400, "UNABLE_TO_LOCK_ROW");
        transaction.Commit();
        Assert.Equal(("new", "twice"), (Org.FindTask(id)!.Subject, Org.FindTask(id)!.Description));
        Assert.Equal(204, (await Rita.Patch($"sobjects/Task/{id}", new { Subject = "mine" })).Status);
    }

    [Fact]
    public void A_transaction_that_is_not_committed_leaves_nothing()
    {
        var id = Org.CreateTask(Org.Rita.Id).Id;
        using (var transaction = Org.BeginTransaction())
        {
            transaction.DeleteTask(id);
            transaction.CreateTask(Org.Rita.Id);
        }
        Assert.False(Assert.Single(Org.Tasks(includeDeleted: true)).IsDeleted);
    }

    [Fact]
    public async Task An_API_write_can_commit_late_too()
    {
        var fault = Org.Faults.Add(FaultKind.LateCommit, "/composite/sobjects");
        var call = Rita.Post("composite/sobjects", new { records = new[] { new { attributes = new { type = "Task" }, Subject = "late", TaskSync_Key__c = "k" } } });
        await Until.TrueAsync(async () => fault.Fired > 0 && (await Updated())["latestDateCovered"] is not null && Org.Calls.RowsCreated > 0);
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(Org.Tasks());
        Assert.Equal("2026-03-05T10:00:00.000+0000", (await Updated())["latestDateCovered"]);
        (await Rita.Post("sobjects/Task", new { TaskSync_Key__c = "k" })).IsRefusedWith(400, "UNABLE_TO_LOCK_ROW");
        fault.Release();
        Assert.True((await call).Json[0].GetProperty("success").GetBoolean());
        Assert.Equal(Start, Assert.Single(Org.Tasks()).SystemModstamp);
    }
}
