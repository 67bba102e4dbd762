using System.Data.Common;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Tasks;

public sealed class CommandCenterTests : IAsyncDisposable
{
    private readonly Desk _desk = new();

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task The_default_view_is_exactly_the_open_tasks_due_today_and_tomorrow_in_two_groups()
    {
        foreach (var days in new int?[] { -1, 0, 1, 2, null })
        {
            await _desk.NewTask($"due {days}", days is { } d ? _desk.Today.AddDays(d) : null);
        }

        var done = await _desk.NewTask("done", _desk.Today);
        var deleted = await _desk.NewTask("deleted", _desk.Today);
        await _desk.Tasks.CompleteAsync(_desk.Rita, [done], Desk.Never);
        await _desk.Tasks.DeleteAsync(_desk.Rita, [deleted], Desk.Never);

        var page = await Load();
        Assert.Equal([("Today", _desk.Today), ("Tomorrow", _desk.Today.AddDays(1))], page.Groups.Select(g => (g.Title, g.Date!.Value)));
        Assert.Equal([["due 0"], ["due 1"]], page.Groups.Select(g => g.Rows.Select(r => r.Title).ToArray()));
        Assert.Equal(_desk.Today, page.Time.Today);
    }

    [Fact]
    public async Task Both_groups_are_there_when_they_are_empty() =>
        Assert.Equal([("Today", 0), ("Tomorrow", 0)], (await Load()).Groups.Select(g => (g.Title, g.Count)));

    [Fact]
    public async Task A_person_who_is_not_there_has_no_Command_Center() => Assert.Null(await _desk.CommandCenter.LoadAsync(Guid.NewGuid(), TaskView.All, null, Desk.Never));

    [Fact]
    public async Task Nobody_sees_the_tasks_of_somebody_else()
    {
        var tom = _desk.Add(new Person { SubjectId = "tom", Name = "Tom", CreatedAt = Desk.Morning });
        await _desk.NewTask("Tom's", _desk.Today, tom);
        Assert.Equal(0, (await Load(TaskView.All)).Counts.All);
        Assert.Empty((await Load(search: "Tom")).Groups.SelectMany(g => g.Rows));
    }

