using System.Diagnostics.CodeAnalysis;

namespace TaskSync.Sync.Salesforce;

/// <summary>
/// Record ids. Salesforce accepts 15 case-sensitive characters or 18, whose last three are a checksum of the case of the first 15;
/// TaskSync keeps 18 everywhere and compares them ordinally.
/// </summary>
public static class SalesforceId
{
    private const string Checksum = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    /// <summary>The 18-character form.</summary>
    /// <exception cref="FormatException">The text is no record id.</exception>
    public static string Normalize(string id) =>
        TryNormalize(id, out var normal) ? normal : throw new FormatException("Not a Salesforce record id.");

    /// <summary>The 18-character form of 15 or 18 characters. An 18-character id has its first 15 characters put into the case its checksum tells.</summary>
    public static bool TryNormalize([NotNullWhen(true)] string? id, [NotNullWhen(true)] out string? normal)
    {
        normal = null;
        if (id is null || (id.Length != 15 && id.Length != 18))
        {
            return false;
        }

        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                return false;
            }
        }

        if (id.Length == 15)
        {
            normal = id + ChecksumOf(id);
            return true;
        }

        normal = WithChecksumCase(id);
        return normal is not null;
    }

    /// <summary>The object of a standard record, for its page in Lightning; null for others.</summary>
    public static string? TypeOf(string id) => id.Length < 3 ? null : id[..3] switch
    {
        "001" => "Account",
        "003" => "Contact",
        "006" => "Opportunity",
        "00Q" => "Lead",
        "00T" => "Task",
        "500" => "Case",
        "701" => "Campaign",
        "800" => "Contract",
        _ => null,
    };

    /// <summary>Whether the id, in 15 or 18 characters, is of the object with this three-character prefix (00T is Task).</summary>
    public static bool HasPrefix(string id, string prefix) => id.StartsWith(prefix, StringComparison.Ordinal);

    private static string ChecksumOf(ReadOnlySpan<char> id)
    {
        Span<char> sum = stackalloc char[3];
        for (var group = 0; group < 3; group++)
        {
            var bits = 0;
            for (var k = 0; k < 5; k++)
            {
                if (char.IsAsciiLetterUpper(id[(group * 5) + k]))
                {
                    bits |= 1 << k;
                }
            }

            sum[group] = Checksum[bits];
        }

        return new string(sum);
    }

    private static string? WithChecksumCase(string id)
    {
        Span<char> normal = stackalloc char[18];
        for (var group = 0; group < 3; group++)
        {
            var sum = char.ToUpperInvariant(id[15 + group]);
            var bits = Checksum.IndexOf(sum, StringComparison.Ordinal);
            if (bits < 0)
            {
                return null;
            }

            normal[15 + group] = sum;
            for (var k = 0; k < 5; k++)
            {
                var c = id[(group * 5) + k];
                var upper = (bits & (1 << k)) != 0;
                if (upper && !char.IsAsciiLetter(c))
                {
                    return null;
                }

                normal[(group * 5) + k] = upper ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c);
            }
        }

        return new string(normal);
    }
}
