namespace TaskSync.Sync.Reconciliation;

/// <summary>Now, by our clock and by Salesforce's.</summary>
/// <param name="Now">Our clock, UTC.</param>
/// <param name="Offset">Salesforce's clock minus ours; null while unknown.</param>
/// <param name="LandsWithin">A request is carried out within this time after it was sent, or never (<c>Sync:UnknownOutcomeWait</c>).</param>
public sealed record Clocks(DateTimeOffset Now, TimeSpan? Offset, TimeSpan LandsWithin)
{
    /// <summary>Our instant in Salesforce's time; the same while the offset is unknown.</summary>
    public DateTimeOffset ToSalesforce(DateTimeOffset ours) => ours + (Offset ?? TimeSpan.Zero);
}
