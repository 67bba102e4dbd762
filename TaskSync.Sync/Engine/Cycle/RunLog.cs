using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>Writes down the pieces of work that did something, for people to read. What did nothing leaves no trace.</summary>
public sealed class RunLog(IDbContextFactory<TaskSyncDb> databases, ApiCallCounter calls, TimeProvider time)
{
    internal Task<ApplyResult> RecordAsync(SyncContext context, SyncRunKind kind, Func<Task<ApplyResult>> work) =>
        RecordAsync(context, kind, work, result => new SyncRun { Created = result.Created, Updated = result.Updated, Deleted = result.Deleted }, result => result.ChangedAnything);

    internal Task<PushResult> RecordAsync(SyncContext context, SyncRunKind kind, Func<Task<PushResult>> work) =>
        RecordAsync(context, kind, work, result => new SyncRun
        {
            Created = result.Applied.Created,
            Updated = result.Applied.Updated,
            Deleted = result.Applied.Deleted,
            Sent = result.Sent,
            Failed = result.Failed,
            Outcome = result.Failed == 0 ? SyncRunOutcome.Succeeded : result.Sent == 0 ? SyncRunOutcome.Failed : SyncRunOutcome.Partly,
        }, result => result.Sent + result.Failed > 0 || result.Applied.ChangedAnything);

    private async Task<T> RecordAsync<T>(SyncContext context, SyncRunKind kind, Func<Task<T>> work, Func<T, SyncRun> describe, Predicate<T> isWorthIt)
    {
        var (startedAt, before) = (time.GetUtcNow(), calls.CallsToday(context.ConnectionId));
        try
        {
            var result = await work();
            if (isWorthIt(result))
            {
                await StoreAsync(describe(result));
            }

            return result;
        }
        catch (SalesforceCallException e) when (context.Connection.BackOffReason is null)
        {
            // The first failure is worth a line; the retries of an outage are not.
            await StoreAsync(new SyncRun { Outcome = SyncRunOutcome.Failed, Failed = 1, Message = e.Failure.Code });
            throw;
        }

        async Task StoreAsync(SyncRun facts)
        {
            await using var db = await databases.CreateDbContextAsync();
            db.Runs.Add(new SyncRun
            {
                PersonId = context.Person.Id,
                ConnectionId = context.ConnectionId,
                Kind = kind,
                StartedAt = startedAt,
                EndedAt = time.GetUtcNow(),
                Outcome = facts.Outcome == SyncRunOutcome.Running ? SyncRunOutcome.Succeeded : facts.Outcome,
                Created = facts.Created,
                Updated = facts.Updated,
                Deleted = facts.Deleted,
                Sent = facts.Sent,
                Failed = facts.Failed,
                ApiCalls = Math.Max(0, calls.CallsToday(context.ConnectionId) - before),
                Message = facts.Message,
            });
            await db.SaveChangesAsync();
        }
    }
}
