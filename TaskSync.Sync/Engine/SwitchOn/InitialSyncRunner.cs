using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.SwitchOn;

/// <summary>
/// Runs a first sync or a catch-up one step at a time: one page is read, applied and committed with the progress, so that a restart does at most one
/// page again (F2), and continuous sync goes on between the steps (F3).
/// </summary>
public sealed class InitialSyncRunner(FirstImport import, CatchUp catchUp, ChangeFeed feed)
{
    /// <summary>Does the next step.</summary>
    internal async Task<ApplyResult> StepAsync(SyncContext context, InitialSync initial, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        var result = (initial.CatchUp, initial.Import) switch
        {
            (CatchUpStage.Changes, _) => await catchUp.ChangesAsync(context, initial, cancellationToken),
            (CatchUpStage.Links, _) => await catchUp.LinksAsync(context, initial, cancellationToken),
            (_, ImportStage.Prepare) => await import.PrepareAsync(context, initial, cancellationToken),
            _ => await import.PageAsync(context, initial, pulse, cancellationToken),
        };
        feed.Publish(context.Person.Id);
        return result;
    }

    /// <summary>Records the page that was being read when sync was switched off; does nothing when none was.</summary>
    internal async Task FinishAsync(SyncContext context, ConnectionPulse pulse, CancellationToken cancellationToken)
    {
        if (pulse.PageAhead is not null)
        {
            await import.FinishAsync(context, pulse, cancellationToken);
            feed.Publish(context.Person.Id);
        }
    }
}
