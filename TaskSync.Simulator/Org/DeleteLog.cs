namespace TaskSync.Simulator.Org;

/// <summary>What getDeleted answers from. It outlives the recycle bin, and is itself purged now and then.</summary>
internal sealed class DeleteLog
{
    private readonly Dictionary<string, DateTimeOffset> _deletedAt = new(StringComparer.Ordinal);

    /// <summary>When the log was last purged; deletions before it are not known any more.</summary>
    public DateTimeOffset? ClearedAt { get; private set; }

    public IReadOnlyDictionary<string, DateTimeOffset> Entries => _deletedAt;

    /// <summary>Keeps the log in step with a row that was just written: deleted, or back again.</summary>
    public void Follow(Row row)
    {
        if (row.IsDeleted && (ClearedAt is null || row.SystemModstamp > ClearedAt))
            _deletedAt[row.Id] = row.SystemModstamp;
        else
            _deletedAt.Remove(row.Id);
    }

    public void Record(string id, DateTimeOffset at) => _deletedAt[id] = at;

    public void Forget(string id) => _deletedAt.Remove(id);

    public void Clear(DateTimeOffset at)
    {
        _deletedAt.Clear();
        ClearedAt = at;
    }
}
