namespace TaskSync.Sync.Model;

/// <summary>Somebody who signs in, with the choices of the settings page.</summary>
public sealed class Person
{
    public Guid Id { get; init; } = NewId.Next();

    /// <summary>Who it is for the identity provider (tenant and object id), or the demo name. Unique.</summary>
    public required string SubjectId { get; init; }

    public required string Name { get; set; }

    public string? Email { get; set; }

    /// <summary>The checkbox "Sync my tasks with Salesforce", as saved.</summary>
    public bool SyncEnabled { get; set; }

    public ImportWindow ImportWindow { get; set; }

    public ConflictPolicyKind ConflictPolicy { get; set; }

    /// <summary>IANA zone chosen on Settings; null means the Salesforce user's, else the browser's.</summary>
    public string? TimeZone { get; set; }

    /// <summary>IANA zone that the browser told last.</summary>
    public string? BrowserTimeZone { get; set; }

    /// <summary>Single-letter keys of the Command Center (WCAG 2.1.4: they can be switched off).</summary>
    public bool ShortcutsEnabled { get; set; } = true;

    /// <summary>The connection in use, null when none. Links of other connections are parked (F9).</summary>
    public Guid? ConnectionId { get; set; }

    /// <summary>Set when an admin paused this person's sync.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    public string? PauseReason { get; set; }

    /// <summary>When an admin removed the person (UTC), null mostly: nobody signs in or connects as them. What they have stays.</summary>
    public DateTimeOffset? RemovedAt { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Concurrency token.</summary>
    public long Version { get; set; }
}

/// <summary>How far back the first sync reaches (F3).</summary>
public enum ImportWindow
{
    Last24Hours,
    Last7Days,
    AllOpen,
}

/// <summary>Who wins when one field was changed on both sides (S3).</summary>
public enum ConflictPolicyKind
{
    NewestWins,
    SalesforceWins,
    TaskSyncWins,
}
