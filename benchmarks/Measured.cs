namespace TaskSync.Benchmarks;

/// <summary>What some work took.</summary>
/// <param name="WallMs">Time on the clock, in milliseconds.</param>
/// <param name="CpuMs">Processor time of the process, all threads together, in milliseconds.</param>
/// <param name="PeakMb">Largest resident memory meanwhile, in MB.</param>
internal sealed record Measured(double WallMs, double CpuMs, double PeakMb)
{
    /// <summary>Measures work of this process, with what earlier work left behind cleared away first.</summary>
    public static async Task<Measured> OfAsync(Func<Task> work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Machine.ForgetPeak();
        var (begun, cpu) = (Machine.Time.GetTimestamp(), Machine.ProcessorTime);
        await work();
        return new Measured(Machine.Time.GetElapsedTime(begun).TotalMilliseconds, (Machine.ProcessorTime - cpu).TotalMilliseconds, Machine.PeakMegabytes);
    }
}
