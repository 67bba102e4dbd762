using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Check;

public sealed class AuditTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S8_the_audit_finds_and_heals_every_planted_difference_and_a_clean_one_writes_nothing_but_its_result()
    {
        var writes = new WriteCounter();
        await using var database = new TestDatabase(writes);
        await using var world = await SyncWorld.StartAsync(database: database);
        var rep = await WithTasksAsync(world, 30);
        var tasks = await rep.ListAsync();
        string Remote(int i) => tasks[i].Link!.SalesforceId!;

        // Here: a row changed, and one taken off the list, behind the engine's back. There: an edit, a deletion and a reassignment that every read has missed.
        await world.ReadAsync(db => db.Tasks.Where(t => t.Id == tasks[0].Id).ExecuteUpdateAsync(set => set.SetProperty(t => t.Subject, "changed by hand"), Token));
        await world.ReadAsync(db => db.Tasks.Where(t => t.Id == tasks[1].Id).ExecuteUpdateAsync(set => set.SetProperty(t => t.RemovedAt, world.Time.GetUtcNow()).SetProperty(t => t.Removal, Removal.DeletedHere), Token));
        world.Org.UpdateTask(Remote(2), new FieldValues { ["Subject"] = "edited there" });
        world.Org.DeleteTask(Remote(3));
        world.Org.Reassign(Remote(4), world.Org.Sam.Id, world.Org.Adam.Id);
        await MissAllAsync(world, rep);
        Assert.Equal("task 002", (await rep.TaskAsync(tasks[2].Id)).Subject);

        var audit = await AuditNowAsync(world, rep);
        await rep.SyncAsync();

        Assert.Equal((30, 5, 5, 0, AuditReason.Asked), (audit.Compared, audit.Different, audit.Healed, audit.Duplicates, audit.Reason));
        Assert.InRange(audit.ApiCalls, 1, 3);
        Assert.Equal("changed by hand", world.Org.FindTask(Remote(0))!.Subject);
        Assert.True(world.Org.FindTask(Remote(1))!.IsDeleted);
        Assert.Equal("edited there", (await rep.TaskAsync(tasks[2].Id)).Subject);
        Assert.Equal(Removal.DeletedInSalesforce, (await rep.TaskAsync(tasks[3].Id)).Removal);

        // Rita cannot even see Sam's tasks in this organization: the task stays here, and nothing is written for it.
        Assert.Equal((LinkState.Lost, null), ((await rep.TaskAsync(tasks[4].Id)).Link!.State, (await rep.TaskAsync(tasks[4].Id)).RemovedAt));

        writes.Reset();
        world.Org.Calls.Reset();
        var clean = await AuditNowAsync(world, rep);
        Assert.Equal((29, 0, 0, 0), (clean.Compared, clean.Different, clean.Healed, clean.Duplicates));
        Assert.Equal(0, world.Org.Calls.RowsWritten);
        Assert.DoesNotContain(writes.Statements, sql => sql.Contains("\"Tasks\"", StringComparison.Ordinal) || sql.Contains("\"Links\"", StringComparison.Ordinal)
            || sql.Contains("\"History\"", StringComparison.Ordinal) || sql.Contains("\"PendingWrites\"", StringComparison.Ordinal) || sql.Contains("\"Runs\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task S8_a_missed_deletion_by_somebody_else_is_told_apart_from_lost_sight()
    {
        await using var world = await SyncWorld.StartAsync(o => o.QueryAllShowsForeignDeletions = false);
        var rep = await WithTasksAsync(world, 3);
        var task = (await rep.ListAsync())[0];
        world.Org.DeleteTask(task.Link!.SalesforceId!, world.Org.Adam.Id);
        await MissAllAsync(world, rep);

        var audit = await AuditNowAsync(world, rep);

        Assert.Equal((3, 1, 1), (audit.Compared, audit.Different, audit.Healed));
        Assert.Equal(Removal.DeletedInSalesforce, (await rep.TaskAsync(task.Id)).Removal);
    }

    [Fact]
    public async Task S8_a_row_that_came_out_of_the_recycle_bin_unseen_is_found()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 3);
        var task = (await rep.ListAsync())[0];
        world.Org.DeleteTask(task.Link!.SalesforceId!);
        await rep.SyncAsync();
        world.Org.UndeleteTask(task.Link.SalesforceId!);
        await MissAllAsync(world, rep);

        var audit = await AuditNowAsync(world, rep);

        Assert.Equal((3, 1, 1), (audit.Compared, audit.Different, audit.Healed));
        Assert.Null((await rep.TaskAsync(task.Id)).RemovedAt);
    }

    [Fact]
    public async Task S7_what_is_shown_again_after_it_was_not_is_found_and_synced_again()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 4);
        var tasks = await rep.ListAsync();
        string Remote(int i) => tasks[i].Link!.SalesforceId!;
        for (var i = 0; i < 3; i++)
        {
            world.Org.SetVisible(Remote(i), rep.User.Id, false);
        }

        await AuditNowAsync(world, rep);
        Assert.Equal([LinkState.Lost, LinkState.Lost, LinkState.Lost, LinkState.Open], (await rep.ListAsync()).Select(t => t.Link!.State));
        await rep.EditAsync(tasks[0].Id, draft => draft with { Details = "meanwhile" });
        await rep.DeleteAsync(tasks[1].Id);

        // A permission leaves no trace in the rows.
        world.Org.SetVisible(Remote(0), rep.User.Id, true);
        world.Org.SetVisible(Remote(1), rep.User.Id, true);
        await MissAllAsync(world, rep);
        var audit = await AuditNowAsync(world, rep);
        await rep.SyncAsync();

        Assert.Equal((3, 1, 1), (audit.Compared, audit.Different, audit.Healed));
        Assert.Equal([LinkState.Open, LinkState.Lost, LinkState.Open], (await rep.ListAsync()).Select(t => t.Link!.State));
        Assert.Equal("meanwhile", world.Org.FindTask(Remote(0))!.Description);

        // What was deleted while it was here only was deleted here only.
        Assert.False(world.Org.FindTask(Remote(1))!.IsDeleted);
    }

    [Fact]
    public async Task S5_S8_two_Salesforce_tasks_with_one_key_are_counted_and_neither_is_deleted()
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = false);
        var rep = await world.SyncedRepAsync();
        var mine = await rep.CreateAsync("mine");
        await rep.SyncAsync();
        var key = (await rep.TaskAsync(mine)).Link!.Key;
        var clone = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "clone", ["CallObject"] = key });
        await rep.SyncAsync();

        var audit = await AuditNowAsync(world, rep);

        Assert.Equal((1, 0), (audit.Duplicates, audit.Different));
        Assert.Contains(clone.Id, audit.DuplicateIds, StringComparison.Ordinal);
        Assert.Equal(2, rep.Remote().Count);
    }

    [Fact]
    public async Task S8_two_open_links_of_one_Salesforce_task_are_counted()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 2);
        var tasks = await rep.ListAsync();

        // The database does not allow it; what if it did?
        var drop = "DROP INDEX \"IX_Links_OrganizationId_SalesforceId\"" + (world.Database.IsOnSqlServer ? " ON \"Links\"" : "");
        await world.ReadAsync(db => db.Database.ExecuteSqlRawAsync(drop, Token));
        await world.ReadAsync(db => db.Links.Where(l => l.TaskId == tasks[1].Id).ExecuteUpdateAsync(set => set.SetProperty(l => l.SalesforceId, tasks[0].Link!.SalesforceId), Token));

        Assert.Equal(1, (await AuditNowAsync(world, rep)).Duplicates);
    }

    [Fact]
    public async Task S8_what_waits_to_be_sent_is_no_difference()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 3);
        var tasks = await rep.ListAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.RowLock, Times = 100, Item = 0 });
        await rep.EditAsync(tasks[0].Id, draft => draft with { Subject = "cannot be sent now" });
        await rep.SyncAsync();
        Assert.Equal(1, await rep.WaitingAsync());

        var audit = await AuditNowAsync(world, rep);

        Assert.Equal((3, 0, 0), (audit.Compared, audit.Different, audit.Healed));
    }

    [Fact]
    public async Task S8_the_audit_runs_every_night_by_itself()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 3);
        for (var hour = 0; hour < 49; hour++)
        {
            world.Time.Advance(TimeSpan.FromHours(1));
            await rep.SyncAsync();
        }

        var audits = await world.ReadAsync(db => db.Audits.OrderBy(a => a.StartedAt).ToListAsync(Token));
        Assert.Equal(2, audits.Count);
        Assert.All(audits, audit =>
        {
            Assert.InRange(audit.StartedAt.Hour, 1, 6);
            Assert.Equal((AuditReason.Nightly, 3, 0), (audit.Reason, audit.Compared, audit.Different));
        });
    }

    [Fact]
    public async Task S8_more_than_one_page_is_compared()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 2100);
        var last = (await rep.ListAsync()).OrderBy(t => t.Link!.SalesforceId, StringComparer.Ordinal).Last();
        await world.ReadAsync(db => db.Tasks.Where(t => t.Id == last.Id).ExecuteUpdateAsync(set => set.SetProperty(t => t.Priority, "High"), Token));

        var audit = await AuditNowAsync(world, rep);
        await rep.SyncAsync();

        Assert.Equal((2100, 1, 1, 2), (audit.Compared, audit.Different, audit.Healed, audit.ApiCalls));
        Assert.Equal("High", (await rep.InSalesforceAsync(last.Id))!.Priority);
    }

    [Fact]
    public async Task Section6_a_database_restored_from_a_backup_is_noticed_and_nothing_is_sent_until_an_audit_has_run()
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = false);
        var rep = await WithTasksAsync(world, 5);
        var tasks = await rep.ListAsync();

        // When the backup is made one task waits for its first sending, and so does one edit.
        var waiting = await rep.CreateAsync("waits at the backup");
        await rep.EditAsync(tasks[0].Id, draft => draft with { Subject = "edited at the backup" });
        await using var backup = world.Database.Copy();

        // Afterwards: sent, edited once more, one more made, one deleted.
        await rep.SyncAsync();
        await rep.EditAsync(tasks[0].Id, draft => draft with { Subject = "edited after the backup" });
        await rep.EditAsync(waiting, draft => draft with { Subject = "edited after it was sent" });
        await rep.CreateAsync("made after the backup");
        await rep.DeleteAsync(tasks[1].Id);
        await rep.SyncAsync();
        var before = rep.Remote().Select(t => t.Subject).Order().ToList();

        world.Org.Calls.Reset();
        await using var restored = SyncWorld.Restarted(world, backup);
        var again = restored.Former(rep);
        await again.SyncAsync();

        // What Salesforce shows is what counts: nothing was sent twice, nothing old overwrote anything newer, and the list is the list again.
        var audit = await restored.ReadAsync(db => db.Audits.SingleAsync(Token));
        Assert.Equal(AuditReason.RestoredBackup, audit.Reason);
        Assert.Equal(before, again.Remote().Select(t => t.Subject).Order());
        Assert.Equal(before, await again.SubjectsAsync());
        Assert.Equal(0, world.Org.Calls.RowsWritten);
        Assert.Null((await restored.ReadAsync(db => db.Cursors.SingleAsync(Token))).AuditAsked);
    }

    [Fact]
    public async Task Section6_with_a_restored_backup_a_failing_audit_holds_everything_back()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await WithTasksAsync(world, 3);
        await using var backup = world.Database.Copy();
        await rep.CreateAsync("made after the backup");
        await rep.SyncAsync();
        world.Org.Calls.Reset();

        await using var restored = SyncWorld.Restarted(world, backup);
        var again = restored.Former(rep);
        var edited = (await again.ListAsync())[0].Id;
        await again.EditAsync(edited, draft => draft with { Subject = "made with the restored one" });
        world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.ServiceUnavailableHtml,
            Times = 1,
            When = target => Uri.UnescapeDataString(target.Path).Contains("Id IN", StringComparison.Ordinal),
        });
        await again.SyncAsync();
        Assert.Equal(0, world.Org.Calls.RowsWritten);
        Assert.Empty(await restored.ReadAsync(db => db.Audits.ToListAsync(Token)));

        world.Time.Advance(TimeSpan.FromMinutes(2));
        await again.SyncAsync();
        Assert.Single(await restored.ReadAsync(db => db.Audits.ToListAsync(Token)));
        Assert.Equal("made with the restored one", (await again.InSalesforceAsync(edited))!.Subject);
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("Pacific/Kiritimati")]
    [InlineData("Pacific/Pago_Pago")]
    [InlineData("America/New_York")]
    public void S8_the_quiet_hour_is_between_one_and_five_by_the_reps_clock_every_night_of_the_year(string zone)
    {
        var id = Guid.NewGuid();
        var at = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        for (var night = 0; night < 365; night++)
        {
            var rep = RepTime.At(at, zone, null, null);
            var due = QuietHours.NextAfter(at, rep, id);
            Assert.InRange(due - at, TimeSpan.FromSeconds(1), TimeSpan.FromHours(25));

            // A clock that is put forward skips an hour: the skipped minute is then one hour later.
            Assert.InRange(rep.Local(due).TimeOfDay, TimeSpan.FromHours(1), TimeSpan.FromHours(5));
            at = due;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S8_an_audit_asked_for_while_one_runs_is_done_afterwards(bool isAsked)
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var rep = await WithTasksAsync(world, 2);
        var longAgo = world.Time.GetUtcNow().AddDays(-2);
        await world.ReadAsync(db => isAsked
            ? db.Cursors.ExecuteUpdateAsync(set => set.SetProperty(c => c.AuditAsked, AuditReason.Asked), Token)
            : db.Cursors.ExecuteUpdateAsync(set => set.SetProperty(c => c.AuditedAt, longAgo), Token));
        var pressed = false;
        world.BeforeRequest("GET", () =>
        {
            if (!pressed)
            {
                pressed = true;
                world.Get<AdminActions>().AuditNowAsync(Admins.Adam, Token).GetAwaiter().GetResult();
            }
        }, "/queryAll");
        for (var i = 0; i < 4; i++)
        {
            await rep.RunAsync();
        }

        Assert.True(pressed);
        Assert.Equal(2, await world.ReadAsync(db => db.Audits.CountAsync(Token)));
        Assert.Null((await world.ReadAsync(db => db.Cursors.SingleAsync(Token))).AuditAsked);
    }

    private static async Task<SyncWorld.Rep> WithTasksAsync(SyncWorld world, int count)
    {
        for (var i = 0; i < count; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i:000}" });
        }

        return await world.SyncedRepAsync();
    }

    /// <summary>Time passes and every cursor goes past what happened: nothing but an audit will find it.</summary>
    private static async Task MissAllAsync(SyncWorld world, SyncWorld.Rep rep)
    {
        world.Time.Advance(TimeSpan.FromMinutes(5));
        var now = world.Time.GetUtcNow();
        await world.ReadAsync(db => db.Cursors.ExecuteUpdateAsync(set => set.SetProperty(c => c.Fast, now).SetProperty(c => c.SweepUpdated, now).SetProperty(c => c.SweepDeleted, now).SetProperty(c => c.SweptAt, now), Token));
        await world.ReadAsync(db => db.Fences.ExecuteUpdateAsync(set => set.SetProperty(f => f.Value, f => f.Value + 1), Token));
        await rep.SyncAsync();
    }

    /// <summary>"Audit now", and the cycle that does it.</summary>
    private static async Task<Audit> AuditNowAsync(SyncWorld world, SyncWorld.Rep rep)
    {
        Assert.Equal(1, await world.Get<AdminActions>().AuditNowAsync(Admins.Adam, Token));
        await rep.RunAsync();
        return await world.ReadAsync(db => db.Audits.OrderByDescending(a => a.StartedAt).FirstAsync(Token));
    }
}
