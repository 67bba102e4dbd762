namespace TaskSync.Sync.Engine;

/// <summary>The section "Sync" of the configuration.</summary>
public sealed class SyncOptions
{
    public const string Section = "Sync";

    /// <summary>False: this instance shows pages, and others serve the shards. Needs a server database.</summary>
    public bool Engine { get; set; } = true;

    /// <summary>Into how many shards the connections are divided. All instances on one database must say the same.</summary>
    public int Shards { get; set; } = Model.Shards.Usual;

    /// <summary>How often changes are read for a rep whose page is open.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The same for a rep who has no page open.</summary>
    public TimeSpan IdlePollInterval { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How far each read reaches back behind the cursor, for rows that became visible late (S8); the sweep finds those that were later still.</summary>
    public TimeSpan Overlap { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the replication API completes what a fast poll may have missed (S8).</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a create of unknown outcome waits before it is sent again when no unique key protects it (S5).</summary>
    public TimeSpan UnknownOutcomeWait { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Writes go out by Composite requests of up to 600 records, with a read and a poll in the same call; false: by plain Collections of up to 200.</summary>
    public bool UseComposite { get; set; } = true;

    /// <summary>Share of the org's daily API allowance that TaskSync may use, 0–1.</summary>
    public double ApiShare { get; set; } = 0.2;

    /// <summary>Lines of a task's history that are older go, but for its newest ones (see <see cref="Check.HistoryRetention"/>).</summary>
    public TimeSpan HistoryTime { get; set; } = TimeSpan.FromDays(365);

    /// <summary>A task has at most so many lines of history, however young they are. The page of a task shows 200.</summary>
    public int HistoryPerTask { get; set; } = 200;

    /// <summary>How long completing and deleting wait for the undo bar.</summary>
    public TimeSpan UndoTime { get; set; } = TimeSpan.FromSeconds(5);
}
