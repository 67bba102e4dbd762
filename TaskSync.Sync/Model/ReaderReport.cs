using System.Text.Json;

namespace TaskSync.Sync.Model;

/// <summary>What an examination of a reader found.</summary>
public sealed record ReaderReport(IReadOnlyList<ReaderFinding> Findings)
{
    /// <summary>Whether it may read for the reps.</summary>
    public bool MayServe => Findings.All(f => f.Verdict != ReaderVerdict.Blocking);

    /// <summary>Why it may not serve, in words.</summary>
    public string Reason => string.Join(' ', Findings.Where(f => f.Verdict == ReaderVerdict.Blocking).Select(f => f.Words));

    public static ReaderReport? FromJson(string? json) => json is null ? null : JsonSerializer.Deserialize<ReaderReport>(json);

    public string ToJson() => JsonSerializer.Serialize(this);
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Verdict">How it is.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Words">What was found, and what to grant where something is missing.</param>
public sealed record ReaderFinding(ReaderVerdict Verdict, string Subject, string Words);

public enum ReaderVerdict
{
    Good,

    /// <summary>Could not be tried yet.</summary>
    Unknown,

    /// <summary>Something is missing; the reader serves all the same, for those it is enough for.</summary>
    Lacking,

    /// <summary>With this it may not serve.</summary>
    Blocking,
}
