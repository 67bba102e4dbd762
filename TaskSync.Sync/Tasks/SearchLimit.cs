using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace TaskSync.Sync.Tasks;

/// <summary>
/// How often one person may search, in whatever pages. Searches come over a circuit that is open anyway, so no limit of requests sees them.
/// The library's limiter goes by the machine's clock.
/// </summary>
public sealed class SearchLimit(IOptions<LimitOptions> options) : IDisposable
{
    private readonly PartitionedRateLimiter<Guid> _searches = PartitionedRateLimiter.Create<Guid, Guid>(
        person => RateLimitPartition.GetTokenBucketLimiter(person, _ => LimitOptions.PerMinute(options.Value.SearchesPerMinute)));

    /// <summary>Counts a search.</summary>
    /// <returns>Null when it may be done, else why not, in words.</returns>
    public string? Refuse(Guid personId)
    {
        using var lease = _searches.AttemptAcquire(personId);
        return lease.IsAcquired ? null : "You have searched very often in a short time. What you typed stays. " + LimitWords.TryAgain(LimitWords.Wait(lease));
    }

    public void Dispose() => _searches.Dispose();
}
