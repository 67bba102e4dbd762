using TaskSync.Benchmarks.Workers;

namespace TaskSync.Benchmarks.Workloads;

/// <summary>Changes on both sides, and edits that are pushed.</summary>
internal static class Changes
{
    /// <summary>A hundredth of the tasks is edited on each side.</summary>
    public static async IAsyncEnumerable<Pairs> BothWaysAsync(Stage stage)
    {
        var count = stage.IsSmall ? 5_000 : 50_000;
        yield return await MeasureAsync(stage, $"1 % edited on each side of {count:N0}", count, here: count / 100, there: count / 100) with { Goal = (1, null) };
    }

    public static async IAsyncEnumerable<Pairs> PushAsync(Stage stage)
    {
        var count = stage.IsSmall ? 1_000 : 10_000;
        yield return await MeasureAsync(stage, $"Push of {count:N0} edits", count, here: count, there: 0) with { Goal = (1, null) };
    }

    /// <summary>Each side has tasks of its own, for both push.</summary>
    private static async Task<Pairs> MeasureAsync(Stage stage, string name, int count, int here, int there)
    {
        await using var ours = WorkerProcess.Start("ours");
        await using var peer = WorkerProcess.StartJsforce();
        var (oursAccess, peerAccess) = (await stage.RepAsync(count), await stage.RepAsync(count));
        foreach (var (side, access) in new[] { (ours, oursAccess), (peer, peerAccess) })
        {
            await side.AskAsync(stage.NewOrder("connect", access));
            await side.AskAsync(new Order("first"));
            await side.AskAsync(new Order("rest"));
        }

        (long Ours, long Peer) calls = default;
        var times = await Workload.InTurnAsync(
            stage.PairCount,
            async () =>
            {
                var (took, used) = await OnceAsync(ours, oursAccess);
                calls.Ours = used;
                return took;
            },
            async () =>
            {
                var (took, used) = await OnceAsync(peer, peerAccess);
                calls.Peer = used;
                return took;
            });
        return new Pairs(name, "jsforce", times) { Calls = calls };

        async Task<(Measured, long)> OnceAsync(WorkerProcess side, Access access)
        {
            if (there > 0)
            {
                await stage.Org.AskAsync(new Order("edit") { Access = access, Count = there });
            }

            await side.AskAsync(new Order("edit") { Count = here });
            var before = await stage.CallsAsync();
            var took = await Workload.TookAsync(side, new Order("sync"));
            var used = await stage.CallsAsync() - before;
            await stage.DemandEqualAsync(access, side);
            return (took, used);
        }
    }
}
