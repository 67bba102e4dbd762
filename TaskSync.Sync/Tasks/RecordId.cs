namespace TaskSync.Sync.Tasks;

/// <summary>The shape of Salesforce record ids: 15 characters whose case counts, or 18 that survive software which ignores case.</summary>
internal static class RecordId
{
    private const string CheckLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    /// <summary>The 18-character form; text that is not an id is given back as it is.</summary>
    public static string Normalise(string text) => text.Length == 15 && text.All(char.IsAsciiLetterOrDigit)
        ? string.Concat(text, Check(text, 0), Check(text, 5), Check(text, 10))
        : text;

    public static bool IsId(string text) => text.Length == 18 && text.All(char.IsAsciiLetterOrDigit);

    public static bool IsContact(string id) => id.StartsWith("003", StringComparison.Ordinal);

    public static bool IsLead(string id) => id.StartsWith("00Q", StringComparison.Ordinal);

    /// <summary>One letter says which of five characters are capitals.</summary>
    private static string Check(string id, int start)
    {
        var bits = 0;
        for (var i = 0; i < 5; i++)
        {
            bits |= char.IsAsciiLetterUpper(id[start + i]) ? 1 << i : 0;
        }

        return CheckLetters[bits].ToString();
    }
}
