using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Push;

/// <summary>How one kind of batch is sent in a call of its own.</summary>
internal delegate Task<IReadOnlyList<Outcome>> SendBatch(Caller caller, IReadOnlyList<PlannedWrite> writes, CancellationToken cancellationToken);

/// <summary>Sends batches in calls of their own, records the answers, and finds the row that makes Salesforce refuse a whole call (S9).</summary>
public sealed class BatchSender(OutcomeRecorder recorder, TimeProvider time)
{
    /// <summary>A write that is refused alone, by a code that nobody knows, becomes a problem this many times later.</summary>
    private const int MostTimesAlone = 3;

    /// <summary>One batch after the other; when one fails, those after it are not sent.</summary>
    internal async Task SendEachAsync(PushTurn turn, IReadOnlyList<IReadOnlyList<PlannedWrite>> parts, SendBatch send, CancellationToken cancellationToken)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            try
            {
                if (await TryAsync(turn, parts[i], send, cancellationToken) is { } refusal)
                {
                    await BlameAsync(turn, parts[i], new Blame(refusal, send, RowsAreToBlame: false), cancellationToken);
                }
            }
            catch (Exception e) when (e is SalesforceCallException or SyncStoppedException)
            {
                await recorder.NotSentAsync(turn, [.. parts.Skip(i + 1).SelectMany(part => part)]);
                throw;
            }
        }
    }

    /// <summary>Who makes the call that writes these: asked before it, and before each repetition, whether sync goes on and it is not too late.</summary>
    internal Caller CallerOf(PushTurn turn, IReadOnlyList<PlannedWrite> writes) => turn.Context.Caller.Until(writes.Min(w => w.SendBy), time);

    /// <summary>False when it is too late for one of them, because the calls before took long: they are planned anew then.</summary>
    internal async Task<bool> IsInTimeAsync(PushTurn turn, IReadOnlyList<PlannedWrite> writes)
    {
        if (writes.All(w => w.SendBy > time.GetUtcNow()))
        {
            return true;
        }

        await recorder.NotSentAsync(turn, writes);
        return false;
    }

    /// <summary>Whether a row of the request can be the cause of a refusal; null when nobody knows.</summary>
    internal static bool? MayBeOfRow(CallFailure failure) => SalesforceErrors.For(failure).MayBeOfRow;

    /// <returns>Why Salesforce refused the request as a whole; null when it took it, or when nothing was to be sent.</returns>
    private async Task<CallFailure?> TryAsync(PushTurn turn, IReadOnlyList<PlannedWrite> writes, SendBatch send, CancellationToken cancellationToken)
    {
        if (writes.Count == 0 || !await IsInTimeAsync(turn, writes))
        {
            return null;
        }

        IReadOnlyList<Outcome> outcomes;
        try
        {
            outcomes = await send(CallerOf(turn, writes), writes, cancellationToken);
        }
        catch (SalesforceCallException e) when (e.Failure.IsRefusal)
        {
            return e.Failure;
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

        await recorder.RecordAsync(turn, outcomes);
        return null;
    }

    /// <summary>
    /// Salesforce refused the request as a whole. Where a row can be the cause it is halved until the bad one stands alone (S9); where none can, all wait until
    /// the cause is over. A code that nobody knows may be either, and one row sent by itself tells: if Salesforce takes it, the others are to blame. It is
    /// another row each time, so one bad row cannot hide behind a second, and a round costs one call more at most.
    /// </summary>
    private async Task BlameAsync(PushTurn turn, IReadOnlyList<PlannedWrite> writes, Blame blame, CancellationToken cancellationToken)
    {
        var mayBeOfRow = MayBeOfRow(blame.Refusal) ?? (blame.RowsAreToBlame ? true : null);
        if (writes.Count == 1 && (mayBeOfRow ?? (writes[0].Refusals >= MostTimesAlone - 1)))
        {
            await recorder.RecordAsync(turn, [new Outcome(writes[0], new Answer.Refused(), new SalesforceError(blame.Refusal.Code, blame.Refusal.Message, []))]);
        }
        else if (writes.Count > 1 && mayBeOfRow == true)
        {
            await HalveAsync(turn, writes, blame, cancellationToken);
        }
        else if (writes.Count > 1 && mayBeOfRow is null && await PassesAloneAsync(turn, writes, blame.Send, cancellationToken) is { } rest)
        {
            await AgainAsync(turn, rest, blame, cancellationToken);
        }
        else
        {
            // Where a row may be to blame each refusal counts, until one that stands alone is.
            await (mayBeOfRow is null ? recorder.RecordAsync(turn, [.. writes.Select(w => new Outcome(w, new Answer.Doubted()))]) : recorder.CallFailedAsync(turn, writes, blame.Refusal));
            throw new SalesforceCallException(blame.Refusal);
        }
    }

    private async Task HalveAsync(PushTurn turn, IReadOnlyList<PlannedWrite> writes, Blame blame, CancellationToken cancellationToken)
    {
        List<PlannedWrite> first = [.. writes.Take((writes.Count + 1) / 2)], second = [.. writes.Skip(first.Count)];
        try
        {
            await AgainAsync(turn, first, blame, cancellationToken);
        }
        catch (Exception e) when (e is SalesforceCallException or SyncStoppedException)
        {
            await recorder.NotSentAsync(turn, second);
            throw;
        }

        await AgainAsync(turn, second, blame, cancellationToken);
    }

    private async Task AgainAsync(PushTurn turn, IReadOnlyList<PlannedWrite> writes, Blame blame, CancellationToken cancellationToken)
    {
        if (await TryAsync(turn, writes, blame.Send, cancellationToken) is { } refusal)
        {
            await BlameAsync(turn, writes, blame with { Refusal = refusal, RowsAreToBlame = true }, cancellationToken);
        }
    }

    /// <summary>Sends one of the writes alone.</summary>
    /// <returns>The others, when Salesforce took it; null when it was refused as well.</returns>
    private async Task<IReadOnlyList<PlannedWrite>?> PassesAloneAsync(PushTurn turn, IReadOnlyList<PlannedWrite> writes, SendBatch send, CancellationToken cancellationToken)
    {
        var one = writes[writes.Max(w => w.Refusals) % writes.Count];
        List<PlannedWrite> rest = [.. writes.Where(w => w.TaskId != one.TaskId)];
        try
        {
            return await TryAsync(turn, [one], send, cancellationToken) is null ? rest : null;
        }
        catch (Exception e) when (e is SalesforceCallException or SyncStoppedException)
        {
            await recorder.NotSentAsync(turn, rest);
            throw;
        }
    }

    /// <summary>A refusal of a whole call.</summary>
    /// <param name="Refusal">Salesforce's words.</param>
    /// <param name="Send">How the batch is sent.</param>
    /// <param name="RowsAreToBlame">Another row of the batch was taken.</param>
    private sealed record Blame(CallFailure Refusal, SendBatch Send, bool RowsAreToBlame);
}
