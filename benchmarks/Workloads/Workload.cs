using TaskSync.Benchmarks.Workers;

namespace TaskSync.Benchmarks.Workloads;

/// <summary>One line of the report: ours beside jsforce.</summary>
/// <param name="Key">How it is named on the command line.</param>
/// <param name="RunAsync">Measures it.</param>
internal sealed record Workload(string Key, Func<Stage, IAsyncEnumerable<Pairs>> RunAsync)
{
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("first", FirstSync.WarmAsync),
        new("cold", FirstSync.ColdAsync),
        new("idle", Idle.PollsAsync),
        new("changes", Changes.BothWaysAsync),
        new("push", Changes.PushAsync),
    ];

    /// <summary>The same work on both sides in turn. The first pair warms up.</summary>
    public static async Task<IReadOnlyList<(Measured Ours, Measured Peer)>> InTurnAsync(int pairs, Func<Task<Measured>> ours, Func<Task<Measured>> peer)
    {
        List<(Measured, Measured)> times = [];
        for (var i = 0; i <= pairs; i++)
        {
            var pair = (await ours(), await peer());
            if (i > 0)
            {
                times.Add(pair);
            }
        }

        return times;
    }

    /// <summary>Has one side do something that is measured.</summary>
    public static async Task<Measured> TookAsync(WorkerProcess side, Order order) =>
        (await side.AskAsync(order)).Took ?? throw new InvalidOperationException($"{order.Do} was not measured.");
}
