namespace TaskSync.Sync.Reconciliation;

/// <summary>
/// Stops a mass deletion made here before it empties Salesforce (S10). Looks at deletions made here only: what Salesforce itself confirms never comes this way. Pure.
/// </summary>
public static class DeleteBrake
{
    /// <summary>Deletions this close together belong together.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(60);

    /// <summary>So many are never asked about.</summary>
    public const int MostTasks = 10;

    /// <summary>So many percent of the linked tasks are never asked about.</summary>
    public const int MostPercent = 20;

    /// <summary>
    /// Which deletions have to wait for the rep's word: all unsent ones within any 60 minutes in which more than 10 tasks and more than 20 % of the linked ones were deleted here.
    /// The 60 minutes are those of the deletions, not of the clock: deletions that had to wait for Salesforce are asked about all the same.
    /// </summary>
    /// <param name="deletions">Deletions made here, in any order.</param>
    /// <param name="inSalesforce">Linked tasks that are in Salesforce now, those about to be deleted included.</param>
    public static IReadOnlySet<Guid> Hold(IEnumerable<Deletion> deletions, int inSalesforce)
    {
        var held = new HashSet<Guid>();
        var inOrder = deletions.Where(d => d.State != DeletionState.Allowed).OrderBy(d => d.At).ToList();
        var (first, sent, seen) = (0, 0, 0);
        for (var last = 0; last < inOrder.Count; last++)
        {
            sent += inOrder[last].State == DeletionState.Sent ? 1 : 0;
            for (; inOrder[last].At - inOrder[first].At > Window; first++)
            {
                sent -= inOrder[first].State == DeletionState.Sent ? 1 : 0;
            }

            var count = last - first + 1;
            if (count > MostTasks && count * 100L > (inSalesforce + (long)sent) * MostPercent)
            {
                for (seen = Math.Max(seen, first); seen <= last; seen++)
                {
                    if (inOrder[seen].State == DeletionState.Waiting)
                    {
                        held.Add(inOrder[seen].TaskId);
                    }
                }
            }
        }

        return held;
    }
}

/// <summary>One task that was deleted here.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="At">When it was deleted here (UTC).</param>
/// <param name="State">How far the deletion got.</param>
public readonly record struct Deletion(Guid TaskId, DateTimeOffset At, DeletionState State);

public enum DeletionState
{
    /// <summary>Salesforce still has the task.</summary>
    Waiting,

    /// <summary>Salesforce has it no longer.</summary>
    Sent,

    /// <summary>The rep was asked about this deletion and wants it: it is neither held nor counted again.</summary>
    Allowed,
}
