using Microsoft.Extensions.Options;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Push;

/// <summary>A row about to be written.</summary>
/// <param name="Id">Its Salesforce id.</param>
/// <param name="MayBeAbsent">It is known to be deleted and may have left the recycle bin for good: restored here, that is for the undelete to find out.</param>
internal readonly record struct WantedRow(string Id, bool MayBeAbsent);

/// <summary>Reads the rows about to be written: what is new in them is applied first, so that nothing is overwritten unseen.</summary>
public sealed class PushReader(
    SalesforceApi api, ObservationApplier applier, SyncContexts contexts, CompletenessSweep sweep, TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>A write is planned, and a deletion sent, only from a read that is at most this old.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    /// <summary>How many rows behind a round are read with it: by Composite those of the next call, by Collections as many as one read takes.</summary>
    internal static int LookAhead(bool useComposite, int roundSize) => useComposite ? roundSize : SalesforceLimits.RowsPerPage - roundSize;

    /// <summary>Edits and creates can do without a read of their own; a deletion or a restore is never sent without having seen the row (S10, S4).</summary>
    internal static bool CanDoWithout(IReadOnlyList<PendingWrite> due, bool useComposite) =>
        useComposite && due.All(p => p.Link is { AgreedGone: false, Task.RemovedAt: null });

    /// <summary>The rows of a round: as the call before read them, else by one call of their own.</summary>
    internal async Task<FreshRows> ReadAsync(
        SyncContext context, IReadOnlyList<PendingWrite> due, IReadOnlyList<WantedRow> next, FreshRows? ahead, PushResult result, CancellationToken cancellationToken)
    {
        var wanted = due.Where(p => p.Link!.SalesforceId is not null)
            .Select(p => new WantedRow(p.Link!.SalesforceId!, p.Link.AgreedGone)).ToList();
        if (ahead is not null && time.GetUtcNow() - ahead.At <= Fresh && wanted.TrueForAll(row => ahead.Asked.Contains(row.Id)) && !due.Any(p => IsOvertaken(p.Link!, ahead)))
        {
            return ahead;
        }

        if (wanted.Count == 0)
        {
            return FreshRows.Nothing(time.GetUtcNow());
        }

        if (!options.Value.UseComposite)
        {
            wanted.AddRange(next);
        }

        await contexts.DemandAsync(context, cancellationToken);
        var startedAt = time.GetUtcNow();
        var page = await api.ManyByIdAsync(context.ConnectionId, ApiPurpose.Read, [.. wanted.Select(row => row.Id)], options.Value.UseComposite, cancellationToken);
        return await TakeAsync(context, wanted, page.Tasks, startedAt, SinceOf(page, startedAt), result, cancellationToken);
    }

    /// <summary>Applies rows that were read for writing.</summary>
    internal async Task<FreshRows> TakeAsync(
        SyncContext context, IReadOnlyList<WantedRow> wanted, IReadOnlyList<RemoteTask> rows, DateTimeOffset at, DateTimeOffset since, PushResult result, CancellationToken cancellationToken)
    {
        result.Applied.Add(await applier.ApplyAsync(context, rows, ApplyMode.Continuous, readById: true, cancellationToken: cancellationToken));
        var shown = rows.ToDictionary(row => row.Id);
        var absent = wanted.Where(row => !row.MayBeAbsent && !shown.ContainsKey(row.Id)).Select(row => row.Id).ToList();
        if (absent.Count > 0)
        {
            // Others' deletions are not shown to every rep; getDeleted tells of them.
            var deleted = await sweep.ConfirmDeletionsAsync(context, cancellationToken);
            result.Applied.Add(deleted);
            await applier.LoseAsync(context, [.. absent.Except(deleted.Verdicts.Select(v => v.Row.Id))], LinkVerifier.LostNote, cancellationToken);
        }

        return new FreshRows(at, since, wanted.Select(row => row.Id).ToHashSet(), shown);
    }

    /// <summary>Somebody else, the org's reader for one, has meanwhile shown a newer state of the row.</summary>
    private static bool IsOvertaken(TaskLink link, FreshRows ahead) =>
        link.SalesforceId is { } id && ahead.Rows.GetValueOrDefault(id) is { } row && link.ObservedModstamp > row.SystemModstamp;

    /// <summary>The earliest stamp of a change that this read may have missed: the call took a while, and a change may become visible some time after its stamp.</summary>
    internal DateTimeOffset SinceOf(TaskPage page, DateTimeOffset startedAt) =>
        page.ServerTime == default ? default : page.ServerTime - (time.GetUtcNow() - startedAt) - options.Value.Overlap;
}
