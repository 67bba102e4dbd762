using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Simulator;

/// <summary>Things that go wrong over several calls: tokens, instances, pages, dice.</summary>
public sealed class TroubleTests : SimulatorTest
{
    private Task<ApiAnswer> Refresh(string token) => ApiCaller.PostForm(new Uri(Host.BaseAddress, "/services/oauth2/token"),
        ("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "TaskSync.Demo"));

    [Fact]
    public async Task A_revoked_grant_cannot_be_refreshed()
    {
        var token = Org.IssueToken(Org.Rita.Id).RefreshToken!;
        Org.RevokeGrants(Org.Rita.Id);
        var answer = await Refresh(token);
        Assert.Equal((400, "invalid_grant", "expired access/refresh token"), (answer.Status, answer["error"], answer["error_description"]));
    }

    [Fact]
    public async Task A_rotation_whose_answer_is_lost_leaves_the_client_without_a_good_token()
    {
        Org.Options.RefreshTokenRotation = true;
        var token = Org.IssueToken(Org.Rita.Id).RefreshToken!;
        Org.Faults.Add(FaultKind.DropAfterCommit, "/oauth2/token");
        await Assert.ThrowsAsync<HttpRequestException>(() => Refresh(token));
        Assert.Equal("invalid_grant", (await Refresh(token))["error"]);
    }

    [Fact]
    public async Task A_busy_token_endpoint_can_be_ordered()
    {
        Org.Faults.Add(FaultKind.TokenRequestBusy, "/oauth2/token");
        var token = Org.IssueToken(Org.Rita.Id).RefreshToken!;
        Assert.Equal("token request is already being processed", (await Refresh(token))["error_description"]);
        Assert.Equal(200, (await Refresh(token)).Status);
    }

    [Fact]
    public async Task After_a_move_the_old_instance_refuses_and_a_refresh_tells_the_new_one()
    {
        var token = Org.IssueToken(Org.Rita.Id);
        Org.MoveInstance("na99");
        (await Rita.Get("limits")).IsRefusedWith(401, "INVALID_SESSION_ID");
        var refreshed = await Refresh(token.RefreshToken!);
        Assert.Equal(new Uri(Host.BaseAddress, "/~na99").AbsoluteUri, refreshed["instance_url"]);
        var caller = new ApiCaller(Host.BaseAddress, refreshed["access_token"]!);
        Assert.Equal(200, (await caller.Get("/~na99/services/data/v66.0/limits")).Status);
        Assert.Equal(Org.Rita.Id, (await caller.Get(new Uri(refreshed["id"]!).AbsolutePath))["user_id"]);
        (await caller.Get("/~na98/services/data/v66.0/limits")).IsRefusedWith(401, "INVALID_SESSION_ID");
    }

    [Theory]
    [InlineData(OldAddress.IsNotReset)]
    [InlineData(OldAddress.Redirects)]
    [InlineData(OldAddress.CutsConnections)]
    public async Task An_address_that_was_left_answers_as_told_and_the_sign_in_goes_on(OldAddress old)
    {
        var token = Org.IssueToken(Org.Rita.Id);
        Assert.Equal(204, (await Rita.Post($"/simulator-control/org/move-instance?name=na99&old={old}")).Status);
        foreach (var path in new[] { "/services/data/v66.0/query?q=SELECT+Id+FROM+Task", "/services/data/", "/services/Soap/u/66.0", "/~na98/services/data/v66.0/limits" })
        {
            if (old == OldAddress.CutsConnections)
            {
                await Assert.ThrowsAsync<HttpRequestException>(() => Rita.Get(path));
                continue;
            }
            var answer = await Rita.Get(path);
            if (old == OldAddress.IsNotReset)
                answer.IsRefusedWith(404, "URL_NOT_RESET");
            else
                Assert.Equal((302, new Uri(Host.BaseAddress, "/~na99" + path.Replace("/~na98", "", StringComparison.Ordinal)).AbsoluteUri), (answer.Status, answer.Headers["Location"]));
        }
        Assert.Equal(0, Org.Calls.Total);
        var refreshed = await Refresh(token.RefreshToken!);
        Assert.Equal(new Uri(Host.BaseAddress, "/~na99").AbsoluteUri, refreshed["instance_url"]);
        Assert.Equal(200, (await new ApiCaller(Host.BaseAddress, refreshed["access_token"]!).Get("/~na99/services/data/v66.0/limits")).Status);
        Org.MoveInstance(null, old);
        Assert.Equal(200, (await Rita.Get("limits")).Status);
    }

    [Fact]
    public async Task A_short_page_is_followed_by_the_rest()
    {
        for (var i = 0; i < 5; i++)
            Org.CreateTask(Org.Rita.Id);
        Org.Faults.Add(new FaultRule { Kind = FaultKind.ShortPage, Item = 2 });
        var first = await Rita.Get("queryAll?q=SELECT+Id+FROM+Task");
        var second = await Rita.Get(first["nextRecordsUrl"]!);
        Assert.Equal((2, 3, "True"), (first.Json.GetProperty("records").GetArrayLength(), second.Json.GetProperty("records").GetArrayLength(), second["done"]));
    }

    [Fact]
    public async Task Hostile_answers_have_status_200_and_come_by_turns()
    {
        Org.Faults.Add(new FaultRule { Kind = FaultKind.HostileJson, Times = HostileJson.All.Count });
        foreach (var expected in HostileJson.All)
        {
            var answer = await Rita.Get("query?q=SELECT+Id+FROM+Task");
            Assert.Equal((200, expected.Length), (answer.Status, answer.Text.Length));
        }
        Assert.Equal(200, (await Rita.Get("query?q=SELECT+Id+FROM+Task")).Status);
    }

    [Fact]
    public async Task An_error_of_ones_own_can_hit_a_call_or_one_record()
    {
        Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Status = 400, Code = "STORAGE_LIMIT_EXCEEDED", Message = "storage limit exceeded" });
        (await Rita.Post("sobjects/Task", new { Subject = "a" })).IsRefusedWith(400, "STORAGE_LIMIT_EXCEEDED");
        Org.Faults.Add(new FaultRule { Kind = FaultKind.Error, Code = "ENTITY_IS_LOCKED", Message = "the entity is locked for editing", Item = 0 });
        var answer = await Rita.Post("composite/sobjects", new { records = new[] { new { attributes = new { type = "Task" } }, new { attributes = new { type = "Task" } } } });
        Assert.Equal([false, true], answer.Json.EnumerateArray().Select(r => r.GetProperty("success").GetBoolean()));
    }

