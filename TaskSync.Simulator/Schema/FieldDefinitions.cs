namespace TaskSync.Simulator.Schema;

/// <summary>Short words for declaring fields, so that an object type reads like the table in the documentation.</summary>
internal static class FieldDefinitions
{
    public static Field Text(string name, int length, Access access = Access.Write) =>
        new(name, FieldKind.Text) { Length = length, Access = access };

    public static Field LongText(string name, int length) => new(name, FieldKind.TextArea) { Length = length, Access = Access.Write };

    public static Field Picklist(string name, int length, Access access, params string[] values) =>
        new(name, FieldKind.Picklist) { Length = length, Access = access, Values = [.. values.Select(v => new PicklistValue(v, v))] };

    public static Field Flag(string name, Access access = Access.ReadOnly) =>
        new(name, FieldKind.Boolean) { Access = access, Nillable = false, DefaultedOnCreate = access != Access.ReadOnly };

    public static Field Number(string name, Access access = Access.Write) => new(name, FieldKind.Integer) { Length = 9, Access = access };

    public static Field Date(string name, Access access = Access.Write) => new(name, FieldKind.Date) { Access = access };

    public static Field Moment(string name, Access access = Access.ReadOnly) => new(name, FieldKind.DateTime) { Access = access };

    /// <summary>A lookup; the relationship name is the field's without "Id", as for the standard ones.</summary>
    public static Field Lookup(string name, Access access, params string[] to) =>
        new(name, FieldKind.Reference) { Length = 18, Access = access, ReferenceTo = to, RelationshipName = name[..^2] };

    public static Field Hidden(string name, FieldKind kind) => new(name, kind) { Internal = true };

    /// <summary>The fields that every record has.</summary>
    public static IEnumerable<Field> Audit() =>
    [
        Flag("IsDeleted"),
        Moment("CreatedDate") with { Nillable = false },
        Lookup("CreatedById", Access.ReadOnly, "User") with { Nillable = false },
        Moment("LastModifiedDate") with { Nillable = false },
        Lookup("LastModifiedById", Access.ReadOnly, "User") with { Nillable = false },
        Moment("SystemModstamp") with { Nillable = false },
    ];
}
