namespace TaskSync.Tests.Simulation;

/// <summary>
/// Seeds can be chosen: TASKSYNC_FIRST_SEED, TASKSYNC_SEEDS and TASKSYNC_STEPS. A failing seed prints itself, what was done and where everything stands; run
/// alone it does the same again.
/// </summary>
public sealed class SimulationTests
{
    private static int FirstSeed => Number("TASKSYNC_FIRST_SEED", 1);

    private static int Steps => Number("TASKSYNC_STEPS", 200);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Whatever_happens_in_100_runs_nothing_is_lost_doubled_or_resurrected() => RunAsync(seeds: 100, atLeastOfEach: 50);

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public Task Whatever_happens_in_5000_runs_nothing_is_lost_doubled_or_resurrected() => RunAsync(seeds: 5000, atLeastOfEach: 1000);

    [Theory]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(33)]
    [InlineData(98)]
    public async Task The_same_seed_is_the_same_history(int seed)
    {
        // At the same time, so that nothing may depend on who is first.
        var hashes = await Task.WhenAll(Task.Run(() => HashAsync(seed), Token), Task.Run(() => HashAsync(seed), Token));
        Assert.Equal(hashes[0], hashes[1]);
    }

    private static async Task<string> HashAsync(int seed)
    {
        await using var simulation = new TwoSidedSimulation(seed);
        await simulation.RunAsync(60);
        return simulation.HistoryHash;
    }

    private static async Task RunAsync(int seeds, int atLeastOfEach)
    {
        var chosen = Number("TASKSYNC_SEEDS", seeds);
        var report = await SimulationReport.RunAsync(FirstSeed, chosen, Steps, Token);
        TestContext.Current.TestOutputHelper!.WriteLine(report.ToString());
        Assert.True(report.Failures.Count == 0, string.Join("\n\n", report.Failures.OrderBy(f => f.Key).Take(10).Select(f => f.Value)));

        // A run that does not do what it says proves nothing: each kind of trouble must really have happened, often.
        if (chosen >= seeds && Steps >= 200)
        {
            Assert.All(report.Troubles, trouble => Assert.True(trouble.Value >= atLeastOfEach, $"{trouble.Key} happened only {trouble.Value} times."));
        }
    }

    private static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : otherwise;
}
