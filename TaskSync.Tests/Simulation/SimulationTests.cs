namespace TaskSync.Tests.Simulation;

public sealed class SimulationTests
{
    private const int Steps = 200;

    private static int FirstSeed => Number("TASKSYNC_FIRST_SEED", 1);

    [Fact]
    public async Task Whatever_happens_nothing_is_lost_doubled_or_resurrected_in_200_runs()
    {
        var report = await SimulationReport.RunAsync(FirstSeed, Number("TASKSYNC_SEEDS", 200), Steps);
        TestContext.Current.TestOutputHelper!.WriteLine(report.ToString());
        Assert.True(report.Failures.Count == 0, string.Join("\n\n", report.Failures.OrderBy(f => f.Key).Take(30).Select(f => f.Value)));
    }

    private static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : otherwise;
}
