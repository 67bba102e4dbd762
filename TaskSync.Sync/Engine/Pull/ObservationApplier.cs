using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>
/// The only writer of what Salesforce tells: a batch of observed rows, the new bases and whatever the caller commits with them
/// (a cursor, an import's progress) are one transaction, conditional on the rows' versions and the shard's fence.
/// </summary>
public sealed class ObservationApplier(IDbContextFactory<TaskSyncDb> databases, TimeProvider time, ChangeFeed feed, IOptions<SyncOptions> options)
{
    private const int Tries = 6;

    /// <summary>Applies the rows. Applying the same rows again does nothing.</summary>
    /// <param name="context">The cycle.</param>
    /// <param name="rows">What one read showed.</param>
    /// <param name="mode">How to take them.</param>
    /// <param name="alsoCommit">Runs in the same transaction, before it commits.</param>
    /// <param name="onlyIfNews">True when nothing at all is to be written, the caller's part included, if no row brings news (an idle poll, our own echo).</param>
    /// <param name="readById">True when the rows were just read by id: an equal stamp is then the truth, not a reason to read again.</param>
    /// <param name="readAt">When the read began, by our clock, if the connection may have been writing meanwhile; null when reads and writes take turns.</param>
    /// <param name="cancellationToken">Cancels between statements; nothing is applied then.</param>
    public async Task<ApplyResult> ApplyAsync(
        SyncContext context,
        IReadOnlyList<RemoteTask> rows,
        ApplyMode mode,
        Func<TaskSyncDb, CancellationToken, Task>? alsoCommit = null,
        bool onlyIfNews = false,
        bool readById = false,
        DateTimeOffset? readAt = null,
        CancellationToken cancellationToken = default)
    {
        rows = await News.OnlyAsync(databases, context, rows, mode, cancellationToken);
        if (rows.Count == 0 && (onlyIfNews || alsoCommit is null))
        {
            return new ApplyResult();
        }

        for (var attempt = 1; ; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var result = new ApplyResult();
            try
            {
                await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
                await ShardFences.CheckAsync(db, context.Fence, cancellationToken);
                var batch = await ObservationBatch.LoadAsync(db, context, rows, mode, readById, readAt, time.GetUtcNow(), options.Value.UnknownOutcomeWait, result, cancellationToken);
                await batch.ApplyAsync(dryRun: false, cancellationToken);
                if (alsoCommit is not null)
                {
                    await alsoCommit(db, cancellationToken);
                }

                await db.SaveChangesAsync(cancellationToken);
                if (result.ForgottenWrites)
                {
                    await db.Cursors.Where(c => c.ConnectionId == context.ConnectionId)
                        .ExecuteUpdateAsync(set => set.SetProperty(c => c.AuditAsked, AuditReason.RestoredBackup), cancellationToken);
                }

                await DeleteQuestions.SettleAsync(db, context, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                Publish(result);
                return result;
            }
            catch (DbUpdateException) when (attempt < Tries)
            {
                // The rep saved one of these tasks meanwhile, or another read brought the same row in: look again with what is there now.
            }
        }
    }

    /// <summary>What applying these rows would do, by the very code that does it: nothing is stored and nobody is told.</summary>
    /// <param name="context">Whose list.</param>
    /// <param name="rows">What a read showed.</param>
    /// <param name="mode">How to take them.</param>
    /// <param name="look">Looks at what would be stored, while it is there to be seen.</param>
    /// <param name="cancellationToken">Stops between statements.</param>
    public async Task<ApplyResult> DryRunAsync(
        SyncContext context, IReadOnlyList<RemoteTask> rows, ApplyMode mode, Func<TaskSyncDb, ApplyResult, CancellationToken, Task>? look, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var result = new ApplyResult();
        var batch = await ObservationBatch.LoadAsync(db, context, rows, mode, readById: true, readAt: null, time.GetUtcNow(), options.Value.UnknownOutcomeWait, result, cancellationToken);
        await batch.ApplyAsync(dryRun: true, cancellationToken);
        if (look is not null)
        {
            await look(db, result, cancellationToken);
        }

        return result;
    }

    /// <summary>Marks links as lost: Salesforce neither shows nor knows their tasks (F6, S7). The tasks stay, nothing is written.</summary>
    public async Task<int> LoseAsync(SyncContext context, IReadOnlyCollection<string> salesforceIds, string note, CancellationToken cancellationToken)
    {
        if (salesforceIds.Count == 0)
        {
            return 0;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await ShardFences.CheckAsync(db, context.Fence, cancellationToken);
        var links = await db.Links.Include(l => l.Task)
            .Where(l => l.ConnectionId == context.ConnectionId && l.State == LinkState.Open && salesforceIds.Contains(l.SalesforceId!))
            .ToListAsync(cancellationToken);
        foreach (var link in links)
        {
            link.State = LinkState.Lost;
            if (link.Task!.RemovedAt is not null)
            {
                // Deleted here and unknown there: that is what both sides wanted.
                link.AgreedGone = true;
                link.GoneConfirmedAt ??= time.GetUtcNow();
            }

            db.History.Add(new HistoryEntry
            {
                TaskId = link.TaskId,
                PersonId = context.Person.Id,
                At = time.GetUtcNow(),
                Side = TaskSide.Salesforce,
                Kind = HistoryKind.Lost,
                Note = note,
            });
        }

        var ids = links.Select(l => l.TaskId).ToList();
        await PendingWrites.RemoveAsync(db, ids, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await DeleteQuestions.SettleAsync(db, context, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        feed.Publish(context.Person.Id);
        return links.Count;
    }

    private void Publish(ApplyResult result)
    {
        foreach (var personId in result.People)
        {
            feed.Publish(personId);
        }
    }
}
