namespace TaskSync.Sync.Engine;

/// <summary>How a batch of observations is to be taken.</summary>
public enum ApplyMode
{
    /// <summary>Continuous sync.</summary>
    Continuous,

    /// <summary>A page of the first sync: rows were chosen by the import's own query.</summary>
    Import,

    /// <summary>The catch-up: a deletion in Salesforce beats an edit made here while sync was off (F6).</summary>
    CatchUp,
}

/// <summary>What applying a batch did here.</summary>
public sealed class ApplyResult
{
    public int Created { get; set; }

    public int Updated { get; set; }

    public int Deleted { get; set; }

    /// <summary>Salesforce ids whose stamp equals the newest one applied but whose values differ: to be read again by id.</summary>
    public List<string> ReadAgain { get; } = [];

    /// <summary>Salesforce ids of rows that came in naming a person or record by id only: the rep's own token tells the names.</summary>
    public List<string> Unnamed { get; } = [];

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
        People.UnionWith(other.People);
        ReadAgain.AddRange(other.ReadAgain);
        Unnamed.AddRange(other.Unnamed);
    }

    public bool ChangedAnything => Created + Updated + Deleted > 0 || People.Count > 0;
}
