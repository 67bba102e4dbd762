using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Engine.Pull;

/// <summary>Clocks: those that change, those at the ends of the world, and one that is ten minutes off.</summary>
public sealed class TimeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Moments => new()
    {
        { "Europe/Berlin", "2026-03-29T00:59:00Z" }, // a minute before the clocks go forward
        { "Europe/Berlin", "2026-10-25T00:59:00Z" }, // and back
        { "America/New_York", "2026-03-08T06:59:00Z" },
        { "America/New_York", "2026-11-01T05:59:00Z" },
        { "Australia/Lord_Howe", "2026-04-04T14:59:00Z" }, // by half an hour
        { "Africa/Cairo", "2026-04-23T21:59:00Z" }, // at midnight, which does not happen
        { "Etc/UTC", "2028-02-28T23:59:00Z" }, // into a leap day
        { "America/New_York", "2028-03-01T04:59:00Z" }, // out of it
        { "Pacific/Kiritimati", "2026-03-05T09:59:00Z" }, // UTC+14, a minute before midnight
        { "Pacific/Pago_Pago", "2026-03-05T10:59:00Z" }, // UTC-11
    };

    /// <summary>The whole way there and back, across the moment: dates stay dates, reminders instants, the window 24 hours.</summary>
    [Theory]
    [MemberData(nameof(Moments))]
    public async Task F3_dates_reminders_and_the_window_survive_the_moment(string zone, string moment)
    {
        var now = DateTimeOffset.Parse(moment);
        await using var world = await WorldAtAsync(now, zone);
        var today = RepTime.At(now, zone, null, null).Today;
        var reminder = now.AddHours(1);
        foreach (var offset in Enumerable.Range(-2, 5))
        {
            Add(world, $"due {offset}", now.AddHours(-1), today.AddDays(offset), reminder);
        }

        Add(world, "a minute inside the window", now.AddHours(-24).AddMinutes(1), today, null);
        Add(world, "a minute outside the window", now.AddHours(-24).AddMinutes(-1), today, null);
        var rep = await world.RepAsync();
        await rep.SaveAsync(true);
        await rep.RunAsync();

        var list = await rep.ListAsync();
        Assert.Equal(["a minute inside the window", .. Enumerable.Range(-2, 5).Select(o => $"due {o}").Order()], list.Select(t => t.Subject));
        Assert.All(list.Where(t => t.Subject!.StartsWith("due", StringComparison.Ordinal)), t =>
        {
            Assert.Equal(today.AddDays(int.Parse(t.Subject![4..])), t.DueDate);
            Assert.Equal(reminder, t.ReminderAt);
        });

        // On this side of the moment and on the other one, what is made here arrives as it was meant.
        var before = await rep.CreateAsync("made before", today.AddDays(1), d => d with { ReminderAt = reminder });
        await rep.RunAsync();
        world.Time.Advance(TimeSpan.FromMinutes(2));
        var after = await rep.CreateAsync("made after", today.AddDays(1), d => d with { ReminderAt = reminder });
        await rep.EditAsync(before, d => d with { DueDate = today.AddDays(2) });
        await rep.SyncAsync();
        await rep.SyncAsync();

        Assert.Equal((today.AddDays(2), (object?)reminder), ((await rep.InSalesforceAsync(before))!.ActivityDate, (await rep.InSalesforceAsync(before))!["ReminderDateTime"]));
        Assert.Equal((today.AddDays(1), (object?)reminder), ((await rep.InSalesforceAsync(after))!.ActivityDate, (await rep.InSalesforceAsync(after))!["ReminderDateTime"]));
        Assert.Equal(0, await rep.WaitingAsync());
        Assert.Equal(3, world.Org.Calls.RowsWritten);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Today_rolls_over_at_the_reps_midnight_and_what_was_tomorrow_is_today(string zone, string moment)
    {
        var now = DateTimeOffset.Parse(moment);
        await using var world = await WorldAtAsync(now, zone);
        var rep = await world.SyncedRepAsync();
        var time = RepTime.At(world.Time.GetUtcNow(), zone, null, null);
        await rep.CreateAsync("today", time.Today);
        await rep.CreateAsync("tomorrow", time.Tomorrow);
        await rep.SyncAsync();
        var query = world.Get<CommandCenterQuery>();
        time = RepTime.At(world.Time.GetUtcNow(), zone, null, null);
        Assert.Equal(zone, (await query.LoadAsync(rep.Id, TaskView.TodayAndTomorrow, null, Token))!.Time.Zone.Id);

        world.Time.Advance(time.NextMidnight - world.Time.GetUtcNow() - TimeSpan.FromSeconds(1));
        var lastSecond = (await query.LoadAsync(rep.Id, TaskView.TodayAndTomorrow, null, Token))!;
        world.Time.Advance(TimeSpan.FromSeconds(1));
        var midnight = (await query.LoadAsync(rep.Id, TaskView.TodayAndTomorrow, null, Token))!;

        Assert.Equal(time.Today.AddDays(1), midnight.Time.Today);
        Assert.Equal(lastSecond.Time.Today.AddDays(1), midnight.Time.Today);
        Assert.Equal(lastSecond.Counts.Tomorrow, midnight.Counts.Today);
        Assert.Equal(lastSecond.Counts.Overdue + lastSecond.Counts.Today, midnight.Counts.Overdue);
    }

    public static TheoryData<int> TenMinutes => [10, -10];

    [Theory]
    [MemberData(nameof(TenMinutes))]
    public async Task F3_with_a_clock_ten_minutes_off_the_window_is_24_hours_of_Salesforces_time(int minutesOff)
    {
        await using var world = await WorldOffByAsync(minutesOff);
        var theirs = world.Org.Now;
        Add(world, "a minute inside the window", theirs.AddHours(-24).AddMinutes(1), null, null);
        Add(world, "a minute outside the window", theirs.AddHours(-24).AddMinutes(-1), null, null);
        var rep = await world.RepAsync();
        await rep.SaveAsync(true);
        await rep.RunAsync();

        Assert.Equal(["a minute inside the window"], await rep.SubjectsAsync());
    }

    [Theory]
    [InlineData(10, -30, "Ours")]
    [InlineData(10, 30, "Theirs")]
    [InlineData(-10, -30, "Ours")]
    [InlineData(-10, 30, "Theirs")]
    public async Task S3_with_a_clock_ten_minutes_off_the_newer_edit_still_wins(int minutesOff, int theirsSecondsLater, string expected)
    {
        await using var world = await WorldOffByAsync(minutesOff);
        var rep = await world.SyncedRepAsync();
        var id = await rep.CreateAsync("Call Ana");
        await rep.SyncAsync();
        var remote = (await rep.InSalesforceAsync(id))!.Id;
        world.Time.Advance(TimeSpan.FromMinutes(1));
        if (theirsSecondsLater < 0)
        {
            world.Org.UpdateTask(remote, new FieldValues { ["Subject"] = "Theirs" });
            world.Time.Advance(TimeSpan.FromSeconds(-theirsSecondsLater));
        }

        await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
        if (theirsSecondsLater > 0)
        {
            world.Time.Advance(TimeSpan.FromSeconds(theirsSecondsLater));
            world.Org.UpdateTask(remote, new FieldValues { ["Subject"] = "Theirs" });
        }

        await rep.SyncAsync();

        Assert.Equal((expected, expected), ((await rep.TaskAsync(id)).Subject, world.Org.FindTask(remote)!.Subject));
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(10, false)]
    [InlineData(-10, true)]
    [InlineData(-10, false)]
    public async Task S4_with_a_clock_ten_minutes_off_the_newer_of_deletion_and_edit_still_wins(int minutesOff, bool deletedLater)
    {
        await using var world = await WorldOffByAsync(minutesOff);
        var rep = await world.SyncedRepAsync();
        var id = await rep.CreateAsync("Call Ana");
        await rep.SyncAsync();
        var remote = (await rep.InSalesforceAsync(id))!.Id;
        world.Time.Advance(TimeSpan.FromMinutes(1));
        if (!deletedLater)
        {
            world.Org.DeleteTask(remote);
            world.Time.Advance(TimeSpan.FromSeconds(30));
        }

        await rep.EditAsync(id, draft => draft with { Subject = "Ours" });
        if (deletedLater)
        {
            world.Time.Advance(TimeSpan.FromSeconds(30));
            world.Org.DeleteTask(remote);
        }

        await rep.SyncAsync();

        Assert.Equal(deletedLater, world.Org.FindTask(remote)!.IsDeleted);
        Assert.Equal(deletedLater ? 0 : 1, (await rep.ListAsync()).Count);
    }

    [Theory]
    [MemberData(nameof(TenMinutes))]
    public async Task S8_with_a_clock_ten_minutes_off_the_cursors_miss_nothing_and_read_nothing_twice(int minutesOff)
    {
        await using var world = await WorldOffByAsync(minutesOff);
        var rep = await world.SyncedRepAsync();
        for (var i = 0; i < 40; i++)
        {
            world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i:00}" });
            world.Time.Advance(TimeSpan.FromSeconds(47));
            await rep.SyncAsync();
            Assert.Equal(i + 1, (await rep.ListAsync()).Count);
        }

        world.Org.Calls.Reset();
        world.Time.Advance(TimeSpan.FromMinutes(5));
        await rep.SyncAsync();
        Assert.Equal(1, world.Org.Calls.Count("/queryAll", "GET"));
        var cursor = await world.ReadAsync(db => db.Cursors.AsNoTracking().SingleAsync(Token));
        Assert.InRange(cursor.Fast, world.Org.Now.AddMinutes(-7), world.Org.Now);

        // Also what happened while sync was off, and a deletion that only the sweep's feed shows.
        await rep.SaveAsync(false);
        world.Org.DeleteTask(rep.Remote()[0].Id);
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "while off" });
        world.Time.Advance(TimeSpan.FromMinutes(3));
        await rep.SaveAsync(true);
        await rep.SyncAsync();
        Assert.Equal(rep.Remote().Select(t => t.Subject).Order(), await rep.SubjectsAsync());
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(10, false)]
    [InlineData(-10, true)]
    [InlineData(-10, false)]
    public async Task S5_with_a_clock_ten_minutes_off_a_lost_create_is_one_task_and_not_sent_again_too_early(int minutesOff, bool applied)
    {
        await using var world = await WorldOffByAsync(minutesOff, hasKeyField: false);
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = applied ? FaultKind.DropAfterCommit : FaultKind.DropBeforeCommit, Method = "POST", Resource = "/composite/sobjects" });
        var id = await rep.CreateAsync("Call Ana");
        await rep.RunAsync();
        world.Time.Advance(TimeSpan.FromMinutes(9));
        await rep.SyncAsync();
        Assert.Equal(applied ? 1 : 0, rep.Remote().Count);
        world.Time.Advance(TimeSpan.FromMinutes(2));
        await rep.SyncAsync();
        await rep.SyncAsync();

        Assert.Equal(Assert.Single(world.Org.Tasks(includeDeleted: true)).Id, (await rep.TaskAsync(id)).Link!.SalesforceId);
        Assert.Equal(0, await rep.WaitingAsync());
    }

    private static SimulatedTask Add(SyncWorld world, string subject, DateTimeOffset at, DateOnly? due, DateTimeOffset? reminder)
    {
        var values = new FieldValues { ["Subject"] = subject, ["ActivityDate"] = due };
        if (reminder is not null)
        {
            values["IsReminderSet"] = true;
            values["ReminderDateTime"] = reminder;
        }

        return world.Org.CreateTask(world.Org.Rita.Id, values, new AuditStamps(at, at, at));
    }

    /// <summary>The rep's Salesforce user is in the zone, and it is that moment on both sides.</summary>
    private static Task<SyncWorld> WorldAtAsync(DateTimeOffset now, string zone) => SyncWorld.StartAsync(o => o.TimeZone = zone, now: now);

    /// <summary>Our server's clock shows so many minutes more than Salesforce's.</summary>
    private static Task<SyncWorld> WorldOffByAsync(int minutesOff, bool hasKeyField = true) => SyncWorld.StartAsync(o =>
    {
        o.HasKeyField = hasKeyField;
        o.TimeProvider = new Shifted((FakeTimeProvider)o.TimeProvider, TimeSpan.FromMinutes(-minutesOff));
    });

    /// <summary>A clock that goes as the other one does, but shows another time.</summary>
    private sealed class Shifted(FakeTimeProvider clock, TimeSpan by) : TimeProvider
    {
        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + by;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(callback, state, dueTime, period);
    }
}
