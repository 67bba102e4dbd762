using static TaskSync.Sync.Salesforce.ErrorOwner;
using static TaskSync.Sync.Salesforce.FailureClass;

namespace TaskSync.Sync.Salesforce;

/// <summary>Errors of whole calls: sessions, limits, queries, the replication API.</summary>
public static partial class SalesforceErrors
{
    /// <summary>One code, several meanings: the first entry whose fragment the message contains wins.</summary>
    private static readonly (ErrorAdvice Advice, string Fragment)[] Variants =
    [
        (Passing(ErrorCodes.RequestLimitExceeded, "Salesforce is handling too many long requests of your organization at the same time."), "Concurrent"),
        (Passing("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "An automation in Salesforce could not lock a record that somebody else was saving."), "UNABLE_TO_LOCK_ROW"),
        (Passing("CANNOT_EXECUTE_FLOW_TRIGGER", "A flow in Salesforce could not lock a record that somebody else was saving."), "UNABLE_TO_LOCK_ROW"),
        (Passing("APEX_ERROR", "An automation in Salesforce could not lock a record that somebody else was saving."), "UNABLE_TO_LOCK_ROW"),
        (new(ErrorCodes.InvalidSessionId, Auth, "Salesforce does not accept this app's sign-ins for its REST API.", SalesforceAdmin, $"{AskAdmin} to check the session policy of the TaskSync app, then reconnect on Settings.", false), "not valid for use with the REST API"),
        (new(ErrorCodes.InvalidSessionId, Auth, "The TaskSync app is not attached to an agent in Salesforce.", SalesforceAdmin, $"{AskAdmin} to check how the TaskSync app is set up, then reconnect on Settings.", false), "not attached to Agent"),
        (Passing("invalid_grant", "Salesforce is already renewing this sign-in."), "already being processed"),
        (new("invalid_grant", Auth, "Salesforce refused the sign-in from TaskSync's network address.", SalesforceAdmin, $"{AskAdmin} to allow TaskSync's IP addresses or to relax IP restrictions for the app, then reconnect on Settings.", false), "ip restricted"),
        (new("invalid_grant", Auth, "Your Salesforce user is not active any more.", SalesforceAdmin, $"{AskAdmin} to activate your user, then reconnect on Settings.", false), "inactive user"),
        (new("invalid_grant", Auth, "Your Salesforce organization is not active any more.", SalesforceAdmin, $"{AskAdmin}; then reconnect on Settings.", false), "inactive organization"),
        (new("invalid_grant", Auth, "Your Salesforce user has not approved TaskSync, or the approval was withdrawn.", Rep, "Reconnect on Settings and allow access.", false), "hasn't approved this consumer"),
        (new("invalid_grant", Auth, "The sign-in took too long or was used twice.", Rep, "Press Connect Salesforce again.", false), "expired authorization code"),
        (new("invalid_grant", Auth, "The sign-in did not fit together with the one that this browser began.", Rep, "Press Connect Salesforce again.", false), "invalid code verifier"),
    ];

    private static IEnumerable<ErrorAdvice> Calls() =>
    [
        new(ErrorCodes.InvalidSessionId, Auth, "Salesforce no longer accepts the sign-in.", Rep, "Reconnect on Settings.", RetriesItself: false),
        Bug("INVALID_AUTH_HEADER", "Salesforce did not understand the sign-in."),
        new("API_DISABLED_FOR_ORG", Auth, "Your Salesforce organization does not allow API access.", SalesforceAdmin, $"{AskAdmin} for an edition or add-on with API access, then reconnect on Settings.", RetriesItself: false),
        new("API_CURRENTLY_DISABLED", Auth, "Your Salesforce user may not use the API.", SalesforceAdmin, $"{AskAdmin} for the permission \"API Enabled\", then reconnect on Settings.", RetriesItself: false),
        new("CLIENT_NOT_ACCESSIBLE_FOR_USER", Auth, "Your Salesforce user may not use the TaskSync app.", SalesforceAdmin, $"{AskAdmin} to approve the app for your profile, then reconnect on Settings.", RetriesItself: false),
        new("ORG_LOCKED", Auth, "Your Salesforce organization is locked.", SalesforceAdmin, $"{AskAdmin}; then reconnect on Settings.", RetriesItself: false),
        Passing("SSO_SERVICE_DOWN", "The single sign-on service of your organization does not answer."),
        Passing(ErrorCodes.RequestLimitExceeded, "Your organization has used up its Salesforce API calls for today. Changes wait until there are calls again."),
        Passing("LIMIT_EXCEEDED", "A limit of your Salesforce organization is reached."),
        Passing("SERVER_UNAVAILABLE", "Salesforce is too busy right now."),
        Passing("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "Salesforce is being maintained and can only be read for now."),
        Passing("ORG_IN_MAINTENANCE", "Your Salesforce organization is being maintained."),
        Passing(ErrorCodes.UrlNotReset, "Your Salesforce organization has moved to another address, which TaskSync asks for."),
        Passing("UNKNOWN_EXCEPTION", "Salesforce reported an error of its own."),
        Passing("QUERY_TIMEOUT", "A question to Salesforce took too long."),
        Passing(ErrorCodes.RequestRunningTooLong, "Salesforce stopped a request because it ran for too long."),
        Passing("TOO_MANY_APEX_REQUESTS", "Automations in your Salesforce organization keep it too busy right now."),
        Passing(ErrorCodes.InvalidQueryLocator, "Salesforce has forgotten where a long list was being read; it is read again."),
        Passing(ErrorCodes.InvalidReplicationDate, "Salesforce no longer knows the changes of that time; everything is compared again."),
        Passing(ErrorCodes.ExceededIdLimit, "Too much changed in Salesforce at once; it is read in smaller parts."),
        ByAdmin("OPERATION_TOO_LARGE", "Salesforce refuses to read your tasks because they belong to too many records.", $"{AskAdmin} for the permission \"View All Data\" or for fewer open tasks."),
        Bug("QUERY_TOO_COMPLICATED", "Salesforce found a question too complicated."),
        Bug("MALFORMED_QUERY", "Salesforce did not understand a question."),
        OfRow(ByAdmin(ErrorCodes.InvalidField, "A field that TaskSync uses is hidden or does not exist in your organization.", $"{AskAdmin} to give you access to the field named below, or leave it: TaskSync goes on without it.")),
        ByAdmin("INVALID_TYPE", "Your Salesforce user may not see tasks, or another object that TaskSync needs.", $"{AskAdmin} for access to the object named below."),
        new(ErrorCodes.NotFound, Conflict, "Salesforce does not know the record, or you may not see it.", Rep, "Check the task in Salesforce; it may have been deleted.", RetriesItself: false),
        Bug(ErrorCodes.MethodNotAllowed, "Salesforce does not offer what TaskSync asked for."),
        Bug("UNSUPPORTED_MEDIA_TYPE", "Salesforce did not accept the form of a request."),
        OfRow(Bug("JSON_PARSER_ERROR", "Salesforce could not read a request.")),
        new("UNSUPPORTED_API_VERSION", Other, "Salesforce does not offer the configured version of its API.", Us, "Set Salesforce:ApiVersion to a version the organization offers.", RetriesItself: false),
        OfRow(Bug("MALFORMED_ID", "TaskSync sent an id that is none.")),
        ByAdmin("TXN_SECURITY_NO_ACCESS", "A security policy of your organization does not allow this.", $"{AskAdmin} about the transaction security policy."),
        ByAdmin("TXN_SECURITY_METERING_ERROR", "A security policy of your organization could not be evaluated in time.", $"{AskAdmin} about the transaction security policy."),
        ByAdmin("TXN_SECURITY_RUNTIME_ERROR", "A security policy of your organization failed.", $"{AskAdmin} about the transaction security policy."),
        ByAdmin("TXN_SECURITY_FAIL_CLOSE", "A security policy of your organization failed and does not allow this.", $"{AskAdmin} about the transaction security policy."),
        ByAdmin("TXN_SECURITY_APEX_ERROR", "A security policy of your organization failed.", $"{AskAdmin} about the transaction security policy."),
        new("TXN_SECURITY_TWO_FA_REQUIRED", Auth, "A security policy of your organization asks for multi-factor sign-in.", Rep, "Reconnect on Settings with multi-factor authentication.", RetriesItself: false),
        new("TXN_SECURITY_END_A_SESSION", Auth, "A security policy of your organization asks you to end another session.", Rep, "End a session in Salesforce, then reconnect on Settings.", RetriesItself: false),
    ];
}
