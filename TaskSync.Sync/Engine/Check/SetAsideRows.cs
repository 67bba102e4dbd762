using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Check;

/// <summary>Tries rows again that could not be stored (S9). The cursors have passed them, so nothing else reads one that has no link and does not change.</summary>
public sealed class SetAsideRows(IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ObservationApplier applier)
{
    /// <summary>Reads all of them by id and applies them. The problem ends unless a row cannot be stored again: it is in then, or not the rep's any more.</summary>
    internal async Task<ApplyResult> TryAgainAsync(SyncContext context, CancellationToken cancellationToken)
    {
        var total = new ApplyResult();
        var ids = await IdsAsync(context, cancellationToken);
        if (ids.Count == 0)
        {
            return total;
        }

        // As few at a time as may all be set aside once more. Whatever their age: the read that showed them had let them in.
        var rows = await api.TasksByIdAsync(context.Caller, ApiPurpose.Audit, ids, cancellationToken);
        foreach (var some in rows.Chunk(UnitOfWork.MostSetAside))
        {
            var reading = context.Reading(ReadKind.Audit, some) with { EntryFloor = DateTimeOffset.MinValue };
            total.Add(await applier.ApplyAsync(context, reading, null, cancellationToken));
        }

        var settled = ids.Except(total.SetAside).ToHashSet();
        await databases.CommitAsync(
            context.Fence, db => ProblemBook.EndSetAsideAsync(db, context.Person.Id, context.ConnectionId, settled, cancellationToken), cancellationToken);
        return total;
    }

    private async Task<List<string>> IdsAsync(SyncContext context, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ProblemBook.SetAside(db, context.Person.Id, context.ConnectionId).Select(p => p.SalesforceId!).ToListAsync(cancellationToken);
    }
}
