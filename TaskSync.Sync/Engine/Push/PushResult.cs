using TaskSync.Sync.Engine.Pull;
using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;

namespace TaskSync.Sync.Engine.Push;

/// <summary>What one transaction recorded.</summary>
public sealed class PushTally
{
    /// <summary>Writes that Salesforce confirmed.</summary>
    public int Sent { get; private set; }

    /// <summary>Writes that became a problem.</summary>
    public int Failed { get; private set; }

    /// <summary>What it changed here.</summary>
    public ApplyResult Applied { get; } = new();

    /// <summary>Counts one answer.</summary>
    internal void Count(Answer answer, NextStep next)
    {
        Sent += answer is Answer.Written or Answer.Duplicate or Answer.Restored ? 1 : 0;
        Failed += next == NextStep.Ask ? 1 : 0;
    }
}

/// <summary>What one push did.</summary>
public sealed class PushResult : IRunResult
{
    /// <summary>Tasks that were due and looked at.</summary>
    public int LookedAt { get; set; }

    /// <summary>More is due than one call takes.</summary>
    public bool HasMore { get; set; }

    /// <summary>Changes were read in the same call.</summary>
    public bool Polled { get; set; }

    /// <summary>Writes that Salesforce confirmed.</summary>
    public int Sent { get; private set; }

    /// <summary>Writes that became a problem.</summary>
    public int Failed { get; set; }

    /// <summary>Tasks that were postponed, asked about or done without being sent.</summary>
    public int Settled { get; set; }

    /// <summary>What the read before the writes changed here.</summary>
    public ApplyResult Applied { get; } = new();

    /// <summary>Adds what was recorded, once it is stored.</summary>
    public void Add(PushTally tally)
    {
        Sent += tally.Sent;
        Failed += tally.Failed;
        Applied.Add(tally.Applied);
    }

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
