using TaskSync.Benchmarks.Workers;

namespace TaskSync.Benchmarks.Workloads;

/// <summary>Polls that find nothing new.</summary>
internal static class Idle
{
    public static async IAsyncEnumerable<Pairs> PollsAsync(Stage stage)
    {
        const int Polls = 200;
        foreach (var count in stage.IsSmall ? [1_000] : new[] { 1_000, 100_000 })
        {
            var access = await stage.RepAsync(count);
            await using var ours = WorkerProcess.Start("ours");
            await using var peer = WorkerProcess.StartJsforce();
            foreach (var side in new[] { ours, peer })
            {
                await side.AskAsync(stage.NewOrder("connect", access));
                await side.AskAsync(new Order("first"));
                await side.AskAsync(new Order("rest"));
                await side.AskAsync(new Order("poll") { Count = Polls }); // warm
            }

            var times = await Workload.InTurnAsync(
                stage.PairCount, () => Workload.TookAsync(ours, new Order("poll") { Count = Polls }), () => Workload.TookAsync(peer, new Order("poll") { Count = Polls }));
            yield return new Pairs($"Idle poll, {count:N0} tasks", "jsforce", times) { Goal = (null, 1), Per = Polls };
        }
    }
}
