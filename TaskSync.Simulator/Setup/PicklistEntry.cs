namespace TaskSync.Simulator.Setup;

/// <summary>A value of TaskStatus, or of TaskPriority with <paramref name="IsFlagged"/> as "high".</summary>
/// <param name="Name">API name and label.</param>
/// <param name="IsFlagged">Closed, or high priority.</param>
/// <param name="IsDefault">What a new task gets.</param>
public sealed record PicklistEntry(string Name, bool IsFlagged = false, bool IsDefault = false);
