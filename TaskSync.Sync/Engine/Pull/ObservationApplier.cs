using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Problems;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>
/// The only writer of what Salesforce tells: a batch of observed rows, the new bases and whatever the caller commits with them
/// (a cursor, an import's progress) are one transaction, conditional on the rows' versions and the shard's fence.
/// </summary>
public sealed partial class ObservationApplier(
    IDbContextFactory<TaskSyncDb> databases, TimeProvider time, ChangeFeed feed, IOptions<SyncOptions> options, ILogger<ObservationApplier> logger)
{
    /// <summary>Applies what one read showed. Applying it again does nothing. A poll in which no row brings news writes nothing at all.</summary>
    /// <param name="context">The cycle.</param>
    /// <param name="reading">What was read, and how.</param>
    /// <param name="alsoCommit">
    /// Runs in the same transaction, before it commits, and where a row had to be set aside in that of the last rows; null for nothing. Not run for a poll of
    /// which rows have to be read again: its cursor may move only with what that read shows.
    /// </param>
    /// <param name="cancellationToken">Cancels between statements; nothing is applied then.</param>
    public async Task<ApplyResult> ApplyAsync(SyncContext context, Reading reading, Func<TaskSyncDb, CancellationToken, Task>? alsoCommit, CancellationToken cancellationToken)
    {
        reading = await News.OnlyAsync(databases, context, reading, cancellationToken);
        if (reading.Rows.Count == 0 && (alsoCommit is null || IsPoll(reading)))
        {
            return new ApplyResult();
        }

        var total = new ApplyResult();
        await UnitOfWork.CommitHalvingAsync(
            reading.Rows,
            async (rows, isLast) => total.Add(await CommitAsync(
                context, reading with { Rows = rows }, isLast && !IsHeldBack(reading, total) ? alsoCommit : null, cancellationToken)),
            (row, failure) =>
            {
                total.SetAside.Add(row.Id);
                return SetAsideAsync(context, row, failure, cancellationToken);
            });
        Publish(total);
        return total;
    }

    private Task<ApplyResult> CommitAsync(SyncContext context, Reading reading, Func<TaskSyncDb, CancellationToken, Task>? alsoCommit, CancellationToken cancellationToken) =>
        databases.CommitAsync(context.Fence, async db =>
        {
            var result = new ApplyResult();
            var batch = new ObservationBatch(db, context, reading, Judge(context), result);
            await batch.LoadAsync(cancellationToken);
            await batch.ApplyAsync(dryRun: false, cancellationToken);
            if (alsoCommit is not null && !IsHeldBack(reading, result))
            {
                await alsoCommit(db, cancellationToken);
            }

            var cameIn = result.Verdicts.Where(v => v.Fate != RowFate.Nothing).Select(v => v.Row.Id).ToHashSet();
            await ProblemBook.EndSetAsideAsync(db, context.Person.Id, context.ConnectionId, cameIn, cancellationToken);
            await ProblemBook.SettleAsync(db, [context.Person.Id, .. result.People], cancellationToken);
            if (result.ForgottenWrites)
            {
                await db.Cursors.Where(c => c.ConnectionId == context.ConnectionId)
                    .ExecuteUpdateAsync(set => set.SetProperty(c => c.AuditAsked, AuditReason.RestoredBackup), cancellationToken);
            }

            return result;
        }, cancellationToken);

    /// <summary>What applying these rows would do, by the very code that does it: nothing is stored and nobody is told.</summary>
    /// <param name="context">Whose list.</param>
    /// <param name="reading">What was read.</param>
    /// <param name="look">Looks at what would be stored, while it is there to be seen.</param>
    /// <param name="cancellationToken">Stops between statements.</param>
    public async Task<ApplyResult> DryRunAsync(SyncContext context, Reading reading, Func<TaskSyncDb, ApplyResult, Judge, CancellationToken, Task>? look, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var result = new ApplyResult();
        var judge = Judge(context);
        var batch = new ObservationBatch(db, context, reading, judge, result);
        await batch.LoadAsync(cancellationToken);
        await batch.ApplyAsync(dryRun: true, cancellationToken);
        if (look is not null)
        {
            await look(db, result, judge, cancellationToken);
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

        var lost = await databases.CommitAsync(context.Fence, async db =>
        {
            var links = await db.Links.Include(l => l.Task)
                .Where(l => l.ConnectionId == context.ConnectionId && l.State == LinkState.Open && salesforceIds.Contains(l.SalesforceId!))
                .ToListAsync(cancellationToken);
            foreach (var link in links)
            {
                Lose(db, context, link, note);
            }

            var ids = links.ConvertAll(l => l.TaskId);
            db.PendingWrites.RemoveRange(await db.PendingWrites.Where(p => ids.Contains(p.TaskId)).ToListAsync(cancellationToken));
            await ProblemBook.SettleAsync(db, [context.Person.Id], cancellationToken);
            return links.Count;
        }, cancellationToken);
        feed.Publish(context.Person.Id);
        return lost;
    }

    private static bool IsPoll(Reading reading) => reading is { Kind: ReadKind.Changes, IsCatchUp: false };

    private static bool IsHeldBack(Reading poll, ApplyResult applied) => IsPoll(poll) && applied.ReadAgain.Count > 0;

    private Judge Judge(SyncContext context) => context.Judge(time.GetUtcNow(), options.Value.UnknownOutcomeWait);

    private void Lose(TaskSyncDb db, SyncContext context, TaskLink link, string note)
    {
        (link.State, link.AttemptsJson, link.UnknownUntil) = (LinkState.Lost, null, null);
        ProblemBook.Unblock(link);
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

    /// <summary>One row that cannot be stored holds up nobody (S9): it is said, and <c>SetAsideRows</c> tries it again.</summary>
    private async Task SetAsideAsync(SyncContext context, RemoteTask row, Exception failure, CancellationToken cancellationToken)
    {
        var kind = DatabaseFailures.KindOf(failure);
        LogSetAside(context.ConnectionId, row.Id, kind);
        var problem = new Problem
        {
            PersonId = context.Person.Id,
            ConnectionId = context.ConnectionId,
            SalesforceId = row.Id,
            Code = ProblemCodes.RowSetAside,
            Message = $"{row.Id}: {kind}",
            FirstSeenAt = time.GetUtcNow(),
            LastSeenAt = time.GetUtcNow(),
        };
        await databases.CommitAsync(context.Fence, db => ProblemBook.OpenAsync(db, problem, cancellationToken), cancellationToken);
    }

    private void Publish(ApplyResult result)
    {
        foreach (var personId in result.People)
        {
            feed.Publish(personId);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {ConnectionId}: the row {SalesforceId} could not be stored ({Kind}) and is set aside.")]
    private partial void LogSetAside(Guid connectionId, string salesforceId, string kind);
}
