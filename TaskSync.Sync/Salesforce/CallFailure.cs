namespace TaskSync.Sync.Salesforce;

/// <summary>What kind of trouble it is, and so what happens next (docs/rules/when-things-go-wrong.md).</summary>
public enum FailureClass
{
    /// <summary>Salesforce does not accept the sign-in: the rep reconnects, changes wait.</summary>
    Auth,

    /// <summary>Salesforce understood and refused: a rule, a permission, a value. A person is needed.</summary>
    AccessOrValidation,

    /// <summary>Passes by itself: locks, limits, timeouts, an unreachable server.</summary>
    Intermittent,

    /// <summary>The other side changed meanwhile.</summary>
    Conflict,

    /// <summary>Anything else; shown in full.</summary>
    Other,
}

/// <summary>One error as Salesforce wrote it (REST guide, "Status Codes and Error Responses").</summary>
/// <param name="Code">errorCode, or statusCode in the item of a collection.</param>
/// <param name="Message">Salesforce's own words in the user's language. May hold personal text: never logged.</param>
/// <param name="Fields">API names of the fields concerned; empty when none were named.</param>
public sealed record SalesforceError(string Code, string Message, IReadOnlyList<string> Fields);

/// <summary>Why a whole call failed.</summary>
/// <param name="Class">What kind of trouble.</param>
/// <param name="Code">Salesforce's error code, an OAuth error, or one of <see cref="FailureCodes"/>.</param>
/// <param name="Message">The exact words of Salesforce, or ours when it said nothing. May hold personal text: never logged.</param>
/// <param name="HttpStatus">Null when no answer came.</param>
/// <param name="NotApplied">
/// True only when nothing was written to the wire, or Salesforce answered with its own error array and a 4xx (S5). False means unknown: it may have been applied.
/// </param>
public sealed record CallFailure(FailureClass Class, string Code, string Message, int? HttpStatus, bool NotApplied)
{
    /// <summary>How long Salesforce, or whatever stands before it, asks us to wait before the next call; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The org may have moved: its address does not answer, does not know the API, or sends us elsewhere.</summary>
    public bool MayHaveMoved =>
        Code is ErrorCodes.UrlNotReset or FailureCodes.UnexpectedRedirect or FailureCodes.ConnectionFailed or FailureCodes.ConnectionBroken or FailureCodes.PageNotFound;

    /// <summary>Salesforce understood and refused the request as a whole; nothing of it was done.</summary>
    public bool IsRefusal => NotApplied && Class is not (FailureClass.Auth or FailureClass.Intermittent);

    /// <summary>The replication API's log does not reach back as far as was asked, or holds too much: compare by id instead.</summary>
    public bool IsLogTooShort => Code is ErrorCodes.InvalidReplicationDate or ErrorCodes.ExceededIdLimit;

    /// <summary>Salesforce has forgotten where a long list was being read: query again.</summary>
    public bool IsLocatorExpired => Code == ErrorCodes.InvalidQueryLocator;

    /// <summary>A field is not there, or not for this user (any more): read the schema again.</summary>
    public bool NamesMissingField => ErrorCodes.NamesMissingField(Code);

    /// <summary>The allowance of the day, or of requests at one time, is used up.</summary>
    public bool IsLimit => Code == ErrorCodes.RequestLimitExceeded;

    /// <summary>The allowance of the day is used up.</summary>
    public bool IsDailyLimit => IsLimit && Message.Contains("TotalRequests", StringComparison.OrdinalIgnoreCase);

    /// <summary>The org does not offer this way of asking.</summary>
    public bool IsNotOffered => Code is ErrorCodes.NotFound or ErrorCodes.MethodNotAllowed;
}

/// <summary>Our own codes, spelt like Salesforce's.</summary>
public static class FailureCodes
{
    /// <summary>No connection could be made; nothing was sent.</summary>
    public const string ConnectionFailed = "CONNECTION_FAILED";

    /// <summary>The connection broke after the request had begun; whether it was applied is unknown.</summary>
    public const string ConnectionBroken = "CONNECTION_BROKEN";

    /// <summary>No answer in time; whether it was applied is unknown.</summary>
    public const string Timeout = "TIMEOUT";

    /// <summary>An answer that is not what the API promises (HTML, truncated, wrong types, too large); refused as a whole.</summary>
    public const string UnreadableAnswer = "UNREADABLE_ANSWER";

    /// <summary>A redirect; tokens are never carried to another address.</summary>
    public const string UnexpectedRedirect = "UNEXPECTED_REDIRECT";

    /// <summary>Salesforce named an address that is neither a Salesforce host nor the configured login host.</summary>
    public const string UnsafeAddress = "UNSAFE_ADDRESS";

    /// <summary>The connection is not active: the rep has to (re)connect first.</summary>
    public const string NotConnected = "NOT_CONNECTED";

    /// <summary>A refreshed sign-in belongs to another Salesforce user or organization (F9).</summary>
    public const string WrongSalesforceUser = "WRONG_SALESFORCE_USER";

    /// <summary>The stored sign-in cannot be decrypted with the current keys.</summary>
    public const string TokenUnreadable = "TOKEN_UNREADABLE";

    /// <summary>The private key of a reader that signs in with a certificate cannot be read, or is none.</summary>
    public const string ReaderKeyUnusable = "READER_KEY_UNUSABLE";

    /// <summary>The app was not granted the scope refresh_token.</summary>
    public const string NoRefreshToken = "NO_REFRESH_TOKEN";

    /// <summary>The org has no place for the key of a create, so tasks cannot be looked up by it.</summary>
    public const string NoKeyField = "NO_KEY_FIELD";

    /// <summary>401 without Salesforce's own error array: something on the way asks for a sign-in.</summary>
    public const string SignInPage = "HTTP_401";

    /// <summary>404 without Salesforce's own error array: the address is not an org's any more, or something on the way does not know it.</summary>
    public const string PageNotFound = "HTTP_404";

    /// <summary>The code of an HTTP status that came without Salesforce's own error array: HTTP_503 and the like.</summary>
    public static string Http(int status) => FormattableString.Invariant($"HTTP_{status}");
}

/// <summary>A whole call failed; see <see cref="Failure"/>. The exception's own message holds the code only, so that it may be logged.</summary>
public sealed class SalesforceCallException(CallFailure failure, Exception? inner = null)
    : Exception($"The Salesforce call failed: {failure.Code}{(failure.HttpStatus is { } status ? $" (HTTP {status})" : "")}.", inner)
{
    public CallFailure Failure { get; } = failure;
}
