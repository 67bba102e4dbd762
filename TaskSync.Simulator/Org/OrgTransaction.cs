namespace TaskSync.Simulator.Org;

/// <summary>What an API call asked to be done with one record.</summary>
internal enum RowChange { Created, Updated, Deleted }

/// <summary>The writes of one request, in order, with what was there before, so that a part or all of it can be taken back.</summary>
internal sealed class OrgTransaction(OrgStore store)
{
    private readonly List<(Row? Before, Row After)> _writes = [];
    private readonly List<(int Mark, RowChange Change)> _changes = [];

    /// <summary>A point that <see cref="RollBack"/> can return to.</summary>
    public int Mark => _writes.Count;

    public void Put(Row row)
    {
        _writes.Add((store.Find(row.Id), row));
        store.Place(row);
    }

    /// <summary>Notes that a caller's wish for one record was met, for the call log.</summary>
    public void Note(RowChange change) => _changes.Add((Mark, change));

    /// <summary>The wishes that were met and not taken back, since the last call.</summary>
    public IReadOnlyList<RowChange> TakeChanges()
    {
        var changes = _changes.ConvertAll(noted => noted.Change);
        _changes.Clear();
        return changes;
    }

    public void RollBack(int mark = 0)
    {
        _changes.RemoveAll(noted => noted.Mark > mark);
        for (var at = _writes.Count - 1; at >= mark; at--)
        {
            var (before, after) = _writes[at];
            store.Displace(after);
            store.Deletions.Forget(after.Id);
            if (before is not null)
                store.Place(before);
        }
        _writes.RemoveRange(mark, _writes.Count - mark);
    }

    /// <summary>The rows as they stand after this transaction, each once.</summary>
    public IReadOnlyList<Row> Written() =>
        [.. _writes.Select(write => write.After.Id).Distinct(StringComparer.Ordinal).Select(store.Find).OfType<Row>()];

    /// <summary>The ids written since the last call, each once.</summary>
    public IReadOnlyCollection<string> TakeTouched()
    {
        var ids = _writes.Select(write => write.After.Id).ToHashSet(StringComparer.Ordinal);
        _writes.Clear();
        return ids;
    }
}
