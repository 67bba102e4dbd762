using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Simulator.Faults;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Simulation;

/// <summary>
/// Reps, Salesforce users, the network, the disk and the clock from one seed: random edits, completions, deletions, restores, reassignments, switch-offs and
/// reconnects on both sides under random faults. After quiet the two sides are equal, and the oracle, which watched every action, has nothing to complain about.
/// </summary>
internal sealed partial class TwoSidedSimulation : IAsyncDisposable
{
    /// <summary>How far into the future a call that hangs can push the clock: the engine gives up after 30 s (Section6).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(31);

    private readonly int _seed;
    private readonly Random _random;
    private readonly PowerSwitch _power = new();
    private readonly SyncWorld _world;
    private readonly Oracle _oracle;
    private readonly List<Player> _players = [];
    private int _tokens;

    public TwoSidedSimulation(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        Wire? wire = null;
        _world = SyncWorld.StartInProcess(Org, Settings(seed), new TestDatabase(_power), org => wire = new Wire(org, _power));
        wire!.BeforeRead = SomebodyActsMeanwhile;
        _oracle = new Oracle(_world);
        if (HasTwoInstances)
        {
            _other = _world.Beside();
            wire.BeforeRequest = OtherInstanceTakesOverAsync;
        }
    }

    /// <summary>What was done, for a failing seed and for the hash.</summary>
    public List<string> Script { get; } = [];

    /// <summary>How often each kind of trouble really happened.</summary>
    public Dictionary<string, int> Troubles { get; } = [];

    /// <summary>A hash of everything that was done and of what came of it: the same for the same seed.</summary>
    public string HistoryHash { get; private set; } = "";

    public async Task RunAsync(int steps)
    {
        await BeginAsync();
        _isTroubled = true;
        for (var step = 0; step < steps; step++)
        {
            Advance(TimeSpan.FromSeconds(_random.Next(5, 60)));
            await ActAsync(Pick(_players));
            AddFault();
            foreach (var player in _players.Where(_ => _random.Next(3) == 0).ToList())
            {
                await SyncAsync(player, readChanges: _random.Next(2) == 0);
            }
        }

        await QuietAsync();
        CountFaults();
        await _oracle.CheckAsync([.. _players.Select(p => p.Rep)]);
        HistoryHash = await HashAsync();
    }

    /// <summary>Where everything stands, for a failing seed.</summary>
    public async Task<string> StateAsync()
    {
        _power.Reset();
        await using var db = _world.Database.CreateDbContext();
        List<string> lines =
        [
            .. (await db.Connections.ToListAsync()).Select(c => $"connection {c.DisplayName}: {c.State} {c.StateReason} back-off {c.BackOffUntil} {c.BackOffReason}"),
            .. (await db.InitialSyncs.ToListAsync()).Select(i => $"initial {i.Kind} {i.State} {i.CatchUp} {i.Import}"),
            .. (await db.Problems.ToListAsync()).Select(p => $"problem {p.State} {p.Code} {p.Message}"),
            .. (await db.Cursors.ToListAsync()).Select(c => $"cursor fast {c.Fast:HH:mm:ss} sweeps {c.SweepUpdated:HH:mm:ss} {c.SweepDeleted:HH:mm:ss} at {c.SweptAt:HH:mm:ss} follows {c.FollowsReader}"),
            .. (await db.Links.Include(l => l.Task).ToListAsync()).Where(l => l.State == LinkState.Open && l.Task!.RemovedAt == null && l.Task.Values.DifferencesFrom(l.Base) != TaskFields.None)
                .Select(l => $"differs {l.Task!.Subject}: details {l.Task.Details}, base {l.BaseJson}, observed {l.ObservedModstamp}, blocked {l.BlockedFields}"),
            .. (await db.PendingWrites.ToListAsync()).Select(p => $"pending due {p.DueAt} failures {p.Failures} problem {p.ProblemId}"),
        ];
        return string.Join('\n', lines);
    }