    [Fact]
    public async Task The_same_seed_makes_the_same_faults()
    {
        async Task<List<int>> Run(int seed)
        {
            Org.Faults.UseSeed(seed, 0.4, FaultKind.ServerTooBusy, FaultKind.QueryTimeout, FaultKind.ConcurrentLimit);
            var statuses = new List<int>();
            for (var i = 0; i < 30; i++)
                statuses.Add((await Rita.Get("query?q=SELECT+Id+FROM+Task")).Status);
            return statuses;
        }
        var first = await Run(7);
        Assert.Equal(first, await Run(7));
        Assert.NotEqual(first, await Run(8));
        Assert.Contains(200, first);
        Assert.True(first.Distinct().Count() > 2);
        Assert.Equal(Org.Calls.Recent.Count(call => call.Status >= 400), Org.Faults.Fired.Values.Sum());
        Org.Faults.Clear();
        Assert.Equal(200, (await Rita.Get("limits")).Status);
    }

    [Fact]
    public async Task Dice_and_counts_are_there_by_control_too()
    {
        Assert.Equal(204, (await Rita.Post("/simulator-control/faults/seed?seed=3&rate=1&kinds=ServerTooBusy")).Status);
        (await Rita.Get("limits")).IsRefusedWith(503, "SERVER_UNAVAILABLE");
        Assert.Equal("""{"ServerTooBusy":1}""", (await Rita.Get("/simulator-control/faults/fired")).Text);
        await Rita.Delete("/simulator-control/faults");
        Assert.Equal(200, (await Rita.Get("limits")).Status);
    }

    [Fact]
    public async Task Everything_that_dice_can_roll_leaves_the_org_in_order()
    {
        Org.Faults.UseSeed(1, 0.5);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var clock = KeepTimeMoving(done.Token);
        var (caller, answered) = (Rita, 0);
        for (var i = 0; Org.Faults.Fired.Values.Sum() < 150; i++)
        {
            try
            {
                var answer = await caller.Post("sobjects/Task", new { Subject = $"t{i}" });
                answered += answer.Status == 201 ? 1 : 0;
                if (answer.Status == 401)
                    caller = CallerOf(Org.Rita.Id);
            }
            catch (HttpRequestException)
            {
                // A cut connection is one of the things that happen.
            }
        }
        await done.CancelAsync();
        await clock;
        Assert.True(Org.Faults.Fired.Count > 8, string.Join(",", Org.Faults.Fired.Keys));
        Assert.InRange(Org.Tasks().Count, answered, Org.Calls.RowsCreated);
        Assert.Equal(Org.Calls.RowsCreated, Org.Tasks().Count);
    }

    private async Task KeepTimeMoving(CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            Clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(TimeSpan.FromMilliseconds(1), WallClock.Time, CancellationToken.None);
        }
    }
}
