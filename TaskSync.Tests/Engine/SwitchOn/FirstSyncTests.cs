using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Model;

namespace TaskSync.Tests.Engine.SwitchOn;

public sealed class FirstSyncTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task F1_nothing_syncs_until_the_box_is_ticked_and_saved()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.RepAsync();
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana" });
        world.Org.Calls.Reset();

        Assert.Null(await rep.SyncAsync());

        Assert.Empty(await rep.ListAsync());
        Assert.Equal(0, world.Org.Calls.Total);
    }

    [Fact]
    public async Task F3_tasks_created_or_updated_in_the_last_24_hours_come_in_open_or_completed()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.RepAsync();
        Add(world, "created an hour ago", hoursAgo: 1);
        Add(world, "completed an hour ago", hoursAgo: 1, status: "Completed");
        Add(world, "created long ago, updated lately", hoursAgo: 500, updatedHoursAgo: 23);
        Add(world, "a minute inside the window", hoursAgo: 24, minutesAgo: -1);
        Add(world, "a minute outside the window", hoursAgo: 24, minutesAgo: 1);
        Add(world, "old", hoursAgo: 72);
        var touched = Add(world, "old, touched by a system job", hoursAgo: 72);
        world.Org.TouchBySystem(touched.Id);
        world.Org.CreateTask(world.Org.Sam.Id, new FieldValues { ["Subject"] = "somebody else's" });
        var archived = Add(world, "archived", hoursAgo: 1, status: "Completed");
        world.Org.Archive(archived.Id);

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal(["a minute inside the window", "completed an hour ago", "created an hour ago", "created long ago, updated lately"], await rep.SubjectsAsync());
    }

    [Theory]
    [InlineData(ImportWindow.Last7Days, 2)]
    [InlineData(ImportWindow.AllOpen, 3)]
    public async Task F3_the_rep_may_widen_the_window(ImportWindow window, int expected)
    {
        await using var world = await SyncWorld.StartAsync();
        Add(world, "today", hoursAgo: 1);
        Add(world, "six days ago, completed", hoursAgo: 144, status: "Completed");
        Add(world, "a month ago, open", hoursAgo: 720);
        Add(world, "a month ago too, open", hoursAgo: 720);

        var rep = await world.SyncedRepAsync(window: window);

        Assert.Equal(expected, (await rep.ListAsync()).Count);
    }

    [Fact]
    public async Task F3_what_changes_in_Salesforce_while_the_import_runs_is_not_missed()
    {
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = 10);
        var tasks = Enumerable.Range(0, 35).Select(i => Add(world, $"task {i:00}", hoursAgo: 2, due: world.Today)).ToList();
        var rep = await world.RepAsync();
        world.Time.Advance(TimeSpan.FromMinutes(1));
        world.Org.Faults.Add(new FaultRule
        {
            // Between two pages: a task that was read is edited, one that was not read is deleted, a new one is made.
            Kind = FaultKind.DelayRequest,
            Delay = TimeSpan.Zero,
            When = target =>
            {
                if (!target.Path.Contains("/query/01g", StringComparison.Ordinal))
                {
                    return false;
                }

                world.Org.UpdateTask(tasks[0].Id, new FieldValues { ["Subject"] = "edited meanwhile" });
                world.Org.DeleteTask(tasks[34].Id);
                world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "new meanwhile" });
                return true;
            },
        });

        await rep.SaveAsync(true);
        await rep.SyncAsync();
        await rep.SyncAsync();

        var subjects = await rep.SubjectsAsync();
        Assert.Contains("edited meanwhile", subjects);
        Assert.Contains("new meanwhile", subjects);
        Assert.DoesNotContain("task 34", subjects);
        Assert.Equal(35, subjects.Count);
    }

    [Fact]
    public async Task F4_the_import_goes_by_due_date_today_first()
    {
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = 4);
        foreach (var (subject, days) in new (string, int?)[] { ("overdue 1", -1), ("later", 9), ("no date", null), ("tomorrow 1", 1), ("today 1", 0), ("overdue 2", -2), ("today 2", 0), ("tomorrow 2", 1) })
        {
            Add(world, subject, hoursAgo: 1, due: days is { } d ? world.Today.AddDays(d) : null);
        }

        var rep = await world.RepAsync();
        await UntickAtRequestAsync(world, rep, request: 1);

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal(["today 1", "today 2", "tomorrow 1", "tomorrow 2"], await rep.SubjectsAsync());
    }

    [Fact]
    public async Task F5_tasks_that_existed_here_stay_local_for_good()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.RepAsync();
        var (edited, completed, deleted) = (await rep.CreateAsync("edited later"), await rep.CreateAsync("completed later"), await rep.CreateAsync("deleted later"));

        await rep.SaveAsync(true);
        await rep.SyncAsync();
        await rep.EditAsync(edited, draft => draft with { Subject = "edited" });
        await rep.CompleteAsync(completed);
        await rep.DeleteAsync(deleted);
        await rep.SyncAsync();

        Assert.Empty(rep.Remote());
        Assert.Equal(0, world.Org.Calls.RowsWritten);
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task F5_a_task_created_while_the_box_is_ticked_goes_to_Salesforce()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();

        var id = await rep.CreateAsync("Call Ana", world.Today.AddDays(1), draft => draft with { Priority = "High", Details = "About the offer", Type = "Call" });
        await rep.RunAsync();

        var sent = Assert.Single(rep.Remote());
        Assert.Equal(("Call Ana", world.Today.AddDays(1), "High", "About the offer", "Call"), (sent.Subject, sent.ActivityDate, sent.Priority, sent.Description, sent.Type));
        Assert.Equal(sent.Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task F7_unticking_stops_a_running_import_between_two_pages_and_the_next_switch_on_finishes_it_with_the_original_window()
    {
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = 100);
        for (var i = 0; i < 500; i++)
        {
            Add(world, $"task {i:000}", hoursAgo: 23, due: world.Today);
        }

        var rep = await world.RepAsync();
        await UntickAtRequestAsync(world, rep, request: 3);
        await rep.SaveAsync(true);
        await rep.SyncAsync();

        // The page that was under way is recorded, no further call was made, nothing was removed.
        Assert.Equal(300, (await rep.ListAsync()).Count);
        var calls = world.Org.Calls.Total;
        await rep.SyncAsync();
        Assert.Equal(calls, world.Org.Calls.Total);

        // A day later the tasks are out of a new window, but not out of the original one.
        world.Org.Faults.Clear();
        world.Time.Advance(TimeSpan.FromHours(30));
        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal(500, (await rep.ListAsync()).Count);
        Assert.Equal(InitialSyncState.Done, (await world.ReadAsync(db => db.InitialSyncs.FirstAsync(Token))).State);
    }

    [Fact]
    public async Task F2_a_restart_in_the_middle_of_the_import_goes_on_where_it_was()
    {
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = 50);
        for (var i = 0; i < 200; i++)
        {
            Add(world, $"task {i:000}", hoursAgo: 1, due: world.Today);
        }

        var rep = await world.RepAsync();
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var pages = 0;
        world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.DelayRequest,
            Delay = TimeSpan.Zero,
            Times = 0,
            When = target =>
            {
                if (target.Path.Contains("/query/01g", StringComparison.Ordinal) && ++pages == 2)
                {
                    killed.Cancel();
                }

                return false;
            },
        });
        await rep.SaveAsync(true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Get<TaskSync.Sync.Engine.Cycle.SyncEngine>().RunConnectionAsync(rep.ConnectionId, killed.Token));

        // The page before this one is being stored while this one is read: it may be in, or be read a second time.
        var stored = (await rep.ListAsync()).Count;
        Assert.InRange(stored, 50, 100);
        pages = 10;
        world.Org.Calls.Reset();

        await rep.RunAsync();

        Assert.Equal(200, (await rep.ListAsync()).Count);
        Assert.Equal(200, (await world.ReadAsync(db => db.InitialSyncs.FirstAsync(Token))).Done);
        Assert.Equal((200 - stored) / 50, world.Org.Calls.Recent.Count(call => call.Resource.StartsWith("/query/", StringComparison.Ordinal) && call.Status == 200));
    }

    [Fact]
    public async Task An_import_of_5000_tasks_takes_at_most_ten_calls_besides_the_polls()
    {
        await using var world = await SyncWorld.StartAsync();
        for (var i = 0; i < 5000; i++)
        {
            Add(world, $"task {i:0000}", hoursAgo: 3, due: i % 10 == 0 ? null : world.Today.AddDays((i % 40) - 10));
        }

        var rep = await world.RepAsync();
        world.Org.Calls.Reset();

        await rep.SaveAsync(true);
        await rep.SyncAsync();

        Assert.Equal(5000, (await rep.ListAsync()).Count);
        var polls = world.Org.Calls.Count("/queryAll", "GET");
        Assert.InRange(world.Org.Calls.Total - polls, 1, 10);
    }

    private static SimulatedTask Add(SyncWorld world, string subject, double hoursAgo, double minutesAgo = 0, double? updatedHoursAgo = null, string status = "Not Started", DateOnly? due = null)
    {
        var created = world.Time.GetUtcNow().AddHours(-hoursAgo).AddMinutes(-minutesAgo).AddSeconds(6);
        var updated = updatedHoursAgo is { } hours ? world.Time.GetUtcNow().AddHours(-hours) : created;
        return world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = subject, ["Status"] = status, ["ActivityDate"] = due }, new AuditStamps(created, updated, updated));
    }

    /// <summary>Unticks the box while the nth page request of the import is under way.</summary>
    private static Task UntickAtRequestAsync(SyncWorld world, SyncWorld.Rep rep, int request)
    {
        var seen = 0;
        world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.DelayRequest,
            Delay = TimeSpan.Zero,
            Times = 0,
            When = target =>
            {
                if (target.Method == "GET" && target.Path.Contains("/query", StringComparison.Ordinal) && !target.Path.Contains("queryAll", StringComparison.Ordinal)
                    && !target.Path.Contains("COUNT()", StringComparison.OrdinalIgnoreCase) && ++seen == request)
                {
                    rep.SaveAsync(false).GetAwaiter().GetResult();
                }

                return false;
            },
        });
        return Task.CompletedTask;
    }
}
