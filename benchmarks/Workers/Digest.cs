using System.Security.Cryptography;
using System.Text;

namespace TaskSync.Benchmarks.Workers;

/// <summary>Proves that two sides hold the same tasks, field for field.</summary>
internal static class Digest
{
    /// <summary>Of rows in any order. A row is its values in the order Id, Subject, ActivityDate, Status, Priority, Description, Type, WhoId, WhatId, CallDisposition; what is empty is null.</summary>
    public static string Of(IEnumerable<IReadOnlyList<string?>> rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in rows.OrderBy(row => row[0], StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\u001f', row.Select(value => value ?? "")) + "\n"));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
