using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using TaskSync.Benchmarks.Workloads;

namespace TaskSync.Benchmarks.Report;

/// <summary>docs/benchmarks.md: what a full run measured stands between two marks, the words around it are written by people.</summary>
internal static class Page
{
    private const string Begin = "<!-- measured: begin -->";
    private const string End = "<!-- measured: end -->";

    private static string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(ThisFile())!, "..", "..", "docs", "benchmarks.md"));

    /// <summary>Puts the results of a full run in the place of those before.</summary>
    public static async Task WriteAsync(IReadOnlyList<Pairs> lines)
    {
        var page = await File.ReadAllTextAsync(Path);
        var (from, to) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf(End, StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path, page[..from] + "\n" + await ResultsAsync(lines) + page[to..]);
    }

    private static async Task<string> ResultsAsync(IReadOnlyList<Pairs> lines)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Measured on {Machine.Time.GetUtcNow():yyyy-MM-dd} at commit {await CommitAsync()}, on {Machine.Description}.");
        text.AppendLine().Append(Table.Of(lines));
        var growth = lines.Where(line => line.Size > 0).ToList();
        if (growth.Count > 1)
        {
            text.AppendLine().AppendLine("Processor time of a first sync, milliseconds for 1,000 tasks: ours (bars) and jsforce (line).").AppendLine();
            text.AppendLine("```mermaid").AppendLine("xychart-beta");
            text.AppendLine(CultureInfo.InvariantCulture, $"  x-axis \"tasks\" [{string.Join(", ", growth.Select(line => line.Size))}]");
            text.AppendLine(CultureInfo.InvariantCulture, $"  bar [{string.Join(", ", growth.Select(line => PerThousand(line, pair => pair.Ours)))}]");
            text.AppendLine(CultureInfo.InvariantCulture, $"  line [{string.Join(", ", growth.Select(line => PerThousand(line, pair => pair.Peer)))}]");
            text.AppendLine("```");
        }

        return text.ToString();
    }

    private static string PerThousand(Pairs line, Func<(Measured Ours, Measured Peer), Measured> side) =>
        (Spread.Of(line.Times.Select(pair => side(pair).CpuMs)).Median * 1000 / line.Size).ToString("F1", CultureInfo.InvariantCulture);

    private static async Task<string> CommitAsync()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true, WorkingDirectory = System.IO.Path.GetDirectoryName(Path)! })!;
        var commit = await git.StandardOutput.ReadToEndAsync();
        await git.WaitForExitAsync();
        return commit.Trim();
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
