using Microsoft.Extensions.Options;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Push;

/// <summary>
/// Sends planned writes whose attempts are stored, and records what became of each. By Composite up to 600 records a call, which also reads the rows once more
/// before they are written, reads ahead for the next call, and polls when that is due; by plain Collections up to 200.
/// </summary>
public sealed class PushSender(
    SalesforceApi api, BatchSender batches, OutcomeRecorder recorder, PushReader reader, ChangePoller poller, IOptions<SyncOptions> options)
{
    /// <summary>The order that frees and fills: what is deleted here must not be edited there first.</summary>
    private static readonly WriteKind[] Kinds = [WriteKind.Create, WriteKind.Update, WriteKind.Delete];

    /// <summary>Writes of one round. After a call that failed the next is smaller: it may have been too much for the organization.</summary>
    internal static int RoundSize(bool useComposite, ConnectionPulse pulse) => SalesforceLimits.RowsPerCollection * (useComposite && pulse.Failures == 0 ? SalesforceLimits.CollectionsPerComposite : 1);

    /// <summary>Sends a round.</summary>
    /// <param name="turn">The round. What was done is added to its result.</param>
    /// <param name="planned">What was planned and stored.</param>
    /// <param name="read">The read it was planned from.</param>
    /// <param name="next">Rows of the round after this one.</param>
    /// <param name="cancellationToken">Stops between calls.</param>
    /// <returns>The rows of the next round, if they were read.</returns>
    internal async Task<FreshRows?> SendAsync(PushTurn turn, IReadOnlyList<PlannedWrite> planned, FreshRows read, IReadOnlyList<WantedRow> next, CancellationToken cancellationToken)
    {
        var undeletes = planned.Where(w => w.Attempt.Kind == WriteKind.Undelete).ToList();
        var waiting = InOrder(planned);

        // What is taken out of the recycle bin now was read as deleted: before anything is written to it, it is read again.
        var ahead = options.Value.UseComposite || undeletes.Count > 0 ? null : read;
        try
        {
            await batches.SendEachAsync(turn, [undeletes], UndeleteAsync, cancellationToken);
            while (waiting.Count > 0)
            {
                var call = await NextCallAsync(turn, waiting);
                if (call.Count > 0 && !options.Value.UseComposite)
                {
                    await batches.SendEachAsync(turn, call, WriteAsync, cancellationToken);
                }
                else if (call.Count > 0)
                {
                    ahead = await SendTogetherAsync(turn, call, read, waiting.Count == 0 ? new CallTail(next, turn.PollIsDue && !turn.Result.HasMore) : CallTail.None, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is SalesforceCallException or SyncStoppedException)
        {
            await recorder.NotSentAsync(turn, [.. waiting.SelectMany(part => part)]);
            throw;
        }

        return ahead;
    }

    /// <summary>Batches of one kind. Tasks of one record together, so that as few requests as can be wait for each other's locks.</summary>
    private static Queue<IReadOnlyList<PlannedWrite>> InOrder(IReadOnlyList<PlannedWrite> planned) =>
        new(Kinds.SelectMany(kind => planned.Where(w => w.Attempt.Kind == kind).OrderBy(w => w.Lock, StringComparer.Ordinal).Chunk(SalesforceLimits.RowsPerCollection)));

    private async Task<List<IReadOnlyList<PlannedWrite>>> NextCallAsync(PushTurn turn, Queue<IReadOnlyList<PlannedWrite>> waiting)
    {
        List<IReadOnlyList<PlannedWrite>> call = [];
        while (call.Count < (options.Value.UseComposite ? SalesforceLimits.CollectionsPerComposite : 1) && waiting.TryDequeue(out var part))
        {
            if (await batches.IsInTimeAsync(turn, part))
            {
                call.Add(part);
            }
        }

        return call;
    }

    /// <summary>One Composite request.</summary>
    private async Task<FreshRows?> SendTogetherAsync(PushTurn turn, IReadOnlyList<IReadOnlyList<PlannedWrite>> parts, FreshRows read, CallTail tail, CancellationToken cancellationToken)
    {
        List<PlannedWrite> writes = [.. parts.SelectMany(part => part)];
        var written = writes.Where(w => w.SalesforceId is not null).Select(w => w.SalesforceId!).ToHashSet();
        var call = new PushCall
        {
            Read = TaskQuery.BeforeWriting(written, read.IsUnread ? null : read.Since, [.. tail.Next.Select(row => row.Id)]),
            Writes = [.. parts.Select(BatchOf)],
            Poll = tail.Polls ? await poller.QueryAsync(turn.Context, turn.Pulse, cancellationToken) : null,
        };
        var startedAt = reader.Now;
        PushAnswer answer;
        try
        {
            answer = await api.PushAsync(batches.CallerOf(turn, writes), call, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsRefusal && (BatchSender.MayBeOfRow(e.Failure) != false || e.Failure.IsNotOffered))
        {
            // Refused as a whole: each batch goes by itself, where the bad record is found (S9).
            await batches.SendEachAsync(turn, parts, WriteAsync, cancellationToken);
            return null;
        }
        catch (SyncStoppedException)
        {
            await recorder.NotSentAsync(turn, writes);
            throw;
        }
        catch (SalesforceCallException e)
        {
            await recorder.CallFailedAsync(turn, writes, e.Failure);
            throw;
        }

        // What others had changed before our write was there first, and the merge decides what is written back (S3). Not cancellable, like every answer.
        await reader.ApplyAsync(turn, answer.Read?.Tasks.Where(row => written.Contains(row.Id) && !IsAsRead(row, read)).ToList() ?? [], CancellationToken.None);
        await RecordAsync(turn, parts, answer.Writes, cancellationToken);
        if (read.IsUnread && answer.Read is { NextPage: null })
        {
            await reader.MissAsync(turn, written, answer.Read.Tasks, cancellationToken);
        }

        return await TakeReadsAsync(turn, answer, tail, startedAt, cancellationToken);
    }

    private async Task RecordAsync(PushTurn turn, IReadOnlyList<IReadOnlyList<PlannedWrite>> parts, IReadOnlyList<PartAnswer> answers, CancellationToken cancellationToken)
    {
        List<IReadOnlyList<PlannedWrite>> refused = [];
        CallFailure? failed = null;
        foreach (var (part, answer) in parts.Zip(answers))
        {
            if (answer.Outcomes is { } outcomes)
            {
                await recorder.RecordAsync(turn, [.. part.Zip(outcomes, OutcomeRecorder.Of)]);
            }
            else if (answer.Failure!.IsRefusal && BatchSender.MayBeOfRow(answer.Failure) != false)
            {
                refused.Add(part);
            }
            else
            {
                failed ??= answer.Failure;
                await recorder.CallFailedAsync(turn, part, answer.Failure);
            }
        }

        await batches.SendEachAsync(turn, refused, WriteAsync, cancellationToken);
        if (failed is not null)
        {
            // A session that ends between two parts is renewed by the next call.
            throw new SalesforceCallException(failed.Class == FailureClass.Auth ? failed with { Class = FailureClass.Intermittent } : failed);
        }
    }

    private async Task<FreshRows?> TakeReadsAsync(PushTurn turn, PushAnswer answer, CallTail tail, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        FreshRows? ahead = null;
        if (tail.Next.Count > 0 && answer.Read is { } page)
        {
            var wanted = tail.Next.Select(row => row.Id).ToHashSet();
            var rows = await api.RestAsync(turn.Context.Caller, ApiPurpose.Read, page, cancellationToken);
            ahead = await reader.TakeAsync(turn, new RowsRead(tail.Next, [.. rows.Where(row => wanted.Contains(row.Id))], startedAt, reader.SinceOf(page, startedAt)), cancellationToken);
        }

        if (tail.Polls && answer.Poll is { } polled)
        {
            turn.Result.Applied.Add(await poller.TakeAsync(turn.Context, turn.Pulse, polled, cancellationToken));
            turn.Result.Polled = true;
        }

        return ahead;
    }

    private static bool IsAsRead(RemoteTask row, FreshRows read) =>
        read.Rows.GetValueOrDefault(row.Id) is { } known && known.SystemModstamp == row.SystemModstamp && known.IsDeleted == row.IsDeleted && known.OwnerId == row.OwnerId && known.Values.Equals(row.Values);

    private static WriteBatch BatchOf(IReadOnlyList<PlannedWrite> writes) => writes[0].Attempt.Kind switch
    {
        WriteKind.Create => new WriteBatch.Creates([.. writes.Select(w => new NewTask(w.Key, w.Attempt.Values))]),
        WriteKind.Update => new WriteBatch.Updates([.. writes.Select(w => new TaskChange(w.SalesforceId!, w.Attempt.Values))]),
        _ => new WriteBatch.Deletes([.. writes.Select(w => w.SalesforceId!)]),
    };

    private async Task<IReadOnlyList<Outcome>> WriteAsync(Caller caller, IReadOnlyList<PlannedWrite> writes, CancellationToken cancellationToken) =>
        [.. writes.Zip(await api.WriteAsync(caller, BatchOf(writes), cancellationToken), OutcomeRecorder.Of)];

    private async Task<IReadOnlyList<Outcome>> UndeleteAsync(Caller caller, IReadOnlyList<PlannedWrite> writes, CancellationToken cancellationToken) =>
        [.. writes.Zip(await api.UndeleteAsync(caller, [.. writes.Select(w => w.SalesforceId!)], cancellationToken), OutcomeRecorder.Of)];

    /// <summary>What the last call of a round does besides writing.</summary>
    /// <param name="Next">Rows of the next round to read.</param>
    /// <param name="Polls">Changes are read in the same call.</param>
    private sealed record CallTail(IReadOnlyList<WantedRow> Next, bool Polls)
    {
        public static CallTail None { get; } = new([], false);
    }
}
