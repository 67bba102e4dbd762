using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Crash;
using TaskSync.Tests.Support;
using TaskSync.Tests.Web;

namespace TaskSync.Tests.Instances;

/// <summary>Several processes of the app on one PostgreSQL.</summary>
public sealed class SeveralInstancesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_that_start_together_on_an_empty_database_share_the_shards_and_one_takes_them_all_over()
    {
        await using var fleet = await Fleet.StartAsync();
        var both = await Task.WhenAll(fleet.StartInstanceAsync(), fleet.StartInstanceAsync());
        await using var first = both[0];
        await using var second = both[1];
        await fleet.StartPagesAsync();
        for (var i = 0; i < 24; i++)
        {
            await fleet.AddRepAsync($"Number{i}");
        }

        // Half each at most.
        await Until.TrueAsync(async () => await fleet.HoldersAsync() is { Count: 2 } holders && holders.Values.All(shards => shards <= 4) && holders.Values.Sum() == await fleet.ShardsAsync(), Fleet.Patience);
        await Until.TrueAsync(() => fleet.ReadAsync(async db => await db.InitialSyncs.CountAsync(s => s.State == InitialSyncState.Done, Token) == 24), Fleet.Patience);

        first.Kill();

        await Until.TrueAsync(async () => await fleet.HoldersAsync() is { Count: 1 } holders && holders.Values.Sum() == await fleet.ShardsAsync(), Fleet.Patience);
    }

    [Fact]
    public async Task What_is_done_on_one_instance_is_seen_on_another_and_one_without_engine_has_its_edits_sent()
    {
        await using var fleet = await Fleet.StartAsync();

        // Nothing happens by itself for an hour: what arrives was rung for.
        (string, string)[] idle = [("Sync__PollInterval", "01:00:00"), ("Sync__IdlePollInterval", "01:00:00")];
        await using var engine = await fleet.StartInstanceAsync(null, idle);
        await fleet.StartPagesAsync();
        var (person, user) = await fleet.AddRepAsync("Number1");
        await Until.TrueAsync(() => fleet.ReadAsync(db => db.InitialSyncs.AnyAsync(s => s.State == InitialSyncState.Done, Token)), Fleet.Patience);
        var changes = 0;
        using var page = fleet.Get<ChangeFeed>().Subscribe(person, () => Interlocked.Increment(ref changes));

        await fleet.Get<TaskService>().CreateAsync(person, new TaskDraft { Subject = "made on a page" }, Token);
        await Until.TrueAsync(() => fleet.Org.Tasks(user.Id).Count == 1);

        // The engine on the other instance said that it was sent.
        await Until.TrueAsync(() => Volatile.Read(ref changes) > 1);

        // A page that opens here is read for there.
        fleet.Org.CreateTask(user.Id, new FieldValues { ["Subject"] = "made in Salesforce" });
        using var visit = fleet.Get<Presence>().Enter(person);
        await Until.TrueAsync(() => fleet.ReadAsync(db => db.Tasks.AnyAsync(t => t.Subject == "made in Salesforce", Token)));
    }

    [Fact]
    public async Task SE10_a_sign_in_a_form_and_a_way_back_from_Salesforce_work_whichever_instance_answers()
    {
        await using var fleet = await Fleet.StartAsync();
        (string, string)[] address = [("Web__PublicUrl", "http://tasks.acme.example")];
        await using var first = await fleet.StartInstanceAsync(null, address);
        await using var second = await fleet.StartInstanceAsync(null, address);
        var cookies = new CookieContainer();
        using var one = Browser(first, cookies);
        using var other = Browser(second, cookies);

        // The form comes from one, and is sent to the other.
        using var signIn = await WebApp.FormAsync(one, new() { ["person"] = "rita" });
        Assert.Equal(HttpStatusCode.Redirect, (await other.PostAsync("/sign-in/demo", signIn, Token)).StatusCode);
        var begun = await WebApp.PostAsync(one, "/salesforce/connect");
        using var allow = new FormUrlEncodedContent(QueryHelpers.ParseQuery(begun.Headers.Location!.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString())
            .Append(new("user", fleet.Org.Rita.Id)).Append(new("decision", "allow")));
        using var salesforce = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        var callback = (await salesforce.PostAsync(begun.Headers.Location!.GetLeftPart(UriPartial.Path), allow, Token)).Headers.Location!.PathAndQuery;

        Assert.Equal("/settings?connect=ok", (await other.GetAsync(callback, Token)).Headers.Location!.ToString());

        // Answered once, on each of them.
        Assert.Equal("/settings?connect=stale", (await one.GetAsync(callback, Token)).Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, (await one.GetAsync("/settings", Token)).StatusCode);
    }

    [Fact]
    public async Task One_that_is_ended_gives_its_shards_up_and_says_goodbye()
    {
        await using var fleet = await Fleet.StartAsync();
        await using var first = await fleet.StartInstanceAsync();
        await fleet.StartPagesAsync();
        for (var i = 0; i < 8; i++)
        {
            await fleet.AddRepAsync($"Number{i}");
        }

        await Until.TrueAsync(async () => await fleet.HoldersAsync() is { Count: 1 }, Fleet.Patience);
        await using var second = await fleet.StartInstanceAsync();
        await Until.TrueAsync(async () => await fleet.HoldersAsync() is { Count: 2 }, Fleet.Patience);

        Assert.Equal(0, await first.EndAsync());

        Assert.Equal(1, await fleet.ReadAsync(db => db.Instances.CountAsync(i => i.RunsEngine, Token)));
        await Until.TrueAsync(async () => await fleet.HoldersAsync() is { Count: 1 } holders && holders.Values.Sum() == await fleet.ShardsAsync(), Fleet.Patience);
    }

    [Fact]
    public async Task One_with_another_number_of_shards_does_not_start_beside_the_others()
    {
        await using var fleet = await Fleet.StartAsync();
        await using var first = await fleet.StartInstanceAsync();

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => fleet.StartInstanceAsync(null, ("Sync__Shards", "16")));
        Assert.Contains("Another TaskSync runs on this database with Sync:Shards = 8, and here it is 16.", refusal.Message, StringComparison.Ordinal);

        await first.EndAsync();
        await using var other = await fleet.StartInstanceAsync(null, ("Sync__Shards", "16"));
    }

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task A_hundred_times_two_start_at_the_same_moment_on_an_empty_database()
    {
        for (var i = 0; i < 100; i++)
        {
            await using var fleet = await Fleet.StartAsync();
            var both = await Task.WhenAll(fleet.StartInstanceAsync(), fleet.StartInstanceAsync());
            await using var first = both[0];
            await using var second = both[1];
            using var client = new HttpClient();
            foreach (var app in both)
            {
                await Until.TrueAsync(async () => (await client.GetAsync(new Uri(app.Address, "/health/ready"), Token)).IsSuccessStatusCode, Fleet.Patience);
            }

            Assert.Equal(1, await fleet.ReadAsync(db => db.DataProtectionKeys.CountAsync(Token)));
        }
    }

    /// <summary>Figures for docs/runs, not asserted: how soon an edit on an instance without engine is in Salesforce, and how soon its page hears of it.</summary>
    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task How_soon_an_edit_without_engine_arrives()
    {
        await using var fleet = await Fleet.StartAsync();
        await using var engine = await fleet.StartInstanceAsync();
        await using var other = await fleet.StartInstanceAsync();
        await fleet.StartPagesAsync();
        var (person, user) = await fleet.AddRepAsync("Number1");
        await Until.TrueAsync(() => fleet.ReadAsync(db => db.InitialSyncs.AnyAsync(s => s.State == InitialSyncState.Done, Token)), Fleet.Patience);
        List<double> sent = [], heard = [];
        for (var i = 0; i < 100; i++)
        {
            var told = new TaskCompletionSource<TimeSpan>();
            var begun = WallClock.Time.GetTimestamp();
            await fleet.Get<TaskService>().CreateAsync(person, new TaskDraft { Subject = $"edit {i}" }, Token);
            using var page = fleet.Get<ChangeFeed>().Subscribe(person, () => told.TrySetResult(WallClock.Time.GetElapsedTime(begun)));
            await Until.TrueAsync(() => fleet.Org.Tasks(user.Id).Count == i + 1);
            sent.Add(WallClock.Time.GetElapsedTime(begun).TotalMilliseconds);
            heard.Add((await told.Task - TimeSpan.FromMilliseconds(sent[^1])).TotalMilliseconds);
        }

        foreach (var (what, times) in new[] { ("in Salesforce", sent), ("its page knows after that", heard) })
        {
            times.Sort();
            TestContext.Current.SendDiagnosticMessage($"{what}: median {times[50]:F0} ms, 95th {times[94]:F0} ms, longest {times[99]:F0} ms");
        }
    }

    private static HttpClient Browser(AppProcess app, CookieContainer cookies) => new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = app.Address };
}
