using TaskSync.Sync.Model;
using TaskSync.Sync.Tasks;

namespace TaskSync.Sync.Status;

/// <summary>The pill in the app bar: is the whole in step, and as of when.</summary>
/// <param name="State">For the icon.</param>
/// <param name="Text">"In step", "3 waiting", "Needs you (2)", "Salesforce is away" …</param>
/// <param name="Since">Since when it is away, or needs somebody (UTC); null in the other states.</param>
/// <param name="AsOf">When both sides were last known to be in step (UTC), null when never.</param>
/// <param name="Waiting">Changes that wait to be sent.</param>
/// <param name="NeedsYou">Open problems and conflicts.</param>
/// <param name="Reason">More words for the panel: why paused, why reconnect, what is awaited.</param>
/// <param name="Progress">The first sync or catch-up while it runs.</param>
/// <param name="Time">Now and the person's zone, for the instants.</param>
public sealed record SyncPill(
    SyncPillState State, string Text, DateTimeOffset? Since, DateTimeOffset? AsOf, int Waiting, int NeedsYou, string? Reason, InitialProgress? Progress, RepTime Time);

/// <summary>In order of precedence.</summary>
public enum SyncPillState
{
    Off,
    Reconnect,
    Paused,

    /// <summary>Salesforce fails or refuses every call, or nothing has been in step for a while.</summary>
    Away,
    NeedsYou,
    Syncing,
    Waiting,
    InStep,
}
