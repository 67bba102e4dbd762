using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Status;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Simulation;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine;

/// <summary>
/// What went wrong in other sync products, tried on this one. Each test names the public report it is from; docs/runs/2026-11-26-reports-of-other-products.md lists them all.
/// </summary>
public sealed class OtherProductsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>supaglue #532: equal stamps, and a cursor that was compared with "later than". Changes of the cursor's own second were skipped.</summary>
    [Fact]
    public async Task S8_changes_of_the_cursors_own_second_that_fill_several_pages_are_not_skipped()
    {
        await using var world = await SyncWorld.StartAsync(o => o.MaxPageSize = 2, settings: new() { ["Sync:Overlap"] = "00:00:00" });
        var rep = await world.SyncedRepAsync();
        var remote = Enumerable.Range(0, 7).Select(i => world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" })).ToList();
        await rep.SyncAsync();
        Assert.Equal(7, (await rep.ListAsync()).Count);

        // The clock stands still: these changes bear the very second up to which was read.
        remote.ForEach(task => world.Org.UpdateTask(task.Id, new FieldValues { ["Subject"] = $"again {task.Subject}" }));
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "new in that second" });
        await rep.SyncAsync();

        Assert.Equal([.. Enumerable.Range(0, 7).Select(i => $"again task {i}"), "new in that second"], await rep.SubjectsAsync());
    }

    /// <summary>airbyte #27146: the cursor had passed the stamps of rows that were committed after it was read. They never came in.</summary>
    [Theory]
    [InlineData(20, 1)]
    [InlineData(120, 180)]
    public async Task S8_rows_committed_under_stamps_that_the_cursor_has_passed_come_in(int secondsLate, int polls)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        using var slow = world.Org.BeginTransaction();
        slow.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "slow" });
        world.Time.Advance(TimeSpan.FromSeconds(secondsLate));
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "quick" });
        await rep.SyncAsync();
        Assert.Equal(["quick"], await rep.SubjectsAsync());

        // The overlap of the next poll finds the first, a sweep the second.
        slow.Commit();
        for (var i = 0; i < polls; i++)
        {
            await rep.SyncAsync();
        }

        Assert.Equal(["quick", "slow"], await rep.SubjectsAsync());
    }

    /// <summary>airbyte #84302 and simple-salesforce #95: a list's next page belongs to the session that began it. The next page was asked for again until the sync failed.</summary>
    [Fact]
    public async Task Section6_a_session_that_ends_between_two_pages_and_takes_the_list_with_it_costs_a_new_list_only()
    {
        await using var world = await SyncWorld.StartAsync(o => (o.MaxPageSize, o.RefreshTokenRotation) = (2, true));
        var rep = await world.SyncedRepAsync();
        Enumerable.Range(0, 7).ToList().ForEach(i => world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i}" }));
        var ended = world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.SessionExpired,
            Times = 2,
            When = target =>
            {
                if (!target.Resource.EndsWith("{locator}", StringComparison.Ordinal))
                {
                    return false;
                }

                world.Org.ExpireQueryLocators();
                return true;
            },
        });
        world.Org.Calls.Reset();

        // Not long enough for a sweep, which would find what the polls had missed.
        for (var i = 0; i < 4; i++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(3));
            await rep.SyncAsync();
        }

        Assert.Equal(2, ended.Fired);
        Assert.Equal(7, (await rep.ListAsync()).Count);
        Assert.Equal(ConnectionState.Active, await StateAsync(world, rep));
        Assert.InRange(world.Org.Calls.Total, 1, 30);
    }

    /// <summary>airbyte #17503: QUERY_TIMEOUT was taken for a list without rows. The sync said that it had succeeded, and went on behind what it had not read.</summary>
    [Fact]
    public async Task Section6_a_poll_that_Salesforce_gives_up_on_moves_no_cursor()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "not read yet" });
        world.Time.Advance(TimeSpan.FromMinutes(2));
        var before = await CursorAsync(world, rep);
        var gaveUp = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.QueryTimeout, PathContains = "/query", Times = 0 });
        await rep.SyncAsync();
        Assert.True(gaveUp.Fired > 0);
        Assert.Equal(before, await CursorAsync(world, rep));
        Assert.Empty(await rep.ListAsync());

        world.Org.Faults.Clear();
        world.Time.Advance(TimeSpan.FromMinutes(2));
        await rep.SyncAsync();

        Assert.Equal(["not read yet"], await rep.SubjectsAsync());
    }

    /// <summary>object-sync-for-salesforce #275 and #186, mautic #6141, b2c-crm-sync #276: an emptied field stayed as it was on the other side, or an empty date became today.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S1_a_field_emptied_on_one_side_is_empty_on_the_other(bool here)
    {
        await using var world = await SyncWorld.StartAsync();
        var ana = world.Org.CreateRecord("Contact", new FieldValues { ["LastName"] = "Test" });
        var account = world.Org.CreateRecord("Account", new FieldValues { ["Name"] = "Acme" });
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues
        {
            ["Subject"] = "Call Ana",
            ["ActivityDate"] = world.Today,
            ["Description"] = "About the offer",
            ["Type"] = "Call",
            ["CallDisposition"] = "Reached",
            ["IsReminderSet"] = true,
            ["ReminderDateTime"] = world.Time.GetUtcNow().AddHours(1),
            ["WhoId"] = ana,
            ["WhatId"] = account,
        });
        var rep = await world.SyncedRepAsync();
        var id = (await rep.OfAsync(remote))!.Id;
        var clearable = SyncedFields.All.Where(field => !field.IsNeverEmpty).ToList();
        var full = TaskDraft.Of(await rep.TaskAsync(id)).Values;
        Assert.All(clearable, field => Assert.NotNull(full[field.Field]));

        if (here)
        {
            await rep.EditAsync(id, draft => draft with { Values = clearable.Aggregate(draft.Values, (values, field) => values.With(field.Field, null)) });
        }
        else
        {
            var empty = clearable.ToDictionary(field => field.SalesforceName, _ => (object?)null);
            world.Org.UpdateTask(remote.Id, new FieldValues(empty) { ["IsReminderSet"] = false });
        }

        await rep.SettleAsync();

        var (ours, theirs) = (TaskDraft.Of(await rep.TaskAsync(id)).Values, world.Org.FindTask(remote.Id)!);
        Assert.All(clearable, field => Assert.Null(ours[field.Field]));
        Assert.All(clearable, field => Assert.Null(theirs[field.SalesforceName]));
        Assert.Equal("Call Ana", theirs.Subject);
        Assert.Equal(0, await rep.WaitingAsync());
    }

    /// <summary>Force.com-Toolkit-for-NET #197: an update sent every field of the object, and emptied what its sender had not read.</summary>
    [Fact]
    public async Task S1_an_edit_of_one_field_sends_no_other_field()
    {
        await using var world = await SyncWorld.StartAsync();
        world.Org.HideField("Description", world.Org.Rita.Id);
        var remote = world.Org.CreateTask(
            world.Org.Rita.Id, new FieldValues { ["Subject"] = "Call Ana", ["Description"] = "Hers only", ["Type"] = "Call", ["ActivityDate"] = world.Today }, asUser: world.Org.Adam.Id);
        var rep = await world.SyncedRepAsync();
        var sent = new List<string>();
        world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.DelayRequest,
            Delay = TimeSpan.Zero,
            Method = "PATCH",
            Resource = "/composite/sobjects",
            When = target =>
            {
                sent.Add(target.Body);
                return true;
            },
        });

        await rep.EditAsync((await rep.OfAsync(remote))!.Id, draft => draft with { Subject = "Call Ana again" });
        await rep.SyncAsync();

        var names = Names(JsonElement.Parse(Assert.Single(sent))).Intersect(SyncedFields.All.SelectMany(field => field.SalesforceNames));
        Assert.Equal(["Subject"], names);
        var theirs = world.Org.FindTask(remote.Id)!;
        Assert.Equal(("Call Ana again", "Hers only", "Call", world.Today), (theirs.Subject, theirs.Description, theirs.Type, theirs.ActivityDate));
    }

    /// <summary>ultimate-todoist-sync #24 and tasks.org #3716: a date became an instant and a date again in another zone. It moved by a day with every sync.</summary>
    [Theory]
    [InlineData("America/Sao_Paulo", "2026-03-06T02:30:00Z")]
    [InlineData("Asia/Tokyo", "2026-03-05T15:10:00Z")]
    [InlineData("Pacific/Kiritimati", "2026-03-05T10:10:00Z")]
    [InlineData("Pacific/Pago_Pago", "2026-03-06T10:50:00Z")]
    public async Task S1_a_due_date_is_the_same_day_after_any_number_of_round_trips(string zone, string moment)
    {
        await using var world = await SyncWorld.StartAsync(o => o.TimeZone = zone, now: DateTimeOffset.Parse(moment));
        var day = world.Today.AddDays(1);
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "theirs", ["ActivityDate"] = day });
        var rep = await world.SyncedRepAsync();
        var ours = await rep.CreateAsync("ours", day);
        await rep.SyncAsync();
        Guid[] both = [ours, (await rep.OfAsync(remote))!.Id];

        for (var round = 0; round < 4; round++)
        {
            foreach (var id in both)
            {
                await rep.EditAsync(id, draft => draft with { Details = $"here {round}" });
                await rep.SyncAsync();
                world.Org.UpdateTask((await rep.InSalesforceAsync(id))!.Id, new FieldValues { ["Description"] = $"there {round}", ["ActivityDate"] = day });
                await rep.SyncAsync();
            }

            world.Time.Advance(TimeSpan.FromHours(7));
        }

        foreach (var id in both)
        {
            Assert.Equal((day, day), ((await rep.TaskAsync(id)).DueDate, (await rep.InSalesforceAsync(id))!.ActivityDate));
            Assert.DoesNotContain((await rep.HistoryAsync(id)).SelectMany(line => line.Changes), change => change.Field == TaskField.DueDate && change.Before is not null);
        }
    }

    /// <summary>DAVx5 #1649: a completion made elsewhere was taken back by the next sync of a device that held the task open.</summary>
    [Fact]
    public async Task S3_a_completion_in_Salesforce_is_not_taken_back_by_an_edit_that_was_waiting_here()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();

        world.Org.CompleteTask(remote);
        world.Time.Advance(TimeSpan.FromSeconds(20));
        await rep.EditAsync(id, draft => draft with { Details = "typed into a form that showed the task open", Status = "Not Started" });
        await rep.SettleAsync();

        Assert.True((await rep.TaskAsync(id)).IsCompleted);
        Assert.True(world.Org.FindTask(remote)!.IsClosed);
        Assert.Equal("typed into a form that showed the task open", world.Org.FindTask(remote)!.Description);
    }

    /// <summary>tasks.org #4245 and planify #2394: completed and reopened on the other side, a task stayed completed here though its other fields came in, or could not be completed any more.</summary>
    [Fact]
    public async Task S1_completed_and_reopened_there_a_task_is_open_here_and_can_be_completed_again()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, id, remote) = await world.PairAsync();

        for (var round = 0; round < 3; round++)
        {
            world.Org.CompleteTask(remote);
            await rep.SyncAsync();
            Assert.True((await rep.TaskAsync(id)).IsCompleted);
            world.Org.UpdateTask(remote, new FieldValues { ["Status"] = "Not Started", ["Description"] = $"reopened {round}" });
            await rep.SyncAsync();
            var here = await rep.TaskAsync(id);
            Assert.Equal((false, (DateTimeOffset?)null, $"reopened {round}"), (here.IsCompleted, here.CompletedAt, here.Details));

            await rep.CompleteAsync(id);
            await rep.SyncAsync();
            Assert.True(world.Org.FindTask(remote)!.IsClosed);
        }

        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(0, await rep.WaitingAsync());
    }

    /// <summary>outlookcaldavsynchronizer #327 and tasks.org #1261: completing a repeating task made a new copy with every sync.</summary>
    [Fact]
    public async Task S11_completing_a_repeating_task_here_brings_the_next_one_once()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues
        {
            ["Subject"] = "Water the plants",
            ["ActivityDate"] = world.Today,
            ["RecurrenceRegeneratedType"] = "RecurrenceRegenerateAfterDueDate",
            ["RecurrenceInterval"] = 7,
        });
        await rep.SyncAsync();
        var id = (await rep.OfAsync(remote))!.Id;

        await rep.CompleteAsync(id);
        await rep.SettleAsync();
        Assert.Equal([world.Today, world.Today.AddDays(7)], (await rep.ListAsync()).Select(t => t.DueDate!.Value).Order());

        // The completion taken back and made again: Salesforce has made the next task already.
        await rep.ReopenAsync(id);
        await rep.SettleAsync();
        await rep.CompleteAsync(id);
        await rep.SettleAsync();

        Assert.Equal(2, rep.Remote().Count);
        Assert.Equal(2, (await rep.ListAsync()).Count);
        Assert.Equal(0, world.Org.Calls.RowsCreated);
    }

    /// <summary>go-fast-note-sync #9 and dayGLANCE #768: a client that was away for longer than deletions are remembered made everything anew that had been deleted meanwhile.</summary>
    [Fact]
    public async Task F6_what_was_deleted_there_before_anybody_remembers_is_not_made_anew()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 12; i++)
        {
            ids.Add(await rep.CreateAsync($"task {i:00}"));
        }

        await rep.SyncAsync();
        await rep.SaveAsync(false);
        rep.Remote().ToList().ForEach(task => world.Org.DeleteTask(task.Id));
        world.Org.PurgeRecycleBin();
        world.Time.Advance(TimeSpan.FromDays(40));
        world.Org.PurgeDeleteLog();
        await rep.EditAsync(ids[0], draft => draft with { Details = "edited while away" });
        world.Org.Calls.Reset();

        await rep.SaveAsync(true);
        await rep.SettleAsync();
        await rep.EditAsync(ids[1], draft => draft with { Details = "edited afterwards" });
        await rep.SettleAsync();

        Assert.Equal((0, 0), (rep.Remote().Count, world.Org.Calls.RowsCreated));
        var list = await rep.ListAsync();
        Assert.Equal(12, list.Count);
        Assert.All(list, task => Assert.Equal(LinkState.Lost, task.Link!.State));
    }

    /// <summary>vdirsyncer #343 and #1101, SalesforceMobileSDK-iOS #3182: one item that the server refused ended the whole sync, or the sync said that nothing had failed.</summary>
    [Fact]
    public async Task S9_one_task_with_an_inactive_owner_stops_nothing_else_in_either_direction()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        var (bad, edited, deleted) = (await rep.CreateAsync("bad"), await rep.CreateAsync("edited"), await rep.CreateAsync("deleted"));
        await rep.SyncAsync();
        var badRemote = (await rep.InSalesforceAsync(bad))!.Id;
        var deletedRemote = (await rep.InSalesforceAsync(deleted))!.Id;
        world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.Error,
            Code = "INACTIVE_OWNER_OR_USER",
            Message = "operation performed with inactive user [Bo Gone] as owner of contact",
            Method = "PATCH",
            Resource = "/composite/sobjects",
            RecordContains = badRemote,
            Times = 0,
        });

        await rep.EditAsync(bad, draft => draft with { Details = "refused" });
        await rep.EditAsync(edited, draft => draft with { Details = "sent" });
        await rep.DeleteAsync(deleted);
        var created = await rep.CreateAsync("created");
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "theirs" });
        await rep.SettleAsync();

        Assert.Equal("sent", (await rep.InSalesforceAsync(edited))!.Description);
        Assert.True(world.Org.FindTask(deletedRemote)!.IsDeleted);
        Assert.NotNull(await rep.InSalesforceAsync(created));
        Assert.Contains("theirs", await rep.SubjectsAsync());
        var problem = Assert.Single(await rep.ProblemsAsync());
        Assert.Equal((bad, "operation performed with inactive user [Bo Gone] as owner of contact"), (problem.TaskId!.Value, problem.Message));
    }

    /// <summary>object-sync-for-salesforce #128: a record with a value that the picklist no longer lists could not be written at all.</summary>
    [Fact]
    public async Task Section3_a_value_that_the_org_lists_no_more_holds_up_nothing_else_of_its_task()
    {
        await using var world = await SyncWorld.StartAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "Write to Ana", ["Type"] = "Email" });
        var rep = await world.SyncedRepAsync();
        var id = (await rep.OfAsync(remote))!.Id;
        world.Org.SetPicklistValues("Type", "Call");
        world.Org.RestrictPicklist("Type");
        world.Time.Advance(TimeSpan.FromHours(2));

        await rep.EditAsync(id, draft => draft with { Details = "About the offer" });
        await rep.CompleteAsync(id);
        await rep.SettleAsync();

        var theirs = world.Org.FindTask(remote.Id)!;
        Assert.Equal(("About the offer", "Email", true), (theirs.Description, theirs.Type, theirs.IsClosed));
        Assert.Equal("Email", (await rep.TaskAsync(id)).Type);

        // Created anew the whole task is sent, and that value is left out.
        await rep.DeleteAsync(id);
        await rep.SettleAsync();
        world.Org.PurgeRecycleBin();
        await rep.RestoreAsync(id);
        await rep.SettleAsync();
        Assert.Equal(("About the offer", null), ((await rep.InSalesforceAsync(id))!.Description, (await rep.InSalesforceAsync(id))!.Type));
        Assert.Empty(await rep.ProblemsAsync());
    }

    /// <summary>HQBase #41: two processes renewed one rotating grant within the same moment. The server took it for theft, and the user was signed out.</summary>
    [Fact]
    public async Task Section6_two_servers_that_need_a_new_token_at_the_same_moment_keep_the_grant()
    {
        await using var world = await SyncWorld.StartAsync(o => o.RefreshTokenRotation = true);
        var rep = await world.SyncedRepAsync();
        await using var other = world.Beside();
        for (var round = 0; round < 5; round++)
        {
            world.Org.ExpireAccessTokens();
            await rep.CreateAsync($"task {round}");
            world.Time.Advance(TimeSpan.FromMinutes(3));
            world.Get<SyncDoorbell>().Ring(rep.ConnectionId, readChanges: true);
            var both = Task.WhenAll(rep.RunAsync(), other.RunAsync(rep.ConnectionId));
            await EndAsync(world, both);
        }

        await rep.SettleAsync();
        Assert.Equal(ConnectionState.Active, await StateAsync(world, rep));
        Assert.Equal(1, world.Org.CountGrants(rep.User.Id));
        Assert.Equal(5, rep.Remote().Count);
    }

    /// <summary>simple-salesforce #275 and actions-sdk #94: tasks older than a year are archived, an ordinary query shows them no more, and what had been read was taken for gone.</summary>
    [Fact]
    public async Task S7_a_task_that_the_archiver_takes_stays_and_its_deletion_still_arrives()
    {
        await using var world = await SyncWorld.StartAsync();
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "old", ["ActivityDate"] = world.Today.AddDays(-400), ["Status"] = "Completed" });
        var rep = await world.SyncedRepAsync();
        Assert.Equal(1, world.Org.RunArchiver());
        world.Time.Advance(TimeSpan.FromDays(1));
        await world.Get<AdminActions>().AuditNowAsync(Admins.Adam, Token);
        await rep.SettleAsync();
        Assert.Equal(["old"], await rep.SubjectsAsync());
        Assert.Equal(LinkState.Open, (await rep.OfAsync(remote))!.Link!.State);

        world.Org.DeleteTask(remote.Id);
        await rep.SettleAsync();

        Assert.Empty(await rep.SubjectsAsync());
        Assert.Equal(0, world.Org.Calls.RowsWritten);
    }

    /// <summary>object-sync-for-salesforce #131 and DLRS #347: ids of 15 characters that differ by case only were taken for one record.</summary>
    [Fact]
    public async Task S7_ids_that_differ_by_case_only_are_two_tasks()
    {
        await using var world = await SyncWorld.StartAsync();
        var made = Enumerable.Range(0, 62).Select(i => world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = $"task {i:00}" })).ToList();
        var twins = made.GroupBy(task => task.Id[..15], StringComparer.OrdinalIgnoreCase).First(group => group.Count() == 2).ToList();
        var rep = await world.SyncedRepAsync();
        Assert.Equal(62, (await rep.ListAsync()).Count);

        await rep.EditAsync((await rep.OfAsync(twins[0]))!.Id, draft => draft with { Subject = "edited here" });
        await rep.SyncAsync();
        world.Org.DeleteTask(twins[1].Id);
        await rep.SyncAsync();

        Assert.Equal(("edited here", false), (world.Org.FindTask(twins[0].Id)!.Subject, world.Org.FindTask(twins[0].Id)!.IsDeleted));
        Assert.Equal(("edited here", Removal.DeletedInSalesforce), ((await rep.OfAsync(twins[0]))!.Subject, (await rep.OfAsync(twins[1]))!.Removal));
        Assert.Equal(61, (await rep.ListAsync()).Count);
    }

    /// <summary>mautic #10534 and active_force #24: text was decoded, stripped or put into a query as it was. Quotes and entities broke the sync or changed on the way.</summary>
    [Fact]
    public async Task S6_text_that_looks_like_markup_or_a_query_comes_back_as_it_was()
    {
        const string Odd = """Fondazione Test&#39; Test & <b>O'Neill</b> \' %_ ' OR Id != '""";
        await using var world = await SyncWorld.StartAsync();
        world.Org.CreateRecord("Contact", new FieldValues { ["LastName"] = "O'Test\\" });
        var remote = world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = Odd, ["Description"] = Odd });
        var rep = await world.SyncedRepAsync();
        var ours = await rep.CreateAsync(Odd, more: draft => draft with { Details = Odd });
        await rep.SettleAsync();

        Assert.Equal((Odd, Odd), ((await rep.OfAsync(remote))!.Subject, (await rep.OfAsync(remote))!.Details));
        Assert.Equal((Odd, Odd), ((await rep.InSalesforceAsync(ours))!.Subject, (await rep.InSalesforceAsync(ours))!.Description));
        Assert.Equal(1, world.Org.Calls.RowsWritten);
        Assert.Single((await world.Get<RecordPicker>().SearchAsync(rep.Id, RecordKind.Person, "O'Test\\", Token)).Hits);
        Assert.Empty((await world.Get<RecordPicker>().SearchAsync(rep.Id, RecordKind.Person, "' OR Name != '", Token)).Hits);
    }

    /// <summary>powerplannerapps #95 and calendar-analytics #3: one date outside the range of a database or a library stopped every sync.</summary>
    [Fact]
    public async Task S1_the_first_and_the_last_date_of_Salesforce_come_in_and_go_back()
    {
        await using var world = await SyncWorld.StartAsync();
        DateOnly[] dates = [new(1700, 1, 1), new(4000, 12, 31)];
        var remote = dates.Select(date => world.Org.CreateTask(world.Org.Rita.Id, new FieldValues
        {
            ["Subject"] = $"due {date:yyyy}",
            ["ActivityDate"] = date,
            ["IsReminderSet"] = true,
            ["ReminderDateTime"] = new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero),
        })).ToList();
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "today", ["ActivityDate"] = world.Today });
        var rep = await world.SyncedRepAsync();
        Assert.Equal(["due 1700", "due 4000", "today"], await rep.SubjectsAsync());

        var ours = await rep.CreateAsync("ours", dates[0]);
        await rep.EditAsync((await rep.OfAsync(remote[0]))!.Id, draft => draft with { DueDate = dates[1] });
        await rep.EditAsync((await rep.OfAsync(remote[1]))!.Id, draft => draft with { DueDate = dates[0] });
        await rep.SettleAsync();

        Assert.Equal((dates[1], dates[0], dates[0]), (world.Org.FindTask(remote[0].Id)!.ActivityDate, world.Org.FindTask(remote[1].Id)!.ActivityDate, (await rep.InSalesforceAsync(ours))!.ActivityDate));
        Assert.Empty(await rep.ProblemsAsync());
    }

    /// <summary>joplin #5738: with a clock an hour off, every sync took its own note for somebody's newer one. 3,000 conflicts were made before it was noticed.</summary>
    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public async Task S3_with_a_clock_an_hour_off_edits_by_turns_arrive_at_once_and_are_no_conflicts(int minutesFast)
    {
        await using var world = SyncWorld.StartInProcess(o => o.TimeProvider = new SkewedClock(o.TimeProvider, TimeSpan.FromMinutes(minutesFast)));
        var rep = await world.SyncedRepAsync();
        var id = await rep.CreateAsync("Call Ana");
        await rep.SettleAsync();
        for (var round = 0; round < 5; round++)
        {
            await rep.EditAsync(id, draft => draft with { Details = $"ours {round}" });
            await rep.SyncAsync();
            world.Time.Advance(TimeSpan.FromSeconds(30));
            var remote = Assert.Single(rep.Remote());
            Assert.Equal($"ours {round}", remote.Description);

            world.Org.UpdateTask(remote.Id, new FieldValues { ["Subject"] = $"theirs {round}" });
            await rep.SyncAsync();
            Assert.Equal($"theirs {round}", (await rep.TaskAsync(id)).Subject);
        }

        Assert.Equal(0, await world.ReadAsync(db => db.Conflicts.CountAsync(Token)));
        Assert.Equal(6, world.Org.Calls.RowsWritten);
    }

    /// <summary>syncthing #1496 and unison #262: one side's storage was away. Its emptiness was taken for the deletion of everything on the other.</summary>
    [Fact]
    public async Task S10_a_database_that_was_lost_deletes_nothing_there_and_makes_nothing_twice()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        for (var i = 0; i < 15; i++)
        {
            await rep.CreateAsync($"task {i:00}");
        }

        await rep.SyncAsync();
        world.Org.Calls.Reset();
        await using var empty = new TestDatabase();
        await using var after = SyncWorld.Restarted(world, empty);
        var again = await after.SyncedRepAsync();
        await again.SettleAsync();

        Assert.Equal((0, 0, 15), (world.Org.Calls.RowsDeleted, world.Org.Calls.RowsCreated, rep.Remote().Count));
        Assert.Equal(15, (await again.ListAsync()).Count);
    }

    /// <summary>vdirsyncer #733 and chroncal #105: 429 with Retry-After was tried again within seconds, which made the server's limit last longer.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Section6_an_answer_that_says_how_long_to_wait_is_obeyed(bool asDate)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Time.Advance(TimeSpan.FromMinutes(1));
        var asked = TimeSpan.FromMinutes(5);
        var limited = world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.HostileAnswer,
            Status = 429,
            Body = "<html>Too Many Requests</html>",
            RetryAfter = asDate ? (world.Time.GetUtcNow() + asked).ToString("r") : "300",
            Times = 0,
        });
        world.Org.CreateTask(world.Org.Rita.Id, new FieldValues { ["Subject"] = "theirs" });
        for (var waited = TimeSpan.Zero; waited < asked; waited += TimeSpan.FromSeconds(10))
        {
            world.Get<SyncDoorbell>().Ring(rep.ConnectionId, readChanges: true);
            await rep.RunAsync();
            world.Time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(1, limited.Fired);
        world.Org.Faults.Clear();
        world.Time.Advance(TimeSpan.FromMinutes(2));
        await rep.SyncAsync();
        Assert.Equal(["theirs"], await rep.SubjectsAsync());
    }

    /// <summary>zotero-android #172 and shipfox #1613: a text was cut within an emoji. Half a character could not be stored, and the sync ended.</summary>
    [Fact]
    public async Task Names_that_are_too_long_are_not_cut_within_a_character()
    {
        const string Emoji = "\U0001F524";
        await using var world = await SyncWorld.StartAsync();
        for (var letters = 190; letters <= 256; letters++)
        {
            var longName = new string('n', letters) + Emoji + Emoji;
            var person = await world.Get<PeopleService>().EnsureAsync($"demo:{letters}", longName, null, Token);
            var stored = await world.ReadAsync(db => db.People.Where(p => p.Id == person).Select(p => p.Name).FirstAsync(Token));
            Assert.StartsWith(stored, longName);
            Assert.Equal(longName[..stored.Length], stored);
            Assert.False(char.IsHighSurrogate(stored[^1]));

            var clean = TaskRules.Clean(new TaskDraft { WhoId = "003000000000001", WhoName = longName });
            Assert.False(char.IsHighSurrogate(clean.WhoName![^1]));
        }
    }

    private static IEnumerable<string> Names(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Names(member.Value).Prepend(member.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Names),
        _ => [],
    };

    private static Task<ConnectionState> StateAsync(SyncWorld world, SyncWorld.Rep rep) =>
        world.ReadAsync(db => db.Connections.Where(c => c.Id == rep.ConnectionId).Select(c => c.State).FirstAsync(Token));

    private static Task<DateTimeOffset> CursorAsync(SyncWorld world, SyncWorld.Rep rep) =>
        world.ReadAsync(db => db.Cursors.Where(c => c.ConnectionId == rep.ConnectionId).Select(c => c.Fast).FirstAsync(Token));

    /// <summary>Lets time go on until the work is done: one server may wait for the other.</summary>
    private static async Task EndAsync(SyncWorld world, Task work)
    {
        await Until.TrueAsync(() =>
        {
            world.Time.Advance(TimeSpan.FromMilliseconds(20));
            return work.IsCompleted;
        });
        await work;
    }
}
