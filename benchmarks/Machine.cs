using System.Diagnostics;
using System.Globalization;

namespace TaskSync.Benchmarks;

/// <summary>What the machine says: its clock, and what this process has used of it.</summary>
internal static class Machine
{
#pragma warning disable RS0030 // This is the one place of the benchmarks that names the machine's clock.
    public static TimeProvider Time { get; } = TimeProvider.System;
#pragma warning restore RS0030

    /// <summary>Processor time of this process so far, all threads together.</summary>
    public static TimeSpan ProcessorTime
    {
        get
        {
            using var self = Process.GetCurrentProcess();
            return self.TotalProcessorTime;
        }
    }

    /// <summary>Begins to measure the largest resident memory anew, where Linux lets a process do so.</summary>
    public static void ForgetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    /// <summary>The largest resident memory since then, in MB.</summary>
    public static double PeakMegabytes => double.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    /// <summary>In words, for the head of a report.</summary>
    public static string Description
    {
        get
        {
            var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
            return string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores ({model}), {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:F0} GB, .NET {Environment.Version}");
        }
    }
}
