using System.Collections.Concurrent;

namespace TaskSync.Sync.Salesforce;

/// <summary>How far Salesforce's clock is from ours, per organization, as the latest Date header told. In memory: a restart learns it with the first answer.</summary>
public sealed class ClockOffset
{
    private readonly ConcurrentDictionary<string, TimeSpan> _offsets = new(StringComparer.Ordinal);

    /// <summary>Salesforce's time minus ours, good to about a second; null while unknown (then Salesforce wins conflicts, S3).</summary>
    public TimeSpan? OffsetOf(string organizationId) => _offsets.TryGetValue(organizationId, out var offset) ? offset : null;

    /// <summary>An answer came.</summary>
    /// <param name="organizationId">18 characters.</param>
    /// <param name="theirs">Its Date header.</param>
    /// <param name="ours">Our clock when its headers arrived.</param>
    public void Observe(string organizationId, DateTimeOffset theirs, DateTimeOffset ours) => _offsets[organizationId] = theirs - ours;
}
