using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Org;

/// <summary>A record. Once it is in a table it is never changed: a change is a copy that takes its place, which makes rolling back a matter of putting the old one back.</summary>
internal sealed class Row
{
    private object?[] _values;

    public Row(ObjectType type, string id)
    {
        (Type, Id, Number) = (type, id, SalesforceId.Number(id));
        _values = new object?[type.Fields.Count];
        this[type.Id] = id;
        foreach (var field in type.Fields)
            if (field.Kind == FieldKind.Boolean)
                this[field] = false;
    }

    private Row(Row other)
    {
        (Type, Id, Number) = (other.Type, other.Id, other.Number);
        _values = new object?[Type.Fields.Count];
        other._values.CopyTo(_values, 0);
    }

    public ObjectType Type { get; }
    public string Id { get; }

    /// <summary>Grows with every record of the org: the order of creation.</summary>
    public long Number { get; }

    public object? this[Field field]
    {
        get => field.Ordinal < _values.Length ? _values[field.Ordinal] : (field.Kind == FieldKind.Boolean ? false : null);
        set
        {
            if (field.Ordinal >= _values.Length)
                Array.Resize(ref _values, Type.Fields.Count);
            _values[field.Ordinal] = value;
        }
    }

    public bool IsDeleted => Is(Type.IsDeleted);
    public DateTimeOffset SystemModstamp => (DateTimeOffset)this[Type.SystemModstamp]!;
    public string? OwnerId => Type.Owner is { } owner ? Text(owner) : null;

    public string? Text(Field field) => (string?)this[field];

    public string? Text(string field) => (string?)this[Type[field]];

    public bool Is(Field field) => this[field] is true;

    public bool Is(string field) => this[Type[field]] is true;

    /// <summary>A copy that may be changed.</summary>
    public Row Copy() => new(this);
}
