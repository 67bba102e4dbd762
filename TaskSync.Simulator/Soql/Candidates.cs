using TaskSync.Simulator.Org;
using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Soql;

/// <summary>Chooses the index that gives few rows to test, so that an idle poll does not look at every task.</summary>
internal static class Candidates
{
    /// <summary>A superset of the rows that meet the condition, in no particular order.</summary>
    public static IEnumerable<Row> Of(Table table, Condition? where)
    {
        var type = table.Type;
        if (Values(where, type, type.Id) is { } ids)
            return ids.Select(id => SalesforceId.TryNormalize(id, out var full) ? table.Find(full) : null).OfType<Row>().DistinctBy(row => row.Id);
        foreach (var key in type.Keys)
            if (Values(where, type, key) is { } keys)
                return keys.SelectMany(value => table.WithKey(key, value)).DistinctBy(row => row.Id);

        var owners = type.Owner is { } owner ? Values(where, type, owner) : null;
        var owned = owners?.Select(id => SalesforceId.TryNormalize(id, out var full) ? full : "").Distinct(StringComparer.Ordinal).Select(table.OwnedBy).ToList();
        if (Earliest(where, type) is not { } from)
            return owned?.SelectMany(rows => rows) ?? table.Rows;
        if (owned is null)
            return table.ChangedSince(from);
        // Both indexes would do: the range of stamps is walked only as long as it is the shorter one.
        var count = owned.Sum(rows => rows.Count);
        var changed = table.ChangedSince(from).Take(count).ToList();
        return changed.Count < count ? changed : owned.SelectMany(rows => rows);
    }

    /// <summary>The texts the field must equal one of, null when the condition does not say.</summary>
    private static List<string>? Values(Condition? condition, ObjectType type, Field field) => condition switch
    {
        Condition.And and => and.Parts.Select(part => Values(part, type, field)).FirstOrDefault(values => values is not null),
        Condition.Comparison { Operator: Operator.Equal or Operator.In } c when Names(c.Field, field) && c.Values.All(v => v is Literal.Text { Value.Length: > 0 }) =>
            [.. c.Values.Cast<Literal.Text>().Select(text => text.Value)],
        _ => null,
    };

    /// <summary>The earliest SystemModstamp a matching row can have; LastModifiedDate is never later than it.</summary>
    private static DateTimeOffset? Earliest(Condition? condition, ObjectType type)
    {
        switch (condition)
        {
            case Condition.And and:
                return and.Parts.Max(part => Earliest(part, type));
            case Condition.Or or:
                var bounds = or.Parts.Select(part => Earliest(part, type)).ToList();
                return bounds.Contains(null) ? null : bounds.Min();
            case Condition.Comparison { Operator: Operator.Greater or Operator.GreaterOrEqual or Operator.Equal, Values: [Literal.Moment moment] } c
                when Names(c.Field, type.SystemModstamp) || Names(c.Field, type.LastModifiedDate):
                return moment.Value.ToSecond();
            default:
                return null;
        }
    }

    private static bool Names(FieldName name, Field field) => name.Segments.Count == 1 && name.Segments[0].Equals(field.Name, StringComparison.OrdinalIgnoreCase);
}
