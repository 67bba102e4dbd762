using TaskSync.Benchmarks.Report;
using TaskSync.Benchmarks.Workers;
using TaskSync.Benchmarks.Workloads;

namespace TaskSync.Benchmarks;

/// <summary>Measures TaskSync beside what others need for the same work: <c>dotnet run --project benchmarks -c Release</c>, which also writes docs/benchmarks.md.</summary>
internal static class Program
{
    private const string Usage = "dotnet run --project benchmarks -c Release -- [--small] [workload ...]";

    public static async Task<int> Main(string[] args)
    {
        if (args is ["worker", var name])
        {
            await WorkerLoop.RunAsync(name == "org" ? new OrgWorker() : new OursWorker());
            return 0;
        }

        var wanted = args.Where(arg => arg != "--small").ToList();
        if (wanted.Find(key => !Workload.All.Any(workload => workload.Key == key)) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"There is no workload {unknown}, only {string.Join(", ", Workload.All.Select(workload => workload.Key))}.\n{Usage}");
            return 1;
        }

        await Peers.InstallAsync();
        List<Pairs> lines = [];
        foreach (var workload in Workload.All.Where(workload => wanted.Count == 0 || wanted.Contains(workload.Key)))
        {
            await using var stage = await Stage.BeginAsync(args.Contains("--small"));
            await foreach (var pairs in workload.RunAsync(stage))
            {
                lines.Add(pairs);
                Console.WriteLine(Table.Of([pairs]));
            }
        }

        Console.WriteLine($"{Machine.Description}\n\n{Table.Of(lines)}");
        if (args is [])
        {
            await Page.WriteAsync(lines);
        }

        return 0;
    }
}
