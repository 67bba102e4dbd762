using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Org;

/// <summary>Set-up of the org that is not a record. Written to the journal as a whole when it changes.</summary>
internal sealed class OrgSettings
{
    /// <summary>Field level security of Task: "Field" for the whole org, "Field@userId" for one user, who is looked at first.</summary>
    public Dictionary<string, FieldAccess> FieldAccess { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Tasks that a user lost sight of: "taskId@userId".</summary>
    public HashSet<string> HiddenTasks { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Picklist fields of Task that refuse unknown values.</summary>
    public HashSet<string> RestrictedPicklists { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Values of picklist fields of Task that differ from the standard ones.</summary>
    public Dictionary<string, string[]> PicklistValues { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    public List<ValidationRule> ValidationRules { get; set; } = [];

    public List<TaskTrigger> Triggers { get; set; } = [];

    /// <summary>Where the org's API moved to; null is the address of the login.</summary>
    public string? InstanceName { get; set; }

    /// <summary>What the addresses answer that it does not live at.</summary>
    public OldAddress OldAddress { get; set; }

    /// <summary>Public keys that sign an app's JWT bearer assertions, by client id (SubjectPublicKeyInfo, base64).</summary>
    public Dictionary<string, string[]> AppKeys { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Users an administrator approved for an app: "clientId@userId".</summary>
    public HashSet<string> ApprovedUsers { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Fields of Task that an administrator made required.</summary>
    public HashSet<string> RequiredFields { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}
