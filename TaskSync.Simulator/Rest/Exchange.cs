using TaskSync.Simulator.Org;

namespace TaskSync.Simulator.Rest;

/// <summary>What faults have in store for one HTTP request while it is worked on, and what came of it.</summary>
internal sealed class Exchange
{
    /// <summary>Errors of single records.</summary>
    public ItemErrors ItemErrors { get; init; } = new();

    /// <summary>The request's writes shall not be committed yet.</summary>
    public bool HoldCommit { get; init; }

    /// <summary>Rows per query page at most, when fewer than usual.</summary>
    public int? PageSize { get; init; }

    /// <summary>The writes that wait to be committed; null when there are none.</summary>
    public HeldTransaction? Held { get; set; }
}
