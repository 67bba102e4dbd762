using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Org;

/// <summary>The records of one type, indexed by id, owner, unique fields and SystemModstamp, so that a poll costs what changed and not what exists.</summary>
internal sealed class Table(ObjectType type)
{
    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private readonly SortedSet<Row> _byStamp = new(StampOrder.Instance);
    private readonly Dictionary<string, HashSet<Row>> _byOwner = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, HashSet<Row>>> _byKey = new(StringComparer.Ordinal);

    public ObjectType Type { get; } = type;
    public int Count => _rows.Count;

    /// <summary>All rows, deleted ones included, in no particular order.</summary>
    public IReadOnlyCollection<Row> Rows => _rows.Values;

    public Row? Find(string id) => _rows.GetValueOrDefault(id);

    public void Put(Row row)
    {
        Remove(row.Id);
        _rows.Add(row.Id, row);
        _byStamp.Add(row);
        if (row.OwnerId is { } owner)
            Bucket(_byOwner, owner).Add(row);
        foreach (var (index, key) in Keys(row))
            Bucket(index, key).Add(row);
    }

    public void Remove(string id)
    {
        if (!_rows.Remove(id, out var old))
            return;
        _byStamp.Remove(old);
        if (old.OwnerId is { } owner)
            _byOwner[owner].Remove(old);
        foreach (var (index, key) in Keys(old))
            if (index.TryGetValue(key, out var bucket) && bucket.Remove(old) && bucket.Count == 0)
                index.Remove(key);
    }

    /// <summary>Rows whose SystemModstamp is at or after the moment, oldest first.</summary>
    public IEnumerable<Row> ChangedSince(DateTimeOffset from)
    {
        if (_byStamp.Max is not { } newest || newest.SystemModstamp < from)
            return [];
        return _byStamp.GetViewBetween(StampOrder.Probe(Type, from), newest);
    }

    public IReadOnlyCollection<Row> OwnedBy(string ownerId) => _byOwner.TryGetValue(ownerId, out var rows) ? rows : [];

    /// <summary>Rows, deleted ones included, with the value in an external-id or unique field; case counts only where the field says so.</summary>
    public IEnumerable<Row> WithKey(Field field, string value) =>
        _byKey.TryGetValue(field.Name, out var index) && index.TryGetValue(value, out var rows) ? rows : [];

    private IEnumerable<(Dictionary<string, HashSet<Row>> Index, string Key)> Keys(Row row)
    {
        foreach (var field in Type.Keys)
        {
            if (row[field] is not string value)
                continue;
            if (!_byKey.TryGetValue(field.Name, out var index))
                _byKey[field.Name] = index = new(field.CaseSensitive ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
            yield return (index, value);
        }
    }

    private static HashSet<Row> Bucket(Dictionary<string, HashSet<Row>> index, string key)
    {
        if (!index.TryGetValue(key, out var bucket))
            index[key] = bucket = [];
        return bucket;
    }

    private sealed class StampOrder : IComparer<Row>
    {
        public static readonly StampOrder Instance = new();

        /// <summary>A stand-in that sorts before every real row of its second.</summary>
        public static Row Probe(ObjectType type, DateTimeOffset stamp) => new(type, "000000000000000AAA") { [type.SystemModstamp] = stamp };

        public int Compare(Row? x, Row? y)
        {
            var byStamp = x!.SystemModstamp.CompareTo(y!.SystemModstamp);
            return byStamp != 0 ? byStamp : x.Number.CompareTo(y.Number);
        }
    }
}
