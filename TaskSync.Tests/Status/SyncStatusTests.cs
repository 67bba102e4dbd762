using Microsoft.Extensions.Options;
using TaskSync.Sync.Engine;
using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Tests.Support;
using TaskSync.Tests.Tasks;

namespace TaskSync.Tests.Status;

public sealed class SyncStatusTests : IAsyncDisposable
{
    private readonly Desk _desk = new();
    private readonly SyncStatusQuery _status;

    private readonly ApiCallCounter _calls;

    public SyncStatusTests()
    {
        var options = Options.Create(new SyncOptions { ApiShare = 0.25 });
        _calls = new ApiCallCounter(_desk.Clock);
        _status = new SyncStatusQuery(_desk.Database, new ApiPaces(_desk.Database, _calls, new Presence(_desk.Clock), _desk.Clock, options), _desk.Clock, options);
    }

    public ValueTask DisposeAsync() => _desk.DisposeAsync();

    [Fact]
    public async Task An_empty_installation_has_an_overview_too()
    {
        var overview = await _status.OverviewAsync(Admins.Adam, Desk.Never);
        Assert.Equal(("Nobody has switched sync on", new PeopleCounts(1, 0, 0, 0, 0, 0), 0, 0), (overview.Headline, overview.People, overview.Waiting, overview.CallsToday));
        Assert.Equal(24, overview.Traffic.Count);
        Assert.All(overview.Traffic, point => Assert.Equal((0, 0), (point.In, point.Out)));
    }

    [Fact]
    public async Task The_headline_says_the_most_urgent_thing()
    {
        var connection = _desk.StartSync();
        await Headline("Everything is in step");
        var task = _desk.Linked(connection, pending: true);
        await Headline("Catching up: 1 change waits");
        _desk.Change(db => db.InitialSyncs.Add(new InitialSync { ConnectionId = connection.Id }));
        await Headline("Bringing in the tasks of 1 person");
        _desk.Change(db => db.Connections.Find(connection.Id)!.BackOffUntil = _desk.Now.AddMinutes(1));
        await Headline("Salesforce is out of reach for 1 person");
        _desk.Park(task);
        await Headline("Attention: 1 problem needs somebody");
        _desk.Change(db => db.Connections.Find(connection.Id)!.State = ConnectionState.NeedsReconnect);
        await Headline("Attention: 1 person must reconnect");
        _desk.Change(db => db.Control.Add(new SyncControl { PausedAt = _desk.Now, PausedBy = "Adam Admin", Reason = "data load" }));
        await Headline("Paused by Adam Admin: data load");
    }

    [Fact]
    public async Task The_cards_count_what_waits_fails_and_is_linked()
    {
        var connection = _desk.StartSync();
        _desk.Linked(connection, pending: true);
        _desk.Clock.Advance(TimeSpan.FromMinutes(5));
        _desk.Linked(connection, pending: true);
        _desk.Linked(connection, state: LinkState.Lost);
        _desk.Park(_desk.Linked(connection));
        _desk.InConflict(_desk.Linked(connection), TaskField.Subject, "a", "b", TaskSide.TaskSync);

        // Somebody who has switched sync off waits on purpose.
        var tom = _desk.Add(new Person { SubjectId = "tom", Name = "Tom", CreatedAt = Desk.Morning });
        _desk.Linked(_desk.Connect(tom, user: "005000000000002AAA"), pending: true);

        var overview = await _status.OverviewAsync(Admins.Adam, Desk.Never);
        Assert.Equal((2, Desk.Morning, 1, 1, 5), (overview.Waiting, overview.OldestWaiting, overview.OpenProblems, overview.OpenConflicts, overview.LinkedTasks));
        Assert.Equal(new PeopleCounts(2, 1, 0, 0, 0, 0), overview.People);
    }

