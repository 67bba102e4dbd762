namespace TaskSync.Sync.Model;

/// <summary>Codes of problems that TaskSync itself finds, spelt like Salesforce's.</summary>
public static class ProblemCodes
{
    /// <summary>Salesforce keeps changing a field back, and it is no longer written (S6).</summary>
    public const string KeepsChangingBack = "KEEPS_CHANGING_BACK";

    /// <summary>The answer to a create was lost, and the task cannot be looked up (S5).</summary>
    public const string OutcomeUnknown = "OUTCOME_UNKNOWN";

    /// <summary>Salesforce has a task with our key that somebody else created (S5).</summary>
    public const string AmbiguousMatch = "AMBIGUOUS_MATCH";

    /// <summary>The question of the delete brake (S10).</summary>
    public const string ManyDeleted = "MANY_DELETED";

    /// <summary>A row of Salesforce could not be stored (S9). It holds the row's id until the row has come in, or is not the rep's any more.</summary>
    public const string RowSetAside = "ROW_SET_ASIDE";

    /// <summary>What Salesforce answers brings no progress.</summary>
    public const string NoProgress = "NO_PROGRESS";

    /// <summary>TaskSync or its database failed, not a call. Never a problem: a connection backs off for it.</summary>
    public const string OurFault = "OUR_FAULT";
}
