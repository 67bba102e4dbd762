using TaskSync.Benchmarks.Workers;

namespace TaskSync.Benchmarks.Workloads;

/// <summary>A first sync: our side is empty, the org has the rep's tasks.</summary>
internal static class FirstSync
{
    /// <summary>In processes that have done it before.</summary>
    public static async IAsyncEnumerable<Pairs> WarmAsync(Stage stage)
    {
        foreach (var count in stage.IsSmall ? [1_000, 5_000] : new[] { 1_000, 10_000, 50_000 })
        {
            var access = await stage.RepAsync(count);
            await using var ours = WorkerProcess.Start("ours");
            await using var peer = WorkerProcess.StartJsforce();
            var (oursOrder, peerOrder) = (stage.NewOrder("connect", access), stage.NewOrder("connect", access));
            (long Ours, long Peer) calls = default;
            var times = await Workload.InTurnAsync(
                stage.PairCount,
                async () =>
                {
                    var (took, used) = await OnceAsync(stage, ours, oursOrder);
                    calls.Ours = used;
                    return took;
                },
                async () =>
                {
                    var (took, used) = await OnceAsync(stage, peer, peerOrder);
                    calls.Peer = used;
                    return took;
                });
            yield return new Pairs($"First sync of {count:N0}", "jsforce", times) { Goal = count < 10_000 ? (2, null) : (1, 1.3), Calls = calls, Size = count };
        }
    }

    /// <summary>In processes that have just started: from the start of the process to its end.</summary>
    public static async IAsyncEnumerable<Pairs> ColdAsync(Stage stage)
    {
        foreach (var count in stage.IsSmall ? [1_000] : new[] { 1_000, 10_000, 50_000 })
        {
            var access = await stage.RepAsync(count);
            var times = await Workload.InTurnAsync(stage.PairCount, () => ColdOnceAsync(stage, () => WorkerProcess.Start("ours"), access), () => ColdOnceAsync(stage, WorkerProcess.StartJsforce, access));
            yield return new Pairs($"First sync of {count:N0}, process just started", "jsforce", times) { Goal = (2, null) };
        }
    }

    private static async Task<(Measured Took, long Calls)> OnceAsync(Stage stage, WorkerProcess side, Order connect)
    {
        await side.AskAsync(connect);
        var before = await stage.CallsAsync();
        var took = await Workload.TookAsync(side, new Order("first"));
        var calls = await stage.CallsAsync() - before;
        await stage.DemandEqualAsync(connect.Access!, side);
        return (took, calls);
    }

    /// <summary>The rep connects in a process of its own; what is measured begins with the next one.</summary>
    private static async Task<Measured> ColdOnceAsync(Stage stage, Func<WorkerProcess> start, Access access)
    {
        var order = stage.NewOrder("connect", access);
        await using (var before = start())
        {
            await before.AskAsync(order);
        }

        var begun = Machine.Time.GetTimestamp();
        await using var side = start();
        var took = await Workload.TookAsync(side, order with { Do = "first" });
        var wall = Machine.Time.GetElapsedTime(begun).TotalMilliseconds;
        await stage.DemandEqualAsync(access, side);
        return took with { WallMs = wall, CpuMs = side.CpuMs };
    }
}