    [Fact]
    public async Task API_calls_are_shown_by_purpose_and_against_our_share_of_the_allowance()
    {
        var connection = _desk.StartSync();
        var today = _desk.Today;
        _desk.Change(db =>
        {
            db.Allowances.Add(new OrgAllowance { OrganizationId = connection.OrganizationId, Used = 40_000, Limit = 100_000, SeenAt = _desk.Now });
            db.Allowances.Add(new OrgAllowance { OrganizationId = "00D000000000009AAA", Used = 1, Limit = 2, SeenAt = _desk.Now });
            db.ApiUsage.Add(new ApiUsage { ConnectionId = connection.Id, Day = today, Purpose = ApiPurpose.Poll, Calls = 270 });
            db.ApiUsage.Add(new ApiUsage { ConnectionId = connection.Id, Day = today, Purpose = ApiPurpose.Write, Calls = 30 });
            db.ApiUsage.Add(new ApiUsage { ConnectionId = connection.Id, Day = today.AddDays(-1), Purpose = ApiPurpose.Poll, Calls = 9_999 });
        });
        var overview = await _status.OverviewAsync(Admins.Adam, Desk.Never);
        Assert.Equal([new PurposeCalls(ApiPurpose.Poll, 270), new PurposeCalls(ApiPurpose.Write, 30)], overview.Calls);
        Assert.Equal(300, overview.CallsToday);

        // 300 calls in 9 of 24 hours are 800 a day.
        var acme = overview.Allowances.Single(a => a.OrganizationName == "Acme");
        Assert.Equal((40_000, 100_000, 300, 25_000, 800), (acme.Used, acme.Limit, acme.OurCalls, acme.OurShare, acme.Forecast));
        Assert.Equal(("00D000000000009AAA", 0), overview.Allowances.Single(a => a != acme) is var other ? (other.OrganizationName, other.OurCalls) : default);
    }

    [Theory]
    [InlineData(100_000, 0, "Changes are read every 15 seconds for reps with a page open, every 2 minutes for the others, as set. What reps change goes out at once.")]
    [InlineData(4_000, 100, "Changes are read every 21 seconds for reps with a page open, every 3 minutes for the others: 1.4 times as far apart as set, to stay inside the share. What reps change goes out at once.")]
    [InlineData(4_000, 800, "Changes are read every 96 seconds for reps with a page open, every 13 minutes for the others: 6.4 times as far apart as set, to stay inside the share. What one rep changes goes out together, every 3 minutes.")]
    [InlineData(4_000, 999, "Changes are read with what goes out, and once in the evening (from 22:00 UTC), to stay inside the share. What reps change goes out in the evening: all other calls of today are used.")]
    [InlineData(4_000, 1_000, "Stopped until midnight UTC: today's share is used. Changes wait and go out then.")]
    public async Task The_page_says_how_often_changes_are_read_and_how_soon_they_go_out(int limit, int calls, string pace)
    {
        var connection = _desk.StartSync();
        _desk.Change(db => db.Allowances.Add(new OrgAllowance { OrganizationId = connection.OrganizationId, Used = calls, Limit = limit, SeenAt = _desk.Now }));
        _calls.Observe(connection.OrganizationId, calls, limit);
        for (var i = 0; i < calls; i++)
        {
            _calls.Count(connection.Id, connection.OrganizationId, ApiPurpose.Poll);
        }

        Assert.Equal(pace, Assert.Single((await _status.OverviewAsync(Admins.Adam, Desk.Never)).Allowances).Pace);
    }

    [Fact]
    public async Task Traffic_is_summed_by_the_hour()
    {
        var connection = _desk.StartSync();
        _desk.Clock.Advance(TimeSpan.FromMinutes(20));
        foreach (var (minutes, created, sent) in new[] { (0, 3, 1), (-10, 2, 0), (-30, 5, 7), (-23 * 60, 1, 1), (-25 * 60, 100, 100) })
        {
            _desk.Change(db => db.Runs.Add(new SyncRun { PersonId = _desk.Rita, ConnectionId = connection.Id, StartedAt = _desk.Now.AddMinutes(minutes), Created = created, Updated = 1, Deleted = 1, Sent = sent }));
        }

        var traffic = (await _status.OverviewAsync(Admins.Adam, Desk.Never)).Traffic;
        Assert.Equal((Desk.Morning, 9, 1), (traffic[^1].From, traffic[^1].In, traffic[^1].Out));
        Assert.Equal((7, 7), (traffic[^2].In, traffic[^2].Out));
        Assert.Equal((Desk.Morning.AddHours(-23), 3, 1), (traffic[0].From, traffic[0].In, traffic[0].Out));
        Assert.Equal((19, 9), (traffic.Sum(p => p.In), traffic.Sum(p => p.Out)));
    }

