using TaskSync.Sync.Model;

namespace TaskSync.Sync.Reconciliation;

/// <summary>Which unlinked Salesforce tasks a switch-on lets in (F3, F6). Pure; the run and the preview before Save both ask it.</summary>
public static class ImportPlanner
{
    /// <summary>How far back a catch-up lets new Salesforce tasks in.</summary>
    public static readonly TimeSpan OldestNewTask = TimeSpan.FromDays(30);

    /// <summary>The start of a first sync's window, in the time that <paramref name="save"/> is in. All open tasks come in whatever their age; of the others the last 24 hours.</summary>
    public static DateTimeOffset WindowStart(ImportWindow window, DateTimeOffset save) =>
        save - (window == ImportWindow.Last7Days ? TimeSpan.FromDays(7) : TimeSpan.FromHours(24));

    /// <summary>An unlinked task last modified before this never enters at a catch-up: where the first sync began, moved up to 30 days before Save.</summary>
    public static DateTimeOffset? FloorAtCatchUp(DateTimeOffset? floor, DateTimeOffset save) => floor < save - OldestNewTask ? save - OldestNewTask : floor;

    /// <summary>Whether an unlinked row may enter at all (F3, S11): live, not archived, no series definition, the rep's own, and modified inside the window.</summary>
    /// <param name="row">What was read.</param>
    /// <param name="userId">The rep's Salesforce user.</param>
    /// <param name="floor">LastModifiedDate from which rows enter; null for none.</param>
    /// <param name="isImport">True when the import's own query chose the row.</param>
    public static bool MayEnter(EntryFacts row, string userId, DateTimeOffset? floor, bool isImport) =>
        row is { IsDeleted: false, IsArchived: false, IsRecurrence: false } && row.OwnerId == userId && (isImport || row.LastModified >= floor);
}

/// <summary>What decides whether an unlinked row may enter.</summary>
public readonly record struct EntryFacts(string OwnerId, DateTimeOffset LastModified, bool IsDeleted, bool IsArchived, bool IsRecurrence);
