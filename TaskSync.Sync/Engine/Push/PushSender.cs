using Microsoft.Extensions.Options;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Push;

/// <summary>
/// Sends planned writes whose attempts are stored, and records what became of each. By Composite up to 600 records a call, which also reads the rows once more
/// before they are written, reads ahead for the next call, and polls when that is due; by plain Collections up to 200.
/// </summary>
public sealed class PushSender(
    SalesforceApi api, ObservationApplier applier, SyncContexts contexts, OutcomeRecorder recorder, PushReader reader, ChangePoller poller, TimeProvider time, IOptions<SyncOptions> options)
{
    /// <summary>A write that is refused alone, by a code that nobody knows, becomes a problem the so-manieth time.</summary>
    private const int MostTimesAlone = 3;

    private static readonly WriteOutcome ReadTooOld = new WriteOutcome.Deferred(new SalesforceError("READ_TOO_OLD", "The row was read too long ago.", []));

    /// <summary>The order that frees and fills: what is deleted here must not be edited there first.</summary>
    private static readonly WriteKind[] Kinds = [WriteKind.Create, WriteKind.Update, WriteKind.Delete];

    /// <summary>Writes of one round. After a call that failed the next is smaller: it may have been too much for the organization.</summary>
    internal static int RoundSize(bool useComposite, ConnectionPulse pulse) => SalesforceLimits.RowsPerCollection * (useComposite && pulse.Failures == 0 ? SalesforceLimits.CollectionsPerComposite : 1);

    /// <summary>Sends a round.</summary>
    /// <param name="context">The cycle.</param>
    /// <param name="batch">What was planned and stored.</param>
    /// <param name="read">The read it was planned from.</param>
    /// <param name="next">Rows of the round after this one.</param>
    /// <param name="poll">Where to poll from in the last call; null when no poll is due.</param>
    /// <param name="result">What was done is added here.</param>
    /// <param name="cancellationToken">Stops between calls.</param>
    /// <returns>The rows of the next round, if they were read.</returns>
    internal async Task<FreshRows?> SendAsync(
        SyncContext context, PushBatch batch, FreshRows read, IReadOnlyList<WantedRow> next, ConnectionPulse? poll, PushResult result, CancellationToken cancellationToken)
    {
        // Tasks of one record together, so that as few requests as can be wait for each other's locks.
        var undeletes = batch.Writes.Where(w => w.Attempt.Kind == WriteKind.Undelete).ToList();
        var waiting = new Queue<IReadOnlyList<PlannedWrite>>(Kinds.SelectMany(kind => batch.Writes.Where(w => w.Attempt.Kind == kind).OrderBy(w => w.Lock, StringComparer.Ordinal).Chunk(SalesforceLimits.RowsPerCollection)));

        // What is taken out of the recycle bin now was read as deleted: before anything is written to it, it is read again.
        var ahead = options.Value.UseComposite || undeletes.Count > 0 ? null : read;
        try
        {
            await SendAloneAsync(context, undeletes, result, UndeleteAsync, cancellationToken);
            while (waiting.Count > 0)
            {
                List<IReadOnlyList<PlannedWrite>> call = [];
                while (call.Count < (options.Value.UseComposite ? SalesforceLimits.CollectionsPerComposite : 1) && waiting.TryDequeue(out var part))
                {
                    if (part[0].Attempt.Kind == WriteKind.Delete && time.GetUtcNow() - read.At > PushReader.Fresh)
                    {
                        // Read again a moment later: somebody may have changed or reassigned it meanwhile.
                        await recorder.RecordAsync(context, part, [.. part.Select(_ => (object)ReadTooOld)], result, CancellationToken.None);
                        continue;
                    }

                    call.Add(part);
                }

                if (call.Count > 0 && !options.Value.UseComposite)
                {
                    await SendAloneAsync(context, call[0], result, WriteAsync, cancellationToken);
                }
                else if (call.Count > 0)
                {
                    ahead = await SendTogetherAsync(context, call, read, waiting.Count == 0 ? next : [], waiting.Count == 0 ? poll : null, result, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is SalesforceCallException or SyncStoppedException)
        {
            await recorder.NotSentAsync(context, [.. waiting.SelectMany(part => part)], CancellationToken.None);
            throw;
        }

        return ahead;
    }

    /// <summary>One Composite request.</summary>
    private async Task<FreshRows?> SendTogetherAsync(
        SyncContext context, IReadOnlyList<IReadOnlyList<PlannedWrite>> parts, FreshRows read, IReadOnlyList<WantedRow> next, ConnectionPulse? poll, PushResult result,
        CancellationToken cancellationToken)
    {
        List<PlannedWrite> writes = [.. parts.SelectMany(part => part)];
        if (!await MaySendAsync(context, writes, cancellationToken))
        {
            return null;
        }

        var written = writes.Where(w => w.SalesforceId is not null).Select(w => w.SalesforceId!).ToHashSet();
        var call = new PushCall
        {
            Read = TaskQuery.BeforeWriting(written, read.IsUnread ? null : read.Since, [.. next.Select(row => row.Id)]),
            Writes = [.. parts.Select(BatchOf)],
            Poll = poll is null ? null : await poller.QueryAsync(context, poll, cancellationToken),
        };
        var startedAt = time.GetUtcNow();
        PushAnswer answer;
        try
        {
            answer = await api.PushAsync(context.ConnectionId, call, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsRefusal && (MayBeOfRow(e.Failure) != false || e.Failure.IsNotOffered))
        {
            // Refused as a whole: each batch goes by itself, where the bad record is found (S9).
            await SendEachAsync(context, parts, result, cancellationToken);
            return null;
        }
        catch (SalesforceCallException e)
        {
            await recorder.CallFailedAsync(context, writes, e.Failure, CancellationToken.None);
            throw;
        }

        // What Salesforce has answered is recorded even if the app is being stopped: the answer cannot be had again.
        // First what others had changed before our write: it was there first, and the merge decides what is written back (S3).
        var stirred = answer.Read?.Tasks.Where(row => written.Contains(row.Id) && !IsAsRead(row, read)).ToList() ?? [];
        if (read.IsUnread && answer.Read is { NextPage: null })
        {
            await reader.TakeAsync(context, [.. written.Select(id => new WantedRow(id, false))], stirred, startedAt, default, result, CancellationToken.None);
        }
        else
        {
            result.Applied.Add(await applier.ApplyAsync(context, stirred, ApplyMode.Continuous, readById: true, cancellationToken: CancellationToken.None));
        }

        await RecordAsync(context, parts, answer.Writes, result, cancellationToken);
        return await TakeReadsAsync(context, answer, next, startedAt, poll, result, cancellationToken);
    }

    private async Task RecordAsync(
        SyncContext context, IReadOnlyList<IReadOnlyList<PlannedWrite>> parts, IReadOnlyList<PartAnswer> answers, PushResult result, CancellationToken cancellationToken)
    {
        List<IReadOnlyList<PlannedWrite>> refused = [];
        CallFailure? failed = null;
        foreach (var (part, answer) in parts.Zip(answers))
        {
            if (answer.Outcomes is { } outcomes)
            {
                await recorder.RecordAsync(context, part, outcomes, result, CancellationToken.None);
            }
            else if (answer.Failure!.IsRefusal && MayBeOfRow(answer.Failure) != false)
            {
                refused.Add(part);
            }
            else
            {
                failed ??= answer.Failure;
                await recorder.CallFailedAsync(context, part, answer.Failure, CancellationToken.None);
            }
        }

        await SendEachAsync(context, refused, result, cancellationToken);
        if (failed is not null)
        {
            // A session that ends between two parts is renewed by the next call.
            throw new SalesforceCallException(failed.Class == FailureClass.Auth ? failed with { Class = FailureClass.Intermittent } : failed);
        }
    }

    private async Task<FreshRows?> TakeReadsAsync(
        SyncContext context, PushAnswer answer, IReadOnlyList<WantedRow> next, DateTimeOffset startedAt, ConnectionPulse? poll, PushResult result, CancellationToken cancellationToken)
    {
        FreshRows? ahead = null;
        if (next.Count > 0 && answer.Read is { } page)
        {
            var wanted = next.Select(row => row.Id).ToHashSet();
            var rows = await api.RestAsync(context.ConnectionId, ApiPurpose.Read, page, cancellationToken);
            ahead = await reader.TakeAsync(context, next, [.. rows.Where(row => wanted.Contains(row.Id))], startedAt, reader.SinceOf(page, startedAt), result, cancellationToken);
        }

        if (poll is not null && answer.Poll is { } polled)
        {
            result.Applied.Add(await poller.TakeAsync(context, poll, polled, cancellationToken));
            result.Polled = true;
        }

        return ahead;
    }

    private Task SendEachAsync(SyncContext context, IReadOnlyList<IReadOnlyList<PlannedWrite>> parts, PushResult result, CancellationToken cancellationToken) =>
        EachAsync(context, parts, part => SendAloneAsync(context, part, result, WriteAsync, cancellationToken));

    /// <summary>One part after the other; when one fails, those after it are not sent.</summary>
    private async Task EachAsync(SyncContext context, IReadOnlyList<IReadOnlyList<PlannedWrite>> parts, Func<IReadOnlyList<PlannedWrite>, Task> send)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            try
            {
                await send(parts[i]);
            }
            catch (Exception e) when (e is SalesforceCallException or SyncStoppedException)
            {
                await recorder.NotSentAsync(context, [.. parts.Skip(i + 1).SelectMany(part => part)], CancellationToken.None);
                throw;
            }
        }
    }

    /// <summary>One batch in a call of its own.</summary>
    private async Task SendAloneAsync<T>(
        SyncContext context, IReadOnlyList<PlannedWrite> writes, PushResult result,
        Func<SyncContext, IReadOnlyList<PlannedWrite>, CancellationToken, Task<IReadOnlyList<T>>> send, CancellationToken cancellationToken)
        where T : class
    {
        var sending = new Sending<T>(context, result, send);
        if (await TryAsync(sending, writes, cancellationToken) is { } refusal)
        {
            await BlameAsync(sending, writes, refusal, rowsAreToBlame: false, cancellationToken);
        }
    }

    /// <returns>Why Salesforce refused the request as a whole; null when it took it, or when nothing was to be sent.</returns>
    private async Task<CallFailure?> TryAsync<T>(Sending<T> sending, IReadOnlyList<PlannedWrite> writes, CancellationToken cancellationToken)
        where T : class
    {
        var context = sending.Context;
        if (writes.Count == 0 || !await MaySendAsync(context, writes, cancellationToken))
        {
            return null;
        }

        IReadOnlyList<T> outcomes;
        try
        {
            outcomes = await sending.Send(context, writes, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsRefusal)
        {
            return e.Failure;
        }
        catch (SalesforceCallException e)
        {
            await recorder.CallFailedAsync(context, writes, e.Failure, CancellationToken.None);
            throw;
        }

        await recorder.RecordAsync(context, writes, outcomes, sending.Result, CancellationToken.None);
        return null;
    }

    /// <summary>
    /// Salesforce refused the request as a whole. Where a row can be the cause it is halved until the bad one stands alone (S9); where none can, all wait until
    /// the cause is over. A code that nobody knows may be either, and one row sent by itself tells: if Salesforce takes it, the others are to blame. It is
    /// another row each time, so one bad row cannot hide behind a second, and a round costs one call more at most.
    /// </summary>
    private async Task BlameAsync<T>(Sending<T> sending, IReadOnlyList<PlannedWrite> writes, CallFailure refusal, bool rowsAreToBlame, CancellationToken cancellationToken)
        where T : class
    {
        var (context, mayBeOfRow) = (sending.Context, MayBeOfRow(refusal) ?? (rowsAreToBlame ? true : null));
        if (writes.Count == 1 && (mayBeOfRow ?? (writes[0].Failures >= MostTimesAlone - 1)))
        {
            await recorder.RefusedAsync(context, writes[0], new SalesforceError(refusal.Code, refusal.Message, []), CancellationToken.None);
            sending.Result.Failed++;
        }
        else if (writes.Count > 1 && mayBeOfRow == true)
        {
            await EachAsync(context, [.. writes.Chunk((writes.Count + 1) / 2)], half => AgainAsync(half));
        }
        else if (writes.Count > 1 && mayBeOfRow is null && await PassesAloneAsync(sending, writes, cancellationToken) is { } rest)
        {
            await AgainAsync(rest);
        }
        else
        {
            await recorder.CallFailedAsync(context, writes, refusal, CancellationToken.None);
            throw new SalesforceCallException(refusal);
        }

        async Task AgainAsync(IReadOnlyList<PlannedWrite> part)
        {
            if (await TryAsync(sending, part, cancellationToken) is { } again)
            {
                await BlameAsync(sending, part, again, rowsAreToBlame: true, cancellationToken);
            }
        }
    }

    /// <summary>Sends one of the writes alone.</summary>
    /// <returns>The others, when Salesforce took it; null when it was refused as well.</returns>
    private async Task<IReadOnlyList<PlannedWrite>?> PassesAloneAsync<T>(Sending<T> sending, IReadOnlyList<PlannedWrite> writes, CancellationToken cancellationToken)
        where T : class
    {
        var one = writes[writes.Max(w => w.Failures) % writes.Count];
        List<PlannedWrite> rest = [.. writes.Where(w => w.TaskId != one.TaskId)];
        try
        {
            return await TryAsync(sending, [one], cancellationToken) is null ? rest : null;
        }
        catch (Exception e) when (e is SalesforceCallException or SyncStoppedException)
        {
            await recorder.NotSentAsync(sending.Context, rest, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Asked before each call. False when it is too late: the calls before took too long, and a successor may have taken over; planned anew then.</summary>
    private async Task<bool> MaySendAsync(SyncContext context, IReadOnlyList<PlannedWrite> writes, CancellationToken cancellationToken)
    {
        if (!await contexts.MayCallAsync(context, cancellationToken))
        {
            await recorder.NotSentAsync(context, writes, cancellationToken);
            throw new SyncStoppedException();
        }

        if (writes.All(w => w.Attempt.Deadline > time.GetUtcNow()))
        {
            return true;
        }

        await recorder.NotSentAsync(context, writes, cancellationToken);
        return false;
    }

    private static bool? MayBeOfRow(CallFailure failure) => SalesforceErrors.For(failure).MayBeOfRow;

    private static bool IsAsRead(RemoteTask row, FreshRows read) =>
        read.Rows.GetValueOrDefault(row.Id) is { } known && known.SystemModstamp == row.SystemModstamp && known.IsDeleted == row.IsDeleted && known.OwnerId == row.OwnerId && known.Values.Equals(row.Values);

    private static WriteBatch BatchOf(IReadOnlyList<PlannedWrite> writes) => writes[0].Attempt.Kind switch
    {
        WriteKind.Create => new WriteBatch.Creates([.. writes.Select(w => new NewTask(w.Key, w.Attempt.Values))]),
        WriteKind.Update => new WriteBatch.Updates([.. writes.Select(w => new TaskChange(w.SalesforceId!, w.Attempt.Values))]),
        _ => new WriteBatch.Deletes([.. writes.Select(w => w.SalesforceId!)]),
    };

    private Task<IReadOnlyList<WriteOutcome>> WriteAsync(SyncContext context, IReadOnlyList<PlannedWrite> writes, CancellationToken cancellationToken) =>
        api.WriteAsync(context.ConnectionId, BatchOf(writes), cancellationToken);

    private Task<IReadOnlyList<UndeleteOutcome>> UndeleteAsync(SyncContext context, IReadOnlyList<PlannedWrite> writes, CancellationToken cancellationToken) =>
        api.UndeleteAsync(context.ConnectionId, [.. writes.Select(w => w.SalesforceId!)], cancellationToken);

    /// <summary>One kind of write in calls of their own.</summary>
    private sealed record Sending<T>(
        SyncContext Context, PushResult Result, Func<SyncContext, IReadOnlyList<PlannedWrite>, CancellationToken, Task<IReadOnlyList<T>>> Send);
}
