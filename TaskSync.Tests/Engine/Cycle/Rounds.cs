using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Engine.Cycle;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Engine.Cycle;

/// <summary>What a cycle of the engine has to do.</summary>
public enum Work
{
    /// <summary>A first sync in pages.</summary>
    FirstSync,

    /// <summary>Something created, edited and deleted on both sides.</summary>
    Changes,

    /// <summary>The same, long enough after the last sweep.</summary>
    Sweep,

    /// <summary>The same, after sync was off.</summary>
    CatchUp,

    /// <summary>A deleted task that somebody restored here.</summary>
    Undelete,
}

/// <summary>One kind of work again and again, so that something can go wrong at another position each time.</summary>
internal sealed class Rounds : IAsyncDisposable
{
    private readonly Work _work;
    private readonly Dictionary<string, string?> _expected = [];
    private readonly Dictionary<string, Guid> _here = [];
    private readonly Dictionary<string, string> _there = [];
    private int _round;

    private Rounds(SyncWorld world, Work work, FailingDatabase database) => (World, _work, Database) = (world, work, database);

    public SyncWorld World { get; }

    public FailingDatabase Database { get; }

    public SyncWorld.Rep Rep { get; private set; } = null!;

    /// <summary>Called before each request.</summary>
    public Func<Task>? BeforeRequest { get; set; }

    /// <summary>The engine runs the rep's whole shard, as its job does, instead of the rep's connection alone.</summary>
    public bool RunsShard { get; init; }

    public int Shard => Shards.Of(Rep.ConnectionId, Shards.Usual);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Rounds Start(Work work, bool useComposite, bool runsShard = false)
    {
        var database = new FailingDatabase();
        Rounds? rounds = null;
        var world = SyncWorld.StartInProcess(
            org =>
            {
                // Each way of recognising a create whose answer was not recorded.
                org.HasKeyField = useComposite;
                org.MaxPageSize = 3;
            },
            new() { ["Sync:UseComposite"] = useComposite.ToString() },
            new TestDatabase(database),
            org => new Doorman(org, () => rounds!.BeforeRequest?.Invoke() ?? Task.CompletedTask));
        return rounds = new Rounds(world, work, database) { RunsShard = runsShard };
    }

    /// <summary>People do their part of the next round; the engine has not seen it yet.</summary>
    public async Task PrepareAsync()
    {
        _round++;
        if (_work == Work.FirstSync || Rep is null)
        {
            await BeginAsync();
        }

        switch (_work)
        {
            case Work.FirstSync:
                Assert.Null((await World.Get<SyncSwitch>().TurnOnAsync(Rep!.Id, ImportWindow.Last24Hours, Token)).Reason);
                return;
            case Work.Undelete:
                var id = await Rep!.CreateAsync($"u{_round}");
                await Rep.SyncAsync();
                await Rep.DeleteAsync(id);
                await Rep.SyncAsync();
                await Rep.RestoreAsync(id);
                _expected[$"u{_round}"] = null;
                break;
            case Work.CatchUp:
                await Rep!.SaveAsync(false);
                await ChangeAsync(createHere: false);
                World.Time.Advance(TimeSpan.FromHours(1));
                await Rep.SaveAsync(true);
                break;
            default:
                // Not so many deletions in an hour that the delete brake would ask (S10).
                World.Time.Advance(TimeSpan.FromMinutes(7));
                await ChangeAsync(createHere: true);
                break;
        }

        World.Time.Advance(_work == Work.Sweep ? TimeSpan.FromMinutes(16) : TimeSpan.FromSeconds(6));
    }

    /// <summary>The engine does what is due.</summary>
    public Task<DateTimeOffset?> RunAsync()
    {
        World.Get<SyncDoorbell>().Ring(Rep.ConnectionId, readChanges: true);
        return RunsShard ? World.Get<SyncEngine>().RunShardAsync(Shard, Token) : Rep.RunAsync();
    }

