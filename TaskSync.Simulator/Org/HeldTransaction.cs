using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Org;

/// <summary>
/// A transaction that has written but not committed: nobody sees its rows, nobody else can change them, and when it commits they appear
/// with the stamps of when they were written. It is why a poll by SystemModstamp alone misses rows.
/// </summary>
internal sealed class HeldTransaction
{
    private readonly OrgStore _store;
    private IReadOnlyList<Row> _rows = [];

    public HeldTransaction(OrgStore store)
    {
        (_store, StartedAt) = (store, store.Now);
        store.Held.Add(this);
    }

    public DateTimeOffset StartedAt { get; }

    public bool Locks(string id) => _rows.Any(row => row.Id == id);

    /// <summary>Whether one of its rows has the value in a unique field: who else wants it has to wait.</summary>
    public bool HoldsKey(Field key, string value) => _rows.Any(row => row.Type.Find(key.Name) == key && row.Text(key) == value);

    /// <summary>Does more work in this transaction, on top of what it did before.</summary>
    public T Work<T>(Func<OrgTransaction, T> work)
    {
        var transaction = new OrgTransaction(_store);
        _store.Held.Remove(this);
        foreach (var row in _rows)
            transaction.Put(row);
        try
        {
            var result = work(transaction);
            _rows = transaction.Written();
            return result;
        }
        finally
        {
            transaction.RollBack();
            _store.Held.Add(this);
        }
    }

    /// <summary>Takes over what another transaction wrote, which disappears from sight.</summary>
    public void TakeOver(OrgTransaction transaction)
    {
        _rows = transaction.Written();
        transaction.RollBack();
    }

    public void Commit()
    {
        if (!_store.Held.Remove(this))
            return;
        _store.Write(transaction =>
        {
            foreach (var row in _rows)
                transaction.Put(row);
            return _rows.Count;
        });
    }

    public void Abandon() => _store.Held.Remove(this);
}
