using System.Diagnostics;
using TaskSync.Sync.Engine.Check;
using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Engine.Push;
using TaskSync.Sync.Engine.SwitchOn;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Cycle;

/// <summary>What a duty came to.</summary>
internal enum Progress
{
    /// <summary>Something changed on either side, or was decided.</summary>
    Made,

    /// <summary>It was done, and it was its time.</summary>
    Some,

    /// <summary>The same, and it wrote nothing: what was read before it still holds.</summary>
    Quiet,

    /// <summary>It is as due as before: done again at once it would come to the same.</summary>
    None,
}

/// <summary>Does what the agenda says, and writes down what came of it.</summary>
public sealed class CycleDuties(InitialSyncRunner initialSync, PushRound push, ChangePoller poller, CompletenessSweep sweep, AuditRunner audit, RunLog runs)
{
    /// <summary>Does one duty.</summary>
    internal async Task<Progress> DoAsync(Duty duty, SyncContext context, AgendaTerms terms, CancellationToken cancellationToken)
    {
        // What was read ahead is no longer the newest sight once something else has read.
        var ahead = terms.Pulse.Ahead;
        terms.Pulse.Ahead = null;
        if (duty is not Duty.ImportPage)
        {
            await terms.Pulse.DropPageAsync();
        }

        return await (duty switch
        {
            Duty.CatchUp step => InitialAsync(step.Initial, context, terms, cancellationToken),
            Duty.ImportPage step => InitialAsync(step.Initial, context, terms, cancellationToken),
            Duty.Push step => PushAsync(step, ahead, context, terms, cancellationToken),
            Duty.Poll => PollAsync(context, terms, cancellationToken),
            Duty.Sweep => CheckAsync(duty, context, terms, SyncRunKind.Sweep, () => sweep.SweepAsync(context, terms.Pulse, cancellationToken)),
            Duty.Audit step => CheckAsync(duty, context, terms, SyncRunKind.Audit, () => audit.RunAsync(context, step.Reason, cancellationToken)),
            _ => throw new UnreachableException(),
        });
    }

    /// <summary>Sync was switched off: what runs comes to its end.</summary>
    internal Task FinishAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken) => initialSync.FinishAsync(context, pulse, cancellationToken);

    private async Task<Progress> InitialAsync(InitialSync initial, SyncContext context, AgendaTerms terms, CancellationToken cancellationToken)
    {
        var result = await runs.RecordStepAsync(context, () => initialSync.StepAsync(context, initial, terms.Pulse, cancellationToken));
        if (initial.CatchUp != CatchUpStage.None || initial.Import == ImportStage.Prepare)
        {
            // Polls go on from the cursor it leaves, not from where the last one was before sync was off.
            terms.Pulse.FastReached = default;
        }

        return result.StartedOver ? Progress.None : result.ChangedAnything ? Progress.Made : Progress.Some;
    }

    private async Task<Progress> PushAsync(Duty.Push duty, FreshRows? ahead, SyncContext context, AgendaTerms terms, CancellationToken cancellationToken)
    {
        terms.Pulse.Ahead = ahead;
        var turn = new PushTurn(context, terms.Pulse) { PollIsDue = duty.PollIsDue, IsScarce = terms.Pace.IsScarce };
        var result = await runs.RecordAsync(context, SyncRunKind.Push, () => push.RunAsync(turn, cancellationToken));
        if (result.LookedAt > 0)
        {
            terms.Pulse.PushedAt = terms.Now;
        }

        if (result.Polled)
        {
            Polled(terms);
        }

        return result.Sent + result.Failed + result.Settled > 0 || result.Applied.ChangedAnything ? Progress.Made : Progress.None;
    }

    private async Task<Progress> PollAsync(SyncContext context, AgendaTerms terms, CancellationToken cancellationToken)
    {
        var result = await runs.RecordAsync(context, SyncRunKind.Pull, () => poller.PollAsync(context, terms.Pulse, cancellationToken));
        Polled(terms);
        return result.ChangedAnything ? Progress.Made : result.IsEmpty ? Progress.Quiet : Progress.Some;
    }

    /// <summary>A check that leaves itself as due as it was has not come further.</summary>
    private async Task<Progress> CheckAsync(Duty duty, SyncContext context, AgendaTerms terms, SyncRunKind kind, Func<Task<ApplyResult>> check)
    {
        var isRepeated = duty.Equals(terms.Pulse.Last);
        var result = await runs.RecordAsync(context, kind, check);
        return result.ChangedAnything ? Progress.Made : isRepeated ? Progress.None : Progress.Some;
    }

    private static void Polled(AgendaTerms terms)
    {
        terms.Pulse.PolledAt = terms.Now;
        terms.Pulse.NextPollAt = terms.Now + terms.PollInterval;
    }
}
