using Microsoft.EntityFrameworkCore;

namespace TaskSync.Sync.Data;

/// <summary>Deletions of as many rows as there happen to be.</summary>
internal static class LargeDeletions
{
    /// <summary>
    /// Rows that go in one statement. One that holds 5,000 locks makes SQL Server lock the whole table until the transaction ends ("lock escalation"), and
    /// everybody who saves waits.
    /// </summary>
    internal const int RowsAtOnce = 1_000;

    /// <summary>Deletes them all, a part after the other; in one transaction only if the caller has begun one.</summary>
    /// <param name="rows">In an order, so that a part is told from the rest.</param>
    public static async Task DeleteInPartsAsync<T>(this IOrderedQueryable<T> rows, CancellationToken cancellationToken)
    {
        while (await rows.Take(RowsAtOnce).ExecuteDeleteAsync(cancellationToken) == RowsAtOnce)
        {
        }
    }
}
