namespace TaskSync.Sync.Salesforce;

/// <summary>Salesforce's error codes that decide what happens next (SOAP guide, "ExceptionCode"; REST guide, "Status Codes and Error Responses").</summary>
public static class ErrorCodes
{
    /// <summary>A value that has to be unique is taken, our key for one.</summary>
    public const string DuplicateValue = "DUPLICATE_VALUE";

    /// <summary>The row is in the recycle bin.</summary>
    public const string EntityIsDeleted = "ENTITY_IS_DELETED";

    /// <summary>The replication API has more to tell than it can.</summary>
    public const string ExceededIdLimit = "EXCEEDED_ID_LIMIT";

    /// <summary>A value that the org does not list, or lists no more, in a field that takes no other.</summary>
    public const string BadPicklistValue = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST";

    /// <summary>The row, or one that it names, is not known.</summary>
    public const string InvalidCrossReferenceKey = "INVALID_CROSS_REFERENCE_KEY";

    /// <summary>No such field, or hidden from this user.</summary>
    public const string InvalidField = "INVALID_FIELD";

    /// <summary>A field that this user may not write.</summary>
    public const string InvalidFieldForInsertUpdate = "INVALID_FIELD_FOR_INSERT_UPDATE";

    /// <summary>The next page of a query is no longer known.</summary>
    public const string InvalidQueryLocator = "INVALID_QUERY_LOCATOR";

    /// <summary>The replication API's log does not reach back so far.</summary>
    public const string InvalidReplicationDate = "INVALID_REPLICATION_DATE";

    /// <summary>The access token is not accepted.</summary>
    public const string InvalidSessionId = "INVALID_SESSION_ID";

    /// <summary>The resource does not take this verb.</summary>
    public const string MethodNotAllowed = "METHOD_NOT_ALLOWED";

    /// <summary>A resource or record that does not exist, or is not shown.</summary>
    public const string NotFound = "NOT_FOUND";

    /// <summary>An allowance is used up.</summary>
    public const string RequestLimitExceeded = "REQUEST_LIMIT_EXCEEDED";

    /// <summary>Stopped after a while; it may have done its work.</summary>
    public const string RequestRunningTooLong = "REQUEST_RUNNING_TOO_LONG";

    /// <summary>The row is not in the recycle bin, or cannot be taken out of it.</summary>
    public const string UndeleteFailed = "UNDELETE_FAILED";

    /// <summary>The org is not at this address any more.</summary>
    public const string UrlNotReset = "URL_NOT_RESET";

    /// <summary>Whether a code means that a field is not there, or not for this user.</summary>
    public static bool NamesMissingField(string code) => code is InvalidField or InvalidFieldForInsertUpdate;

    /// <summary>Whether a row may have been refused because the org has changed since its schema was read: a field, or a value that it listed.</summary>
    public static bool MayBeOfOldSchema(string code) => NamesMissingField(code) || code == BadPicklistValue;
}
