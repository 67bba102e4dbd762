using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Org;

/// <summary>The org's records. Everything happens under <see cref="Gate"/>; what was written is in the journal before the gate opens again.</summary>
internal sealed class OrgStore
{
    private readonly Dictionary<ObjectType, Table> _tables = [];
    private readonly Journal _journal;
    private long _counter;

    public OrgStore(OrgSchema schema, Journal journal, SimulatorOptions options)
    {
        (Schema, _journal, Time, Instance) = (schema, journal, options.TimeProvider, options.InstanceCode);
        foreach (var type in schema.All)
            _tables.Add(type, new Table(type));
        Tasks = this[schema.Task];
    }

    public Lock Gate { get; } = new();
    public OrgSchema Schema { get; }
    public TimeProvider Time { get; }

    /// <summary>The three characters all ids of this org have in common.</summary>
    public string Instance { get; }

    public Table Tasks { get; }
    public DeleteLog Deletions { get; } = new();
    public OrgSettings Settings { get; set; } = new();

    /// <summary>When the oldest transaction that is still open began, null when none is.</summary>
    public DateTimeOffset? OpenSince => Held.Count == 0 ? null : Held.Min(held => held.StartedAt);

    /// <summary>The transactions that have written but not committed.</summary>
    public List<HeldTransaction> Held { get; } = [];

    public Table this[ObjectType type] => _tables[type];

    /// <summary>The present second, which is the finest Salesforce stamps.</summary>
    public DateTimeOffset Now => Time.GetUtcNow().ToSecond();

    public string NewId(ObjectType type) => SalesforceId.Create(type.KeyPrefix, Instance, ++_counter);

    /// <summary>The record with the id, whatever its type; null when there is none. Deleted records are found too.</summary>
    public Row? Find(string? id) => id is not null && Schema.OfId(id) is { } type ? _tables[type].Find(id) : null;

    /// <summary>The values of a picklist field of Task other than Status and Priority, which have their own tables.</summary>
    public IEnumerable<PicklistValue> ValuesOf(Field field) =>
        Settings.PicklistValues.TryGetValue(field.Name, out var values) ? values.Select(value => new PicklistValue(value, value)) : field.Values;

    /// <summary>Puts a row without a transaction: while the journal is read and while a transaction does its work.</summary>
    public void Place(Row row)
    {
        _counter = Math.Max(_counter, row.Number);
        _tables[row.Type].Put(row);
        Deletions.Follow(row);
    }

    public void Displace(Row row) => _tables[row.Type].Remove(row.Id);

    /// <summary>Does the work and keeps it, or undoes all of it when it throws. The caller holds the gate.</summary>
    public T Write<T>(Func<OrgTransaction, T> work)
    {
        var transaction = new OrgTransaction(this);
        try
        {
            var result = work(transaction);
            Commit(transaction);
            return result;
        }
        catch
        {
            transaction.RollBack();
            throw;
        }
    }

    /// <summary>Makes the transaction's rows durable.</summary>
    public void Commit(OrgTransaction transaction)
    {
        foreach (var id in transaction.TakeTouched())
            if (Find(id) is { } row)
                _journal.Row(row);
        _journal.Flush();
    }

    /// <summary>Removes a deleted row for good (the recycle bin was emptied). Its deletion stays in the delete log.</summary>
    public void Purge(Row row)
    {
        Displace(row);
        _journal.Purged(row.Id, row.SystemModstamp);
        _journal.Flush();
    }

    /// <summary>Removes a row of the org's set-up without a trace in recycle bin or log.</summary>
    public void Remove(Row row)
    {
        Displace(row);
        _journal.Removed(row.Id);
        _journal.Flush();
    }

    /// <summary>Forgets all deletions so far, as Salesforce does when the delete log grows too large.</summary>
    public void PurgeDeleteLog()
    {
        Deletions.Clear(Now);
        _journal.DeleteLogCleared(Now);
        _journal.Flush();
    }

    public void SaveSettings()
    {
        _journal.Settings(Settings);
        _journal.Flush();
    }

    public void ReserveNumbers(long upTo) => _counter = Math.Max(_counter, upTo);

    /// <summary>Everything there is, for a journal that starts anew.</summary>
    public void WriteAll(Journal journal)
    {
        journal.Settings(Settings);
        foreach (var table in _tables.Values)
            foreach (var row in table.Rows.OrderBy(row => row.Number))
                journal.Row(row);
        if (Deletions.ClearedAt is { } cleared)
            journal.DeleteLogCleared(cleared);
        foreach (var (id, at) in Deletions.Entries)
            if (Find(id) is null)
                journal.Purged(id, at);
    }
}
