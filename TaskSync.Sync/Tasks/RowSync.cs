using TaskSync.Sync.Model;

namespace TaskSync.Sync.Tasks;

/// <summary>What a list needs to know of a task's sync, read with the task in the same query.</summary>
internal sealed record RowSync(
    LinkState? Link, Guid? ConnectionId, string? SalesforceId, bool HasWrite, bool IsParked, bool HasProblem, bool HasConflict)
{
    /// <summary>With sync off, a linked task without waiting changes is in step as of the last sync; the pill says that it is off.</summary>
    public RowSyncState State(Guid? currentConnection) => this switch
    {
        { Link: not LinkState.Open } => RowSyncState.OnlyHere,
        _ when ConnectionId != currentConnection => RowSyncState.OnlyHere,
        { HasProblem: true } or { IsParked: true } => RowSyncState.Problem,
        { HasConflict: true } => RowSyncState.Conflict,
        { HasWrite: true } => RowSyncState.Waiting,
        _ => RowSyncState.InStep,
    };
}
