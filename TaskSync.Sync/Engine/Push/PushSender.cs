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
    /// <summary>Records one Collections request takes.</summary>
    private const int BatchSize = 200;

    /// <summary>Collections in one Composite request: of its five parts one reads before and one after.</summary>
    private const int BatchesPerCall = 3;

    private static readonly WriteOutcome ReadTooOld = new WriteOutcome.Deferred(new SalesforceError("READ_TOO_OLD", "The row was read too long ago.", []));

    /// <summary>The order that frees and fills: what is deleted here must not be edited there first.</summary>
    private static readonly WriteKind[] Kinds = [WriteKind.Create, WriteKind.Update, WriteKind.Delete];

    /// <summary>Writes of one round. After a call that failed the next is smaller: it may have been too much for the organization.</summary>
    internal static int RoundSize(bool useComposite, ConnectionPulse pulse) => useComposite && pulse.Failures == 0 ? BatchesPerCall * BatchSize : BatchSize;

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
        var waiting = new Queue<IReadOnlyList<PlannedWrite>>(Kinds.SelectMany(kind => batch.Writes.Where(w => w.Attempt.Kind == kind).OrderBy(w => w.Lock, StringComparer.Ordinal).Chunk(BatchSize)));

        // What is taken out of the recycle bin now was read as deleted: before anything is written to it, it is read again.
        var ahead = options.Value.UseComposite || undeletes.Count > 0 ? null : read;
        try
        {
            await SendAloneAsync(context, undeletes, result, UndeleteAsync, cancellationToken);
            while (waiting.Count > 0)
            {
                List<IReadOnlyList<PlannedWrite>> call = [];
                while (call.Count < (options.Value.UseComposite ? BatchesPerCall : 1) && waiting.TryDequeue(out var part))
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
            Read = Condition(written, read.IsUnread ? null : read.Since, next),
            Writes = [.. parts.Select(BatchOf)],
            Poll = poll is null ? null : await poller.WhereAsync(context, poll, cancellationToken),
        };
        var startedAt = time.GetUtcNow();
        PushAnswer answer;
        try
        {
            answer = await api.PushAsync(context.ConnectionId, call, cancellationToken);
        }
        catch (SalesforceCallException e) when (IsRefused(e.Failure))
        {
            // Refused as a whole: each batch goes by itself, where the bad record is found by halving (S9).
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
            else if (IsRefused(answer.Failure!))
            {
                refused.Add(part);
            }
            else
            {
                failed ??= answer.Failure;
                await recorder.CallFailedAsync(context, part, answer.Failure!, CancellationToken.None);
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

    private async Task SendEachAsync(SyncContext context, IReadOnlyList<IReadOnlyList<PlannedWrite>> parts, PushResult result, CancellationToken cancellationToken)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            try
            {
                await SendAloneAsync(context, parts[i], result, WriteAsync, cancellationToken);
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
        if (writes.Count == 0 || !await MaySendAsync(context, writes, cancellationToken))
        {
            return;
        }

        IReadOnlyList<T> outcomes;
        try
        {
            outcomes = await send(context, writes, cancellationToken);
        }
        catch (SalesforceCallException e) when (IsRefused(e.Failure))
        {
            // Salesforce refuses the request as a whole, for one record perhaps: halve it until the bad one stands alone (S9).
            if (writes.Count == 1)
            {
                await recorder.RefusedAsync(context, writes[0], new SalesforceError(e.Failure.Code, e.Failure.Message, []), CancellationToken.None);
                result.Failed++;
                return;
            }

            var half = writes.Count / 2;
            await SendAloneAsync(context, [.. writes.Take(half)], result, send, cancellationToken);
            await SendAloneAsync(context, [.. writes.Skip(half)], result, send, cancellationToken);
            return;
        }
        catch (SalesforceCallException e)
        {
            await recorder.CallFailedAsync(context, writes, e.Failure, CancellationToken.None);
            throw;
        }

        await recorder.RecordAsync(context, writes, outcomes, result, CancellationToken.None);
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

    private static bool IsRefused(CallFailure failure) => failure is { NotApplied: true, Class: not (FailureClass.Auth or FailureClass.Intermittent) };

    private static bool IsAsRead(RemoteTask row, FreshRows read) =>
        read.Rows.GetValueOrDefault(row.Id) is { } known && known.SystemModstamp == row.SystemModstamp && known.IsDeleted == row.IsDeleted && known.OwnerId == row.OwnerId && known.Values.Equals(row.Values);

    /// <summary>Of the rows about to be written those that may have changed since they were read (all if they were not), and all that are to be written next.</summary>
    private static string? Condition(HashSet<string> written, DateTimeOffset? since, IReadOnlyList<WantedRow> next)
    {
        var again = written.Count == 0 ? null : Soql.And(Soql.In("Id", written), since is { } stamp ? $"SystemModstamp >= {Soql.Instant(stamp)}" : null);
        var ahead = next.Count == 0 ? null : Soql.In("Id", next.Select(row => row.Id));
        return again is null ? ahead : ahead is null ? again : Soql.Or($"({again})", ahead);
    }

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
}
