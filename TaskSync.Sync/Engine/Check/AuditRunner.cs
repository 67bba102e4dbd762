using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Check;

/// <summary>
/// Compares every linked task with Salesforce and has what differs put right by the same code that takes every other observation (S8). What it found is stored as a number,
/// so that "in step" is a measurement and not a belief.
/// </summary>
public sealed class AuditRunner(IDbContextFactory<TaskSyncDb> databases, AuditComparison comparison, SetAsideRows setAside, ApiCallCounter calls, TimeProvider time, ChangeFeed feed)
{
    private const int MostIdText = 500;

    internal async Task<ApplyResult> RunAsync(SyncContext context, AuditReason reason, CancellationToken cancellationToken)
    {
        var (startedAt, callsBefore) = (time.GetUtcNow(), calls.CallsToday(context.ConnectionId));
        var asked = await BeginAsync(context, reason, cancellationToken);
        var found = new AuditFindings();
        found.Count(await setAside.TryAgainAsync(context, cancellationToken));
        string? after = null;
        do
        {
            after = await comparison.PageAsync(context, after, found, cancellationToken);
        }
        while (after is not null);

        var duplicates = await comparison.DuplicatesAsync(context, cancellationToken);
        var ids = string.Join(' ', duplicates.SelectMany(same => same.SalesforceIds));
        await StoreAsync(context, asked, new Audit
        {
            PersonId = context.Person.Id,
            ConnectionId = context.ConnectionId,
            Reason = reason == AuditReason.AskedBegun ? AuditReason.Asked : reason,
            StartedAt = startedAt,
            EndedAt = time.GetUtcNow(),
            Compared = found.Compared,
            Different = found.Different,
            Healed = found.Healed,
            Duplicates = duplicates.Sum(same => same.TooMany),
            DuplicateIds = ids.Length == 0 ? null : ids.Length <= MostIdText ? ids : ids[..MostIdText],
            ApiCalls = Math.Max(0, calls.CallsToday(context.ConnectionId) - callsBefore),
        }, cancellationToken);
        return found.Applied;
    }

    /// <summary>Marks a request as begun, so that one made meanwhile can be told from it.</summary>
    /// <returns>The request that this audit answers; null when nobody asked.</returns>
    private async Task<AuditReason?> BeginAsync(SyncContext context, AuditReason reason, CancellationToken cancellationToken)
    {
        switch (reason)
        {
            case AuditReason.Nightly:
                return null;
            case AuditReason.RestoredBackup:
                // Nothing is sent before it has ended: it stays as it is.
                return reason;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Cursors.Where(c => c.ConnectionId == context.ConnectionId && c.AuditAsked == AuditReason.Asked)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.AuditAsked, AuditReason.AskedBegun), cancellationToken);
        return AuditReason.AskedBegun;
    }

    private async Task StoreAsync(SyncContext context, AuditReason? asked, Audit audit, CancellationToken cancellationToken)
    {
        await databases.CommitAsync(
            context.Fence,
            db =>
            {
                db.Audits.Add(audit);

                // What was asked for while it ran is still to come.
                return db.Cursors.Where(c => c.ConnectionId == context.ConnectionId).ExecuteUpdateAsync(
                    set => set.SetProperty(c => c.AuditedAt, audit.EndedAt).SetProperty(c => c.AuditAsked, c => c.AuditAsked == asked ? null : c.AuditAsked), cancellationToken);
            },
            cancellationToken);
        feed.Publish(context.Person.Id);
    }
}
