using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Engine.SwitchOn.Preview;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.SwitchOn;

public sealed class PreviewTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ImportWindow.Last24Hours, 2)]
    [InlineData(ImportWindow.Last7Days, 3)]
    [InlineData(ImportWindow.AllOpen, 3)]
    public async Task F8_before_the_first_sync_it_says_what_comes_in_and_that_nothing_is_sent(ImportWindow window, int comesIn)
    {
        await using var world = await SyncWorld.StartAsync();
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "ten days old, open" });
        world.Time.Advance(TimeSpan.FromDays(7));
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "three days old, done", ["Status"] = "Completed" });
        world.Time.Advance(TimeSpan.FromDays(3));
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "new" });
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "new and done", ["Status"] = "Completed" });
        world.Org.CreateTask(world.Org.Sam.Id, new FieldValues { ["Subject"] = "Sam's" });
        var rep = await world.RepAsync();
        await rep.CreateAsync("mine");
        await rep.CreateAsync("mine too");

        var preview = await LookAsync(world, rep, window);

        Assert.Equal((comesIn, 0, 0, 0, 2), (preview.ComesIn, preview.Changes, preview.Leaves, preview.Sent, preview.StaysHere));
        Assert.Equal(comesIn, preview.Rows.Count(row => row.Fate == PreviewFate.ComesIn));
        Assert.Equal(["mine", "mine too"], preview.Rows.Where(row => row.Fate == PreviewFate.StaysHere).Select(row => row.Title).Order());
        Assert.All(preview.Rows, row => Assert.NotEmpty(row.Reason));
    }

    [Fact]
    public async Task F8_the_preview_writes_nothing_on_either_side()
    {
        var writes = new WriteCounter();
        await using var database = new TestDatabase(writes);
        await using var world = await SyncWorld.StartAsync(database: database);
        var rep = await OffWithChangesAsync(world);
        writes.Reset();
        world.Org.Calls.Reset();

        await LookAsync(world, rep);

        Assert.Empty(writes.Statements);
        Assert.Equal(0, world.Org.Calls.RowsWritten);
    }

    [Fact]
    public async Task F8_before_a_catch_up_it_says_what_comes_in_changes_leaves_and_is_sent()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await OffWithChangesAsync(world);

        var preview = await LookAsync(world, rep);

        Assert.Equal((InitialSyncKind.CatchUp, 1, 1, 1, 2, 1), (preview.Kind, preview.ComesIn, preview.Changes, preview.Leaves, preview.Sent, preview.StaysHere));
        Assert.Contains(preview.Rows, row => row.Fate == PreviewFate.Changes && row.Reason == "Changed in Salesforce: Priority.");
    }

    [Fact]
    public async Task F8_what_was_deleted_there_after_the_rep_had_lost_sight_of_it_is_said_to_leave_and_leaves()
    {
        await using var world = await SyncWorld.StartAsync(o => o.QueryAllShowsForeignDeletions = false);
        var (rep, id, remote) = await world.LostPairAsync();
        await rep.SaveAsync(false);
        world.Org.SetVisible(remote, rep.User.Id, true);
        world.Org.DeleteTask(remote, world.Org.Adam.Id);
        world.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(1, (await LookAsync(world, rep)).Leaves);
        await rep.SaveAsync(true);
        await rep.SettleAsync();
        Assert.Equal(Removal.DeletedInSalesforce, (await rep.TaskAsync(id)).Removal);
    }

    [Fact]
    public async Task F8_a_mass_deletion_is_shown_as_waiting_for_the_reps_word()
    {
        await using var world = await SyncWorld.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" });
        }

        var rep = await world.SyncedRepAsync();
        await rep.SaveAsync(false);
        await world.Tasks.DeleteAsync(rep.Id, [.. (await rep.ListAsync()).Take(15).Select(t => t.Id)], Token);

        var preview = await LookAsync(world, rep);

        Assert.Equal((15, 0), (preview.Asked, preview.Sent));
    }

    [Fact]
    public async Task F8_more_than_2000_tasks_are_counted_and_the_first_2000_by_due_date_are_listed()
    {
        await using var world = await SyncWorld.StartAsync();
        for (var i = 0; i < 2100; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}", ["ActivityDate"] = i < 50 ? world.Today : i < 100 ? null : world.Today.AddDays(-1) });
        }

        var rep = await world.RepAsync();
        var preview = await LookAsync(world, rep);

        Assert.Equal((2100, Preview.MostRows), (preview.ComesIn, preview.Rows.Count));
        Assert.Equal(50, preview.Rows.Count(row => row.Due == world.Today));
        Assert.DoesNotContain(preview.Rows, row => row.Due is null);
    }

    [Fact]
    public async Task F8_look_alikes_are_named_never_merged_by_themselves_and_linked_on_request()
    {
        await using var world = await SyncWorld.StartAsync();
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana", ["ActivityDate"] = world.Today, ["Description"] = "from there", ["Priority"] = "High" });
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Write to Ben", ["ActivityDate"] = world.Today });
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Other day", ["ActivityDate"] = world.Today });
        var rep = await world.RepAsync();
        var ana = await rep.CreateAsync("call ana ", world.Today, draft => draft with { Type = "Call" });
        await rep.CreateAsync("Write to Ben", world.Today);
        await rep.CreateAsync("Other day", world.Today.AddDays(1));

        var preview = await LookAsync(world, rep);
        Assert.Equal(["Call Ana", "Write to Ben"], preview.LookAlikes.Select(pair => pair.Title).Order());

        var pair = preview.LookAlikes.Single(p => p.TaskId == ana);
        Assert.IsType<TaskResult.Saved>(await world.Tasks.LinkAsync(rep.Id, pair.TaskId, pair.SalesforceId, Token));
        Assert.IsType<TaskResult.Refused>(await world.Tasks.LinkAsync(rep.Id, pair.TaskId, pair.SalesforceId, Token));
        var after = await LookAsync(world, rep);
        Assert.Equal("Write to Ben", Assert.Single(after.LookAlikes).Title);
        Assert.Equal((2, 1, 1, 2), (after.ComesIn, after.Changes, after.Sent, after.StaysHere));

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        // With an empty base what only one side has is kept, and where both differ the policy decides: the row there was changed last.
        var merged = await rep.TaskAsync(ana);
        Assert.Equal(("from there", "Call", "High"), (merged.Details, merged.Type, merged.Priority));
        Assert.Equal("Call", world.Org.FindTask(pair.SalesforceId)!.Type);
        Assert.Equal(5, (await rep.ListAsync()).Count);
        Assert.Equal(3, rep.Remote().Count);
    }

    [Fact]
    public async Task F8_a_linked_pair_outside_the_window_becomes_one_task_all_the_same()
    {
        await using var world = await SyncWorld.StartAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana", ["Description"] = "from there" });
        world.Time.Advance(TimeSpan.FromDays(3));
        var rep = await world.RepAsync();
        var ana = await rep.CreateAsync("Call Ana");
        await world.Tasks.LinkAsync(rep.Id, ana, remote.Id, Token);

        var preview = await LookAsync(world, rep);
        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal((0, 1, 0), (preview.ComesIn, preview.Changes, preview.StaysHere));
        Assert.Equal("from there", (await rep.TaskAsync(ana)).Details);
        Assert.Single(await rep.ListAsync());
    }

    [Fact]
    public async Task F8_a_create_whose_request_was_lost_is_among_what_is_sent()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        await rep.CreateAsync("Call Ana");
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropBeforeCommit, Resource = "/composite/sobjects" });
        await rep.SyncAsync();
        await rep.SaveAsync(false);
        world.Time.Advance(TimeSpan.FromMinutes(20));

        var preview = await LookAsync(world, rep);

        Assert.Equal(1, preview.Sent);
        Assert.Empty(rep.Remote());
    }

    [Fact]
    public async Task F8_without_a_connection_or_without_Salesforce_it_says_why_and_Save_works()
    {
        await using var world = await SyncWorld.StartAsync();
        var nobody = await world.Get<PeopleService>().EnsureAsync("demo:new", "New", null, Token);
        Assert.Equal("Connect Salesforce first.", Assert.IsType<PreviewAnswer.NotNow>(await world.Get<SyncPreview>().LookAsync(nobody, default, Token)).Reason);

        var rep = await world.RepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServiceUnavailableHtml, Times = 5 });
        Assert.NotEmpty(Assert.IsType<PreviewAnswer.NotNow>(await world.Get<SyncPreview>().LookAsync(rep.Id, default, Token)).Reason);
        world.Org.Faults.Clear();

        await rep.SaveAsync(true);
        await rep.SyncAsync();
        Assert.IsType<PreviewAnswer.Ready>(await world.Get<SyncPreview>().LookAsync(rep.Id, default, Token));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task F8_the_preview_equals_what_the_first_sync_and_the_catch_up_then_do(int seed)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = seed % 2 == 0);
        var random = new Random(seed);
        var window = (ImportWindow)random.Next(3);
        for (var i = random.Next(5, 30); i > 0; i--)
        {
            CreateThere(world, random);
            world.Time.Advance(TimeSpan.FromHours(random.Next(1, 20)));
        }

        var rep = await world.RepAsync();
        for (var i = random.Next(0, 6); i > 0; i--)
        {
            await rep.CreateAsync($"mine {i}");
        }

        await CompareAsync(world, rep, window);

        for (var round = 0; round < 2; round++)
        {
            for (var i = random.Next(0, 12); i > 0; i--)
            {
                await ActAsync(world, rep, random);
                if (random.Next(2) == 0)
                {
                    await rep.SyncAsync();
                }
            }

            await rep.SaveAsync(false);
            for (var i = random.Next(0, 25); i > 0; i--)
            {
                await ActAsync(world, rep, random);
                world.Time.Advance(TimeSpan.FromHours(random.Next(0, 40)));
            }

            if (random.Next(4) == 0)
            {
                world.Time.Advance(TimeSpan.FromDays(20));
                world.Org.PurgeRecycleBin();
            }

            await CompareAsync(world, rep, window);
        }
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, int.TryParse(Environment.GetEnvironmentVariable("TASKSYNC_SEEDS"), out var count) ? count : 12)];

    /// <summary>Looks, saves, lets the engine do everything, and compares.</summary>
    private static async Task CompareAsync(SyncWorld world, SyncWorld.Rep rep, ImportWindow window)
    {
        // Whole seconds pass, as between two clicks of a person.
        world.Time.Advance(TimeSpan.FromSeconds(3));
        var preview = await LookAsync(world, rep, window);
        var before = (await rep.ListAsync()).ToDictionary(t => t.Id);
        var saved = world.Time.GetUtcNow();
        await rep.SaveAsync(true, window);
        await rep.SyncAsync();
        await rep.SyncAsync();

        var after = (await rep.ListAsync()).ToDictionary(t => t.Id);
        var connection = rep.ConnectionId;
        var done = new Sums(
            after.Keys.Except(before.Keys).Count(),
            after.Values.Count(t => before.TryGetValue(t.Id, out var was) && !was.Values.Equals(t.Values)),
            before.Keys.Except(after.Keys).Count(),
            await SentAsync(world, rep, saved),
            after.Values.Count(t => t.Link is not { State: LinkState.Open } link || link.ConnectionId != connection),
            await world.ReadAsync(db => db.PendingWrites.CountAsync(p => p.ProblemId != null, Token)));
        var promised = new Sums(preview.ComesIn, preview.Changes, preview.Leaves, preview.Sent, preview.StaysHere, preview.Asked);
        Assert.True(done == promised, $"promised {promised}\ndone {done}\n{string.Join('\n', preview.Rows)}");
        foreach (var question in await rep.ProblemsAsync())
        {
            await world.Get<MySyncQuery>().RetryAsync(rep.Id, question.Id, Token);
            await rep.SyncAsync();
        }
    }

    /// <summary>How many tasks were sent: a task that is restored there and changed at once is written twice, and is one task.</summary>
    private static async Task<int> SentAsync(SyncWorld world, SyncWorld.Rep rep, DateTimeOffset since)
    {
        var writes = await world.ReadAsync(db => db.Runs.Where(r => r.PersonId == rep.Id && r.StartedAt >= since).SumAsync(r => r.Sent, Token));
        var notes = await world.ReadAsync(db => db.History.Where(h => h.PersonId == rep.Id && h.At >= since && h.Side == TaskSide.TaskSync && h.Note != null).Select(h => new { h.TaskId, h.Note }).ToListAsync(Token));
        return writes - notes.GroupBy(n => n.TaskId).Count(task => task.Any(n => n.Note == "Restored from Salesforce's recycle bin.") && task.Any(n => n.Note == "Sent to Salesforce."));
    }

    private sealed record Sums(int ComesIn, int Changes, int Leaves, int Sent, int StaysHere, int Asked);

    private static async Task<Preview> LookAsync(SyncWorld world, SyncWorld.Rep rep, ImportWindow window = ImportWindow.Last24Hours) =>
        Assert.IsType<PreviewAnswer.Ready>(await world.Get<SyncPreview>().LookAsync(rep.Id, window, Token)).Preview;

    /// <summary>Synced, switched off, and then: one new there, one edited there, one deleted there, one edited here, one deleted here, one made here.</summary>
    private static async Task<SyncWorld.Rep> OffWithChangesAsync(SyncWorld world)
    {
        foreach (var subject in new[] { "edited there", "deleted there", "edited here", "deleted here", "untouched" })
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = subject });
        }

        var rep = await world.SyncedRepAsync();
        var remote = rep.Remote().ToDictionary(t => t.Subject!);
        await rep.SaveAsync(false);
        world.Time.Advance(TimeSpan.FromHours(1));
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "new there" });
        world.Org.UpdateTask(remote["edited there"].Id, new FieldValues { ["Priority"] = "High" });
        world.Org.DeleteTask(remote["deleted there"].Id);
        await rep.EditAsync((await rep.OfAsync(remote["edited here"]))!.Id, draft => draft with { Details = "here" });
        await rep.DeleteAsync((await rep.OfAsync(remote["deleted here"]))!.Id);
        await rep.CreateAsync("made here while off");
        world.Time.Advance(TimeSpan.FromMinutes(5));
        return rep;
    }

    private static SimulatedTask CreateThere(SyncWorld world, Random random) => world.Org.CreateTask(world.Org.Rita.Id, new FieldValues
    {
        ["Subject"] = $"there {random.Next(1000)}",
        ["ActivityDate"] = random.Next(3) == 0 ? null : world.Today.AddDays(random.Next(-5, 10)),
        ["Status"] = random.Next(4) == 0 ? "Completed" : "Not Started",
    });

    private static async Task ActAsync(SyncWorld world, SyncWorld.Rep rep, Random random)
    {
        var (here, there) = (await rep.ListAsync(), rep.Remote());
        T Any<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];
        switch (random.Next(12))
        {
            case 0 or 1:
                CreateThere(world, random);
                break;
            case 2 when there.Count > 0:
                world.Org.DeleteTask(Any(there).Id);
                break;
            case 3 or 4 when there.Count > 0:
                world.Org.UpdateTask(Any(there).Id, new FieldValues { [random.Next(2) == 0 ? "Subject" : "Description"] = $"there {random.Next(1000)}" });
                break;
            case 5 when there.Count > 0:
                world.Org.Reassign(Any(there).Id, world.Org.Sam.Id, world.Org.Adam.Id);
                break;
            case 6:
                if (world.Org.Tasks(rep.User.Id, includeDeleted: true).Where(t => t.IsDeleted).ToList() is { Count: > 0 } bin)
                {
                    world.Org.UndeleteTask(Any(bin).Id);
                }

                break;
            case 7:
                await rep.CreateAsync($"here {random.Next(1000)}");
                break;
            case 8 or 9 when here.Count > 0:
                var subject = random.Next(2) == 0;
                await rep.EditAsync(Any(here).Id, draft => subject ? draft with { Subject = $"here {random.Next(1000)}" } : draft with { Details = $"here {random.Next(1000)}" });
                break;
            case 10 when here.Count > 0:
                await rep.DeleteAsync(Any(here).Id);
                break;
            case 11:
                var removed = await world.ReadAsync(db => db.Tasks.Where(t => t.PersonId == rep.Id && t.RemovedAt != null && t.Removal == Removal.DeletedHere).ToListAsync(Token));
                if (removed.Count > 0)
                {
                    await rep.RestoreAsync(Any(removed).Id);
                }

                break;
        }
    }
}
