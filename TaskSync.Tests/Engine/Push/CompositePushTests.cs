using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Tasks;

namespace TaskSync.Tests.Engine.Push;

/// <summary>Writes by Composite: one call with a read before, up to three Collections, and a poll after. Whatever becomes of its parts, each task is told for itself.</summary>
public sealed class CompositePushTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S3_a_newer_foreign_value_that_the_call_itself_found_is_written_back_in_the_next_one()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, ids) = await PairsAsync(world, 1);
        await rep.EditAsync(ids[0], draft => draft with { Subject = "Ours" });
        world.Time.Advance(TimeSpan.FromSeconds(30));
        BeforeWrite(world, () => world.Org.UpdateTask(rep.Remote()[0].Id, new FieldValues { ["Subject"] = "Theirs" }, world.Org.Adam.Id));

        await rep.RunAsync();

        Assert.Equal(("Theirs", "Theirs"), ((await rep.TaskAsync(ids[0])).Subject, rep.Remote()[0].Subject));
        var conflict = Assert.Single(await world.ReadAsync(db => Task.FromResult(db.Conflicts.ToList())));
        Assert.Equal(("Ours", "Theirs", TaskSide.Salesforce), (conflict.OurValue, conflict.TheirValue, conflict.Winner));
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task S3_an_older_foreign_value_that_the_call_itself_found_is_kept_in_the_history()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, ids) = await PairsAsync(world, 1);
        var earlier = world.Org.Now;
        world.Time.Advance(TimeSpan.FromSeconds(20));
        await rep.EditAsync(ids[0], draft => draft with { Subject = "Ours" });

        // Saved before our edit, visible only after our read.
        BeforeWrite(world, () => world.Org.UpdateTask(rep.Remote()[0].Id, new FieldValues { ["Subject"] = "Theirs" }, world.Org.Adam.Id, new AuditStamps(null, earlier, earlier)));
        await rep.RunAsync();

        Assert.Equal(("Ours", "Ours"), ((await rep.TaskAsync(ids[0])).Subject, rep.Remote()[0].Subject));
        Assert.Contains(await rep.HistoryAsync(ids[0]), entry => entry.Kind == HistoryKind.Conflict && entry.Changes.Any(change => change.Before == "Theirs"));
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task S3_a_foreign_edit_of_another_field_between_read_ahead_and_write_survives()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, ids) = await PairsAsync(world, 620);
        await world.Tasks.RescheduleAsync(rep.Id, ids, world.Today.AddDays(3), Token);
        var touched = new List<string>();
        BeforeWrite(world, skip: 1, act: () =>
        {
            // The second call: what it writes was read in the first.
            foreach (var task in rep.Remote().Where(t => t.ActivityDate != world.Today.AddDays(3)))
            {
                world.Org.UpdateTask(task.Id, new FieldValues { ["Description"] = "Theirs" }, world.Org.Adam.Id);
                touched.Add(task.Id);
            }
        });
        await rep.RunAsync();

        Assert.Equal(20, touched.Count);
        Assert.All(touched, id => Assert.Equal(("Theirs", world.Today.AddDays(3)), (world.Org.FindTask(id)!.Description, world.Org.FindTask(id)!.ActivityDate)));
        Assert.Equal(20, (await rep.ListAsync()).Count(t => t.Details == "Theirs" && t.DueDate == world.Today.AddDays(3)));
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task S7_a_task_that_is_reassigned_between_read_and_write_leaves_this_list()
    {
        await using var world = await SyncWorld.StartAsync();
        world.Org.PutUnder(world.Org.Rita.Id, world.Org.Sam.Id);
        var (rep, ids) = await PairsAsync(world, 1);
        var id = rep.Remote()[0].Id;
        await rep.EditAsync(ids[0], draft => draft with { Subject = "Ours" });
        BeforeWrite(world, () => world.Org.Reassign(id, world.Org.Sam.Id, world.Org.Adam.Id));
        await rep.RunAsync();

        Assert.Equal(Removal.Reassigned, (await rep.TaskAsync(ids[0])).Removal);
        Assert.Equal(0, await rep.WaitingAsync());
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Fact]
    public async Task S5_when_the_answer_is_lost_every_write_of_the_call_is_looked_up_and_none_is_doubled()
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, ids) = await PairsAsync(world, 4);
        await rep.EditAsync(ids[0], draft => draft with { Subject = "edited" });
        await world.Tasks.DeleteAsync(rep.Id, [ids[1]], Token);
        await rep.CreateAsync("new 1");
        await rep.CreateAsync("new 2");
        var rule = world.Org.Faults.Add(new FaultRule { Kind = FaultKind.DropAfterCommit, Resource = "/composite" });
        world.Time.Advance(TimeSpan.FromSeconds(6));
        await rep.RunAsync();
        Assert.Equal((1, 4), (rule.Fired, await rep.WaitingAsync()));
        await rep.SettleAsync();

        Assert.Equal(["edited", "new 1", "new 2", "task 2", "task 3"], rep.Remote().Select(t => t.Subject!).Order());
        Assert.Equal(6, world.Org.Tasks(includeDeleted: true).Count);
        Assert.Equal(["edited", "new 1", "new 2", "task 2", "task 3"], await rep.SubjectsAsync());
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Fact]
    public async Task S9_a_record_for_which_Salesforce_refuses_the_whole_request_is_found_by_halving()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        for (var i = 0; i < 7; i++)
        {
            await rep.CreateAsync(i == 4 ? "poison" : $"task {i}");
        }

        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = "JSON_PARSER_ERROR", Message = "Unexpected character.", Resource = "/composite*", BodyContains = "poison", Times = 0 });
        await rep.RunAsync();

        Assert.Equal(6, rep.Remote().Count);
        Assert.Equal(("JSON_PARSER_ERROR", "Unexpected character."), Assert.Single((await rep.ProblemsAsync()).Select(p => (p.Code, p.Message))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S9_a_refusal_that_no_row_can_cause_leaves_every_task_waiting_until_it_is_over(bool useComposite)
    {
        await using var world = await SyncWorld.StartAsync(settings: new() { ["Sync:UseComposite"] = useComposite.ToString() });
        var rep = await world.SyncedRepAsync();
        await CreateAsync(rep, 6);
        var retired = Refuse(world, "UNSUPPORTED_API_VERSION", 410, times: 0);
        await rep.RunAsync();
        Assert.Equal(1, retired.Fired);
        await rep.SettleAsync();

        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(6, await rep.WaitingAsync());
        Assert.Contains("version of its API", (await world.ReadAsync(db => db.Connections.SingleAsync(c => c.Id == rep.ConnectionId, Token))).BackOffReason, StringComparison.Ordinal);
        Assert.InRange(retired.Fired, 2, 10);

        world.Org.Faults.Remove(retired.Id);
        await rep.SettleAsync();
        Assert.Equal((6, 0), (rep.Remote().Count, await rep.WaitingAsync()));
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 2)]
    public async Task S9_an_unknown_refusal_of_every_call_costs_one_probe_a_round(bool useComposite, int calls)
    {
        await using var world = await SyncWorld.StartAsync(settings: new() { ["Sync:UseComposite"] = useComposite.ToString() });
        var rep = await world.SyncedRepAsync();
        await CreateAsync(rep, 6);
        var refusal = Refuse(world, "BRAND_NEW_CODE", 400, times: 0, resource: "/composite*");
        await rep.RunAsync();
        Assert.Equal(calls, refusal.Fired);
        await rep.SettleAsync();
        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal(6, await rep.WaitingAsync());

        world.Org.Faults.Remove(refusal.Id);
        await rep.SettleAsync();
        Assert.Equal((6, 0), (rep.Remote().Count, await rep.WaitingAsync()));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(0, 1)]
    [InlineData(6)]
    public async Task S9_rows_for_which_Salesforce_refuses_the_request_by_an_unknown_code_are_found(params int[] bad)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        await CreateAsync(rep, 7, i => bad.Contains(i) ? "poison" : $"task {i}");
        Refuse(world, "BRAND_NEW_CODE", 400, times: 0, resource: "/composite*", body: "poison");
        await rep.SettleAsync();

        Assert.Equal(7 - bad.Length, rep.Remote().Count);
        var problems = await rep.ProblemsAsync();
        Assert.Equal(bad.Length, problems.Count);
        Assert.All(problems, problem => Assert.Equal(("BRAND_NEW_CODE", "As Salesforce says it."), (problem.Code, problem.Message)));
    }

    [Fact]
    public async Task S9_one_task_refused_alone_by_an_unknown_code_becomes_a_problem_the_third_time()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        await rep.CreateAsync("poison");
        Refuse(world, "BRAND_NEW_CODE", 400, times: 0, resource: "/composite*", body: "poison");
        for (var i = 0; i < 3; i++)
        {
            Assert.Empty(await rep.ProblemsAsync());
            await rep.RunAsync();
            world.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal("BRAND_NEW_CODE", Assert.Single(await rep.ProblemsAsync()).Code);
    }

    [Fact]
    public async Task An_organization_that_refuses_Composite_requests_gets_plain_Collections()
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Status = 404, Code = "NOT_FOUND", Message = "The requested resource does not exist", Resource = "/composite", Times = 0 });
        await rep.CreateAsync("Call Ana");
        await rep.RunAsync();
        Assert.Single(rep.Remote());
        Assert.Equal(0, await rep.WaitingAsync());
    }

    [Theory]
    [InlineData(400, """[{"errorCode":"PROCESSING_HALTED","message":"rolled back"}]""", false)]
    [InlineData(403, """[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"ConcurrentRequests Limit exceeded."}]""", false)]
    [InlineData(401, """[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]""", false)]
    [InlineData(500, """[{"errorCode":"UNKNOWN_EXCEPTION","message":"m"}]""", true)]
    [InlineData(200, """{"not":"what was promised"}""", true)]
    [InlineData(200, "[]", true)]
    public async Task S5_a_part_that_fails_as_a_whole_is_sent_again_or_looked_up_first(int status, string body, bool isUnknown)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.HostileAnswer,
            Resource = "/composite",
            Status = 200,
            Body = $$"""{"compositeResponse":[{"body":{{body}},"httpHeaders":{},"httpStatusCode":{{status}},"referenceId":"r0"}]}""",
        });
        await rep.CreateAsync("Call Ana");
        await rep.RunAsync();
        var pending = Assert.Single(await world.ReadAsync(db => Task.FromResult(db.PendingWrites.Include(p => p.Link).ToList())));
        Assert.Equal((isUnknown, (Guid?)null), (pending.Link!.AttemptsJson is not null, pending.ProblemId));
        await rep.SettleAsync();

        Assert.Equal("Call Ana", Assert.Single(world.Org.Tasks(includeDeleted: true)).Subject);
        Assert.Equal(0, await rep.WaitingAsync());
        Assert.Empty(await rep.ProblemsAsync());
    }

    [Theory]
    [InlineData("""{"compositeResponse":[]}""")]
    [InlineData("""{"compositeResponse":[{"body":[],"httpStatusCode":200,"referenceId":"another"}]}""")]
    [InlineData("""{}""")]
    public async Task S5_an_answer_without_one_of_its_parts_says_nothing_of_any_row(string body)
    {
        await using var world = await SyncWorld.StartAsync();
        var rep = await world.SyncedRepAsync();
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.HostileAnswer, Resource = "/composite", Status = 200, Body = body });
        await rep.CreateAsync("Call Ana");
        await rep.RunAsync();
        Assert.NotNull(Assert.Single(await world.ReadAsync(db => Task.FromResult(db.Links.ToList()))).AttemptsJson);
        await rep.SettleAsync();
        Assert.Single(world.Org.Tasks(includeDeleted: true));
    }

    [Fact]
    public async Task Tasks_of_one_record_go_together_so_that_requests_do_not_wait_for_each_others_locks()
    {
        await using var world = await SyncWorld.StartAsync();
        var accounts = Enumerable.Range(0, 3).Select(i => world.Org.CreateRecord("Account", new FieldValues { ["Name"] = $"Account {i}" })).ToList();
        var rep = await world.RepAsync();
        for (var i = 0; i < 30; i++)
        {
            world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = $"task {i}", ["WhatId"] = accounts[i % 3] });
        }

        await rep.SaveAsync(true);
        await rep.RunAsync();
        List<string> sent = [];
        BeforeWrite(world, body => sent = [.. JsonElement.Parse(body).GetProperty("compositeRequest")[1].GetProperty("body").GetProperty("records").EnumerateArray()
            .Select(record => world.Org.FindTask(record.GetProperty("Id").GetString()!)!.WhatId!)]);
        await world.Tasks.RescheduleAsync(rep.Id, [.. (await rep.ListAsync()).Select(t => t.Id)], world.Today.AddDays(3), Token);
        await rep.RunAsync();

        Assert.Equal(30, sent.Count);
        Assert.Equal(3, sent.Where((account, i) => i == 0 || sent[i - 1] != account).Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S9_refusals_are_counted_apart_from_outages(bool isOfWholeCall)
    {
        await using var world = await SyncWorld.StartAsync();
        var (rep, ids) = await PairsAsync(world, 1);
        await rep.EditAsync(ids[0], draft => draft with { Subject = "Ours" });
        world.Org.Faults.Add(new FaultRule { Kind = FaultKind.ServerTooBusy, Resource = "/composite/sobjects", Times = 2 });
        world.Org.Faults.Add(isOfWholeCall
            ? new FaultRule { Kind = FaultKind.Error, Code = "BRAND_NEW_CODE", Resource = "/composite/sobjects", Skip = 2, Times = 2 }
            : new FaultRule { Kind = FaultKind.Error, Code = ErrorCodes.EntityIsDeleted, RecordContains = rep.Remote()[0].Id, Method = "PATCH", Resource = "/composite/sobjects" });

        await rep.SettleAsync();

        Assert.Empty(await rep.ProblemsAsync());
        Assert.Equal("Ours", rep.Remote()[0].Subject);
    }

    [Fact]
    public async Task S10_a_deletion_whose_call_was_refused_late_is_not_sent_from_the_read_before()
    {
        await using var world = await SyncWorld.StartAsync(withReader: false);
        var (rep, ids) = await PairsAsync(world, 1);
        var remote = rep.Remote()[0].Id;
        await rep.DeleteAsync(ids[0]);
        var isRefused = false;
        world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.Error,
            Code = "BRAND_NEW_CODE",
            Resource = "/composite/sobjects",
            When = _ =>
            {
                if (!isRefused)
                {
                    // Salesforce takes its time, and meanwhile somebody edits the task: the newer edit wins (S4).
                    world.Time.Advance(TimeSpan.FromSeconds(6));
                    world.Org.UpdateTask(remote, new FieldValues { ["Description"] = "still needed" }, world.Org.Adam.Id);
                }

                return isRefused = true;
            },
        });

        await rep.SyncAsync();
        await rep.SettleAsync();

        Assert.True(isRefused);
        Assert.False(world.Org.FindTask(remote)!.IsDeleted);
        Assert.Equal("still needed", Assert.Single(await rep.ListAsync()).Details);
    }

    private static async Task<(SyncWorld.Rep Rep, List<Guid> Ids)> PairsAsync(SyncWorld world, int count)
    {
        var rep = await world.RepAsync();
        var earlier = world.Org.Now - TimeSpan.FromHours(1);
        for (var i = 0; i < count; i++)
        {
            world.Org.CreateTask(rep.User.Id, new FieldValues { ["Subject"] = $"task {i}" }, new AuditStamps(earlier, earlier, earlier));
        }

        await rep.SaveAsync(true);
        await rep.RunAsync();
        return (rep, [.. (await rep.ListAsync()).Select(t => t.Id)]);
    }

    private static void BeforeWrite(SyncWorld world, Action act, int skip = 0) => BeforeWrite(world, _ => act(), skip);

    /// <summary>Does something in Salesforce when the Composite request has arrived and nothing of it is done yet.</summary>
    private static FaultRule Refuse(SyncWorld world, string code, int status, int times, string? resource = null, string? body = null) => world.Org.Faults.Add(new FaultRule
    {
        Kind = FaultKind.Error,
        Code = code,
        Status = status,
        Message = "As Salesforce says it.",
        Times = times,
        Resource = resource,
        BodyContains = body,
        When = target => !target.Path.Contains("/oauth2/", StringComparison.Ordinal),
    });

    private static async Task CreateAsync(SyncWorld.Rep rep, int count, Func<int, string>? subject = null)
    {
        for (var i = 0; i < count; i++)
        {
            await rep.CreateAsync(subject?.Invoke(i) ?? $"task {i}");
        }
    }

    private static void BeforeWrite(SyncWorld world, Action<string> act, int skip = 0)
    {
        var seen = 0;
        world.Org.Faults.Add(new FaultRule
        {
            Kind = FaultKind.DelayRequest,
            Delay = TimeSpan.Zero,
            Resource = "/composite/sobjects",
            When = target =>
            {
                if (seen++ != skip)
                {
                    return false;
                }

                act(target.Body);
                return true;
            },
        });
    }
}
