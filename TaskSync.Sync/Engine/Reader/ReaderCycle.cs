using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>
/// One org's reader: a poll of one call and a sweep of two, whatever the number of reps and tasks. Belongs to the shard of the reader's connection,
/// whose fence is part of every commit. When it fails or no longer sees what it must, everybody reads alone until it is well again.
/// </summary>
public sealed class ReaderCycle(ReaderScopes scopes, ReaderHealth health, ReaderPoll poll, ReaderSweep sweep, ReaderRoster roster, TimeProvider time)
{
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
            return await health.UnexpectedAsync(e, readerId, pulse, cancellationToken);
        }
    }

    private async Task<DateTimeOffset?> RunOnceAsync(Guid readerId, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        ReaderScope? scope = null;
        try
        {
            (scope, var wait) = await scopes.OpenAsync(readerId, pulse, cancellationToken);
            return scope is null ? wait : await DoAsync(scope, pulse, cancellationToken);
        }
        catch (Exception e) when (e is SyncStoppedException or FenceLostException)
        {
            return null;
        }
        catch (SalesforceCallException e) when (scope is not null)
        {
            return await health.FailedAsync(scope, pulse, e.Failure, cancellationToken);
        }
    }

    private async Task<DateTimeOffset?> DoAsync(ReaderScope scope, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        if (scope.Reader.State == ReaderState.Standby)
        {
            return await health.ExamineStandbyAsync(scope, pulse, cancellationToken);
        }

        if (health.IsExaminationDue(scope))
        {
            await health.ExamineServingAsync(scope, pulse, cancellationToken);
            return time.GetUtcNow();
        }

        var isDue = time.GetUtcNow() >= pulse.NextPollAt;
        if (isDue)
        {
            if (await poll.RunAsync(scope, pulse, cancellationToken) is { } blind)
            {
                await health.StandDownAsync(scope, pulse, blind, cancellationToken);
                return pulse.NextExaminationAt;
            }

            await roster.HasReadAsync(scope.OrganizationId, cancellationToken);
        }

        // To have done nothing is no success: it would hide an outage.
        if (await sweep.IfDueAsync(scope, pulse, cancellationToken) || isDue)
        {
            await health.SucceededAsync(scope, pulse, cancellationToken);
        }

        return pulse.NextPollAt;
    }
}