    [Fact]
    public async Task Runs_are_filtered_paged_and_newest_first()
    {
        var connection = _desk.StartSync();
        var tom = _desk.Add(new Person { SubjectId = "tom", Name = "Tom Élan", CreatedAt = Desk.Morning });
        _desk.Change(db =>
        {
            for (var i = 0; i < 12; i++)
            {
                db.Runs.Add(new SyncRun
                {
                    PersonId = i == 11 ? tom : _desk.Rita,
                    ConnectionId = connection.Id,
                    StartedAt = _desk.Now.AddMinutes(i),
                    EndedAt = _desk.Now.AddMinutes(i).AddSeconds(2),
                    Kind = i % 2 == 0 ? SyncRunKind.Pull : SyncRunKind.Push,
                    Outcome = i < 3 ? SyncRunOutcome.Failed : SyncRunOutcome.Succeeded,
                    Created = i,
                });
            }
        });
        Assert.Equal("11 10 9 8 7 of 12", Page(await _status.RunsAsync(Admins.Adam, new RunFilter(), 0, 5, Desk.Never)));
        Assert.Equal("1 0 of 12", Page(await _status.RunsAsync(Admins.Adam, new RunFilter(), 2, 5, Desk.Never)));
        Assert.Equal("2 0 of 2", Page(await _status.RunsAsync(Admins.Adam, new RunFilter { Outcome = SyncRunOutcome.Failed, Kind = SyncRunKind.Pull }, 0, 5, Desk.Never)));
        Assert.Equal("11 of 1", Page(await _status.RunsAsync(Admins.Adam, new RunFilter { Person = "élan" }, 0, 5, Desk.Never)));
        Assert.Equal("3 2 of 2", Page(await _status.RunsAsync(Admins.Adam, new RunFilter { From = _desk.Now.AddMinutes(2), To = _desk.Now.AddMinutes(4) }, 0, 5, Desk.Never)));
        Assert.Empty((await _status.RunsAsync(Admins.Adam, new RunFilter { Person = "%" }, -1, 0, Desk.Never)).Rows);

        var row = (await _status.RunsAsync(Admins.Adam, new RunFilter { Person = "tom" }, 0, 5, Desk.Never)).Rows.Single();
        Assert.Equal(("Tom Élan", TimeSpan.FromSeconds(2)), (row.Person, row.Took));
        Assert.Equal(row, await _status.RunAsync(Admins.Adam, row.Id, Desk.Never));
        Assert.Null(await _status.RunAsync(Admins.Adam, Guid.NewGuid(), Desk.Never));

        static string Page(RunPage page) => $"{string.Join(" ", page.Rows.Select(r => r.Created))} of {page.Total}";
    }

    [Fact]
    public async Task Runs_are_exported_with_formulas_neutralised()
    {
        var connection = _desk.StartSync();
        _desk.Change(db =>
        {
            db.People.Find(_desk.Rita)!.Name = "=cmd|' /C calc'!A0";
            db.Runs.Add(new SyncRun { PersonId = _desk.Rita, ConnectionId = connection.Id, StartedAt = _desk.Now, EndedAt = _desk.Now.AddSeconds(1.5), Created = 2, ApiCalls = 3, Message = "Region, \"West\"" });
        });
        using var output = new StringWriter();
        await _status.WriteRunsCsvAsync(Admins.Adam, new RunFilter(), output, Desk.Never);
        Assert.Equal(
            "Started (UTC),Ended (UTC),Seconds,Person,Kind,Outcome,New,Updated,Deleted,Sent,Failed,API calls,Message\r\n"
            + "2026-11-23T09:00:00Z,2026-11-23T09:00:01Z,1.5,'=cmd|' /C calc'!A0,FirstSync,Running,2,0,0,0,0,3,\"Region, \"\"West\"\"\"\r\n",
            output.ToString());
    }

