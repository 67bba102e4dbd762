using TaskSync.Tests.Engine;

namespace TaskSync.Tests.Simulation;

public sealed class SimulationTests
{
    /// <summary>Steps of one run.</summary>
    private const int Steps = 120;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(
        int.TryParse(Environment.GetEnvironmentVariable("TASKSYNC_FIRST_SEED"), out var first) ? first : 1,
        int.TryParse(Environment.GetEnvironmentVariable("TASKSYNC_SEEDS"), out var count) ? count : 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_happens_nothing_is_lost_doubled_or_resurrected(int seed)
    {
        await using var world = await SyncWorld.StartAsync(o => o.HasKeyField = seed % 3 != 0, new() { ["Sync:UseComposite"] = (seed % 2 == 0).ToString() });
        var simulation = new TwoSidedSimulation(world, seed);
        try
        {
            await simulation.RunAsync(Steps);
        }
        catch (Exception e)
        {
            Assert.Fail($"Seed {seed}: {e}\n{await simulation.StateAsync()}\n{string.Join('\n', simulation.Script)}");
        }
    }
}
