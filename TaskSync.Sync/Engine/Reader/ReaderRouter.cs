using Microsoft.Extensions.Logging;
using TaskSync.Sync.Data;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Reader;

/// <summary>What became of rows that a reader read.</summary>
/// <param name="Roster">The roster they were sorted by.</param>
/// <param name="Applied">Whether anything was done with them.</param>
/// <param name="Settled">False when a row was overtaken by our own writes again and again: it has to be read once more.</param>
internal readonly record struct Routed(long Roster, bool Applied, bool Settled);

/// <summary>
/// Brings what a reader read to the connections it concerns: the owner's, and those that hold a link to the row (S7) or wait for its key (S5).
/// Each connection's rows are one transaction, under the reader's fence; connections that read alone are left out, they see it themselves.
/// </summary>
public sealed partial class ReaderRouter(Followers followers, FollowerRows follower, ReaderStates states, RunLog runs, SyncDoorbell doorbell, ILogger<ReaderRouter> logger)
{
    private const int ChunkSize = 500;

    /// <summary>Brings the rows to whom they concern.</summary>
    /// <param name="scope">The reader's cycle.</param>
    /// <param name="rows">What one read showed.</param>
    /// <param name="began">When the read began, by our clock.</param>
    /// <param name="byId">Whether they were read by id.</param>
    /// <param name="cancellationToken">Stops between transactions.</param>
    internal async Task<Routed> ApplyAsync(ReaderScope scope, IReadOnlyList<RemoteTask> rows, DateTimeOffset began, bool byId, CancellationToken cancellationToken)
    {
        var (roster, applied, settled) = (await followers.RosterAsync(scope, cancellationToken), false, true);
        foreach (var chunk in rows.Chunk(ChunkSize))
        {
            foreach (var (context, own) in await followers.OfRowsAsync(scope, chunk, cancellationToken))
            {
                var reading = context.Reading(byId ? ReadKind.Present : ReadKind.Changes, own) with { BeganAt = began };
                var result = await ApplyAsync(scope, context, reading, SyncRunKind.Pull, cancellationToken);
                applied |= result.ChangedAnything || result.NeedsPush;
                settled &= result.ReadAgain.Count == 0;
            }
        }

        return new Routed(roster, applied, settled);
    }

    /// <summary>Applies deletions that getDeleted confirms; it tells id and time only, which is all a deletion needs.</summary>
    internal async Task<Routed> ApplyDeletionsAsync(ReaderScope scope, IReadOnlyList<DeletedRecord> records, DateTimeOffset began, CancellationToken cancellationToken)
    {
        var (roster, applied, settled) = (await followers.RosterAsync(scope, cancellationToken), false, true);
        foreach (var chunk in records.Chunk(ChunkSize))
        {
            var byId = chunk.GroupBy(r => r.Id).ToDictionary(same => same.Key, same => same.MaxBy(r => r.DeletedDate)!);
            foreach (var (context, links) in await followers.OfLinksAsync(scope, [.. byId.Keys], cancellationToken))
            {
                List<RemoteTask> rows = [.. links.Select(id => CompletenessSweep.Deleted(context, byId[id]))];
                var reading = context.Reading(ReadKind.Present, rows) with { BeganAt = began };
                var result = await ApplyAsync(scope, context, reading, SyncRunKind.Sweep, cancellationToken);
                applied |= result.ChangedAnything || result.NeedsPush;
                settled &= result.ReadAgain.Count == 0;
            }
        }

        return new Routed(roster, applied, settled);
    }

    /// <summary>
    /// Applies its rows to one follower. Where what is in them cannot be applied the follower reads alone, from where the reader has got: one rep's rows hold up
    /// nobody else (S9).
    /// </summary>
    private async Task<ApplyResult> ApplyAsync(ReaderScope scope, SyncContext context, Reading reading, SyncRunKind kind, CancellationToken cancellationToken)
    {
        try
        {
            var result = await runs.RecordAsync(context, kind, () => follower.ApplyAsync(scope, context, reading, cancellationToken));
            if (result.NeedsPush || result.ForgottenWrites)
            {
                doorbell.Ring(context.ConnectionId);
            }

            return result;
        }
        catch (Exception e) when (e is not (SalesforceCallException or SyncStoppedException) && DatabaseFailures.IsOfARow(e))
        {
            LogReadsAlone(e, context.ConnectionId);
            await states.LetGoAsync(scope, context.ConnectionId, cancellationToken);
            doorbell.Ring(context.ConnectionId, readChanges: true);
            return new ApplyResult();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {ConnectionId}: what the organization's reader read could not be applied. The connection reads alone.")]
    private partial void LogReadsAlone(Exception exception, Guid connectionId);
}
