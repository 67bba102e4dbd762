namespace TaskSync.Sync.Salesforce;

/// <summary>Salesforce's error codes that decide what happens next (SOAP guide, "ExceptionCode"; REST guide, "Status Codes and Error Responses").</summary>
public static class ErrorCodes
{
    /// <summary>A resource or record that does not exist, or is not shown.</summary>
    public const string NotFound = "NOT_FOUND";

    /// <summary>The resource does not take this verb.</summary>
    public const string MethodNotAllowed = "METHOD_NOT_ALLOWED";

    /// <summary>The org is not at this address any more.</summary>
    public const string UrlNotReset = "URL_NOT_RESET";
}
