using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;

namespace TaskSync.Tests.Crash;

/// <summary>
/// The engine dies once at every boundary that it passes: before and after each commit, before each request is sent and when it has been answered; as a
/// real process by SIGKILL, and cheaper inside the test. It is started again each time and goes on with what it was doing.
/// </summary>
public sealed class BoundaryTests
{
    /// <summary>Boundaries that a day in the life has to pass, or this test has stopped testing what it says.</summary>
    private static readonly string[] Musts =
    [
        "create: before the commit of History+Links+PendingWrites+Tasks",
        "create: after the commit of History+Links+PendingWrites+Tasks",
        "sync: before the commit of Links", // the attempt is stored
        "sync: after the commit of Links", // before it is sent
        "sync: before POST /composite is sent", // creates, updates and deletions, with a read before and a poll after
        "sync: POST /composite is answered",
        "sync: before the commit of History+Links+PendingWrites", // the answer is recorded
        "sync: after the commit of History+Links+PendingWrites",
        "sync: before POST Soap", // undelete
        "sync: before GET /queryAll", // poll
        "sync: before GET /query/{id}", // next page of the import
        "Cursors", // a read is committed with its cursor
        "InitialSyncs", // a page is committed with its progress
        "on: ",
        "off: ",
        "edit: ",
        "complete: ",
        "delete: ",
        "restore: ",
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dead_at_every_boundary_once_nothing_is_lost_doubled_or_resurrected(bool hasKeyField)
    {
        await using var scene = await CrashScene.StartAsync(hasKeyField, Deaths.Frozen);
        await LiveAsync(scene);
        await CheckAsync(scene);
        Assert.All(Musts, must => Assert.Contains(scene.Boundaries, name => name.Contains(must, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stopped_at_every_boundary_of_a_cycle_while_another_instance_takes_over_nothing_is_lost_doubled_or_resurrected(bool hasKeyField)
    {
        await using var scene = await CrashScene.StartAsync(hasKeyField, Deaths.Stopped);
        await LiveAsync(scene);
        await CheckAsync(scene);
        Assert.InRange(scene.Kills, 20, 100);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_as_a_process_wherever_something_is_half_done_nothing_is_lost_doubled_or_resurrected(bool hasKeyField)
    {
        await using var scene = await CrashScene.StartAsync(hasKeyField, Deaths.KilledHalfWay);
        await LiveAsync(scene);
        await CheckAsync(scene);
        Assert.InRange(scene.Kills, 10, 60);
        Assert.All(EngineWorker.HalfWritten, part => Assert.Contains(scene.Boundaries, name => name.Contains(part, StringComparison.Ordinal)));
    }

    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_as_a_process_at_every_boundary_nothing_is_lost_doubled_or_resurrected(bool hasKeyField)
    {
        var kills = 0;
        while (kills < 100)
        {
            await using var scene = await CrashScene.StartAsync(hasKeyField, Deaths.KilledEverywhere);
            await LiveAsync(scene);
            await CheckAsync(scene);
            kills += scene.Kills;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills");
    }

    private static async Task CheckAsync(CrashScene scene)
    {
        await scene.EqualAsync("a there", "c", "d", "e2", "r0 here", "r1", "r3", "r5 there", "r6 here", "s0");
        Assert.Equal(["b", "r4"], scene.Org.Tasks(includeDeleted: true).Where(t => t.IsDeleted).Select(t => t.Subject).Order());
        var removed = await scene.World.ReadAsync(db => db.Tasks.Where(t => t.RemovedAt != null).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["b", "r2", "r4"], removed.Select(t => t.Subject).Order());
        var history = (await scene.Rep.HistoryAsync((await scene.FindAsync("a there"))!.Value)).SelectMany(line => line.Changes).Select(change => change.After).ToList();
        Assert.All(new[] { "a2", "a3", "a there" }, value => Assert.Contains(value, history));
        Assert.Equal(scene.Boundaries.Count, scene.Kills);
        TestContext.Current.TestOutputHelper?.WriteLine($"{scene.Kills} deaths:\n{string.Join('\n', scene.Boundaries)}");
    }

    /// <summary>A first sync, every kind of write in both directions, a conflict, a catch-up, lost answers, a sweep.</summary>
    private static async Task LiveAsync(CrashScene scene)
    {
        var org = scene.Org;
        var today = scene.World.Today;
        DateOnly?[] due = [today, today, today.AddDays(1), today.AddDays(-1), today.AddDays(-2), null, null];
        var theirs = due.Select((date, i) => org.CreateTask(org.Rita.Id, new FieldValues { ["Subject"] = $"r{i}", ["ActivityDate"] = date }).Id).ToList();
        await scene.DoAsync("on");
        await scene.SettleAsync();

        foreach (var subject in new[] { "a", "b", "c", "d" })
        {
            await scene.DoAsync("create", subject);
        }

        await scene.SettleAsync();
        await scene.DoAsync("edit", await scene.IdAsync("a"), "a2");
        await scene.DoAsync("complete", await scene.IdAsync("b"));
        await scene.DoAsync("edit", await scene.IdAsync("r0"), "r0 here");
        await scene.SettleAsync();

        org.UpdateTask(theirs[1], new FieldValues { ["Description"] = "there" });
        org.CreateTask(org.Rita.Id, new FieldValues { ["Subject"] = "s0" });
        org.DeleteTask(theirs[2]);
        org.CompleteTask(theirs[3]);
        await scene.SettleAsync();

        // Out of the recycle bin, and created anew where it was emptied.
        await scene.DoAsync("delete", await scene.IdAsync("c"));
        await scene.DoAsync("delete", await scene.IdAsync("d"));
        await scene.SettleAsync();
        await scene.DoAsync("restore", await scene.IdAsync("c"));
        await scene.SettleAsync();
        org.PurgeRecycleBin();
        await scene.DoAsync("restore", await scene.IdAsync("d"));
        await scene.SettleAsync();

        await scene.DoAsync("edit", await scene.IdAsync("a2"), "a3");
        scene.World.Time.Advance(TimeSpan.FromMinutes(1));
        org.UpdateTask(org.Tasks().Single(t => t.Subject == "a2").Id, new FieldValues { ["Subject"] = "a there" });
        await scene.SettleAsync();

        await scene.DoAsync("off");
        org.DeleteTask(theirs[4]);
        org.UpdateTask(theirs[5], new FieldValues { ["Subject"] = "r5 there" });
        await scene.DoAsync("edit", await scene.IdAsync("r6"), "r6 here");
        scene.World.Time.Advance(TimeSpan.FromHours(1));
        await scene.DoAsync("on");
        await scene.SettleAsync();

        org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "POST", Resource = "/composite/sobjects" });
        await scene.DoAsync("create", "e");
        await scene.SettleAsync();
        org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Method = "PATCH", Resource = "/composite/sobjects" });
        await scene.DoAsync("edit", await scene.IdAsync("e"), "e2");
        await scene.SettleAsync();
        org.Faults.Add(new FaultRule { Kind = FaultKind.DropBeforeCommit, Method = "DELETE", Resource = "/composite/sobjects" });
        await scene.DoAsync("delete", await scene.IdAsync("b"));
        await scene.SettleAsync();

        scene.World.Time.Advance(TimeSpan.FromMinutes(16));
        await scene.SettleAsync();
    }
}
