namespace TaskSync.Sync.Salesforce;

/// <summary>Salesforce's error codes that decide what happens next (SOAP guide, "ExceptionCode"; REST guide, "Status Codes and Error Responses").</summary>
public static class ErrorCodes
{
    /// <summary>The org is not at this address any more.</summary>
    public const string UrlNotReset = "URL_NOT_RESET";
}
