namespace TaskSync.Simulator.Setup;

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
