using System.Globalization;

namespace TaskSync.Sync.Status;

/// <summary>Writes lines that spreadsheets read as text and numbers, never as formulas (OWASP, "CSV Injection").</summary>
public static class Csv
{
    /// <summary>One line of RFC 4180 with its line end. Instants are written in UTC, numbers without grouping, null as nothing.</summary>
    public static string Line(params IReadOnlyList<object?> values) => string.Join(',', values.Select(Field)) + "\r\n";

    private static string Field(object? value) => value switch
    {
        null => "",
        DateTimeOffset at => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        double number => number.ToString("0.###", CultureInfo.InvariantCulture),
        string text => Quoted(Neutral(text)),
        IFormattable other => Quoted(other.ToString(null, CultureInfo.InvariantCulture)),
        _ => Quoted(Neutral(value.ToString() ?? "")),
    };

    /// <summary>A leading apostrophe makes a spreadsheet show the text instead of computing it.</summary>
    private static string Neutral(string text) => text.Length > 0 && "=+-@\t\r\n＝＋－＠".Contains(text[0], StringComparison.Ordinal) ? "'" + text : text;

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
