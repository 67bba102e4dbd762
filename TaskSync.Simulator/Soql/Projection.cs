using System.Text.Json;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Soql;

/// <summary>What SELECT asked for: fields of the record and, nested, of its parents, written in the order they were named.</summary>
internal sealed class Projection
{
    private readonly OrgStore _store;
    private readonly List<Node> _nodes = [];

    public Projection(OrgStore store, IEnumerable<FieldPath> paths)
    {
        _store = store;
        foreach (var path in paths)
            Add(path);
    }

    /// <param name="json">Where the record object goes.</param>
    /// <param name="row">The record.</param>
    /// <param name="version">API version for the record's url, like "66.0".</param>
    public void Write(Utf8JsonWriter json, Row row, string version) => Write(json, row, row.Type.Name, _nodes, version, false);

    private void Add(FieldPath path)
    {
        var level = _nodes;
        foreach (var parent in path.Parents)
        {
            var node = level.Find(n => n.Children is not null && n.Field.Name == parent.Name);
            if (node is null)
                level.Add(node = new Node(parent, []));
            level = node.Children!;
        }
        level.Add(new Node(path.Field, null));
    }

    private void Write(Utf8JsonWriter json, Row row, string typeName, List<Node> nodes, string version, bool asName)
    {
        json.WriteStartObject();
        WriteAttributes(json, row, typeName, version);
        foreach (var node in nodes)
        {
            if (node.Children is null)
            {
                FieldValue.Write(json, node.Field.Name, asName ? FieldPath.NameValue(row, node.Field.Name) : row[node.Field]);
                continue;
            }
            json.WritePropertyName(node.Field.RelationshipName!);
            if (_store.Find(row.Text(node.Field)) is not { } parent)
                json.WriteNullValue();
            else
                Write(json, parent, node.Field.IsPolymorphic ? "Name" : parent.Type.Name, node.Children, version, node.Field.IsPolymorphic);
        }
        json.WriteEndObject();
    }

    /// <summary>The <c>attributes</c> member every record begins with.</summary>
    public static void WriteAttributes(Utf8JsonWriter json, Row row, string typeName, string version)
    {
        json.WriteStartObject("attributes");
        json.WriteString("type", typeName);
        json.WriteString("url", $"/services/data/v{version}/sobjects/{row.Type.Name}/{row.Id}");
        json.WriteEndObject();
    }

    private sealed record Node(Field Field, List<Node>? Children);
}
