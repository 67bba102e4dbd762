using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Engine.Reader;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>
/// One connection's work, in the order it runs: catch-up, push, read changes, one page of an import, sweep, audit; again until nothing is due.
/// Reads are applied before the next call is made, so observations of one connection cannot overtake each other. A connection that follows the org's
/// reader only writes: then it is the reader that reads, and rows that our own writes overtook are read again (<see cref="ReaderRouter"/>).
/// </summary>
public sealed partial class ConnectionCycle(
    IDbContextFactory<TaskSyncDb> databases, SyncContexts contexts, InitialSyncRunner initialSync, PushRound pushRound, ChangePoller poller, CompletenessSweep sweep, AuditRunner audit,
    ReaderRoster roster, ApiPaces paces, RunLog runs, Presence presence, BackOff backOff, ChangeFeed feed, TimeProvider time, IOptions<SyncOptions> options, ILogger<ConnectionCycle> logger)
{
    /// <summary>The heartbeat is written at most this often: an idle poll writes nothing else.</summary>
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMinutes(1);

    /// <summary>While there is more to send a poll that is due waits, but no longer than this.</summary>
    private static readonly TimeSpan ReadsYield = TimeSpan.FromMinutes(1);

    /// <summary>The share of a new day is not used by everybody in its first second.</summary>
    private static readonly TimeSpan AfterMidnight = TimeSpan.FromMinutes(10);

    /// <summary>How soon to look again when the database is busy or away.</summary>
    private static readonly TimeSpan DatabaseWait = TimeSpan.FromSeconds(5);

    /// <summary>A follower is in step only as far as its reader is: polls and heartbeats of a reader that works are closer together than this.</summary>
    private static readonly TimeSpan ReaderSilence = TimeSpan.FromMinutes(2);

    /// <summary>Does everything that is due for the connection.</summary>
    /// <returns>When there is something to do next, or null when nothing will be until somebody rings.</returns>
    internal async Task<DateTimeOffset?> RunAsync(Guid connectionId, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        try
        {
            return await RunUntilQuietAsync(connectionId, pulse, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUnexpected(e, connectionId);
            return time.GetUtcNow() + DatabaseWait;
        }
    }

    private async Task<DateTimeOffset?> RunUntilQuietAsync(Guid connectionId, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        SyncContext? context = null;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                context = await contexts.OpenAsync(connectionId, cancellationToken);
                if (context is null)
                {
                    return await BackingOffUntilAsync(connectionId, cancellationToken);
                }

                var pace = await paces.OfAsync(context.Connection.OrganizationId, cancellationToken);
                if (pace.StoppedUntil is { } until)
                {
                    return until + (AfterMidnight * ApiPace.Spread(connectionId));
                }

                pulse.Hold(context.Fence);
                var standing = await roster.StandingAsync(context, cancellationToken);
                if (!await StepAsync(context, standing, pulse, pace, cancellationToken))
                {
                    await SucceededAsync(context, standing, pulse, cancellationToken);
                    return await NextDueAsync(context, standing, pulse, pace, cancellationToken);
                }
            }
        }
        catch (SyncStoppedException)
        {
            return null;
        }
        catch (FenceLostException)
        {
            LogFenceLost(connectionId);
            return null;
        }
        catch (SalesforceCallException e) when (context is not null)
        {
            return await FailedAsync(context, pulse, e.Failure, cancellationToken);
        }
    }

    /// <returns>Whether there may be more to do at once.</returns>
    private async Task<bool> StepAsync(SyncContext context, ReaderStanding standing, ConnectionPulse pulse, ApiPace pace, CancellationToken cancellationToken)
    {
        var initial = await initialSync.RunningAsync(context, cancellationToken);
        if (initial is { CatchUp: not CatchUpStage.None } or { Import: ImportStage.Prepare })
        {
            // Nothing is sent or read before what happened while sync was off is known: there a deletion also beats an edit (F6).
            await runs.RecordStepAsync(context, () => initialSync.StepAsync(context, initial, cancellationToken));

            // Polls go on from the cursor it leaves, not from where the last one was before sync was off.
            pulse.FastReached = default;
            return true;
        }

        if (standing.Follows)
        {
            // Should the reader stand down, the cursor it leaves counts, and it is read at once.
            (pulse.FastReached, pulse.NextPollAt) = (default, default);
        }

        var pollFrom = PollFrom(context, standing, pulse, pace);
        var mayWrite = time.GetUtcNow() >= pollFrom || time.GetUtcNow() >= pace.WriteFrom(context.ConnectionId, pulse.CalledAt);

        // A process that has just begun reads before it writes: a database restored from a backup shows by what Salesforce knows and it does not.
        var polled = false;
        if (mayWrite && !standing.Follows && pulse.FastReached == default)
        {
            polled = await PollAsync(context, pulse, cancellationToken);
            pollFrom = PollFrom(context, standing, pulse, pace);
        }

        if ((await CursorAsync(context, cancellationToken)).AuditAsked == AuditReason.RestoredBackup)
        {
            LogRestored(context.ConnectionId);
            await AuditAsync(context, pulse, AuditReason.RestoredBackup, cancellationToken);
        }

        if (standing is { Follows: true, HasRead: false })
        {
            // For a follower it is the reader that reads first; it rings.
            return false;
        }

        var pollIsDue = time.GetUtcNow() >= pollFrom;
        var push = !mayWrite ? new PushResult()
            : await runs.RecordAsync(context, SyncRunKind.Push, () => pushRound.RunAsync(new PushTurn(context, pulse) { PollIsDue = !standing.Follows && (pollIsDue || pace.IsScarce), IsScarce = pace.IsScarce }, cancellationToken));
        if (push.LookedAt > 0)
        {
            pulse.PushedAt = time.GetUtcNow();
        }

        if (push.Polled)
        {
            Polled(context, pulse);
        }
        else if (pollIsDue && time.GetUtcNow() >= pollFrom + (push.HasMore ? ReadsYield : TimeSpan.Zero))
        {
            polled |= await PollAsync(context, pulse, cancellationToken);
        }

        if (initial is not null)
        {
            pulse.Ahead = null;
            await runs.RecordStepAsync(context, () => initialSync.StepAsync(context, initial, cancellationToken));
            return true;
        }

        if (push.HasMore)
        {
            return true;
        }

        var more = polled | push.LookedAt > 0 | await CheckAsync(context, standing, pulse, pace, cancellationToken);
        if (!more && standing.MayJoin && pulse.FastReached != default)
        {
            await roster.JoinAsync(context, pulse.FastReached, cancellationToken);
        }

        return more;
    }

    /// <returns>Whether what was read leaves something to be sent.</returns>
    private async Task<bool> PollAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        await contexts.DemandAsync(context, cancellationToken);
        pulse.Ahead = null;
        var read = await runs.RecordAsync(context, SyncRunKind.Pull, () => poller.PollAsync(context, pulse, cancellationToken));
        Polled(context, pulse);
        return read.NeedsPush;
    }

    /// <summary>The slow reads: the sweep every quarter of an hour, the audit every night. While calls are scarce they wait: what they find, hardly ever something, comes later.</summary>
    private async Task<bool> CheckAsync(SyncContext context, ReaderStanding standing, ConnectionPulse pulse, ApiPace pace, CancellationToken cancellationToken)
    {
        var (cursor, now) = (await CursorAsync(context, cancellationToken), time.GetUtcNow());
        var rep = RepTime.At(now, context.Person.TimeZone, context.Connection.UserTimeZone, context.Person.BrowserTimeZone);
        var sweepIsDue = !standing.Follows && !pace.IsScarce && now >= cursor.SweptAt + pace.Between(options.Value.SweepInterval);
        var auditIsDue = cursor.AuditAsked is not null || (!pace.IsScarce && now >= QuietHours.NextAfter(cursor.AuditedAt, rep, context.ConnectionId));
        if (!sweepIsDue && !auditIsDue)
        {
            return false;
        }

        // The calls of this cycle may just have learned of fields that are shown again: what compares everything has to see them.
        if (await contexts.OpenAsync(context.ConnectionId, cancellationToken) is not { } fresh)
        {
            return true;
        }

        var found = sweepIsDue && await SweepAsync(fresh, pulse, cancellationToken);
        return (auditIsDue && await AuditAsync(fresh, pulse, cursor.AuditAsked ?? AuditReason.Nightly, cancellationToken)) || found;
    }

    private async Task<bool> AuditAsync(SyncContext context, ConnectionPulse pulse, AuditReason reason, CancellationToken cancellationToken)
    {
        pulse.Ahead = null;
        return (await runs.RecordAsync(context, SyncRunKind.Audit, () => audit.RunAsync(context, reason, cancellationToken))).NeedsPush;
    }

    private async Task<bool> SweepAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        pulse.Ahead = null;
        await contexts.DemandAsync(context, cancellationToken);
        var result = await runs.RecordAsync(context, SyncRunKind.Sweep, () => sweep.SweepAsync(context, pulse, cancellationToken));
        return result.NeedsPush;
    }

    private TimeSpan PollInterval(SyncContext context) => presence.IsHere(context.Person.Id) ? options.Value.PollInterval : options.Value.IdlePollInterval;

    private void Polled(SyncContext context, ConnectionPulse pulse)
    {
        pulse.PolledAt = time.GetUtcNow();
        pulse.NextPollAt = pulse.PolledAt + PollInterval(context);
    }

    private async Task<SyncCursor> CursorAsync(SyncContext context, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Cursors.AsNoTracking().FirstAsync(c => c.ConnectionId == context.ConnectionId, cancellationToken);
    }

    /// <summary>When changes may be read next; never while the reader reads for everybody. Where the budget stretches the interval, a read that somebody asked for counts as one of an open page.</summary>
    private DateTimeOffset PollFrom(SyncContext context, ReaderStanding standing, ConnectionPulse pulse, ApiPace pace)
    {
        if (standing.Follows)
        {
            return DateTimeOffset.MaxValue;
        }

        if (pace.Stretch <= 1)
        {
            return pulse.NextPollAt;
        }

        var usual = pulse.NextPollAt == default ? options.Value.PollInterval : PollInterval(context);
        if (pulse.PolledAt == default)
        {
            // After a start not everybody is due at once.
            pulse.PolledAt = time.GetUtcNow() - (pace.Between(usual) * ApiPace.Spread(context.ConnectionId));
        }

        return pace.ReadFrom(context.ConnectionId, pulse.PolledAt, usual);
    }

    private async Task<DateTimeOffset?> NextDueAsync(SyncContext context, ReaderStanding standing, ConnectionPulse pulse, ApiPace pace, CancellationToken cancellationToken)
    {
        if (standing is { Follows: true, HasRead: false })
        {
            // What is due waits for the reader, which rings: looking again at once would find the same.
            return null;
        }

        DateTimeOffset? read = standing.Follows ? null : PollFrom(context, standing, pulse, pace);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var waiting = await db.PendingWrites.Where(p => p.ConnectionId == context.ConnectionId && p.ProblemId == null)
            .Select(p => (DateTimeOffset?)p.DueAt).MinAsync(cancellationToken);
        var unknown = await DueWrites.Unknown(db, context.ConnectionId, DateTimeOffset.MaxValue).Select(l => l.UnknownUntil).MinAsync(cancellationToken);
        var write = waiting is null || unknown < waiting ? unknown : waiting;
        if (write is null)
        {
            return read;
        }

        var allowed = pace.WriteFrom(context.ConnectionId, pulse.CalledAt);
        var next = write > allowed ? write.Value : allowed;
        return read < next ? read : next;
    }

    private async Task<DateTimeOffset?> BackingOffUntilAsync(Guid connectionId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        return await db.Connections.Where(c => c.Id == connectionId && c.State == ConnectionState.Active && c.BackOffUntil > now)
            .Select(c => c.BackOffUntil).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Everything that was due is done: the pill may say so. Written at most once a minute, or when a back-off ends.</summary>
    private async Task SucceededAsync(SyncContext context, ReaderStanding standing, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        pulse.Failures = 0;
        var now = time.GetUtcNow();
        if ((now - pulse.HeartbeatAt < HeartbeatInterval && context.Connection.BackOffUntil is null) || (standing.Follows && now - standing.ReaderSucceededAt > ReaderSilence))
        {
            return;
        }

        pulse.HeartbeatAt = now;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Connections.Where(c => c.Id == context.ConnectionId).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.LastSuccessAt, now).SetProperty(c => c.BackOffUntil, (DateTimeOffset?)null).SetProperty(c => c.BackOffReason, (string?)null),
            cancellationToken);
        feed.Publish(context.Person.Id);
    }

    private async Task<DateTimeOffset?> FailedAsync(SyncContext context, ConnectionPulse pulse, CallFailure failure, CancellationToken cancellationToken)
    {
        pulse.Failures++;
        LogFailed(context.ConnectionId, failure.Code, failure.HttpStatus, pulse.Failures);
        if (failure.Class == FailureClass.Auth)
        {
            // The connection says so itself: changes wait until the rep reconnects.
            feed.Publish(context.Person.Id);
            return null;
        }

        var until = time.GetUtcNow() + backOff.After(pulse.Failures, failure);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Connections.Where(c => c.Id == context.ConnectionId).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.BackOffUntil, until).SetProperty(c => c.BackOffReason, SalesforceErrors.For(failure).Words), cancellationToken);
        feed.Publish(context.Person.Id);
        return until;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId}: the call failed with {Code} (HTTP {Status}), {Failures} in a row.")]
    private partial void LogFailed(Guid connectionId, string code, int? status, int failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId}: another instance has taken the shard over.")]
    private partial void LogFenceLost(Guid connectionId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connection {ConnectionId}: Salesforce shows writes of ours that this database does not know. It was restored from a backup, it seems; nothing is sent before an audit.")]
    private partial void LogRestored(Guid connectionId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {ConnectionId}: the cycle failed and will be tried again.")]
    private partial void LogUnexpected(Exception exception, Guid connectionId);
}
