using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Soql;

/// <summary>A field, possibly of a parent record, bound to the schema as one user sees it.</summary>
internal sealed class FieldPath
{
    /// <summary>What can be read of a parent that may be of several types, besides its Type: Salesforce shows it as the object "Name".</summary>
    private static readonly HashSet<string> NameFields = new(StringComparer.OrdinalIgnoreCase)
    {
        "Id", "Name", "Type", "FirstName", "LastName", "Email", "Phone", "Title", "Username", "Alias", "IsActive", "UserRoleId",
    };

    private static readonly Field TypeField = FieldDefinitions.Text("Type", 40, Access.ReadOnly);

    private readonly OrgStore _store;

    private FieldPath(OrgStore store, IReadOnlyList<Field> parents, Field field, bool ofName) =>
        (_store, Parents, Field, IsOfName) = (store, parents, field, ofName);

    /// <summary>The lookups to follow, outermost first; empty for a field of the record itself.</summary>
    public IReadOnlyList<Field> Parents { get; }

    /// <summary>The field at the end. For a parent of several types it is a model: the real field is looked up by name in the parent's type.</summary>
    public Field Field { get; }

    public bool IsOfName { get; }

    public object? Value(Row row)
    {
        if (Parents.Count == 0)
            return row[Field];
        var at = row;
        foreach (var lookup in Parents)
        {
            if (_store.Find(at.Text(lookup)) is not { } parent)
                return null;
            at = parent;
        }
        return IsOfName ? NameValue(at, Field.Name) : at[Field];
    }

    /// <summary>Binds or throws INVALID_FIELD in Salesforce's words.</summary>
    public static FieldPath Bind(OrgStore store, Viewer viewer, ObjectType type, FieldName name, string? alias, string soql)
    {
        var segments = name.Segments;
        if (segments.Count > 1 && (segments[0].Equals(alias, StringComparison.OrdinalIgnoreCase) || segments[0].Equals(type.Name, StringComparison.OrdinalIgnoreCase)))
            segments = [.. segments.Skip(1)];
        var parents = new List<Field>();
        for (var at = 0; at < segments.Count - 1; at++)
        {
            if (!type.TryFindRelationship(segments[at], out var lookup) || viewer.AccessTo(type, lookup) == FieldAccess.Hidden)
                throw Invalid(soql, name, $"Didn't understand relationship '{segments[at]}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.");
            parents.Add(lookup);
            if (lookup.IsPolymorphic)
                return at == segments.Count - 2 && NameFields.Contains(segments[^1])
                    ? new FieldPath(store, parents, ModelOf(store, segments[^1]), true)
                    : throw NoSuchColumn(soql, name, segments[^1], "Name");
            type = store.Schema.Find(lookup.ReferenceTo[0])!;
        }
        return viewer.Find(type, segments[^1]) is { } field
            ? new FieldPath(store, parents, field, false)
            : throw NoSuchColumn(soql, name, segments[^1], type.Name);
    }

    /// <summary>An error with the place in the query, as Salesforce shows it.</summary>
    public static ApiException Invalid(string soql, FieldName name, string message, string code = "INVALID_FIELD")
    {
        var from = Math.Max(0, name.Position - 60);
        var snippet = soql.Substring(from, Math.Min(soql.Length - from, 120)).ReplaceLineEndings(" ");
        return new ApiException(400, code, $"\n{snippet}\n{new string(' ', name.Position - from)}^\nERROR at Row:1:Column:{name.Position + 1}\n{message}");
    }

    public static object? NameValue(Row row, string field)
    {
        if (field.Equals("Type", StringComparison.OrdinalIgnoreCase))
            return row.Type.Name;
        if (row.Type.Name == "Case" && field.Equals("Name", StringComparison.OrdinalIgnoreCase))
            field = "CaseNumber";
        return row.Type.Find(field) is { } found ? row[found] : null;
    }

    private static Field ModelOf(OrgStore store, string name) =>
        name.Equals("Type", StringComparison.OrdinalIgnoreCase) ? TypeField : store.Schema.User.Find(name) ?? store.Schema.Contact[name];

    private static ApiException NoSuchColumn(string soql, FieldName name, string column, string entity) => Invalid(soql, name,
        $"No such column '{column}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.");
}
