namespace TaskSync.Simulator.Org;

/// <summary>The writes of one request, in order, with what was there before, so that a part or all of it can be taken back.</summary>
internal sealed class OrgTransaction(OrgStore store)
{
    private readonly List<(Row? Before, Row After)> _writes = [];

    /// <summary>A point that <see cref="RollBack"/> can return to.</summary>
    public int Mark => _writes.Count;

    public void Put(Row row)
    {
        _writes.Add((store.Find(row.Id), row));
        store.Place(row);
    }

    public void RollBack(int mark = 0)
    {
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

    /// <summary>The ids written since the last call, each once.</summary>
    public IReadOnlyCollection<string> TakeTouched()
    {
        var ids = _writes.Select(write => write.After.Id).ToHashSet(StringComparer.Ordinal);
        _writes.Clear();
        return ids;
    }
}
