using Microsoft.EntityFrameworkCore;
using TaskSync.Simulator;
using TaskSync.Sync.Model;
using TaskSync.Tests.Engine;

namespace TaskSync.Tests.Crash;

/// <summary>How the engine dies.</summary>
public enum Deaths
{
    /// <summary>Inside the test, at every boundary.</summary>
    Frozen,

    /// <summary>Inside the test it stops at every boundary of a cycle, for so long that another instance takes over, and then goes on where it was.</summary>
    Stopped,

    /// <summary>A real process by SIGKILL, where something is half done.</summary>
    KilledHalfWay,

    /// <summary>A real process by SIGKILL, at every boundary.</summary>
    KilledEverywhere,
}

/// <summary>One rep whose engine dies again and again. The org lives in the test, so it sees everything that happened.</summary>
internal sealed class CrashScene : IAsyncDisposable
{
    /// <summary>How long a restart takes by the clock of both sides: the deadline of an attempt has passed.</summary>
    private static readonly TimeSpan Restart = TimeSpan.FromSeconds(45);

    private readonly string _boundaries = Path.Combine(Path.GetTempPath(), $"tasksync-boundaries-{Guid.NewGuid():N}.txt");
    private readonly HashSet<string> _known = [];
    private readonly Deaths _deaths;
    private readonly List<StoppedEngine> _stopped = [];
    private IMortalEngine? _engine;

    private CrashScene(SyncWorld world, SyncWorld.Rep rep, Deaths deaths) => (World, Rep, _deaths) = (world, rep, deaths);

    public SyncWorld World { get; }

    public SyncWorld.Rep Rep { get; }

    public SimulatedOrg Org => World.Org;

    public int Kills { get; private set; }

    /// <summary>Where it died, in order.</summary>
    public IReadOnlyList<string> Boundaries => _deaths is Deaths.Frozen or Deaths.Stopped ? [.. _known] : File.Exists(_boundaries) ? File.ReadAllLines(_boundaries) : [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<CrashScene> StartAsync(bool hasKeyField, Deaths deaths)
    {
        var world = await SyncWorld.StartAsync(
            o =>
            {
                o.HasKeyField = hasKeyField;
                o.MaxPageSize = 3;
            },
            keys: new PlainProtection());
        return new CrashScene(world, await world.RepAsync(), deaths);
    }

    /// <summary>Has the process do it, starting it again as often as it dies. What was not acknowledged is done again, as a person would.</summary>
    public async Task<string> DoAsync(string verb, params string[] words)
    {
        while (true)
        {
            _engine ??= Start();
            if (await _engine.DoAsync(World.Time.GetUtcNow(), [verb, .. words]) is { } answer)
            {
                await LetGoOnAsync();
                return answer;
            }

            Kills++;
            if (_engine is StoppedEngine stopped)
            {
                _stopped.Add(stopped);
            }
            else
            {
                await _engine.DisposeAsync();
            }

            _engine = null;
            World.Time.Advance(Restart);
            if (verb == "create" && await FindAsync(words[0]) is { } id)
            {
                // It had been stored, only the page did not learn of it: the person sees it in the list.
                return id.ToString();
            }
        }
    }

    private IMortalEngine Start()
    {
        var settings = new WorkerSettings(World.Database.Path, World.Simulator.BaseAddress.ToString().TrimEnd('/'), _boundaries, _deaths == Deaths.KilledEverywhere, Rep.Id, Rep.ConnectionId);
        return _deaths switch
        {
            Deaths.Frozen => new FrozenEngine(settings, _known),
            Deaths.Stopped => new StoppedEngine(settings, _known),
            _ => EngineProcess.Start(settings),
        };
    }

    /// <summary>Those that were stopped wake up and do what they were about to do, in a world that has gone on.</summary>
    private async Task LetGoOnAsync()
    {
        foreach (var stopped in _stopped)
        {
            await stopped.GoOnAsync(World.Time.GetUtcNow());
            await stopped.DisposeAsync();
        }

        _stopped.Clear();
    }

    /// <summary>Time passes until nothing is waiting.</summary>
    public async Task SettleAsync()
    {
        for (var minute = 0; minute < 60; minute++)
        {
            World.Time.Advance(TimeSpan.FromSeconds(6));
            await DoAsync("sync");
            if (await World.ReadAsync(async db => !await db.PendingWrites.AnyAsync(p => p.ProblemId == null, Token) && !await db.InitialSyncs.AnyAsync(i => i.State == InitialSyncState.Running, Token)))
            {
                return;
            }

            World.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Fail("It does not come to rest:\n" + string.Join('\n', Boundaries));
    }

    /// <summary>The rep's task of that subject, removed ones included.</summary>
    public async Task<Guid?> FindAsync(string subject) =>
        await World.ReadAsync(db => db.Tasks.Where(t => t.Subject == subject).Select(t => (Guid?)t.Id).SingleOrDefaultAsync(Token));

    public async Task<string> IdAsync(string subject) => (await FindAsync(subject) ?? throw new InvalidOperationException($"There is no {subject}.")).ToString();

    /// <summary>Both sides show these tasks, once each and field for field, and nothing is left open.</summary>
    public async Task EqualAsync(params string[] subjects)
    {
        var here = await Rep.ListAsync();
        var there = Rep.Remote().ToDictionary(t => t.Id);
        Assert.Equal(subjects.Order(StringComparer.Ordinal), here.Select(t => t.Subject).Order(StringComparer.Ordinal));
        Assert.Equal(subjects.Order(StringComparer.Ordinal), there.Values.Select(t => t.Subject).Order(StringComparer.Ordinal));
        foreach (var task in here)
        {
            var row = there[task.Link!.SalesforceId!];
            Assert.Equal((row.Subject, row.ActivityDate, row.Status, row.Priority, row.Description), (task.Subject, task.DueDate, task.Status, task.Priority, task.Details));
            Assert.True(task.Values.Equals(task.Link.Base), $"The base of {task.Subject} is {task.Link.BaseJson}.");
        }

        Assert.All(Org.Tasks(includeDeleted: true).Where(t => t.Key is not null).GroupBy(t => t.Key), same => Assert.Single(same));
        Assert.Equal(0, await Rep.WaitingAsync());
        Assert.Empty(await Rep.ProblemsAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        await World.DisposeAsync();
        File.Delete(_boundaries);
    }
}
