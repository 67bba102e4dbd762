using Microsoft.Extensions.Logging;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>Stores how a reader's cycle is doing: well, backing off, or standing by while everybody reads alone.</summary>
public sealed partial class ReaderHealth(ReaderSight sight, ReaderStates states, BackOff backOff, TimeProvider time, ILogger<ReaderCycle> logger)
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMinutes(1);

    /// <summary>How often a reader that stands by is examined.</summary>
    private static readonly TimeSpan ExaminationInterval = TimeSpan.FromMinutes(5);

    /// <summary>One that serves is examined once a day: Salesforce's admins change permissions without telling anybody.</summary>
    private static readonly TimeSpan LongestUnexamined = TimeSpan.FromDays(1);

    /// <summary>Trouble that passes by itself is waited for so long before everybody reads alone: the reps' calls would most likely fail as well.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>A reader that serves is to be examined once more.</summary>
    internal bool IsExaminationDue(ReaderScope scope) => scope.Reader.CheckedAt is not { } checkedAt || time.GetUtcNow() - checkedAt >= LongestUnexamined;

    /// <summary>Examines a reader that serves; one that may not any more stands down.</summary>
    internal async Task ExamineServingAsync(ReaderScope scope, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        var report = await sight.ExamineAsync(scope, cancellationToken);
        if (!report.MayServe)
        {
            await StandDownAsync(scope, pulse, report.Reason, cancellationToken);
        }

        await states.ExaminedAsync(scope, report, cancellationToken);
    }

    /// <summary>Examines a reader that stands by, every few minutes.</summary>
    /// <returns>When it is looked at next (UTC).</returns>
    internal async Task<DateTimeOffset?> ExamineStandbyAsync(ReaderScope scope, ReaderPulse pulse, CancellationToken cancellationToken)
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

    /// <summary>Everybody reads alone from here on.</summary>
    internal async Task StandDownAsync(ReaderScope scope, ReaderPulse pulse, string reason, CancellationToken cancellationToken)
    {
        LogStandsDown(scope.Id);
        pulse.NextExaminationAt = time.GetUtcNow() + ExaminationInterval;
        pulse.Witnesses.Clear();
        await states.StandDownAsync(scope, reason, cancellationToken);
    }

    /// <summary>Everything that was due is done. Written at most once a minute, or when a back-off ends.</summary>
    internal async Task SucceededAsync(ReaderScope scope, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        (pulse.Failures, pulse.FailingSince, pulse.Faults) = (0, null, 0);
        var now = time.GetUtcNow();
        if (now - pulse.HeartbeatAt >= HeartbeatInterval || scope.Connection.BackOffUntil is not null)
        {
            pulse.HeartbeatAt = now;
            await states.HeartbeatAsync(scope, pulse.Roster, pulse.FastReached, cancellationToken);
        }
    }

    /// <summary>A call failed. Trouble that does not pass by itself, or not soon, makes it stand down.</summary>
    /// <returns>When to try again (UTC); null when somebody has to sign in first.</returns>
    internal async Task<DateTimeOffset?> FailedAsync(ReaderScope scope, ReaderPulse pulse, CallFailure failure, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        pulse.Failures++;
        pulse.FailingSince ??= now;
        LogFailed(scope.Id, failure.Code, failure.HttpStatus, pulse.Failures);
        var until = now + backOff.After(pulse.Failures, failure);
        await states.BackOffAsync(scope.Id, scope.Fence, until, SalesforceErrors.For(failure).Words, cancellationToken);

        // At the daily limit reading one by one would only make it worse.
        var passes = failure.Class == FailureClass.Intermittent && (failure.IsLimit || now - pulse.FailingSince < Patience);
        if (!passes && scope.Reader.State == ReaderState.Serving)
        {
            await StandDownAsync(scope, pulse, SalesforceErrors.Explain(failure.Code, failure.Message), cancellationToken);
        }

        return failure.Class == FailureClass.Auth ? null : until;
    }

    /// <summary>As for a connection: what failed for a reason of our own is tried more and more rarely, and logged once.</summary>
    internal async Task<DateTimeOffset> UnexpectedAsync(Exception failure, Guid readerId, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        if (++pulse.Faults == 1)
        {
            LogUnexpected(failure, readerId);
        }

        return await backOff.AfterFaultAsync(failure, pulse.Faults, time.GetUtcNow(), (until, reason) => states.BackOffAsync(readerId, pulse.Fence, until, reason, cancellationToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reader {ReaderId}: the call failed with {Code} (HTTP {Status}), {Failures} in a row.")]
    private partial void LogFailed(Guid readerId, string code, int? status, int failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reader {ReaderId} stands down: every rep of the organization is read with their own sign-in until it is well again.")]
    private partial void LogStandsDown(Guid readerId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reader {ReaderId}: the cycle failed. It is tried again more and more rarely.")]
    private partial void LogUnexpected(Exception exception, Guid readerId);
}