    /// <summary>Time passes until nothing waits; then both sides are what people made them.</summary>
    public async Task CheckAsync(string what)
    {
        for (var minute = 0; minute == 0 || (minute < 30 && !await IsQuietAsync()); minute++)
        {
            World.Time.Advance(TimeSpan.FromMinutes(1));
            await RunAsync();
        }

        var here = await Rep.ListAsync();
        Assert.True(await IsQuietAsync(), $"{what}: it does not come to rest.");
        Assert.Empty(await Rep.ProblemsAsync());
        Assert.True(Lines(_expected.Select(t => (t.Key, t.Value))) == Lines(here.Select(t => (t.Subject!, t.Details))), $"{what}, here: {Lines(here.Select(t => (t.Subject!, t.Details)))}");
        Assert.True(Lines(_expected.Select(t => (t.Key, t.Value))) == Lines(Rep.Remote().Select(t => (t.Subject!, t.Description))), $"{what}, there: {Lines(Rep.Remote().Select(t => (t.Subject!, t.Description)))}");
        Assert.All(here, task => Assert.Equal(LinkState.Open, task.Link!.State));
    }

    public ValueTask DisposeAsync() => World.DisposeAsync();

    private static string Lines(IEnumerable<(string Subject, string? Details)> tasks) => string.Join(", ", tasks.Select(t => $"{t.Subject}={t.Details}").Order(StringComparer.Ordinal));

    private async Task<bool> IsQuietAsync() => await Rep.WaitingAsync() == 0
        && await World.ReadAsync(async db => !await db.InitialSyncs.AnyAsync(i => i.ConnectionId == Rep.ConnectionId && i.State == InitialSyncState.Running, Token));

    /// <summary>Somebody new, with a few tasks in Salesforce.</summary>
    private async Task BeginAsync()
    {
        _expected.Clear();
        var user = World.Org.AddUser("Rep", $"{_round}");
        for (var i = 0; i < 5; i++)
        {
            World.Org.CreateTask(user.Id, new FieldValues { ["Subject"] = $"r{i}", ["ActivityDate"] = i == 4 ? null : World.Today.AddDays(i - 1) });
            _expected[$"r{i}"] = null;
        }

        Rep = _work == Work.FirstSync ? await World.RepAsync(user, $"Rep {_round}") : await World.SyncedRepAsync(user, $"Rep {_round}");
    }

    /// <summary>On each side one task is created, the last one edited, and the one before deleted.</summary>
    private async Task ChangeAsync(bool createHere)
    {
        if (createHere)
        {
            _here[$"n{_round}"] = await Rep.CreateAsync($"n{_round}");
            _expected[$"n{_round}"] = null;
        }

        _there[$"t{_round}"] = World.Org.CreateTask(Rep.User.Id, new FieldValues { ["Subject"] = $"t{_round}" }).Id;
        _expected[$"t{_round}"] = null;
        if (_here.TryGetValue($"n{_round - 1}", out var edited))
        {
            await Rep.EditAsync(edited, draft => draft with { Details = "edited here" });
            _expected[$"n{_round - 1}"] = "edited here";
        }

        if (_there.TryGetValue($"t{_round - 1}", out var changed))
        {
            World.Org.UpdateTask(changed, new FieldValues { ["Description"] = "edited there" });
            _expected[$"t{_round - 1}"] = "edited there";
        }

        if (_here.Remove($"n{_round - 2}", out var removed))
        {
            await Rep.DeleteAsync(removed);
            _expected.Remove($"n{_round - 2}");
        }

        if (_there.Remove($"t{_round - 2}", out var deleted))
        {
            World.Org.DeleteTask(deleted);
            _expected.Remove($"t{_round - 2}");
        }
    }

    private sealed class Doorman(HttpMessageHandler org, Func<Task> beforeRequest) : DelegatingHandler(org)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await beforeRequest();
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
