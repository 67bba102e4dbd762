namespace TaskSync.Simulator.Org;

/// <summary>What a user's profile lets him do with a field.</summary>
public enum FieldAccess
{
    /// <summary>Read and write, as far as the field itself is writable.</summary>
    Editable,

    /// <summary>Readable; a write is refused with INVALID_FIELD_FOR_INSERT_UPDATE.</summary>
    ReadOnly,

    /// <summary>Absent from describe and answers; a query that names it fails with INVALID_FIELD.</summary>
    Hidden,
}

/// <summary>Set-up of the org that is not a record. Written to the journal as a whole when it changes.</summary>
internal sealed class OrgSettings
{
    /// <summary>Field level security of Task: "Field" for the whole org, "Field@userId" for one user, who is looked at first.</summary>
    public Dictionary<string, FieldAccess> FieldAccess { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Tasks that a user lost sight of: "taskId@userId".</summary>
    public HashSet<string> HiddenTasks { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Picklist fields of Task that refuse unknown values.</summary>
    public HashSet<string> RestrictedPicklists { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Fields of Task that an administrator made required.</summary>
    public HashSet<string> RequiredFields { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}
