using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TaskSync.Tests.Crash;
using TaskSync.Tests.Engine;
using TaskSync.Tests.Engine.Pull;
using TaskSync.Tests.Engine.Push;
using TaskSync.Tests.Engine.SwitchOn;
using TaskSync.Tests.Repository;
using TaskSync.Tests.Simulation;

namespace TaskSync.Tests.PlantedBugs;

public sealed partial class PlantedBugTests
{
    /// <summary>What is run against each bug, the quick parts first; the first failure is enough.</summary>
    private static readonly string[] Suite =
    [
        "-namespace TaskSync.Tests.Reconciliation",
        "-class TaskSync.Tests.Engine.TwoWayTests -class TaskSync.Tests.Engine.Push.NoDuplicateTests -class TaskSync.Tests.Engine.SwitchOn.FirstSyncTests -class TaskSync.Tests.Engine.SwitchOn.CatchUpTests",
        "-class TaskSync.Tests.Engine.Push.CreateInterleavingTests -class TaskSync.Tests.Engine.Pull.ReadInterleavingTests -class TaskSync.Tests.Engine.Push.WriteInterleavingTests -class TaskSync.Tests.Engine.Push.CompositePushTests",
        "-method TaskSync.Tests.Crash.BoundaryTests.Stopped_*",
        "-class TaskSync.Tests.Simulation.SimulationTests -class TaskSync.Tests.Problems.DeleteBrakeTests -class TaskSync.Tests.Engine.Pull.TimeTests",
        "-namespace TaskSync.Tests.Engine -namespace TaskSync.Tests.Engine.Cycle -namespace TaskSync.Tests.Engine.Budget -namespace TaskSync.Tests.Engine.Pull -namespace TaskSync.Tests.Engine.Push -namespace TaskSync.Tests.Engine.SwitchOn -namespace TaskSync.Tests.Engine.Check -namespace TaskSync.Tests.Engine.Reader -namespace TaskSync.Tests.Problems -namespace TaskSync.Tests.Connections -namespace TaskSync.Tests.Tasks -namespace TaskSync.Tests.Salesforce",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Each_planted_bug_has_its_place() =>
        Assert.All(PlantedBug.All, bug => Assert.True(bug.Places == 1, $"\"{bug.Name}\" finds its place {bug.Places} times in {bug.File}."));

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public async Task Each_planted_bug_is_found()
    {
        var folder = Directory.CreateTempSubdirectory("tasksync-bugs-").FullName;
        try
        {
            foreach (var file in Repo.Files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
                File.Copy(Repo.PathOf(file), Path.Combine(folder, file));
            }

            var (code, output) = await RunAsync(folder, "dotnet", "build TaskSync.Tests -nodeReuse:false -p:RunAnalyzers=false -p:TreatWarningsAsErrors=false -v q");
            Assert.True(code == 0, output);
            List<string> missed = [];
            foreach (var bug in Chosen())
            {
                var finder = await FindAsync(folder, bug);
                TestContext.Current.TestOutputHelper!.WriteLine($"| {bug.Name} | {finder ?? "**not found**"} |");
                if (finder is null)
                {
                    missed.Add(bug.Name);
                }
            }

            Assert.Empty(missed);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>All, or those whose numbers TASKSYNC_BUGS names, like 3,17.</summary>
    private static IEnumerable<PlantedBug> Chosen() => Environment.GetEnvironmentVariable("TASKSYNC_BUGS") is { } numbers
        ? numbers.Split(',').Select(number => PlantedBug.All[int.Parse(number, CultureInfo.InvariantCulture) - 1])
        : PlantedBug.All;

    /// <summary>Which test fails first, or null when none does.</summary>
    private static async Task<string?> FindAsync(string folder, PlantedBug bug)
    {
        var file = Path.Combine(folder, bug.File);
        var text = await File.ReadAllTextAsync(file, Token);
        await File.WriteAllTextAsync(file, text.Replace(bug.Find, bug.Replace, StringComparison.Ordinal), Token);
        try
        {
            // Only the engine changes: the tests need not be built again.
            var (code, output) = await RunAsync(folder, "dotnet", "build TaskSync.Sync --no-restore -nodeReuse:false -p:RunAnalyzers=false -p:TreatWarningsAsErrors=false -v q");
            Assert.True(code == 0, $"{bug.Name} does not compile:\n{output}");
            File.Copy(Path.Combine(folder, "TaskSync.Sync/bin/Debug/net10.0/TaskSync.Sync.dll"), Path.Combine(folder, "TaskSync.Tests/bin/Debug/net10.0/TaskSync.Sync.dll"), overwrite: true);
            foreach (var part in Suite)
            {
                (_, output) = await RunAsync(folder, Path.Combine(folder, "TaskSync.Tests/bin/Debug/net10.0/TaskSync.Tests"), $"-noColor -stopOnFail {part}");
                if (Failure().Match(output) is { Success: true } failure)
                {
                    return $"`{failure.Groups["test"].Value}`";
                }
            }

            return null;
        }
        finally
        {
            await File.WriteAllTextAsync(file, text, Token);
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(string folder, string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            Environment = { ["TASKSYNC_SEEDS"] = "24", ["TASKSYNC_ITERATIONS"] = "2000" },
        })!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, output);
    }

    [GeneratedRegex(@"TaskSync\.Tests\.(?:\w+\.)+?(?<test>\w+)(?:\([^\n]*\))? \[FAIL\]")]
    private static partial Regex Failure();
}
