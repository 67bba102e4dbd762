using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Model;
using TaskSync.Tests.Support;

namespace TaskSync.Tests.Instances;

/// <summary>What several instances cost the database, counted by the database.</summary>
public sealed class CostTests
{
    /// <summary>Longer than any interval in which instances look at something but the minute's.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(12);

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

        var (before, after) = (alone.Values.Sum() / Window.TotalSeconds, both.Values.Sum() / Window.TotalSeconds);
        TestContext.Current.SendDiagnosticMessage($"Alone {before:F2}, both {after:F2} statements a second.\n" + string.Join('\n', both.OrderByDescending(pair => pair.Value).Take(25).Select(pair => $"{pair.Value,4} {alone.GetValueOrDefault(pair.Key),4} {pair.Key.ReplaceLineEndings(" ")[..Math.Min(150, pair.Key.Length)]}")));
        Assert.InRange(after - before, 0, 5);
        Assert.DoesNotContain(alone.Keys, statement => statement.Contains("\"Signals\"", StringComparison.Ordinal));
    }

    private static async Task SettledAsync(Fleet fleet, int instances)
    {
        await Until.TrueAsync(() => fleet.ReadAsync(async db => await db.Instances.CountAsync(Token) == instances), Fleet.Patience);

        // The shards are shared out.
        await Task.Delay(Window, WallClock.Time, Token);
    }

    private static async Task<Dictionary<string, long>> CountAsync(Fleet fleet)
    {
        var before = fleet.Statements();
        await Task.Delay(Window, WallClock.Time, Token);
        return fleet.Statements().Select(pair => (pair.Key, Calls: pair.Value - before.GetValueOrDefault(pair.Key))).Where(pair => pair.Calls > 0).ToDictionary(pair => pair.Key, pair => pair.Calls);
    }
}
