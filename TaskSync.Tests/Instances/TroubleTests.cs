using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;
using TaskSync.Tests.Crash;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Instances;

/// <summary>
/// Three processes on one live PostgreSQL, reps who work on both sides all the time, and every few seconds one of the processes is killed, stopped and woken, or cut
/// off from the database.
/// </summary>
public sealed class TroubleTests
{
    /// <summary>Between two things that reps do: the machine is to be busy with the engines, not with them.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Killed_stopped_or_cut_off_instances_lose_and_double_nothing() => RunAsync(TimeSpan.FromSeconds(20), seed: 1);

    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(2)]
    [InlineData(3)]
    public Task Killed_stopped_or_cut_off_for_five_minutes_they_lose_and_double_nothing(int seed) => RunAsync(TimeSpan.FromMinutes(5), seed);

    private static async Task RunAsync(TimeSpan length, int seed)
    {
        var random = new Random(seed);
        await using var fleet = await Fleet.StartAsync();
        List<Instance> instances = [];
        try
        {
            for (var i = 0; i < 3; i++)
            {
                instances.Add(await Instance.StartAsync(fleet));
            }

            await fleet.StartPagesAsync();
            var reps = new BusyReps(fleet, random);
            await reps.JoinAsync(16);
            await Until.TrueAsync(() => fleet.ReadAsync(async db => await db.InitialSyncs.CountAsync(s => s.State == InitialSyncState.Done, Token) == 16), Fleet.Patience);

            var begun = WallClock.Time.GetTimestamp();
            List<string> said = [];
            var unserved = new Unserved(fleet, line => said.Add($"{WallClock.Time.GetElapsedTime(begun).TotalSeconds:F1} s: {line}"));
            var trouble = Task.CompletedTask;
            var troubles = 0;
            while (WallClock.Time.GetElapsedTime(begun) is var elapsed && elapsed < length)
            {
                await reps.ActAsync();
                await unserved.LookAsync();
                await Task.Delay(Pause, WallClock.Time, Token);
                if (trouble.IsCompleted && elapsed + TimeSpan.FromSeconds(2) < length)
                {
                    await trouble;
                    var chosen = random.Next(instances.Count);
                    var kind = (Trouble)(troubles++ % 4);
                    said.Add($"{elapsed.TotalSeconds:F1} s: instance {chosen} {kind}");
                    trouble = instances[chosen].SufferAsync(kind, random);
                }
            }

            await trouble;
            TestContext.Current.SendDiagnosticMessage($"{troubles} troubles; a shard was unserved for {unserved.Longest.TotalSeconds:F1} s at most.\n{string.Join('\n', said)}");
            if (!await IsSoonAsync(reps.AreInStepAsync))
            {
                Assert.Fail(string.Join('\n', await reps.DifferencesAsync()) + "\n" + await reps.ExplainAsync() + "\n" + string.Join("\n\n", instances.Select(instance => instance.Output)));
            }

            Assert.Empty(reps.MadeTwice());
            Assert.Empty(WrittenTwice(fleet.Journal));
            Assert.Empty(await fleet.ReadAsync(db => db.Problems.Where(p => p.State == ProblemState.Open).Select(p => p.Code + p.Message).ToListAsync(Token)));
            Assert.InRange(unserved.Longest, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        }
        finally
        {
            foreach (var instance in instances)
            {
                await instance.DisposeAsync();
            }
        }
    }

    private static async Task<bool> IsSoonAsync(Func<Task<bool>> condition)
    {
        try
        {
            await Until.TrueAsync(condition, Fleet.Patience);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Rows of the org that were stored a second time without anything in them having changed.</summary>
    private static List<string> WrittenTwice(string journal)
    {
        HashSet<string> stamps = ["SystemModstamp", "LastModifiedDate", "LastModifiedById"];
        Dictionary<string, string> last = [];
        List<string> twice = [];
        using var stream = new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || JsonDocument.Parse(line).RootElement.EnumerateObject().First() is not { Name: "row" } row || row.Value.GetProperty("$").GetString() != "Task")
            {
                continue;
            }

            var id = row.Value.GetProperty("Id").GetString()!;
            var values = string.Join(';', row.Value.EnumerateObject().Where(field => !stamps.Contains(field.Name)).Select(field => $"{field.Name}={field.Value}"));
            if (last.TryGetValue(id, out var before) && before == values)
            {
                twice.Add(values);
            }

            last[id] = values;
        }

        Assert.NotEmpty(last);
        return twice;
    }

    private enum Trouble
    {
        Killed,
        Stopped,
        CutOffSilently,
        CutOff,
    }

    /// <summary>A process with its own way to the database.</summary>
    private sealed class Instance : IAsyncDisposable
    {
        private readonly Fleet _fleet;
        private readonly Cable _cable;
        private AppProcess _app = null!;

        private Instance(Fleet fleet) => (_fleet, _cable) = (fleet, new Cable(fleet.Port));

        public string Output => _app.Output;

        public static async Task<Instance> StartAsync(Fleet fleet)
        {
            var instance = new Instance(fleet);
            await instance.StartAsync();
            return instance;
        }

        /// <summary>Long enough to be taken for dead, mostly.</summary>
        public async Task SufferAsync(Trouble trouble, Random random)
        {
            var time = TimeSpan.FromSeconds(random.Next(1, 18));
            switch (trouble)
            {
                case Trouble.Killed:
                    _app.Kill();
                    await StartAsync();
                    break;
                case Trouble.Stopped:
                    await _app.PauseAsync();
                    await Task.Delay(time, WallClock.Time, Token);
                    await _app.GoOnAsync();
                    break;
                default:
                    _cable.Pull(silently: trouble == Trouble.CutOffSilently);
                    await Task.Delay(time, WallClock.Time, Token);
                    _cable.Plug();
                    break;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _app.DisposeAsync();
            await _cable.DisposeAsync();
        }

        private async Task StartAsync() => _app = await _fleet.StartInstanceAsync(_fleet.ConnectionStringBy(_cable.Port));
    }

    /// <summary>For how long nobody committed anything for a shard whose reps work all the time.</summary>
    private sealed class Unserved(Fleet fleet, Action<string> say)
    {
        /// <summary>What is longer is worth a line.</summary>
        private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);

        private readonly Dictionary<int, (long Commits, long At, string? Holder)> _last = [];
        private long _lookedAt;

        public TimeSpan Longest { get; private set; }

        public async Task LookAsync()
        {
            if (WallClock.Time.GetElapsedTime(_lookedAt) < TimeSpan.FromSeconds(0.5))
            {
                return;
            }

            _lookedAt = WallClock.Time.GetTimestamp();
            foreach (var fence in await fleet.ReadAsync(db => db.Fences.AsNoTracking().ToListAsync(Token)))
            {
                if (!_last.TryGetValue(fence.Shard, out var last) || last.Commits != fence.Commits)
                {
                    if (last.At > 0 && WallClock.Time.GetElapsedTime(last.At) is var rest && rest > Long)
                    {
                        say($"shard {fence.Shard} is served again after {rest.TotalSeconds:F1} s, {last.Holder} → {fence.Holder}");
                    }

                    _last[fence.Shard] = (fence.Commits, _lookedAt, fence.Holder);
                }
                else if (WallClock.Time.GetElapsedTime(last.At) is var since && since > Longest)
                {
                    Longest = since;
                }
            }
        }
    }
}
