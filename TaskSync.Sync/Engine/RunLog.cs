using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine;

/// <summary>Writes down the pieces of work that did something, for people to read. What did nothing leaves no trace.</summary>
public sealed partial class RunLog(IDbContextFactory<TaskSyncDb> databases, ApiCallCounter calls, TimeProvider time, ILogger<RunLog> logger)
{
    /// <summary>Adds what one step of a first sync or catch-up took and did to its progress, from which its line is written at the end.</summary>
    internal async Task<T> RecordStepAsync<T>(SyncContext context, Func<Task<T>> step)
        where T : IRunResult
    {
        var before = calls.CallsToday(context.ConnectionId);
        var did = new SyncRun();
        try
        {
            var result = await step();
            did = result.Line ?? did;
            return result;
        }
        finally
        {
            var took = Math.Max(0, calls.CallsToday(context.ConnectionId) - before);
            await TryAsync(context, db => AddStepAsync(db, context.ConnectionId, did, took));
        }
    }

    private static async Task AddStepAsync(TaskSyncDb db, Guid connectionId, SyncRun did, int took)
    {
        var progress = db.InitialSyncs.Where(i => i.ConnectionId == connectionId);
        await progress.ExecuteUpdateAsync(set => set.SetProperty(i => i.Calls, i => i.Calls + took).SetProperty(i => i.Created, i => i.Created + did.Created)
            .SetProperty(i => i.Updated, i => i.Updated + did.Updated).SetProperty(i => i.Deleted, i => i.Deleted + did.Deleted));

        // The last step has written the line already, so that no crash can lose it. That of a first sync counts every task of the window, whoever brought it in.
        await db.Runs.Where(r => r.ConnectionId == connectionId && r.Kind <= SyncRunKind.CatchUp && progress.Any(i => i.RequestedAt == r.StartedAt && i.FinishedAt == r.EndedAt))
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.ApiCalls, r => r.ApiCalls + took).SetProperty(r => r.Created, r => r.Kind == SyncRunKind.CatchUp ? r.Created + did.Created : r.Created)
                .SetProperty(r => r.Updated, r => r.Updated + did.Updated).SetProperty(r => r.Deleted, r => r.Deleted + did.Deleted));
    }

    internal async Task<T> RecordAsync<T>(SyncContext context, SyncRunKind kind, Func<Task<T>> work)
        where T : IRunResult
    {
        var (startedAt, before) = (time.GetUtcNow(), calls.CallsToday(context.ConnectionId));
        try
        {
            var result = await work();
            if (result.Line is { } line)
            {
                await StoreAsync(line);
            }

            return result;
        }
        catch (Exception e) when (context.Connection.BackOffReason is null && e is not (OperationCanceledException or SyncStoppedException or FenceLostException))
        {
            // The first failure is worth a line; the retries of an outage are not.
            await StoreAsync(e is SalesforceCallException call
                ? new SyncRun { Outcome = SyncRunOutcome.Failed, Failed = 1, Message = call.Failure.Code }
                : new SyncRun { Outcome = SyncRunOutcome.Failed, Message = ProblemCodes.OurFault });
            throw;
        }

        Task StoreAsync(SyncRun facts) => TryAsync(context, db =>
        {
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
            return Task.CompletedTask;
        });
    }

    /// <summary>A line that cannot be written costs nothing but the line: what the work did, or why it failed, counts all the same.</summary>
    private async Task TryAsync(SyncContext context, Func<TaskSyncDb, Task> write)
    {
        try
        {
            await databases.CommitAsync(context.Fence, write, CancellationToken.None);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogNotWritten(e, context.ConnectionId);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId}: what was done could not be written down for people to read.")]
    private partial void LogNotWritten(Exception exception, Guid connectionId);
}

/// <summary>What a piece of work came to.</summary>
internal interface IRunResult
{
    /// <summary>The numbers of it, null when it did nothing.</summary>
    SyncRun? Line { get; }
}
