using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>A counterpart is stored in the task's link.</summary>
public static class CounterpartMapping
{
    /// <summary>What the link stores.</summary>
    public static Counterpart Counterpart(this TaskLink link) => new()
    {
        Key = link.Key,
        SalesforceId = link.SalesforceId,
        State = link.State,
        Agreed = link.BaseJson is null ? null : link.Base,
        AgreedGone = link.AgreedGone,
        GoneAt = link.GoneConfirmedAt,
        NewestSeen = link.ObservedModstamp,
        WrittenAt = link.WrittenAt,
        Blocked = link.BlockedFields,
        Attempts = link.Attempts,
    };

    /// <summary>Stores it in the link; <see cref="TaskLink.BlockedFields"/> belong to their problem and stay.</summary>
    /// <param name="counterpart">What is known now.</param>
    /// <param name="link">The link it came from.</param>
    /// <param name="landsWithin">A request lands within this time or never.</param>
    public static void StoreIn(this Counterpart counterpart, TaskLink link, TimeSpan landsWithin)
    {
        (link.Key, link.SalesforceId, link.State) = (counterpart.Key, counterpart.SalesforceId, counterpart.State);
        (link.AgreedGone, link.GoneConfirmedAt) = (counterpart.AgreedGone, counterpart.GoneAt);
        (link.ObservedModstamp, link.WrittenAt) = (counterpart.NewestSeen, counterpart.WrittenAt);
        if (counterpart.Agreed is null || link.BaseJson is null || !counterpart.Agreed.Equals(link.Base))
        {
            link.BaseJson = counterpart.Agreed?.ToJson();
        }

        if (!counterpart.Attempts.SequenceEqual(link.Attempts))
        {
            link.Attempts = counterpart.Attempts;
        }

        link.UnknownUntil = counterpart.OpenUntil(landsWithin);
    }
}
