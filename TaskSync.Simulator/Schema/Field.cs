namespace TaskSync.Simulator.Schema;

/// <summary>The Salesforce field types the simulated objects need; the names of the describe call are in <see cref="Field.TypeName"/>.</summary>
internal enum FieldKind { Id, Reference, Text, TextArea, Picklist, Combobox, Boolean, Integer, Double, Date, DateTime, Email, Phone, Url }

/// <summary>Whether a field may be given at create (C) and at update (U).</summary>
[Flags]
internal enum Access { ReadOnly = 0, Create = 1, Update = 2, Write = Create | Update }

/// <summary>One value of a picklist as describe shows it.</summary>
internal sealed record PicklistValue(string Value, string Label, bool IsDefault = false, bool IsActive = true);

/// <summary>One column of an sObject. Values are held as string, bool, int, double, DateOnly or DateTimeOffset (UTC), null when empty.</summary>
internal sealed record Field(string Name, FieldKind Kind)
{
    public string Label { get; init; } = Name;
    public Access Access { get; init; } = Access.ReadOnly;
    public int Length { get; init; }
    public bool Nillable { get; init; } = true;
    public bool DefaultedOnCreate { get; init; }
    public bool Unique { get; init; }
    public bool ExternalId { get; init; }
    public bool CaseSensitive { get; init; }
    public bool Custom { get; init; }

    /// <summary>An unknown picklist value is refused instead of stored. Salesforce's Status and Priority are normally not restricted.</summary>
    public bool Restricted { get; init; }

    /// <summary>The field is the simulator's own book-keeping: no API call can see or write it.</summary>
    public bool Internal { get; init; }

    public IReadOnlyList<string> ReferenceTo { get; init; } = [];
    public string? RelationshipName { get; init; }
    public IReadOnlyList<PicklistValue> Values { get; init; } = [];

    /// <summary>Position in a row's value array; given by the object type.</summary>
    public int Ordinal { get; init; } = -1;

    public bool Createable => Access.HasFlag(Access.Create);
    public bool Updateable => Access.HasFlag(Access.Update);
    public bool IsPolymorphic => ReferenceTo.Count > 1;
    public bool IsId => Kind is FieldKind.Id or FieldKind.Reference;
    public bool IsText => Kind is FieldKind.Text or FieldKind.TextArea or FieldKind.Picklist or FieldKind.Combobox
        or FieldKind.Email or FieldKind.Phone or FieldKind.Url;

    /// <summary>Long text can be neither filtered nor sorted in SOQL (salesforce: Description).</summary>
    public bool Filterable => Kind != FieldKind.TextArea;

    /// <summary>Must be given by the caller: no value, no default, no save.</summary>
    public bool Required => !Nillable && !DefaultedOnCreate && Createable && Kind != FieldKind.Boolean;

    public string TypeName => Kind switch
    {
        FieldKind.Text => "string",
        FieldKind.Integer => "int",
        FieldKind.DateTime => "datetime",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}
