using System.Text.Json;

namespace TaskSync.Benchmarks.Workers;

/// <summary>What the driver asks of a worker: one line of JSON, answered by one line. The peers in other languages read and write the same.</summary>
/// <param name="Do">What to do.</param>
internal sealed record Order(string Do)
{
    /// <summary>Where the simulated Salesforce is.</summary>
    public string Url { get; init; } = "";

    /// <summary>A rep's access, as the org gave it.</summary>
    public Access? Access { get; init; }

    /// <summary>How many tasks, polls or edits.</summary>
    public int Count { get; init; }

    /// <summary>The database file to use.</summary>
    public string Database { get; init; } = "";

    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);
}

/// <summary>Access of one rep to the org.</summary>
internal sealed record Access(string UserId, string OrganizationId, string AccessToken, string? RefreshToken);

/// <summary>The answer of a worker.</summary>
internal sealed record Reply
{
    /// <summary>What it took; null where nothing was measured.</summary>
    public Measured? Took { get; init; }

    /// <summary>A digest of all tasks, field by field: two sides that are equal have the same one.</summary>
    public string? Digest { get; init; }

    /// <summary>How many tasks, calls or edits.</summary>
    public long Count { get; init; }

    public Access? Access { get; init; }

    /// <summary>Why it could not be done.</summary>
    public string? Error { get; init; }
}
