using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>Applies what a reader read to one of its followers.</summary>
public sealed class FollowerRows(SalesforceApi api, ObservationApplier applier, RelatedNames names, TimeProvider time)
{
    /// <summary>A rep who saves and saves can overtake a read; after so many tries the next poll looks again.</summary>
    private const int MostReads = 3;

    /// <summary>Applies what one read showed. What our own writes overtook is read again by id.</summary>
    /// <param name="scope">The reader's cycle.</param>
    /// <param name="context">The follower.</param>
    /// <param name="reading">The rows, and when the read began.</param>
    /// <param name="cancellationToken">Stops between transactions.</param>
    internal async Task<ApplyResult> ApplyAsync(ReaderScope scope, SyncContext context, Reading reading, CancellationToken cancellationToken)
    {
        var total = await applier.ApplyAsync(context, reading, null, cancellationToken);
        for (var reads = 0; total.ReadAgain.Count > 0 && reads < MostReads; reads++)
        {
            List<string> again = [.. total.ReadAgain.Distinct()];
            total.ReadAgain.Clear();
            foreach (var ids in again.Chunk(SalesforceLimits.IdsPerAddress))
            {
                if (await ReadAsync(scope, context, ids, cancellationToken) is { } applied)
                {
                    total.Add(applied);
                }
                else
                {
                    // The rows stay unsettled, so the cursor that the rep leaves with has not passed them.
                    total.ReadAgain.AddRange(again);
                    return total;
                }
            }
        }

        await names.FillAsync(context, total.Unnamed, cancellationToken);
        return total;
    }

    /// <summary>Reads rows of one rep with the reader's token, for a rep may no longer see what was just reassigned. It is the rep's sync that has to be on.</summary>
    /// <returns>Null when it is not any more. The other reps are served all the same.</returns>
    private async Task<ApplyResult?> ReadAsync(ReaderScope scope, SyncContext context, string[] ids, CancellationToken cancellationToken)
    {
        var began = time.GetUtcNow();
        TaskPage fresh;
        try
        {
            fresh = await api.QueryChangesAsync(context.Caller with { ConnectionId = scope.Id }, TaskQuery.ById(ids), cancellationToken);
        }
        catch (SyncStoppedException)
        {
            return null;
        }

        return await applier.ApplyAsync(context, context.Reading(ReadKind.Present, fresh.Tasks) with { BeganAt = began }, null, cancellationToken);
    }
}
