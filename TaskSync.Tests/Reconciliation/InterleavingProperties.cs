using System.Globalization;

namespace TaskSync.Tests.Reconciliation;

/// <summary>Counterpart and planner against a model of both sides, in random stories of one task. No database, no HTTP.</summary>
public sealed class InterleavingProperties
{
    /// <summary>Stories in a usual run; TASKSYNC_ITERATIONS says another number.</summary>
    private const int Usual = 1_000_000;

    private readonly Lock _lock = new();

    [Fact]
    public void S3_S4_S5_in_any_story_nothing_is_doubled_lost_or_resurrected()
    {
        var first = ulong.Parse(Environment.GetEnvironmentVariable("TASKSYNC_SEED") ?? "1", CultureInfo.InvariantCulture);
        var wrong = ulong.MaxValue;
        Parallel.For(0, Sides.Times(Usual), (story, loop) =>
        {
            if (Interleaving.Play(first + (ulong)story) is not null)
            {
                lock (_lock)
                {
                    wrong = Math.Min(wrong, first + (ulong)story);
                }

                loop.Break();
            }
        });
        Assert.True(wrong == ulong.MaxValue, Told(wrong));
    }

    /// <summary>The story of a seed in words.</summary>
    private static string Told(ulong seed)
    {
        List<string> log = [];
        return seed == ulong.MaxValue ? "" : $"TASKSYNC_SEED={seed}: {Interleaving.Play(seed, log)}\n{string.Join('\n', log)}";
    }
}