    public async ValueTask DisposeAsync()
    {
        await (_other?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _world.DisposeAsync();
    }

    /// <summary>Each seed has an org of its own: with or without the key field, small or large pages, a clock that is right or ten minutes off …</summary>
    private void Org(SimulatorOptions options)
    {
        options.HasKeyField = _seed % 3 != 0;
        options.MaxPageSize = _seed % 3 == 1 ? 3 : 2000;
        options.RefreshTokenRotation = _seed % 2 == 0;
        options.QueryAllShowsForeignDeletions = _seed % 4 != 0;
        options.TimeProvider = (_seed % 7) switch
        {
            1 => new SkewedClock(options.TimeProvider, TimeSpan.FromMinutes(10)),
            2 => new SkewedClock(options.TimeProvider, TimeSpan.FromMinutes(-10)),
            _ => options.TimeProvider,
        };
    }

    private static Dictionary<string, string?> Settings(int seed) => new() { ["Sync:UnknownOutcomeWait"] = seed % 11 == 0 ? "00:20:00" : "00:10:00", ["Sync:UseComposite"] = (seed % 2 == 0).ToString() };

    private async Task BeginAsync()
    {
        SimulatedUser[] users = _seed % 3 == 0 ? [_world.Org.Rita, _world.Org.Sam, _world.Org.Nora] : [_world.Org.Rita, _world.Org.Sam];
        foreach (var user in users)
        {
            _players.Add(new Player(await _world.SyncedRepAsync(user, user.Name), user));
        }

        if (_seed % 5 == 3)
        {
            await _world.AddReaderAsync();
        }

        for (var i = 0; i < 3; i++)
        {
            _oracle.Foreign(_world.Org.CreateTask(_world.Org.Integration.Id, new FieldValues { ["Subject"] = $"foreign {i}" }));
        }
    }

    /// <summary>Lets the engine do what is due for one rep. A call that hangs is given up when its time is over; a server without power starts again.</summary>
    private async Task SyncAsync(Player player, bool readChanges)
    {
        if (readChanges)
        {
            _world.Get<SyncDoorbell>().Ring(player.Rep.ConnectionId, readChanges: true);
        }

        var before = (_world.Org.Calls.Total, _world.Org.Calls.RowsWritten);
        PlanPowerTrouble();
        PlanStop(player);
        try
        {
            await GoOnAsync(IsOthersTurn() ? _other!.RunAsync(player.Rep.ConnectionId) : player.Rep.RunAsync());
            if (readChanges && _world.ReaderId is not null)
            {
                // Where an integration user reads for everybody, what it finds comes in now, and what follows from that goes out.
                await GoOnAsync(_world.ReadAllAsync());
                await GoOnAsync(player.Rep.RunAsync());
            }
        }
        catch (IOException) when (_power.IsDead)
        {
            // The process is gone; nobody is there to handle it.
        }

        _stopped = null;
        await AfterPowerTroubleAsync();
        Note($"{player.Name} syncs: {_world.Org.Calls.Total - before.Total} calls, {_world.Org.Calls.RowsWritten - before.RowsWritten} rows");
    }

    /// <summary>Time passes as long as somebody waits for an answer.</summary>
    private async Task GoOnAsync(Task work)
    {
        while (!work.IsCompleted)
        {
            if (!await IsAtTheDatabaseAsync(work))
            {
                Advance(Patience);
            }
        }

        await work;
    }

    /// <summary>Whether the work goes on without time passing: a server's database takes a moment, SQLite answers at once.</summary>
    private async Task<bool> IsAtTheDatabaseAsync(Task work)
    {
        if (TestDatabase.Provider == DatabaseProvider.Sqlite)
        {
            return false;
        }

        var passages = _power.Passages;
        await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(100), WallClock.Time));
        return work.IsCompleted || _power.Passages != passages;
    }

    /// <summary>The faults end, everybody is connected and switches on, and time passes until nothing is due but polls.</summary>
    private async Task QuietAsync()
    {
        Note("quiet");
        EndTrouble();
        foreach (var player in _players)
        {
            await ComeBackAsync(player);
        }

        var aWhile = TimeSpan.FromMinutes(16);
        for (var i = 0; i < 2; i++)
        {
            await RoundAsync(aWhile, retry: true);
        }

        await _oracle.CheckInStepAsync([.. _players.Select(p => p.Rep)], withDetails: !Troubles.ContainsKey("Field hidden"));

        // A night with its audit, which also finds what somebody was given that the rep may not see.
        await RoundAsync(TimeSpan.FromDays(1), retry: true);

        // A further cycle of everybody writes nothing: no write without a cause.
        var written = _world.Org.Calls.RowsWritten;
        await RoundAsync(aWhile, retry: false);
        Assert.Equal(written, _world.Org.Calls.RowsWritten);
    }

    private async Task RoundAsync(TimeSpan after, bool retry)
    {
        Advance(after);
        foreach (var player in _players)
        {
            foreach (var problem in retry ? await player.Rep.ProblemsAsync() : [])
            {
                await _world.Get<MySyncQuery>().RetryAsync(player.Rep.Id, problem.Id, TestContext.Current.CancellationToken);
            }

            await SyncAsync(player, readChanges: true);
        }
    }

    /// <summary>Ids, tokens and keys are random; what was done and what came of it is not.</summary>
    private async Task<string> HashAsync()
    {
        var history = await _world.ReadAsync(db => db.History.AsNoTracking().OrderBy(h => h.At).ThenBy(h => h.Id).ToListAsync());
        var lines = Script
            .Concat(history.Select(h => $"{h.At:O} {h.Side} {h.Kind} {h.Note} {string.Join(';', h.Changes.Select(c => $"{c.Field}:{c.Before}→{c.After}"))}"))
            .Concat(Troubles.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {t.Value}"))
            .Concat(_world.Org.Tasks(includeDeleted: true).Select(t => $"{t.Id} {t.Subject} {t.Status} {t.Description} {t.IsDeleted} {t.SystemModstamp:O}"));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
    }

    private void Advance(TimeSpan by)
    {
        _world.Time.Advance(by);
        CommitLateTransactions();
    }

    private string Token(string what) => $"{what} {++_tokens}";

    private DateOnly? Due() => _random.Next(4) == 0 ? null : _world.Today.AddDays(_random.Next(-3, 10));

    private T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    private void Note(string what) => Script.Add($"{_world.Time.GetUtcNow():HH:mm:ss} {what}");

    private void Happened(string trouble) => Troubles[trouble] = Troubles.GetValueOrDefault(trouble) + 1;

    /// <summary>A rep of the simulation.</summary>
    private sealed class Player(SyncWorld.Rep rep, SimulatedUser self)
    {
        public SyncWorld.Rep Rep => rep;

        /// <summary>The Salesforce user the rep really is.</summary>
        public SimulatedUser Self => self;

        public string Name => self.Name;

        public bool IsOn { get; set; } = true;
    }
}
