using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>Why nothing moves, in words for the rep.</summary>
internal static class Pauses
{
    /// <summary>"Paused by Adam Admin: data load", or null when neither the person nor everybody is paused.</summary>
    public static string? Words(Person person, SyncControl? control) =>
        control is { PausedAt: not null } ? By(control.PausedBy ?? "an admin", control.Reason)
        : person.PausedAt is not null ? person.PauseReason ?? "Paused by an admin"
        : null;

    public static string By(string admin, string? reason) => string.IsNullOrWhiteSpace(reason) ? $"Paused by {admin}" : $"Paused by {admin}: {reason.Trim()}";
}
