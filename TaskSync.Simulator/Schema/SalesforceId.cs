using System.Diagnostics.CodeAnalysis;

namespace TaskSync.Simulator.Schema;

/// <summary>Record ids: 15 case-sensitive characters, of which REST always shows the 18-character form with three checksum characters.</summary>
internal static class SalesforceId
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string ChecksumDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    private const int CounterDigits = 8;

    /// <summary>The 18-character id of the n-th record of an org: key prefix, the three characters of the org's instance, a reserved 0 and a base-62 counter.</summary>
    public static string Create(string keyPrefix, string instance, long number)
    {
        Span<char> id = stackalloc char[15];
        keyPrefix.CopyTo(id);
        instance.CopyTo(id[3..]);
        id[6] = '0';
        for (var at = 14; at >= 15 - CounterDigits; at--, number /= 62)
            id[at] = Digits[(int)(number % 62)];
        return WithChecksum(id);
    }

    /// <summary>The counter that an id of <see cref="Create"/> was made from.</summary>
    public static long Number(string id)
    {
        long number = 0;
        foreach (var c in id.AsSpan(15 - CounterDigits, CounterDigits))
            number = number * 62 + Digits.IndexOf(c, StringComparison.Ordinal);
        return number;
    }

    /// <summary>
    /// Accepts the 15- and the 18-character form and gives the latter. The checksum holds the case of the 15 characters,
    /// so an 18-character id is understood in any case.
    /// </summary>
    public static bool TryNormalize(string? text, [NotNullWhen(true)] out string? id)
    {
        id = null;
        if (text is null || text.Length is not (15 or 18) || !text.All(char.IsAsciiLetterOrDigit))
            return false;
        id = text.Length == 15 ? WithChecksum(text) : WithCaseOfChecksum(text);
        return id is not null;
    }

    /// <summary>The 15-character form, which some error messages quote.</summary>
    public static string Short(string id) => id.Length > 15 ? id[..15] : id;

    private static string? WithCaseOfChecksum(string text)
    {
        Span<char> id = stackalloc char[15];
        for (var group = 0; group < 3; group++)
        {
            var bits = ChecksumDigits.IndexOf(char.ToUpperInvariant(text[15 + group]), StringComparison.Ordinal);
            if (bits < 0)
                return null;
            for (var k = 0; k < 5; k++)
            {
                var c = text[group * 5 + k];
                var upper = (bits >> k & 1) == 1;
                if (upper && !char.IsAsciiLetter(c))
                    return null;
                id[group * 5 + k] = upper ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c);
            }
        }
        return WithChecksum(id);
    }

    private static string WithChecksum(ReadOnlySpan<char> id)
    {
        Span<char> full = stackalloc char[18];
        id.CopyTo(full);
        for (var group = 0; group < 3; group++)
        {
            var bits = 0;
            for (var k = 0; k < 5; k++)
                bits |= char.IsAsciiLetterUpper(id[group * 5 + k]) ? 1 << k : 0;
            full[15 + group] = ChecksumDigits[bits];
        }
        return new string(full);
    }
}
