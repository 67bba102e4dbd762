using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>Stores how a connection's cycle is doing: in step, backing off, or getting nowhere.</summary>
public sealed partial class CycleStates(IDbContextFactory<TaskSyncDb> databases, BackOff backOff, ChangeFeed feed, TimeProvider time, ILogger<ConnectionCycle> logger)
{
    /// <summary>The heartbeat is written at most this often: an idle poll writes nothing else.</summary>
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMinutes(1);

    /// <summary>Until when a connection backs off (UTC); null when it did not at this instant, or may not run at all.</summary>
    internal async Task<DateTimeOffset?> BackingOffUntilAsync(Guid connectionId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Connections.Where(c => c.Id == connectionId && c.State == ConnectionState.Active && c.BackOffUntil > now)
            .Select(c => c.BackOffUntil).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>
    /// Everything that was due is done: the pill may say so. Written at most once a minute, or when a back-off ends. A follower is in step as of what its reader says,
    /// so nothing is written for it but the end of trouble of its own.
    /// </summary>
    internal async Task SucceededAsync(SyncContext context, ReaderStanding standing, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        (pulse.Failures, pulse.Fruitless, pulse.Faults) = (0, 0, 0);
        var now = time.GetUtcNow();
        var isTroubled = context.Connection is not { BackOffUntil: null, FailingSince: null };
        if (!isTroubled && (standing.Follows || now - pulse.HeartbeatAt < HeartbeatInterval))
        {
            return;
        }

        pulse.HeartbeatAt = now;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await ShardFences.Held(db, context.ConnectionId, context.Fence).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.LastSuccessAt, c => standing.Follows ? c.LastSuccessAt : now).SetProperty(c => c.BackOffUntil, (DateTimeOffset?)null)
                .SetProperty(c => c.BackOffReason, (string?)null).SetProperty(c => c.FailingSince, (DateTimeOffset?)null),
            cancellationToken);
        feed.Publish(context.Person.Id);
    }

    /// <summary>A call failed.</summary>
    /// <returns>When to try again (UTC); null when the rep has to do something first.</returns>
    internal async Task<DateTimeOffset?> FailedAsync(SyncContext context, ConnectionPulse pulse, CallFailure failure, CancellationToken cancellationToken)
    {
        pulse.Failures++;
        LogFailed(context.ConnectionId, failure.Code, failure.HttpStatus, pulse.Failures);
        if (failure.Class == FailureClass.Auth)
        {
            // The connection says so itself: changes wait until the rep reconnects.
            feed.Publish(context.Person.Id);
            return null;
        }

        var now = time.GetUtcNow();
        var until = now + backOff.After(pulse.Failures, failure);
        await BackOffAsync(context.ConnectionId, context.Fence, new(until, SalesforceErrors.For(failure).Words, now), cancellationToken);
        return until;
    }

    /// <summary>
    /// A cycle failed for a reason of our own. The same again would most likely fail as well, and it may have cost calls: it counts as work without progress.
    /// Logged once per state.
    /// </summary>
    /// <returns>When to try again (UTC).</returns>
    internal async Task<DateTimeOffset> UnexpectedAsync(Exception failure, Guid connectionId, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        if (++pulse.Faults == 1)
        {
            LogUnexpected(failure, connectionId);
        }

        return await backOff.AfterFaultAsync(failure, pulse.Faults, time.GetUtcNow(), (until, reason) => BackOffAsync(connectionId, pulse.Fence, new(until, reason, null), cancellationToken));
    }

    /// <summary>Duty after duty brought no progress, whatever the cause: nothing is repeated without a back-off. Logged once per state.</summary>
    /// <param name="context">The cycle.</param>
    /// <param name="times">How often in a row, 1 or more.</param>
    /// <param name="duty">What would have come next.</param>
    /// <param name="cancellationToken">Cancels; nothing is stored then.</param>
    /// <returns>When to try again (UTC).</returns>
    internal async Task<DateTimeOffset> FruitlessAsync(SyncContext context, int times, Duty duty, CancellationToken cancellationToken)
    {
        if (times == 1)
        {
            LogFruitless(context.ConnectionId, duty.GetType().Name);
        }

        var until = time.GetUtcNow() + backOff.AfterFruitless(times);
        await BackOffAsync(context.ConnectionId, context.Fence, new(until, SalesforceErrors.Explain(ProblemCodes.NoProgress, ""), null), cancellationToken);
        return until;
    }

    private async Task BackOffAsync(Guid connectionId, Fence? fence, Wait wait, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var connection = ShardFences.Held(db, connectionId, fence);
        await Following.KeepSuccessAsync(db, connection, cancellationToken);
        var stored = await connection.ExecuteUpdateAsync(
            set => set.SetProperty(c => c.BackOffUntil, wait.Until).SetProperty(c => c.BackOffReason, wait.Reason).SetProperty(c => c.FailingSince, c => c.FailingSince ?? wait.FailedAt), cancellationToken);
        if (stored > 0)
        {
            feed.Publish(await db.Connections.Where(c => c.Id == connectionId).Select(c => c.PersonId).FirstAsync(cancellationToken));
        }
    }

    /// <summary>A back-off.</summary>
    /// <param name="Until">UTC.</param>
    /// <param name="Reason">Why, in words.</param>
    /// <param name="FailedAt">When Salesforce failed or refused (UTC); null when it answers, and something else is wrong. The first of several counts.</param>
    private sealed record Wait(DateTimeOffset Until, string Reason, DateTimeOffset? FailedAt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId}: the call failed with {Code} (HTTP {Status}), {Failures} in a row.")]
    private partial void LogFailed(Guid connectionId, string code, int? status, int failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId}: {Duty} brings no progress. It is tried again more and more rarely.")]
    private partial void LogFruitless(Guid connectionId, string duty);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId}: another instance has taken the shard over, or it was erased.")]
    internal partial void LogFenceLost(Guid connectionId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId}: Salesforce shows writes of ours that this database does not know. It was restored from a backup, it seems; nothing is sent before an audit.")]
    internal partial void LogRestored(Guid connectionId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {ConnectionId}: the cycle failed. It is tried again more and more rarely.")]
    private partial void LogUnexpected(Exception exception, Guid connectionId);
}