    [Theory]
    [InlineData(TaskView.Overdue, "yesterday, last year")]
    [InlineData(TaskView.Next7Days, "today, tomorrow, in 6 days")]
    [InlineData(TaskView.NoDate, "no date")]
    [InlineData(TaskView.Completed, "done")]
    [InlineData(TaskView.All, "yesterday, last year, today, tomorrow, in 6 days, in 7 days, no date, done")]
    public async Task Each_chip_shows_its_tasks_and_no_title_begins_with_Today_or_Tomorrow(TaskView view, string titles)
    {
        await ADayOfTasks();
        var page = await Load(view);
        Assert.Equal(titles.Split(", ").Order(), page.Groups.SelectMany(g => g.Rows).Select(r => r.Title).Order());
        Assert.Equal(page.Counts[view], page.Groups.Sum(g => g.Count));
        Assert.All(page.Groups, g => Assert.False(g.Title.StartsWith("Today", StringComparison.OrdinalIgnoreCase) || g.Title.StartsWith("Tomorrow", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task All_chips_have_their_counts_in_every_view()
    {
        await ADayOfTasks();
        foreach (var view in Enum.GetValues<TaskView>())
        {
            Assert.Equal(new ViewCounts(Today: 1, Tomorrow: 1, Overdue: 2, Next7Days: 3, NoDate: 1, Completed: 1, Open: 7), (await Load(view)).Counts);
        }
    }

    [Fact]
    public async Task The_next_seven_days_are_grouped_by_day()
    {
        await ADayOfTasks();
        Assert.Equal(["Mon 23 Nov", "Tue 24 Nov", "Sun 29 Nov"], (await Load(TaskView.Next7Days)).Groups.Select(g => g.Title));
    }

    [Fact]
    public async Task In_a_group_come_reminder_then_priority_then_subject()
    {
        _desk.StartSync(OrgSchema.Default with { Priorities = [new("Low", "Low", false, false), new("Normal", "Normal", false, true), new("Urgent", "Urgent", true, false)] });
        await New("late reminder", reminder: 16);
        await New("b normal");
        await New("A normal");
        await New("Élan normal");
        await New("z urgent", "Urgent");
        await New("a low", "Low");
        await New("early reminder, low", "Low", reminder: 8);
        _desk.Change(db => db.Tasks.Single(t => t.Subject == "a low").Priority = "Low");
        var unknown = await _desk.NewTask("a of another org", _desk.Today);
        _desk.Change(db => db.Tasks.Find(unknown)!.Priority = "P7");

        Assert.Equal(
            ["early reminder, low", "late reminder", "z urgent", "a low", "A normal", "b normal", "Élan normal", "a of another org"],
            (await Load()).Groups[0].Rows.Select(r => r.Title));

        Task<TaskResult> New(string subject, string? priority = null, int? reminder = null) => _desk.Tasks.CreateAsync(
            _desk.Rita, new TaskDraft { Subject = subject, Priority = priority, DueDate = _desk.Today, ReminderAt = reminder is { } hour ? Desk.Morning.AddHours(hour - 9) : null }, Desk.Never);
    }

    [Fact]
    public async Task Completed_tasks_come_latest_first()
    {
        foreach (var subject in new[] { "first", "second", "third" })
        {
            _desk.Clock.Advance(TimeSpan.FromMinutes(1));
            await _desk.Tasks.CompleteAsync(_desk.Rita, [await _desk.NewTask(subject)], Desk.Never);
        }

        Assert.Equal(["third", "second", "first"], (await Load(TaskView.Completed)).Groups.Single().Rows.Select(r => r.Title));
    }

    [Fact]
    public async Task Every_task_of_a_long_group_has_its_place_and_the_first_of_them_their_rows()
    {
        _desk.Change(db =>
        {
            for (var i = 0; i < 1_203; i++)
            {
                db.Tasks.Add(Local($"Task {i:0000}", i < 700 ? _desk.Today : i < 1_200 ? _desk.Today.AddDays(1) : _desk.Today.AddDays(3), i == 650 ? "High" : "Normal"));
            }
        });
        var page = await Load();
        Assert.Equal([(700, 25), (500, 25)], page.Groups.Select(g => (g.Count, g.Rows.Count)));
        Assert.Equal(["Task 0650", "Task 0000", "Task 0001"], page.Groups[0].Rows.Take(3).Select(row => row.Title));
        Assert.Equal(page.Groups[0].Rows.Select(row => row.Id), page.Groups[0].Tasks.Take(25).Select(task => task.Id));

        // A short day after long ones is there in full.
        Assert.Equal([(700, 25), (500, 25), (3, 3)], (await Load(TaskView.Next7Days)).Groups.Select(g => (g.Count, g.Rows.Count)));
        Assert.Equal((1_203, 25), (await Load(TaskView.All)).Groups.Where(g => g.Title == "Open").Select(g => (g.Count, g.Rows.Count)).Single());

        var last = page.Groups[1].Tasks.TakeLast(2).Select(task => task.Id).ToList();
        var rows = await _desk.CommandCenter.RowsAsync(_desk.Rita, [.. last, Guid.NewGuid()], Desk.Never);
        Assert.Equal(["Task 1198", "Task 1199"], last.Select(id => rows.Single(row => row.Id == id).Title));
        Assert.Empty(await _desk.CommandCenter.RowsAsync(Guid.NewGuid(), last, Desk.Never));
    }

    [Fact]
    public async Task A_group_of_a_hundred_tasks_has_all_its_rows()
    {
        _desk.Change(db => db.Tasks.AddRange(Enumerable.Range(0, 100).Select(i => Local($"Task {i:00}", _desk.Today))));
        Assert.Equal(100, (await Load()).Groups[0].Rows.Count);
        _desk.Change(db => db.Tasks.Add(Local("Task 100", _desk.Today)));
        Assert.Equal((101, 25), (await Load()).Groups.Select(g => (g.Count, g.Rows.Count)).First());
    }

    [Theory]
    [InlineData("Pacific/Kiritimati", "2026-11-23T09:59:00Z", "2026-11-23")]
    [InlineData("Pacific/Kiritimati", "2026-11-23T10:00:00Z", "2026-11-24")]
    [InlineData("Pacific/Pago_Pago", "2026-11-23T10:59:00Z", "2026-11-22")]
    [InlineData("Pacific/Pago_Pago", "2026-11-23T11:00:00Z", "2026-11-23")]
    [InlineData("Europe/Berlin", "2027-03-27T23:00:00Z", "2027-03-28")]
    [InlineData("America/New_York", "2028-02-29T04:59:00Z", "2028-02-28")]
    [InlineData("America/New_York", "2028-02-29T05:00:00Z", "2028-02-29")]
    public async Task Today_is_today_in_the_reps_zone_and_rolls_over_at_the_reps_midnight(string zone, string now, string today)
    {
        _desk.Clock.AdjustTime(DateTimeOffset.Parse(now));
        await _desk.Settings.SaveZoneAsync(_desk.Rita, zone, Desk.Never);
        var day = DateOnly.Parse(today);
        foreach (var offset in new[] { -1, 0, 1, 2 })
        {
            await _desk.NewTask($"{offset}", day.AddDays(offset));
        }

        var page = await Load();
        Assert.Equal([["0"], ["1"]], page.Groups.Select(g => g.Rows.Select(r => r.Title).ToArray()));
        Assert.Equal(["-1"], (await Load(TaskView.Overdue)).Groups.Single().Rows.Where(r => r.IsOverdue).Select(r => r.Title));

        _desk.Clock.AdjustTime(page.Time.NextMidnight);
        Assert.Equal([["1"], ["2"]], (await Load()).Groups.Select(g => g.Rows.Select(r => r.Title).ToArray()));
    }

    [Theory]
    [InlineData("ana", "Call Ana")]
    [InlineData("ANA call", "Call Ana")]
    [InlineData("élan", "Visit Élan")]
    [InlineData("contract", "Write to Tom")]
    [InlineData("ruiz", "Ring")]
    [InlineData("northwind", "Ring")]
    [InlineData("100%", "100% done")]
    [InlineData("a_b", "a_b")]
    [InlineData("[x]", "[x] \\ y")]
    [InlineData("\\", "[x] \\ y")]
    [InlineData("' or 1=1 --", "")]
    [InlineData("%", "100% done")]
    public async Task Search_finds_every_word_in_subject_details_and_names_whatever_the_case(string search, string titles)
    {
        foreach (var subject in new[] { "Call Ana", "Visit Élan", "100% done", "1000 done", "a_b", "axb", "[x] \\ y", "x / y" })
        {
            await _desk.NewTask(subject, _desk.Today);
        }

        await _desk.Tasks.CreateAsync(_desk.Rita, new TaskDraft { Subject = "Write to Tom", Details = "About the CONTRACT.", DueDate = _desk.Today }, Desk.Never);
        await _desk.Tasks.CreateAsync(_desk.Rita, new TaskDraft { Subject = "Ring", WhoId = "003000000000001AAA", WhoName = "Ana-Maria Ruiz", WhatId = "001000000000001AAA", WhatName = "Northwind", DueDate = _desk.Today }, Desk.Never);
        var page = await Load(search: $"  {search} ");
        var found = page.Groups[0].Rows.Select(r => r.Title).ToList();
        if (search == "ana")
        {
            Assert.Equal(["Call Ana", "Ring"], found);
            Assert.Equal(2, page.Counts.Today);
            return;
        }

        Assert.Equal(titles.Length == 0 ? [] : [titles], found);
    }

    [Fact]
    public async Task The_first_eight_words_are_searched_for_each_by_itself()
    {
        await _desk.NewTask("h one two three four five six seven", _desk.Today);
        Assert.Equal(1, (await Load(search: "one two three four five six seven h ninth")).Counts.Today);
    }

    [Fact]
    public async Task A_long_search_is_never_cut_within_a_character() =>
        Assert.Equal(new string('x', 199), (await Load(search: new string('x', 199) + "😀")).Search);

    [Fact]
    public async Task A_blank_search_is_none() => Assert.Null((await Load(search: " \t\n ")).Search);

    [Fact]
    public async Task Every_row_says_whether_it_is_in_step()
    {
        var local = await _desk.NewTask("local", _desk.Today);
        var old = _desk.Connect(_desk.Rita, user: "005000000000009AAA");
        var elsewhere = _desk.Linked(old, "elsewhere", Due);
        var connection = _desk.StartSync();
        _desk.Linked(connection, "in step", Due);
        _desk.Linked(connection, "waiting", Due, pending: true);
        _desk.Park(_desk.Linked(connection, "parked", Due));
        var both = _desk.Linked(connection, "problem before conflict", Due, pending: true);
        _desk.InConflict(both, TaskField.Subject, "a", "b", TaskSide.TaskSync);
        _desk.Park(both);
        _desk.InConflict(_desk.Linked(connection, "conflict before waiting", Due, pending: true), TaskField.Subject, "a", "b", TaskSide.TaskSync);
        var settled = _desk.InConflict(_desk.Linked(connection, "settled", Due), TaskField.Subject, "a", "b", TaskSide.TaskSync);
        _desk.Change(db => db.Conflicts.Find(settled.Id)!.SettledAt = _desk.Now);
        _desk.Linked(connection, "lost", Due, LinkState.Lost);

        var rows = (await Load()).Groups[0].Rows.ToDictionary(r => r.Title);
        Assert.Equal(
            new Dictionary<string, RowSyncState>
            {
                ["local"] = RowSyncState.OnlyHere,
                ["elsewhere"] = RowSyncState.OnlyHere,
                ["in step"] = RowSyncState.InStep,
                ["waiting"] = RowSyncState.Waiting,
                ["parked"] = RowSyncState.Problem,
                ["problem before conflict"] = RowSyncState.Problem,
                ["conflict before waiting"] = RowSyncState.Conflict,
                ["settled"] = RowSyncState.InStep,
                ["lost"] = RowSyncState.OnlyHere,
            }.OrderBy(p => p.Key),
            rows.ToDictionary(p => p.Key, p => p.Value.SyncState).OrderBy(p => p.Key));
        Assert.Matches("^https://acme\\.my\\.salesforce\\.com/lightning/r/Task/00T[0-9A-Za-z]{15}/view$", rows["in step"].SalesforceUrl);
        Assert.Null(rows["elsewhere"].SalesforceUrl);
        Assert.Equal(["In step", "Waiting", "Problem", "Conflict", "Only here"], Enum.GetValues<RowSyncState>().Select(s => s.Word()));

        void Due(TaskItem task) => task.DueDate = _desk.Today;
    }

    [Fact]
    public async Task An_empty_subject_is_shown_as_no_subject()
    {
        _desk.Linked(_desk.StartSync(), with: t => (t.Subject, t.DueDate) = (null, _desk.Today));
        Assert.Equal("(no subject)", (await Load()).Groups[0].Rows.Single().Title);
    }

    [Fact]
    public async Task The_form_offers_what_the_org_has()
    {
        Assert.Equal(["Email", "Call", "InMail", "Custom"], (await Form()).Types);
        Assert.False((await Form()).CanPickRecords);
        _desk.StartSync(OrgSchema.Default with { Picklists = new Dictionary<TaskField, Picklist> { [TaskField.Type] = new(["Call", "Meeting"], IsRestricted: false) } });
        Assert.Equal(["Email", "Call", "InMail", "Custom", "Meeting"], (await Form()).Types);
        Assert.True((await Form()).CanPickRecords);

        Task<TaskForm> Form() => _desk.Details.FormAsync(_desk.Rita, Desk.Never);
    }

    [Fact]
    public async Task A_task_that_goes_between_counting_and_reading_is_no_failure()
    {
        var meanwhile = new BeforeRows();
        await using var desk = new Desk(meanwhile);
        var id = await desk.NewTask("Call Ana", desk.Today);
        meanwhile.Do = () => desk.Change(db => db.Tasks.Find(id)!.DueDate = null);
        Assert.Empty((await desk.CommandCenter.LoadAsync(desk.Rita, TaskView.Next7Days, null, Desk.Never))!.Groups);
        Assert.Null(meanwhile.Do);
    }

    private async Task<CommandCenter> Load(TaskView view = TaskView.TodayAndTomorrow, string? search = null) =>
        (await _desk.CommandCenter.LoadAsync(_desk.Rita, view, search, Desk.Never))!;

    /// <summary>Does something once, just before the rows of a section are read.</summary>
    private sealed class BeforeRows : StatementInterceptor
    {
        public Action? Do { get; set; }

        protected override void Before(DbCommand command)
        {
            if (Do is { } action && Sql(command) is var sql && sql.Contains("\"ReminderAt\"", StringComparison.Ordinal))
            {
                Do = null;
                action();
            }
        }
    }

    private TaskItem Local(string subject, DateOnly? due, string priority = "Normal") =>
        new() { PersonId = _desk.Rita, Subject = subject, DueDate = due, Priority = priority, CreatedAt = _desk.Now, UpdatedAt = _desk.Now };

    private async Task ADayOfTasks()
    {
        foreach (var (subject, days) in new (string, int?)[] { ("yesterday", -1), ("last year", -365), ("today", 0), ("tomorrow", 1), ("in 6 days", 6), ("in 7 days", 7), ("no date", null) })
        {
            await _desk.NewTask(subject, days is { } d ? _desk.Today.AddDays(d) : null);
        }

        await _desk.Tasks.CompleteAsync(_desk.Rita, [await _desk.NewTask("done", _desk.Today)], Desk.Never);
    }
}
