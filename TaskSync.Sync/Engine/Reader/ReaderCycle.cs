using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Budget;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>
/// One org's reader: a poll of one call and a sweep of two, whatever the number of reps and tasks. Belongs to the shard of the reader's connection,
/// whose fence is part of every commit. When it fails or no longer sees what it must, everybody reads alone until it is well again.
/// </summary>
public sealed partial class ReaderCycle(
    IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ReaderRouter router, ReaderSight sight, ReaderStates states, ReaderRoster roster, ShardFences fences,
    ApiPaces paces, BackOff backOff, TimeProvider time, IOptions<SyncOptions> options, ILogger<ReaderCycle> logger)
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMinutes(1);

    /// <summary>How often a reader that stands by is examined.</summary>
    private static readonly TimeSpan ExaminationInterval = TimeSpan.FromMinutes(5);

    /// <summary>One that serves is examined once a day: Salesforce's admins change permissions without telling anybody.</summary>
    private static readonly TimeSpan LongestUnexamined = TimeSpan.FromDays(1);

    /// <summary>Trouble that passes by itself is waited for so long before everybody reads alone: the reps' calls would most likely fail as well.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Does what is due for the reader.</summary>
    /// <returns>When something is due next, or null when nothing is until somebody rings.</returns>
    internal async Task<DateTimeOffset?> RunAsync(Guid readerId, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        try
        {
            return await RunOnceAsync(readerId, pulse, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return await UnexpectedAsync(e, readerId, pulse, cancellationToken);
        }
    }

    /// <summary>As for a connection: what failed for a reason of our own is tried more and more rarely, and logged once.</summary>
    private async Task<DateTimeOffset> UnexpectedAsync(Exception failure, Guid readerId, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        if (++pulse.Faults == 1)
        {
            LogUnexpected(failure, readerId);
        }

        return await backOff.AfterFaultAsync(pulse.Faults, time.GetUtcNow(), (until, reason) => states.BackOffAsync(readerId, until, reason, cancellationToken));
    }

    private async Task<DateTimeOffset?> RunOnceAsync(Guid readerId, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        ReaderScope? scope = null;
        try
        {
            (scope, var wait) = await OpenAsync(readerId, cancellationToken);
            if (scope is null)
            {
                return wait;
            }

            if (pulse.Hold(scope.Fence))
            {
                roster.Forget(scope.OrganizationId);
            }

            var pace = await paces.OfAsync(scope.OrganizationId, cancellationToken);
            if (pace.StoppedUntil is { } until)
            {
                return until;
            }

            if (scope.Reader.State == ReaderState.Standby)
            {
                return await ExamineAsync(scope, pulse, cancellationToken);
            }

            if (scope.Reader.CheckedAt is not { } checkedAt || time.GetUtcNow() - checkedAt >= LongestUnexamined)
            {
                if (await sight.ExamineAsync(scope, cancellationToken) is var report && !report.MayServe)
                {
                    await StandDownAsync(scope, pulse, report.Reason, cancellationToken);
                }

                await states.ExaminedAsync(scope, report, cancellationToken);
                return time.GetUtcNow();
            }

            var now = time.GetUtcNow();
            var isDue = now >= pulse.NextPollAt;
            if (isDue)
            {
                await states.LetGoAsync(scope, cancellationToken);
                if (await PollAsync(scope, pulse, cancellationToken) is { } blind)
                {
                    await StandDownAsync(scope, pulse, blind, cancellationToken);
                    return pulse.NextExaminationAt;
                }

                pulse.NextPollAt = pace.ReadFrom(readerId, now, options.Value.PollInterval);
            }

            // To have done nothing is no success: it would hide an outage.
            if (await SweepIfDueAsync(scope, pulse, pace, cancellationToken) || isDue)
            {
                await SucceededAsync(scope, pulse, cancellationToken);
            }

            return pulse.NextPollAt;
        }
        catch (Exception e) when (e is SyncStoppedException or FenceLostException)
        {
            return null;
        }
        catch (SalesforceCallException e) when (scope is not null)
        {
            return await FailedAsync(scope, pulse, e.Failure, cancellationToken);
        }
    }

    private async Task<(ReaderScope? Scope, DateTimeOffset? Wait)> OpenAsync(Guid readerId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await (
            from reader in db.Readers.AsNoTracking()
            join connection in db.Connections.AsNoTracking() on reader.ConnectionId equals connection.Id
            where reader.ConnectionId == readerId
            select new
            {
                reader,
                connection,
                Paused = db.Control.Any(control => control.PausedAt != null),
                Fence = db.Fences.Where(f => f.Shard == connection.Shard).Select(f => (long?)f.Value).FirstOrDefault(),
            }).FirstOrDefaultAsync(cancellationToken);
        if (found is null or { Paused: true })
        {
            return (null, null);
        }

        var fence = await fences.HoldAsync(found.connection.Shard, found.Fence, cancellationToken);
        var scope = states.Scope(found.reader, found.connection, fence);
        if (found.connection.State != ConnectionState.Active)
        {
            await states.StandDownAsync(scope, found.connection.StateReason ?? "Its sign-in has ended.", cancellationToken);
            return (null, null);
        }

        return found.connection.BackOffUntil > time.GetUtcNow() ? (null, found.connection.BackOffUntil) : (scope, null);
    }

    /// <returns>Why the reader may no longer serve, null when it may.</returns>
    private async Task<string?> PollAsync(ReaderScope scope, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        if (pulse.Roster != scope.Reader.Roster)
        {
            // Somebody joined since: what was read before may have passed them by. The stored cursor is where all of them are.
            (pulse.Roster, pulse.FastReached, pulse.WitnessAge) = (scope.Reader.Roster, scope.Reader.Fast, 0);
        }

        await sight.ChooseAsync(scope, pulse, cancellationToken);
        var began = time.GetUtcNow();
        var query = TaskQuery.ChangedInOrganization(pulse.FastReached - options.Value.Overlap, [.. pulse.Witnesses.Keys]);
        var page = await api.QueryChangesAsync(scope.Caller, query, cancellationToken);
        var readUpTo = page.ServerTime;
        var missing = pulse.Witnesses.Keys.ToHashSet(StringComparer.Ordinal);
        var (applied, mayAdvance) = (false, true);
        while (true)
        {
            missing.ExceptWith(page.Tasks.Select(t => t.Id));
            var routed = await router.ApplyAsync(scope, page.Tasks, began, byId: false, cancellationToken);
            applied |= routed.Applied;
            mayAdvance &= routed.Settled && routed.Roster == pulse.Roster;
            if (page.NextPage is null)
            {
                break;
            }

            page = await api.NextTasksAsync(scope.Caller, ApiPurpose.Poll, page.NextPage, cancellationToken);
        }

        if (missing.Count > 0 && await sight.DoubtAsync(scope, pulse, missing, cancellationToken) is { } blind)
        {
            return blind;
        }

        await roster.HasReadAsync(scope.OrganizationId, cancellationToken);
        if (mayAdvance)
        {
            pulse.FastReached = readUpTo;
            if (applied)
            {
                await states.AdvanceAsync(scope, pulse.Roster, pulse.FastReached, cancellationToken);
            }
        }

        return null;
    }

    /// <returns>Whether it was due, and went well.</returns>
    private async Task<bool> SweepIfDueAsync(ReaderScope scope, ReaderPulse pulse, ApiPace pace, CancellationToken cancellationToken)
    {
        var reader = scope.Reader;
        if (time.GetUtcNow() < reader.SweptAt + pace.Between(options.Value.SweepInterval))
        {
            return false;
        }

        var end = scope.ToSalesforce(time.GetUtcNow());
        if (reader.SweepUpdated < end - SalesforceLimits.UpdatedHorizon || reader.SweepDeleted < end - SalesforceLimits.DeletedHorizon)
        {
            await StartOverAsync(scope, cancellationToken);
            return true;
        }

        try
        {
            await SweepAsync(scope, pulse, end, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsLogTooShort)
        {
            await StartOverAsync(scope, cancellationToken);
        }

        return true;
    }

    private async Task SweepAsync(ReaderScope scope, ReaderPulse pulse, DateTimeOffset end, CancellationToken cancellationToken)
    {
        // Deletions first: one may have made room for a task with the same key, which is among the updated.
        var at = time.GetUtcNow();
        var deleted = await api.DeletedAsync(scope.Caller, CompletenessSweep.Start(scope.Reader.SweepDeleted, end, SalesforceLimits.DeletedHorizon), end, cancellationToken);
        var rosterHeld = (await router.ApplyDeletionsAsync(scope, deleted.Records, at, cancellationToken)).Roster == pulse.Roster;
        var updated = await api.UpdatedAsync(scope.Caller, CompletenessSweep.Start(scope.Reader.SweepUpdated, end, SalesforceLimits.UpdatedHorizon), end, cancellationToken);
        foreach (var chunk in updated.Ids.Chunk(SalesforceLimits.RowsPerPage))
        {
            var began = time.GetUtcNow();
            var found = await api.RetrieveAsync(scope.Caller, ApiPurpose.Sweep, chunk, cancellationToken);
            rosterHeld &= await router.ApplyAsync(scope, [.. found.Values.OfType<RemoteTask>()], began, byId: true, cancellationToken) is { Settled: true } routed && routed.Roster == pulse.Roster;
        }

        if (rosterHeld)
        {
            await states.SweptAsync(scope, pulse.Roster, updated.LatestDateCovered, deleted.LatestDateCovered, cancellationToken);
        }
    }

    /// <summary>Salesforce's log does not reach back to the cursor: everybody looks at their own links, then joins again.</summary>
    private async Task StartOverAsync(ReaderScope scope, CancellationToken cancellationToken)
    {
        LogStartsOver(scope.Id);
        await states.StartOverAsync(scope, cancellationToken);
    }

    private async Task<DateTimeOffset?> ExamineAsync(ReaderScope scope, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        if (scope.Reader.CheckedAt is not null && time.GetUtcNow() < pulse.NextExaminationAt)
        {
            return pulse.NextExaminationAt;
        }

        pulse.NextExaminationAt = time.GetUtcNow() + ExaminationInterval;
        var report = await sight.ExamineAsync(scope, cancellationToken);
        await states.ExaminedAsync(scope, report, cancellationToken);
        (pulse.Failures, pulse.FailingSince, pulse.NextPollAt, pulse.Roster) = (0, null, default, -1);
        return report.MayServe ? time.GetUtcNow() : pulse.NextExaminationAt;
    }

    private async Task StandDownAsync(ReaderScope scope, ReaderPulse pulse, string reason, CancellationToken cancellationToken)
    {
        LogStandsDown(scope.Id);
        pulse.NextExaminationAt = time.GetUtcNow() + ExaminationInterval;
        pulse.Witnesses.Clear();
        await states.StandDownAsync(scope, reason, cancellationToken);
    }

    private async Task SucceededAsync(ReaderScope scope, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        (pulse.Failures, pulse.FailingSince, pulse.Faults) = (0, null, 0);
        var now = time.GetUtcNow();
        if (now - pulse.HeartbeatAt >= HeartbeatInterval || scope.Connection.BackOffUntil is not null)
        {
            pulse.HeartbeatAt = now;
            await states.HeartbeatAsync(scope, pulse.Roster, pulse.FastReached, cancellationToken);
        }
    }

    private async Task<DateTimeOffset?> FailedAsync(ReaderScope scope, ReaderPulse pulse, CallFailure failure, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        pulse.Failures++;
        pulse.FailingSince ??= now;
        LogFailed(scope.Id, failure.Code, failure.HttpStatus, pulse.Failures);
        var until = now + backOff.After(pulse.Failures, failure);
        await states.BackOffAsync(scope.Id, until, SalesforceErrors.For(failure).Words, cancellationToken);

        // At the daily limit reading one by one would only make it worse.
        var passes = failure.Class == FailureClass.Intermittent && (failure.IsLimit || now - pulse.FailingSince < Patience);
        if (!passes && scope.Reader.State == ReaderState.Serving)
        {
            await StandDownAsync(scope, pulse, SalesforceErrors.Explain(failure.Code, failure.Message), cancellationToken);
        }

        return failure.Class == FailureClass.Auth ? null : until;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reader {ReaderId}: the call failed with {Code} (HTTP {Status}), {Failures} in a row.")]
    private partial void LogFailed(Guid readerId, string code, int? status, int failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reader {ReaderId} stands down: every rep of the organization is read with their own sign-in until it is well again.")]
    private partial void LogStandsDown(Guid readerId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reader {ReaderId}: Salesforce's log does not reach back to the cursor, every rep's links are looked at.")]
    private partial void LogStartsOver(Guid readerId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reader {ReaderId}: the cycle failed. It is tried again more and more rarely.")]
    private partial void LogUnexpected(Exception exception, Guid readerId);
}
