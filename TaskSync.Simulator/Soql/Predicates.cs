using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Soql;

/// <summary>Turns WHERE into a test of a row, checking that each field can be filtered and fits what it is compared with.</summary>
internal sealed class Predicates(string soql, Func<FieldName, FieldPath> bind, TimeZoneInfo zone, DateOnly today)
{
    public Func<Row, bool> Compile(Condition condition) => condition switch
    {
        Condition.And and => All([.. and.Parts.Select(Compile)]),
        Condition.Or or => Any([.. or.Parts.Select(Compile)]),
        Condition.Not not => Compile(not.Inner) is var inner ? row => !inner(row) : throw new InvalidOperationException(),
        Condition.Comparison comparison => Comparison(comparison),
        _ => throw new ArgumentOutOfRangeException(nameof(condition)),
    };

    private static Func<Row, bool> All(Func<Row, bool>[] parts) => row => Array.TrueForAll(parts, part => part(row));

    private static Func<Row, bool> Any(Func<Row, bool>[] parts) => row => Array.Exists(parts, part => part(row));

    private Func<Row, bool> Comparison(Condition.Comparison c)
    {
        var path = bind(c.Field);
        var field = path.Field;
        if (!field.Filterable)
            throw FieldPath.Invalid(soql, c.Field, $"field '{field.Name}' can not be filtered in a query call");
        if (c.Operator == Operator.Like)
            return LikeTest(c, path);
        if (c.Operator is Operator.In or Operator.NotIn)
        {
            var wanted = new HashSet<object?>(c.Values.Select(v => Value(c, field, v)), ValueComparer.For(field));
            return c.Operator == Operator.In ? row => wanted.Contains(path.Value(row)) : row => !wanted.Contains(path.Value(row));
        }
        if (c.Values[0] is Literal.Relative relative)
            return RangeTest(c, path, relative);
        var value = Value(c, field, c.Values[0]);
        var equality = ValueComparer.For(field);
        return c.Operator switch
        {
            Operator.Equal => row => equality.Equals(path.Value(row), value),
            Operator.NotEqual => row => !equality.Equals(path.Value(row), value),
            Operator.Less => row => path.Value(row) is { } v && value is not null && equality.Compare(v, value) < 0,
            Operator.LessOrEqual => row => path.Value(row) is { } v && value is not null && equality.Compare(v, value) <= 0,
            Operator.Greater => row => path.Value(row) is { } v && value is not null && equality.Compare(v, value) > 0,
            _ => row => path.Value(row) is { } v && value is not null && equality.Compare(v, value) >= 0,
        };
    }

    private Func<Row, bool> LikeTest(Condition.Comparison c, FieldPath path)
    {
        if (c.Values[0] is not Literal.Text pattern || !path.Field.IsText)
            throw FieldPath.Invalid(soql, c.Field, "invalid operator", "INVALID_QUERY_FILTER_OPERATOR");
        var matches = Like.Matcher(pattern.Value);
        return row => path.Value(row) is string text && matches(text);
    }

    private Func<Row, bool> RangeTest(Condition.Comparison c, FieldPath path, Literal.Relative relative)
    {
        var (first, after) = RelativeDates.Range(relative.Name, relative.Count, today);
        object from, to;
        if (path.Field.Kind == FieldKind.Date)
            (from, to) = (first, after);
        else if (path.Field.Kind == FieldKind.DateTime)
            (from, to) = (Midnight(first), Midnight(after));
        else
            throw Mismatch(c, path.Field);
        var order = ValueComparer.For(path.Field);
        bool FromOn(object v) => order.Compare(v, from) >= 0;
        bool Before(object v) => order.Compare(v, to) < 0;
        return c.Operator switch
        {
            Operator.Equal => row => path.Value(row) is { } v && FromOn(v) && Before(v),
            Operator.NotEqual => row => path.Value(row) is not { } v || !FromOn(v) || !Before(v),
            Operator.Less => row => path.Value(row) is { } v && !FromOn(v),
            Operator.LessOrEqual => row => path.Value(row) is { } v && Before(v),
            Operator.Greater => row => path.Value(row) is { } v && !Before(v),
            _ => row => path.Value(row) is { } v && FromOn(v),
        };
    }

    private DateTimeOffset Midnight(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }

    private object? Value(Condition.Comparison c, Field field, Literal literal) => (field.Kind, literal) switch
    {
        (_, Literal.Null) => null,
        (FieldKind.Id or FieldKind.Reference, Literal.Text { Value: "" }) => null,
        (FieldKind.Id or FieldKind.Reference, Literal.Text text) => SalesforceId.TryNormalize(text.Value, out var id) ? id
            : throw FieldPath.Invalid(soql, c.Field, $"invalid ID field: {text.Value}", "INVALID_QUERY_FILTER_OPERATOR"),
        (FieldKind.Boolean, Literal.Flag flag) => flag.Value,
        (FieldKind.Integer, Literal.Number number) when number.Value % 1 == 0 => (int)number.Value,
        (FieldKind.Integer or FieldKind.Double, Literal.Number number) => number.Value,
        (FieldKind.Date, Literal.Date date) => date.Value,
        (FieldKind.DateTime, Literal.Moment moment) => moment.Value.ToSecond(),
        (_, Literal.Text text) when field.IsText => text.Value.Length == 0 ? null : text.Value,
        _ => throw Mismatch(c, field),
    };

    private ApiException Mismatch(Condition.Comparison c, Field field) => FieldPath.Invalid(soql, c.Field,
        $"value of filter criterion for field '{field.Name}' must be of type {field.TypeName}{(field.IsText ? " and should be enclosed in quotes" : field.Kind is FieldKind.Date or FieldKind.DateTime or FieldKind.Boolean or FieldKind.Integer or FieldKind.Double ? " and should not be enclosed in quotes" : "")}");
}
