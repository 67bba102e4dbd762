using System.Diagnostics.CodeAnalysis;

namespace TaskSync.Simulator.Schema;

/// <summary>An sObject: its name, key prefix and fields. Fields can be added while the org runs; they are never removed, only hidden.</summary>
internal class ObjectType
{
    private readonly List<Field> _fields = [];
    private readonly List<Field> _keys = [];
    private readonly Dictionary<string, Field> _byName = new(StringComparer.OrdinalIgnoreCase);

    public ObjectType(string name, string keyPrefix, IEnumerable<Field> fields)
    {
        (Name, KeyPrefix) = (name, keyPrefix);
        Add(new Field("Id", FieldKind.Id) { Length = 18, Nillable = false, DefaultedOnCreate = true });
        foreach (var field in fields)
            Add(field);
        (Id, IsDeleted) = (this["Id"], this["IsDeleted"]);
        (CreatedDate, CreatedById) = (this["CreatedDate"], this["CreatedById"]);
        (LastModifiedDate, LastModifiedById, SystemModstamp) = (this["LastModifiedDate"], this["LastModifiedById"], this["SystemModstamp"]);
        Owner = Find("OwnerId");
    }

    public string Name { get; }
    public string KeyPrefix { get; }
    public string Label { get; init; } = "";
    public string PluralLabel { get; init; } = "";

    /// <summary>Rows can be created, changed and deleted by the API.</summary>
    public bool Writable { get; init; } = true;

    /// <summary>getUpdated and getDeleted work on it.</summary>
    public bool Replicateable { get; init; } = true;

    public IReadOnlyList<Field> Fields => _fields;

    /// <summary>Unique fields and external ids, which records can be found by.</summary>
    public IReadOnlyList<Field> Keys => _keys;

    public Field Id { get; }
    public Field IsDeleted { get; }
    public Field CreatedDate { get; }
    public Field CreatedById { get; }
    public Field LastModifiedDate { get; }
    public Field LastModifiedById { get; }
    public Field SystemModstamp { get; }
    public Field? Owner { get; }

    /// <summary>The field by its name in any case; throws when there is none.</summary>
    public Field this[string name] => _byName[name];

    public Field? Find(string name) => _byName.GetValueOrDefault(name);

    public bool TryFindRelationship(string name, [NotNullWhen(true)] out Field? field)
    {
        field = _fields.Find(f => string.Equals(f.RelationshipName, name, StringComparison.OrdinalIgnoreCase));
        return field is not null;
    }

    public Field Add(Field field)
    {
        var placed = field with { Ordinal = _fields.Count };
        _byName.Add(placed.Name, placed);
        _fields.Add(placed);
        if (placed.Unique || placed.ExternalId)
            _keys.Add(placed);
        return placed;
    }
}
