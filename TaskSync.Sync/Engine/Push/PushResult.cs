using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Engine.Push;

/// <summary>What one push did.</summary>
public sealed class PushResult : IRunResult
{
    /// <summary>Pending writes that were due and looked at.</summary>
    public int LookedAt { get; set; }

    /// <summary>More is due than one call takes.</summary>
    public bool HasMore { get; set; }

    /// <summary>Changes were read in the same call.</summary>
    public bool Polled { get; set; }

    /// <summary>Writes that Salesforce confirmed.</summary>
    public int Sent { get; set; }

    /// <summary>Writes that became a problem.</summary>
    public int Failed { get; set; }

    /// <summary>What the read before the writes changed here.</summary>
    public ApplyResult Applied { get; } = new();

    /// <inheritdoc/>
    public SyncRun? Line => Sent + Failed == 0 && !Applied.ChangedAnything ? null : new SyncRun
    {
        Created = Applied.Created,
        Updated = Applied.Updated,
        Deleted = Applied.Deleted,
        Sent = Sent,
        Failed = Failed,
        Outcome = Failed == 0 ? SyncRunOutcome.Succeeded : Sent == 0 ? SyncRunOutcome.Failed : SyncRunOutcome.Partly,
    };
}
