using Microsoft.Extensions.Options;
using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>Tells the agenda what is not in the database: the clock, the budget, and who is looking.</summary>
public sealed class CycleTerms(ApiPaces paces, Presence presence, TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>The share of a new day is not used by everybody in its first second.</summary>
    private static readonly TimeSpan AfterMidnight = TimeSpan.FromMinutes(10);

    /// <summary>How soon to look again while another cycle of the connection is under way.</summary>
    private static readonly TimeSpan OtherCycleWait = TimeSpan.FromSeconds(5);

    /// <summary>Our clock, UTC.</summary>
    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>When to look again after something that passes by itself (UTC).</summary>
    internal DateTimeOffset SoonAgain => Now + OtherCycleWait;

    /// <summary>Until when the organization's share is used up (UTC); null while there is something left.</summary>
    internal async Task<DateTimeOffset?> StoppedUntilAsync(SyncContext context, CancellationToken cancellationToken) =>
        (await paces.OfAsync(context.Connection.OrganizationId, cancellationToken)).StoppedUntil is { } until
            ? until + (AfterMidnight * ApiPace.Spread(context.ConnectionId)) : null;

    /// <summary>The terms of this moment.</summary>
    internal async Task<AgendaTerms> OfAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        var (now, person) = (Now, context.Person);
        var terms = new AgendaTerms(pulse, await paces.OfAsync(context.Connection.OrganizationId, cancellationToken), now, options.Value)
        {
            ConnectionId = context.ConnectionId,
            IsWatched = presence.IsHere(person.Id),
            Rep = RepTime.At(now, person.TimeZone, context.Connection.UserTimeZone, person.BrowserTimeZone),
        };
        if (terms.Pace.Stretch > 1 && pulse.PolledAt == default)
        {
            // After a start not everybody is due at once.
            pulse.PolledAt = now - (terms.Pace.Between(terms.UsualInterval) * ApiPace.Spread(context.ConnectionId));
        }

        return terms;
    }
}
