using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Instances;

/// <summary>What several instances cost the database, counted by the database.</summary>
public sealed class CostTests
{
    /// <summary>Longer than any interval in which instances look at something but the minute's.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(12);

    private const double Most = 5;
    private const int Windows = 5;
    private const int Creates = 30;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_instance_that_is_idle_costs_at_most_five_statements_a_second()
    {
        await using var fleet = await Fleet.StartAsync();
        (string, string)[] idle = [("Sync__PollInterval", "01:00:00"), ("Sync__IdlePollInterval", "01:00:00")];
        await using var first = await fleet.StartInstanceAsync(null, idle);
        await SettledAsync(fleet, 1);
        var alone = await CountAsync(fleet);
        await using var second = await fleet.StartInstanceAsync(null, idle);
        await SettledAsync(fleet, 2);
        var both = await CountAsync(fleet);
        for (var i = 0; Difference() > Most && i < Windows; i++)
        {
            // A shard may have moved. What is done by the clock is in every window.
            both = await CountAsync(fleet);
        }

        TestContext.Current.SendDiagnosticMessage($"Alone {ASecond(alone):F2}, both {ASecond(both):F2} statements a second.\n" + string.Join('\n', both.OrderByDescending(pair => pair.Value).Take(25).Select(pair => $"{pair.Value,4} {alone.GetValueOrDefault(pair.Key),4} {pair.Key.ReplaceLineEndings(" ")[..Math.Min(150, pair.Key.Length)]}")));
        Assert.InRange(Difference(), 0, Most);
        Assert.DoesNotContain(alone.Keys, statement => statement.Contains("\"Signals\"", StringComparison.Ordinal));

        double Difference() => ASecond(both) - ASecond(alone);
        static double ASecond(Dictionary<string, long> statements) => statements.Values.Sum() / Window.TotalSeconds;
    }

    /// <summary>What instances do by the clock, and what they tell each other, is told apart: it does not grow with the work of one of them.</summary>
    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task A_cycle_costs_no_more_statements_when_there_is_a_second_instance()
    {
        await using var fleet = await Fleet.StartAsync();
        (string, string)[] idle = [("Sync__PollInterval", "01:00:00"), ("Sync__IdlePollInterval", "01:00:00")];
        await using var first = await fleet.StartInstanceAsync(null, idle);
        await fleet.StartPagesAsync();
        var (person, user) = await fleet.AddRepAsync("Number1");
        await Until.TrueAsync(() => fleet.ReadAsync(db => db.InitialSyncs.AnyAsync(s => s.State == InitialSyncState.Done, Token)), Fleet.Patience);
        var alone = await CreateAsync(fleet, person, user.Id);
        await using var second = await fleet.StartInstanceAsync(null, idle);
        await SettledAsync(fleet, 2);
        await CreateAsync(fleet, person, user.Id);
        var both = await CreateAsync(fleet, person, user.Id);

        TestContext.Current.SendDiagnosticMessage($"{Creates} creates: {alone} statements alone, {both} with a second instance.");
        Assert.InRange(both, 0, alone + (alone / 50)); // something of the minute's may fall into it
    }


    /// <summary>Has tasks created one after the other.</summary>
    /// <returns>Statements that this took, on the page and in the engine.</returns>
    private static async Task<long> CreateAsync(Fleet fleet, Guid person, string user)
    {
        var before = fleet.Statements();
        for (var i = 0; i < Creates; i++)
        {
            var count = fleet.Org.Tasks(user).Count;
            await fleet.Get<TaskService>().CreateAsync(person, new TaskDraft { Subject = $"task {count}" }, Token);
            await Until.TrueAsync(() => fleet.Org.Tasks(user).Count > count);
            await Until.TrueAsync(() => fleet.ReadAsync(async db => !await db.PendingWrites.AnyAsync(Token)));
        }

        string[] byTheClock = ["QRTZ_", "\"Signals\"", "\"Instances\"", "pg_notify", "FROM \"Fences\" AS f", "SELECT EXISTS", "HealthMarks", "SELECT $1"];
        return fleet.Statements().Where(pair => !byTheClock.Any(part => pair.Key.Contains(part, StringComparison.Ordinal))).Sum(pair => pair.Value - before.GetValueOrDefault(pair.Key));
    }

    /// <summary>All are there, and each serves its share of the shards.</summary>
    private static async Task SettledAsync(Fleet fleet, int engines)
    {
        await Until.TrueAsync(() => fleet.ReadAsync(async db => await db.Instances.CountAsync(i => i.RunsEngine, Token) == engines), Fleet.Patience);
        await Until.TrueAsync(async () => await fleet.RunningShardsAsync() is var running && running.Count == engines && running.Values.All(shards => shards == Shards.Usual / engines), Fleet.Patience);
    }

    private static async Task<Dictionary<string, long>> CountAsync(Fleet fleet)
    {
        var before = fleet.Statements();
        await Task.Delay(Window, WallClock.Time, Token);
        return fleet.Statements().Select(pair => (pair.Key, Calls: pair.Value - before.GetValueOrDefault(pair.Key))).Where(pair => pair.Calls > 0).ToDictionary(pair => pair.Key, pair => pair.Calls);
    }
}
