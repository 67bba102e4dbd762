using System.Threading.RateLimiting;

namespace TaskSync.Sync.Tasks;

/// <summary>What somebody is told who asks too often.</summary>
public static class LimitWords
{
    /// <summary>For a limit that cannot say when something will be free: open pages close when people close them.</summary>
    private static readonly TimeSpan Unknown = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait after this refusal: whole seconds, at least one.</summary>
    public static TimeSpan Wait(RateLimitLease refused) =>
        TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling((refused.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Unknown).TotalSeconds)));

    /// <summary>"Try again in 5 seconds."</summary>
    public static string TryAgain(TimeSpan wait) => wait.TotalSeconds == 1 ? "Try again in 1 second." : $"Try again in {wait.TotalSeconds:0} seconds.";
}
