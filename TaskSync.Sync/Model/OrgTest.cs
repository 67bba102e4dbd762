using System.Text.Json;

namespace TaskSync.Sync.Model;

/// <summary>"Test end to end" of one org: whether it is allowed, what the last run found, and what it may have left behind.</summary>
public sealed class OrgTest
{
    /// <summary>18 characters, and the key.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>It fires the org's own flows, so an admin has to allow it first.</summary>
    public bool IsAllowed { get; set; }

    public string? AllowedBy { get; set; }

    /// <summary>The key and part of the subject of the last run's task. Stored before the first call.</summary>
    public string? Marker { get; set; }

    /// <summary>The task it made, null while not known.</summary>
    public string? SalesforceId { get; set; }

    /// <summary>Whose sign-in made it.</summary>
    public Guid? ConnectionId { get; set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>UTC; null while it runs, or when it was interrupted.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>True from before the first call until the task is known to be gone.</summary>
    public bool MustCleanUp { get; set; }

    public string? ResultJson { get; set; }

    public IReadOnlyList<OrgTestStep> Result
    {
        get => ResultJson is null ? [] : JsonSerializer.Deserialize<List<OrgTestStep>>(ResultJson)!;
        set => ResultJson = JsonSerializer.Serialize(value);
    }
}

/// <summary>One step of a run.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Milliseconds">How long Salesforce took.</param>
/// <param name="Trouble">What went wrong, in words; null when it worked.</param>
public sealed record OrgTestStep(string Name, int Milliseconds, string? Trouble);