    [Fact]
    public async Task People_are_listed_with_state_lag_and_counts()
    {
        var connection = _desk.StartSync();
        _desk.Change(db => db.Connections.Find(connection.Id)!.LastSuccessAt = _desk.Now.AddMinutes(-3));
        _desk.Linked(connection, pending: true);
        _desk.Linked(connection, pending: true);
        _desk.Linked(connection, state: LinkState.Lost);
        _desk.Add(new Person { SubjectId = "adam", Name = "adam", CreatedAt = Desk.Morning });
        var zoe = _desk.Add(new Person { SubjectId = "zoe", Name = "Zoe", CreatedAt = Desk.Morning, PausedAt = Desk.Morning, PauseReason = "Paused by Adam Admin" });
        _desk.Connect(zoe, user: "005000000000002AAA");
        _desk.Tick(zoe);

        var page = await _status.PeopleAsync(Admins.Adam, null, 0, 10, Desk.Never);
        Assert.Equal((3, "adam, Rita Rep, Zoe"), (page.Total, string.Join(", ", page.Rows.Select(p => p.Name))));
        var rita = page.Rows[1];
        Assert.Equal(
            (SyncPillState.Waiting, "2 waiting", "Acme", TimeSpan.FromMinutes(3), 2, 0, 2, false),
            (rita.State, rita.StateText, rita.Organization!, rita.Lag!.Value, rita.Waiting, rita.Failed, rita.LinkedTasks, rita.IsPaused));
        Assert.Equal((SyncPillState.Off, null, null, 0), (page.Rows[0].State, page.Rows[0].Organization, page.Rows[0].Lag, page.Rows[0].LinkedTasks));
        Assert.Equal((SyncPillState.Paused, true, "Paused by Adam Admin."), (page.Rows[2].State, page.Rows[2].IsPaused, page.Rows[2].Reason));
        Assert.Equal(["Rita Rep"], (await _status.PeopleAsync(Admins.Adam, "RITA", 0, 10, Desk.Never)).Rows.Select(p => p.Name));
        Assert.Equal((3, 1), (await _status.PeopleAsync(Admins.Adam, null, 1, 2, Desk.Never)) is var second ? (second.Total, second.Rows.Count) : default);
    }

    [Fact]
    public async Task Problems_are_grouped_by_cause_the_most_frequent_first()
    {
        var connection = _desk.StartSync();
        _desk.Park(_desk.Linked(connection), "SOMETHING_NEW");
        _desk.Park(_desk.Linked(connection));
        _desk.Clock.Advance(TimeSpan.FromHours(1));
        var newest = _desk.Park(_desk.Linked(connection));
        _desk.Change(db => db.Problems.Find(newest.Id)!.Message = "Region is still required.");
        var resolved = _desk.Park(_desk.Linked(connection), "OLD");
        _desk.Change(db => db.Problems.Find(resolved.Id)!.State = ProblemState.Resolved);

        var groups = await _status.ProblemsAsync(Admins.Adam, Desk.Never);
        Assert.Equal(
            [("FIELD_CUSTOM_VALIDATION_EXCEPTION", 2, 1, "Region is still required.", Desk.Morning, _desk.Now), ("SOMETHING_NEW", 1, 1, "Region is required.", Desk.Morning, Desk.Morning)],
            groups.Select(g => (g.Code, g.Problems, g.People, g.Message, g.FirstSeenAt, g.LastSeenAt)));
        Assert.All(groups, g => Assert.NotEmpty(g.Text.WayOut));
    }

    [Theory]
    [InlineData("FIELD_CUSTOM_VALIDATION_EXCEPTION")]
    [InlineData("KEEPS_CHANGING_BACK")]
    [InlineData("NEVER_SEEN_BEFORE")]
    [InlineData("")]
    public void Every_code_has_words_an_owner_and_a_way_out(string code)
    {
        var text = ProblemTexts.For(code, "");
        Assert.All([text.Words, text.WhoCanFix, text.WayOut], Assert.NotEmpty);
        Assert.Contains(text.WhoCanFix, new[] { "You", "Your Salesforce administrator", "TaskSync" });
    }

    private async Task Headline(string expected) => Assert.Equal(expected, (await _status.OverviewAsync(Admins.Adam, Desk.Never)).Headline);
}
