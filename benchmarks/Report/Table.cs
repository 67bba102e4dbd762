using System.Globalization;
using System.Text;
using TaskSync.Benchmarks.Workloads;

namespace TaskSync.Benchmarks.Report;

/// <summary>Writes what was measured as tables of ratios.</summary>
internal static class Table
{
    public static string Of(IReadOnlyList<Pairs> lines)
    {
        var text = new StringBuilder();
        text.AppendLine("| workload | ours | peer | wall, ours ÷ peer | goal | processor time, ours ÷ peer | goal | peak memory | API calls, ours / peer |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var line in lines)
        {
            var (wall, cpu) = (Spread.Of(line.Times.Select(pair => pair.Ours.WallMs / pair.Peer.WallMs)), Spread.Of(line.Times.Select(pair => pair.Ours.CpuMs / pair.Peer.CpuMs)));
            var calls = line.Calls is { } counted ? string.Create(CultureInfo.InvariantCulture, $"{counted.Ours} / {counted.Peer}") : "";
            text.AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {line.Name} | {Times(line.Times.Select(pair => pair.Ours), line.Per)} | {line.Peer}: {Times(line.Times.Select(pair => pair.Peer), line.Per)} | {Ratio(wall)} | {Goal(line.Goal.Wall, wall)} | {Ratio(cpu)} | {Goal(line.Goal.Cpu, cpu)} | {line.Times.Max(pair => pair.Ours.PeakMb):F0} / {line.Times.Max(pair => pair.Peer.PeakMb):F0} MB | {calls} |"));
        }

        return text.ToString();
    }

    private static string Times(IEnumerable<Measured> all, int per)
    {
        var times = all.ToList();
        var (wall, cpu) = (Spread.Of(times.Select(one => one.WallMs / per)).Median, Spread.Of(times.Select(one => one.CpuMs / per)).Median);
        return string.Create(CultureInfo.InvariantCulture, $"{Time(wall)}, processor {Time(cpu)}");
    }

    private static string Time(double ms) => ms >= 1000 ? string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:F2} s") : string.Create(CultureInfo.InvariantCulture, $"{ms:F2} ms");

    private static string Ratio(Spread ratio) => string.Create(CultureInfo.InvariantCulture, $"**{ratio.Median:F2}** ({ratio.Least:F2} to {ratio.Most:F2})");

    private static string Goal(double? goal, Spread ratio) => goal is null ? "" : string.Create(CultureInfo.InvariantCulture, $"≤ {goal:F1}: {(ratio.Median <= goal ? "met" : "**missed**")}");
}
