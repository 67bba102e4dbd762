namespace TaskSync.Simulator.Setup;

/// <summary>
/// Field values by API name in any case, as <c>new FieldValues { ["Subject"] = "Call", ["ActivityDate"] = new DateOnly(2026, 3, 5) }</c>.
/// Values are string, bool, int, double, DateOnly, DateTimeOffset (stored in UTC, whole seconds) or null to empty the field.
/// </summary>
public sealed class FieldValues : Dictionary<string, object?>
{
    /// <summary>No values.</summary>
    public FieldValues() : base(StringComparer.OrdinalIgnoreCase)
    {
    }

    /// <summary>Copies other values.</summary>
    public FieldValues(IEnumerable<KeyValuePair<string, object?>> values) : base(values, StringComparer.OrdinalIgnoreCase)
    {
    }
}
