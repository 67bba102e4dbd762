namespace TaskSync.Simulator.Setup;

/// <summary>
/// Behaviour of Salesforce that could not be verified on a real org. Each switch has the reading believed to be right as its default;
/// a client should work with either.
/// </summary>
public sealed class SalesforceReadings
{
    /// <summary>A row in the recycle bin is answered with 404 ENTITY_IS_DELETED on PATCH and DELETE; false: 400.</summary>
    public bool DeletedRowIs404 { get; set; } = true;

    /// <summary>A row that may be seen but not edited is answered with 403 INSUFFICIENT_ACCESS_OR_READONLY; false: 400.</summary>
    public bool ReadOnlyRowIs403 { get; set; } = true;

    /// <summary>PATCH and DELETE of an id that never existed, or was purged, is INVALID_CROSS_REFERENCE_KEY; false: NOT_FOUND.</summary>
    public bool UnknownRowIsInvalidCrossReference { get; set; } = true;

    /// <summary>Item errors of sObject Collections name their code <c>statusCode</c>; false: <c>errorCode</c>.</summary>
    public bool ItemErrorsUseStatusCode { get; set; } = true;

    /// <summary>A row in the recycle bin keeps its unique values taken.</summary>
    public bool RecycleBinHoldsUniqueValues { get; set; }

    /// <summary>If-Unmodified-Since guards a PATCH of a Task with 412.</summary>
    public bool IfUnmodifiedSinceGuardsPatch { get; set; } = true;

    /// <summary>With <c>collateSubrequests: true</c> queries run before the writes of the same composite request.</summary>
    public bool CollatedQueriesRunFirst { get; set; } = true;

    /// <summary>Leading and trailing white space of text is dropped when it is stored; what is inside stays.</summary>
    public bool TrimsText { get; set; } = true;
}
