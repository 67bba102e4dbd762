using TaskSync.Sync.Tasks;

namespace TaskSync.Sync.Status;

/// <summary>The pill in the app bar: is the whole in step, and as of when.</summary>
/// <param name="State">For the icon.</param>
/// <param name="Text">"In step", "3 waiting", "Needs you (2)" …</param>
/// <param name="AsOf">When both sides were last known to be in step (UTC), null when never.</param>
/// <param name="Waiting">Changes that wait to be sent.</param>
/// <param name="NeedsYou">Open problems and conflicts.</param>
/// <param name="Reason">More words for the panel: why paused, why reconnect, what is awaited.</param>
/// <param name="Progress">The first sync or catch-up while it runs.</param>
public sealed record SyncPill(
    SyncPillState State, string Text, DateTimeOffset? AsOf, int Waiting, int NeedsYou, string? Reason, InitialProgress? Progress);

/// <summary>In order of precedence.</summary>
public enum SyncPillState
{
    Off,
    Reconnect,
    Paused,
    NeedsYou,
    Syncing,
    Waiting,
    InStep,
}
