namespace TaskSync.Sync.Model;

/// <summary>The one row that a look at the database's health writes: only a write that is stored shows that there is room for the next one.</summary>
public sealed class HealthMark
{
    public const int TheOnly = 1;

    public int Id { get; init; } = TheOnly;

    /// <summary>When it was last written (UTC).</summary>
    public DateTimeOffset At { get; set; }
}
