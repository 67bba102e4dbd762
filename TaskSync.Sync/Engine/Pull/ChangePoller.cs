using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>The fast read: edits and deletions since the cursor in one call. When nothing happened it writes nothing.</summary>
public sealed class ChangePoller(IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ObservationApplier applier, IOptions<SyncOptions> options)
{
    internal async Task<ApplyResult> PollAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        var page = await api.QueryTasksAsync(context.Caller, ApiPurpose.Poll, await QueryAsync(context, pulse, cancellationToken), cancellationToken);
        return await TakeAsync(context, pulse, page, cancellationToken);
    }

    /// <summary>What the next poll asks for.</summary>
    internal async Task<TaskQuery> QueryAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken) =>
        TaskQuery.ChangedSince(context.Connection.UserId, await ReachedAsync(context, pulse, cancellationToken) - options.Value.Overlap);

    /// <summary>Everything of the rep that changed since an instant of Salesforce's time, without moving the cursor.</summary>
    internal async Task<ApplyResult> ReadSinceAsync(SyncContext context, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var page = await api.QueryTasksAsync(context.Caller, ApiPurpose.Sweep, TaskQuery.ChangedSince(context.Connection.UserId, since), cancellationToken);
        return await TakePagesAsync(context, page, null, cancellationToken);
    }

    /// <summary>Takes the first page of a poll, and reads and takes those that follow.</summary>
    internal async Task<ApplyResult> TakeAsync(SyncContext context, ConnectionPulse pulse, TaskPage page, CancellationToken cancellationToken)
    {
        var readUpTo = page.ServerTime;
        var total = await TakePagesAsync(context, page, AdvanceTo(context, readUpTo), cancellationToken);
        pulse.FastReached = readUpTo;
        return total;
    }

    private async Task<ApplyResult> TakePagesAsync(SyncContext context, TaskPage page, Func<TaskSyncDb, CancellationToken, Task>? advance, CancellationToken cancellationToken)
    {
        var total = new ApplyResult();
        while (true)
        {
            // The cursor moves with the last page only: a crash before that replays harmless no-ops.
            var last = page.NextPage is null;
            var result = await applier.ApplyAsync(
                context, context.Reading(ReadKind.Changes, page.Tasks, page.Schema), last && total.ReadAgain.Count == 0 ? advance : null, cancellationToken);
            total.Add(result);
            if (last)
            {
                break;
            }

            page = await api.NextTasksAsync(context.Caller, ApiPurpose.Poll, page.NextPage!, cancellationToken);
        }

        if (total.ReadAgain.Count > 0)
        {
            // Rows with the stamp we know but other values: their present state is read by id and counts. Only then has the poll read up to where it says.
            var rows = await api.TasksByIdAsync(context.Caller, ApiPurpose.Read, total.ReadAgain, cancellationToken);
            total.Add(await applier.ApplyAsync(context, context.Reading(ReadKind.Present, rows), advance, cancellationToken));
        }

        return total;
    }

    internal static Func<TaskSyncDb, CancellationToken, Task> AdvanceTo(SyncContext context, DateTimeOffset readUpTo) =>
        (db, cancellationToken) => db.Cursors.Where(c => c.ConnectionId == context.ConnectionId && c.Fast < readUpTo)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Fast, readUpTo), cancellationToken);

    private async Task<DateTimeOffset> ReachedAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        if (pulse.FastReached == default)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            pulse.FastReached = await db.Cursors.Where(c => c.ConnectionId == context.ConnectionId).Select(c => c.Fast).FirstAsync(cancellationToken);
        }

        return pulse.FastReached;
    }
}
