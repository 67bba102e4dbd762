using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>A reader's slow, complete read: getDeleted and getUpdated for everybody of the org (S8).</summary>
public sealed partial class ReaderSweep(SalesforceApi api, ReaderRouter router, ReaderStates states, TimeProvider time, IOptions<SyncOptions> options, ILogger<ReaderSweep> logger)
{
    /// <summary>Sweeps when the last time is long enough ago.</summary>
    /// <returns>Whether it was due, and went well.</returns>
    internal async Task<bool> IfDueAsync(ReaderScope scope, ReaderPulse pulse, CancellationToken cancellationToken)
    {
        var reader = scope.Reader;
        if (time.GetUtcNow() < reader.SweptAt + scope.Pace.Between(options.Value.SweepInterval))
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
            await ReadAsync(scope, pulse, end, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsLogTooShort)
        {
            await StartOverAsync(scope, cancellationToken);
        }

        return true;
    }

    private async Task ReadAsync(ReaderScope scope, ReaderPulse pulse, DateTimeOffset end, CancellationToken cancellationToken)
    {
        // Deletions first: one may have made room for a task with the same key, which is among the updated.
        var at = time.GetUtcNow();
        var deleted = await api.DeletedAsync(scope.Caller, CompletenessSweep.Start(scope.Reader.SweepDeleted, end, SalesforceLimits.DeletedHorizon), end, cancellationToken);
        var rosterHeld = await router.ApplyDeletionsAsync(scope, deleted.Records, at, cancellationToken) is { Settled: true } gone && gone.Roster == pulse.Roster;
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reader {ReaderId}: Salesforce's log does not reach back to the cursor, every rep's links are looked at.")]
    private partial void LogStartsOver(Guid readerId);
}
