using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Soql;

/// <summary>Equality and order of field values: text without regard to case, except ids and case-sensitive fields. Null sorts first.</summary>
internal sealed class ValueComparer : IEqualityComparer<object?>, IComparer<object?>
{
    private static readonly ValueComparer CaseMatters = new(StringComparer.Ordinal);
    private static readonly ValueComparer CaseIgnored = new(StringComparer.OrdinalIgnoreCase);

    private readonly StringComparer _text;

    private ValueComparer(StringComparer text) => _text = text;

    public static ValueComparer For(Field field) => field.IsId || field.CaseSensitive ? CaseMatters : CaseIgnored;

    public new bool Equals(object? x, object? y) => x is string a && y is string b ? _text.Equals(a, b) : object.Equals(x, y);

    public int GetHashCode(object? value) => value switch
    {
        null => 0,
        string text => _text.GetHashCode(text),
        _ => value.GetHashCode(),
    };

    public int Compare(object? x, object? y) => (x, y) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string a, string b) => _text.Compare(a, b),
        (int a, double b) => ((double)a).CompareTo(b),
        (IComparable a, _) => a.CompareTo(y),
        _ => 0,
    };
}
