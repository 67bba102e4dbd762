using Microsoft.Extensions.Options;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Push;

/// <summary>A row about to be written.</summary>
/// <param name="Id">Its Salesforce id.</param>
/// <param name="MayBeAbsent">It is known to be deleted and may have left the recycle bin for good: restored here, that is for the undelete to find out.</param>
internal readonly record struct WantedRow(string Id, bool MayBeAbsent);

/// <summary>Rows that were asked for, and what Salesforce showed of them.</summary>
/// <param name="Wanted">What was asked for.</param>
/// <param name="Rows">What Salesforce showed.</param>
/// <param name="At">When the read began, by our clock.</param>
/// <param name="Since">From this stamp on (Salesforce's time) a row may have been changed after the read.</param>
internal sealed record RowsRead(IReadOnlyList<WantedRow> Wanted, IReadOnlyList<RemoteTask> Rows, DateTimeOffset At, DateTimeOffset Since);

/// <summary>Step three of a push: reads the rows about to be written. What is new in them is applied first, so that nothing is overwritten unseen.</summary>
public sealed class PushReader(
    SalesforceApi api, ObservationApplier applier, CompletenessSweep sweep, TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>A write is planned, and a deletion sent, only from a read that is at most this old.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>How many rows behind a round are read with it: by Composite those of the next call, by Collections as many as one read takes.</summary>
    internal static int LookAhead(bool useComposite, int roundSize) => useComposite ? roundSize : SalesforceLimits.RowsPerPage - roundSize;

    private static bool CanDoWithout(IReadOnlyList<DueTask> due) => due.All(d => d.Pending is not null && d.Link.Counterpart().CanBeWrittenUnread(OurTask.Of(d.Link.Task!)));

    /// <summary>The rows of a round: as the call before read them, else by one call of their own.</summary>
    internal async Task<FreshRows> ReadAsync(PushTurn turn, DueTasks tasks, FreshRows? ahead, CancellationToken cancellationToken)
    {
        var wanted = tasks.Due.Where(d => d.Link.SalesforceId is not null).Select(d => new WantedRow(d.Link.SalesforceId!, d.Link.AgreedGone)).ToList();
        if (turn.IsScarce && options.Value.UseComposite && CanDoWithout(tasks.Due))
        {
            return FreshRows.Unread(time.GetUtcNow());
        }

        if (ahead is not null && time.GetUtcNow() - ahead.At <= Fresh && wanted.TrueForAll(row => ahead.Asked.Contains(row.Id)) && !tasks.Due.Any(d => IsOvertaken(d.Link, ahead)))
        {
            return ahead;
        }

        if (wanted.Count == 0)
        {
            return FreshRows.Nothing(time.GetUtcNow());
        }

        if (!options.Value.UseComposite)
        {
            wanted.AddRange(tasks.Next);
        }

        var startedAt = time.GetUtcNow();
        var page = await api.ManyByIdAsync(turn.Context.Caller, ApiPurpose.Read, [.. wanted.Select(row => row.Id)], options.Value.UseComposite, cancellationToken);
        return await TakeAsync(turn, new RowsRead(wanted, page.Tasks, startedAt, SinceOf(page, startedAt)), cancellationToken);
    }

    /// <summary>Applies rows as they are now.</summary>
    internal async Task ApplyAsync(PushTurn turn, IReadOnlyList<RemoteTask> rows, CancellationToken cancellationToken) =>
        turn.Result.Applied.Add(await applier.ApplyAsync(turn.Context, turn.Context.Reading(ReadKind.Present, rows), null, cancellationToken));

    /// <summary>Applies rows that were read for writing, and what is absent.</summary>
    internal async Task<FreshRows> TakeAsync(PushTurn turn, RowsRead read, CancellationToken cancellationToken)
    {
        await ApplyAsync(turn, read.Rows, cancellationToken);
        await MissAsync(turn, read.Wanted.Where(row => !row.MayBeAbsent).Select(row => row.Id), read.Rows, cancellationToken);
        return new FreshRows(read.At, read.Since, read.Wanted.Select(row => row.Id).ToHashSet(), read.Rows.ToDictionary(row => row.Id));
    }

    /// <summary>What was asked for and is absent was deleted by others, or is out of sight.</summary>
    internal async Task MissAsync(PushTurn turn, IEnumerable<string> wanted, IReadOnlyList<RemoteTask> rows, CancellationToken cancellationToken)
    {
        var absent = wanted.Except(rows.Select(row => row.Id)).ToList();
        if (absent.Count > 0)
        {
            // Others' deletions are not shown to every rep; getDeleted tells of them.
            var deleted = await sweep.ConfirmDeletionsAsync(turn.Context, cancellationToken);
            turn.Result.Applied.Add(deleted);
            await applier.LoseAsync(turn.Context, [.. absent.Except(deleted.Verdicts.Select(v => v.Row.Id))], LinkVerifier.LostNote, cancellationToken);
        }
    }

    /// <summary>Somebody else, the org's reader for one, has meanwhile shown a newer state of the row.</summary>
    private static bool IsOvertaken(TaskLink link, FreshRows ahead) =>
        link.SalesforceId is { } id && ahead.Rows.GetValueOrDefault(id) is { } row && link.ObservedModstamp > row.SystemModstamp;

    /// <summary>The earliest stamp of a change that this read may have missed: the call took a while, and a change may become visible some time after its stamp.</summary>
    internal DateTimeOffset SinceOf(TaskPage page, DateTimeOffset startedAt) =>
        page.ServerTime == default ? default : page.ServerTime - (time.GetUtcNow() - startedAt) - options.Value.Overlap;
}
