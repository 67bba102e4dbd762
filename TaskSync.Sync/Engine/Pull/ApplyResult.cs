using TaskSync.Sync.Model;
using TaskSync.Sync.Reconciliation;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>What became, or would become, of one observed row.</summary>
/// <param name="Row">What was read.</param>
/// <param name="TaskId">The task here; null when the row has none and gets none.</param>
/// <param name="Fate">What happens here.</param>
/// <param name="Action">What was planned, where a linked task was.</param>
public sealed record RowVerdict(RemoteTask Row, Guid? TaskId, RowFate Fate, SyncAction? Action = null);

public enum RowFate
{
    /// <summary>It is not of this list, or older than what is known.</summary>
    Nothing,
    ComesIn,

    /// <summary>Somebody else owns it now.</summary>
    Reassigned,

    /// <summary>Both sides know it: the action says what happens.</summary>
    Planned,

    /// <summary>It had not been shown to the rep, or was somebody else's, and both sides know it again: the action says what happens.</summary>
    ShownAgain,
}

/// <summary>What applying a batch did here.</summary>
public sealed class ApplyResult : IRunResult
{
    public int Created { get; set; }

    public int Updated { get; set; }

    public int Deleted { get; set; }

    /// <summary>Salesforce ids whose stamp equals the newest one applied but whose values differ: to be read again by id.</summary>
    public List<string> ReadAgain { get; } = [];

    /// <summary>Salesforce ids of rows that could not be stored.</summary>
    public HashSet<string> SetAside { get; } = [];

    /// <summary>What became of each row that was not dropped as known or too old.</summary>
    public List<RowVerdict> Verdicts { get; } = [];

    /// <summary>A row bears a key of ours that this database knows nothing of.</summary>
    public bool ForgottenWrites { get; set; }

    /// <summary>Salesforce ids of rows that came in naming a person or record by id only: the rep's own token tells the names.</summary>
    public List<string> Unnamed { get; } = [];

    /// <summary>What was kept of an import's place is no longer valid: its stage begins anew.</summary>
    public bool StartedOver { get; init; }

    /// <summary>Whose lists changed.</summary>
    public HashSet<Guid> People { get; } = [];

    /// <summary>Something is left to be sent.</summary>
    public bool NeedsPush { get; set; }

    /// <summary>Adds what another batch did.</summary>
    public void Add(ApplyResult other)
    {
        Created += other.Created;
        Updated += other.Updated;
        Deleted += other.Deleted;
        NeedsPush |= other.NeedsPush;
        ForgottenWrites |= other.ForgottenWrites;
        People.UnionWith(other.People);
        ReadAgain.AddRange(other.ReadAgain);
        SetAside.UnionWith(other.SetAside);
        Verdicts.AddRange(other.Verdicts);
        Unnamed.AddRange(other.Unnamed);
    }

    /// <inheritdoc/>
    public SyncRun? Line => ChangedAnything ? new SyncRun { Created = Created, Updated = Updated, Deleted = Deleted } : null;

    /// <summary>No row was looked at: nothing was written, and nothing is left to do.</summary>
    public bool IsEmpty => Verdicts.Count == 0 && ReadAgain.Count == 0 && SetAside.Count == 0 && !NeedsPush && !StartedOver && !ChangedAnything;

    public bool ChangedAnything => Created + Updated + Deleted > 0 || People.Count > 0;
}
