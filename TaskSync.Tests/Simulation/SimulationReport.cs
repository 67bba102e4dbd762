using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace TaskSync.Tests.Simulation;

/// <summary>What many runs came to: which seeds failed and why, and how often each kind of trouble really happened, alone and in pairs.</summary>
internal sealed class SimulationReport
{
    private readonly ConcurrentDictionary<string, int> _troubles = new();
    private readonly ConcurrentDictionary<(string, string), int> _pairs = new();
    private readonly ConcurrentDictionary<int, string> _failures = new();
    private int _runs;

    /// <summary>Seeds that failed, with everything that is known of them.</summary>
    public IReadOnlyDictionary<int, string> Failures => _failures;

    /// <summary>How often each kind of trouble happened in all runs together.</summary>
    public IReadOnlyDictionary<string, int> Troubles => _troubles;

    /// <summary>Runs in which both of two kinds happened.</summary>
    public IReadOnlyDictionary<(string, string), int> Pairs => _pairs;

    /// <summary>Runs the seeds on all processors.</summary>
    public static async Task<SimulationReport> RunAsync(int firstSeed, int seeds, int steps, CancellationToken cancellationToken)
    {
        var report = new SimulationReport();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(firstSeed, seeds), options, async (seed, _) => await report.RunOneAsync(seed, steps));
        return report;
    }

    public override string ToString()
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"{_runs} runs, {_failures.Count} failed");
        foreach (var (trouble, count) in _troubles.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{trouble}: {count}");
        }

        var rarest = _pairs.IsEmpty ? default : _pairs.MinBy(p => p.Value);
        return text.AppendLine(CultureInfo.InvariantCulture, $"{_pairs.Count} pairs of kinds met in one run, the rarest ({rarest.Key}) in {rarest.Value} runs").ToString();
    }

    private async Task RunOneAsync(int seed, int steps)
    {
        await using var simulation = new TwoSidedSimulation(seed);
        try
        {
            await simulation.RunAsync(steps);
        }
        catch (Exception e)
        {
            _failures[seed] = $"Seed {seed}: {e}\n{await simulation.StateAsync()}\n{string.Join('\n', simulation.Script)}";
        }

        Interlocked.Increment(ref _runs);
        var kinds = simulation.Troubles.Where(t => t.Value > 0).OrderBy(t => t.Key, StringComparer.Ordinal).ToList();
        foreach (var (kind, count) in kinds)
        {
            _troubles.AddOrUpdate(kind, count, (_, old) => old + count);
        }

        foreach (var pair in kinds.SelectMany((a, i) => kinds.Skip(i + 1).Select(b => (a.Key, b.Key))))
        {
            _pairs.AddOrUpdate(pair, 1, (_, old) => old + 1);
        }
    }
}
