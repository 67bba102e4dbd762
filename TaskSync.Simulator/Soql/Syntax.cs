namespace TaskSync.Simulator.Soql;

/// <summary>A parsed query. Positions are 0-based offsets into its text, for error messages.</summary>
internal sealed record SoqlQuery(
    bool IsCount,
    IReadOnlyList<SelectItem> Select,
    string From,
    string? Alias,
    Condition? Where,
    IReadOnlyList<OrderItem> OrderBy,
    int? Limit,
    int Offset);

/// <summary>A dotted field path, or FIELDS(ALL|STANDARD|CUSTOM) when <see cref="FieldsOf"/> is set.</summary>
internal sealed record SelectItem(FieldName? Field, string? FieldsOf);

internal sealed record FieldName(IReadOnlyList<string> Segments, int Position)
{
    public override string ToString() => string.Join('.', Segments);
}

internal sealed record OrderItem(FieldName Field, bool Descending, bool? NullsFirst);

internal enum Operator { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Like, In, NotIn }

internal abstract record Condition
{
    public sealed record And(IReadOnlyList<Condition> Parts) : Condition;

    public sealed record Or(IReadOnlyList<Condition> Parts) : Condition;

    public sealed record Not(Condition Inner) : Condition;

    /// <summary>One comparison; IN and NOT IN have several values, the others one.</summary>
    public sealed record Comparison(FieldName Field, Operator Operator, IReadOnlyList<Literal> Values) : Condition;
}

internal abstract record Literal
{
    public sealed record Null : Literal;

    /// <summary>Unescaped text; for LIKE the pattern keeps its backslashes before % and _.</summary>
    public sealed record Text(string Value) : Literal;

    public sealed record Number(double Value) : Literal;

    public sealed record Flag(bool Value) : Literal;

    public sealed record Date(DateOnly Value) : Literal;

    public sealed record Moment(DateTimeOffset Value) : Literal;

    /// <summary>TODAY, LAST_N_DAYS:7 …: a range that depends on the user's time zone.</summary>
    public sealed record Relative(string Name, int Count) : Literal;
}
