using System.Threading.RateLimiting;

namespace TaskSync.Sync.Tasks;

/// <summary>
/// How often one person may ask, or one address while nobody is signed in: the configuration section "Limits".
/// The defaults are far above what anybody does in a day, and far below what a script does in a minute.
/// </summary>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>No limit may be set higher.</summary>
    public const int Most = 100_000;

    /// <summary>Sign-ins begun, and answers of Microsoft Entra ID to them.</summary>
    public int SignInsPerMinute { get; set; } = 60;

    /// <summary>"Connect Salesforce" and the way back from there, which is one more.</summary>
    public int ConnectsPerMinute { get; set; } = 20;

    /// <summary>Files: runs, a person's data, the metadata package.</summary>
    public int ExportsPerMinute { get; set; } = 20;

    /// <summary>Searches of tasks and of Salesforce records. The latter cost an API call each.</summary>
    public int SearchesPerMinute { get; set; } = 60;

    /// <summary>Live pages opened, a reload and a reconnect included.</summary>
    public int PagesPerMinute { get; set; } = 120;

    /// <summary>Live pages open at the same time. Each takes memory here.</summary>
    public int OpenPages { get; set; } = 50;

    /// <summary>A bucket that holds a minute's worth and is filled evenly, so that whoever has emptied it waits for one drop only.</summary>
    public static TokenBucketRateLimiterOptions PerMinute(int count) => new()
    {
        TokenLimit = count,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1) / count,
        QueueLimit = 0,
    };
}
