using System.Globalization;
using System.Text;

namespace TaskSync.Sync.Salesforce;

/// <summary>
/// The one place where values become SOQL (SOQL and SOSL reference, "Quoted String Escape Sequences" and "Date Formats").
/// <see cref="TaskQuery"/> and the record search compose from these; nobody else puts a value into a query.
/// </summary>
internal static class Soql
{
    /// <summary>A quoted text literal.</summary>
    public static string Text(string value) => $"'{Escape(value)}'";

    /// <summary>A quoted record id, in 18 characters.</summary>
    /// <exception cref="FormatException">The text is no record id.</exception>
    public static string Id(string id) => $"'{SalesforceId.Normalize(id)}'";

    /// <summary>An instant, in UTC to the whole second (rounded down, as Salesforce stores stamps).</summary>
    public static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A date without time or zone.</summary>
    public static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>TRUE or FALSE.</summary>
    public static string Flag(bool value) => value ? "TRUE" : "FALSE";

    /// <summary>A condition such as <c>Id IN ('…','…')</c>.</summary>
    /// <param name="field">API name, never user input.</param>
    /// <param name="values">At least one.</param>
    public static string In(string field, IEnumerable<string> values) => $"{field} IN ({string.Join(',', values.Select(Text))})";

    /// <summary>A condition that the field contains the text, whatever its case. Wildcards in the text are taken literally.</summary>
    public static string Contains(string field, string text) =>
        $"{field} LIKE '%{Escape(text).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%'";

    /// <summary>A condition that the field begins with the text, whatever its case. Wildcards in the text are taken literally.</summary>
    public static string StartsWith(string field, string text) =>
        $"{field} LIKE '{Escape(text).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%'";

    /// <summary>All of the conditions; empty ones are left out.</summary>
    public static string And(params IEnumerable<string?> conditions) => Join(" AND ", conditions);

    /// <summary>Any of the conditions, in brackets; empty ones are left out.</summary>
    public static string Or(params IEnumerable<string?> conditions) => $"({Join(" OR ", conditions)})";

    private static string Join(string word, IEnumerable<string?> conditions) =>
        string.Join(word, conditions.Where(condition => !string.IsNullOrEmpty(condition)));

    private static string Escape(string value)
    {
        var text = new StringBuilder(value.Length + 8);
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => text.Append("\\\\"),
                '\'' => text.Append("\\'"),
                '"' => text.Append("\\\""),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                _ when char.IsControl(c) => text,
                _ => text.Append(c),
            };
        }

        return text.ToString();
    }
}
