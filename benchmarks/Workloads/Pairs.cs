using TaskSync.Benchmarks.Workers;

namespace TaskSync.Benchmarks.Workloads;

/// <summary>The same work done by two sides, one after the other, again and again.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Peer">Beside whom.</param>
/// <param name="Times">Each pair: ours, then the peer's.</param>
internal sealed record Pairs(string Name, string Peer, IReadOnlyList<(Measured Ours, Measured Peer)> Times)
{
    /// <summary>What it is measured against: at most so many times the peer's time, and of its processor time. Null where there is no goal.</summary>
    public (double? Wall, double? Cpu) Goal { get; init; }

    /// <summary>How often the work was done in each measurement: times are given for one.</summary>
    public int Per { get; init; } = 1;

    /// <summary>Tasks of a first sync, for the picture of how it grows; 0 for other work.</summary>
    public int Size { get; init; }

    /// <summary>API calls for the work, ours and the peer's; null where they were not counted.</summary>
    public (long Ours, long Peer)? Calls { get; init; }
}

/// <summary>Least, middle and largest of some figures.</summary>
internal readonly record struct Spread(double Least, double Median, double Most)
{
    public static Spread Of(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToList();
        return new Spread(sorted[0], sorted[sorted.Count / 2], sorted[^1]);
    }
}

/// <summary>What every workload works with: the org in its own process, a folder for databases, how much is to be done.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private int _databases;

    private Stage(WorkerProcess org, string url, bool isSmall) => (Org, Url, IsSmall) = (org, url, isSmall);

    public WorkerProcess Org { get; }

    public string Url { get; }

    /// <summary>A minute's worth of each workload.</summary>
    public bool IsSmall { get; }

    /// <summary>Pairs after the first, which warms up and does not count.</summary>
    public int PairCount => IsSmall ? 2 : 5;

    public string Folder { get; } = Directory.CreateTempSubdirectory("tasksync-bench-").FullName;

    public static async Task<Stage> BeginAsync(bool isSmall)
    {
        var org = WorkerProcess.Start("org");
        return new Stage(org, (await org.AskAsync(new Order("start"))).Digest!, isSmall);
    }

    /// <summary>A rep of the org with so many tasks.</summary>
    public async Task<Access> RepAsync(int tasks) => (await Org.AskAsync(new Order("rep") { Count = tasks })).Access!;

    /// <summary>An order for a rep, with a database that nobody has used.</summary>
    public Order NewOrder(string what, Access access) => new(what) { Url = Url, Access = access, Database = Path.Combine(Folder, $"{++_databases}.db") };

    /// <summary>A timing counts only when both sides are equal, field for field.</summary>
    public async Task DemandEqualAsync(Access access, WorkerProcess side)
    {
        var (there, here) = (await Org.AskAsync(new Order("digest") { Access = access }), await side.AskAsync(new Order("digest")));
        if (there.Digest != here.Digest)
        {
            throw new InvalidOperationException($"The two sides differ: {there.Count} tasks there, {here.Count} here.");
        }
    }

    public async Task<long> CallsAsync() => (await Org.AskAsync(new Order("calls"))).Count;

    public async ValueTask DisposeAsync()
    {
        await Org.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
