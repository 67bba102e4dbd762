using TaskSync.Sync.Model;
using static TaskSync.Sync.Salesforce.ErrorOwner;
using static TaskSync.Sync.Salesforce.FailureClass;

namespace TaskSync.Sync.Salesforce;

/// <summary>Errors of signing in, and our own.</summary>
public static partial class SalesforceErrors
{
    private static IEnumerable<ErrorAdvice> SignIn() =>
    [
        new("invalid_grant", Auth, "Salesforce no longer accepts the stored sign-in: it expired, or it was revoked.", Rep, "Reconnect on Settings.", RetriesItself: false),
        new("inactive_user", Auth, "Your Salesforce user is not active any more.", SalesforceAdmin, $"{AskAdmin} to activate your user, then reconnect on Settings.", RetriesItself: false),
        new("inactive_org", Auth, "Your Salesforce organization is not active any more.", SalesforceAdmin, $"{AskAdmin}; then reconnect on Settings.", RetriesItself: false),
        new("invalid_client_id", Other, "Salesforce does not know the TaskSync app.", Us, "Check Salesforce:ClientId and Salesforce:LoginUrl.", RetriesItself: true),
        new("invalid_client", Other, "Salesforce does not accept the TaskSync app's credentials.", Us, "Check Salesforce:ClientId and Salesforce:ClientSecret.", RetriesItself: true),
        new("invalid_client_credentials", Other, "Salesforce does not accept the TaskSync app's credentials.", Us, "Check Salesforce:ClientSecret.", RetriesItself: true),
        new("redirect_uri_mismatch", Other, "The callback address is not registered with the TaskSync app in Salesforce.", Us, "Register the callback address (Web:PublicUrl + /salesforce/callback) with the app.", RetriesItself: false),
        new("unsupported_grant_type", Auth, "Salesforce does not allow this kind of sign-in for the TaskSync app.", SalesforceAdmin, $"{AskAdmin} to enable the authorization code and refresh token flows for the app.", RetriesItself: false),
        new("invalid_scope", Auth, "The TaskSync app lacks a permission it asks for.", SalesforceAdmin, $"{AskAdmin} to give the app the scopes api, refresh_token, openid and id.", RetriesItself: false),
        new("invalid_request", Auth, "Salesforce did not accept the sign-in.", Rep, "Press Connect Salesforce again; if it happens again, report it.", RetriesItself: false),
        Passing("rate_limit_exceeded", "Too many sign-ins in a short time."),
        new("access_denied", Auth, "You did not allow TaskSync to use Salesforce.", Rep, "Press Connect Salesforce again and allow access.", RetriesItself: false),
        new("OAUTH_APP_BLOCKED", Auth, "Your organization blocks the TaskSync app.", SalesforceAdmin, $"{AskAdmin} to unblock the app under Connected Apps OAuth Usage.", RetriesItself: false),
        new("OAUTH_APPROVAL_ERROR_GENERIC", Auth, "The TaskSync app is not installed or not approved in your organization.", SalesforceAdmin, $"{AskAdmin} to install and approve the app.", RetriesItself: false),
        new("invalid_app_access", Auth, "Your Salesforce user is not approved for the TaskSync app.", SalesforceAdmin, $"{AskAdmin} to approve the app for your profile.", RetriesItself: false),
        new("unsupported_token_type", Auth, "Salesforce does not know the sign-in any more.", Rep, "Reconnect on Settings.", RetriesItself: false),
        new("invalid_token", Auth, "Salesforce does not know the sign-in any more.", Rep, "Reconnect on Settings.", RetriesItself: false),
        new("Bad_OAuth_Token", Auth, "Salesforce does not know the sign-in any more.", Rep, "Reconnect on Settings.", RetriesItself: false),
        new("Missing_OAuth_Token", Other, "The sign-in did not reach Salesforce.", Us, "Reconnect on Settings; if it happens again, report it.", RetriesItself: false),
        new("Wrong_Org", Auth, "The sign-in belongs to another Salesforce organization.", Rep, "Reconnect on Settings.", RetriesItself: false),
    ];

    private static IEnumerable<ErrorAdvice> Ours() =>
    [
        Passing(FailureCodes.ConnectionFailed, "Salesforce cannot be reached from TaskSync."),
        Passing(FailureCodes.ConnectionBroken, "The connection to Salesforce broke."),
        Passing(FailureCodes.Timeout, "Salesforce did not answer in time."),
        Passing(FailureCodes.UnreadableAnswer, "Salesforce answered something that TaskSync cannot read; it was not used."),
        Bug(FailureCodes.UnexpectedRedirect, "Salesforce answered with a redirect, which is not followed."),
        new(FailureCodes.UnsafeAddress, Other, "The sign-in named an address that is not Salesforce's; it was not used.", Us, "Check Salesforce:LoginUrl.", RetriesItself: false),
        new(FailureCodes.NotConnected, Auth, "TaskSync is not connected with Salesforce.", Rep, "Connect or reconnect on Settings.", RetriesItself: false),
        new(FailureCodes.WrongSalesforceUser, Auth, "The renewed sign-in belongs to another Salesforce user; it was not used.", Rep, "Reconnect on Settings.", RetriesItself: false),
        new(FailureCodes.TokenUnreadable, Auth, "The stored sign-in cannot be read any more.", Rep, "Reconnect on Settings.", RetriesItself: false),
        new(FailureCodes.ReaderKeyUnusable, Auth, "The private key of the reader cannot be used: it was uploaded, or it is in the file that Salesforce:ReaderKeyFile names.", Us, "Put an RSA private key in PEM form there and set the reader up again.", RetriesItself: false),
        new(FailureCodes.NoRefreshToken, Auth, "Salesforce did not grant a lasting sign-in.", SalesforceAdmin, $"{AskAdmin} to give the TaskSync app the scope refresh_token.", RetriesItself: false),
        ByAdmin(FailureCodes.NoKeyField, "The organization has no field to recognise tasks by, so a lost answer cannot be cleared up.", $"{AskAdmin} to install the field named in Salesforce:KeyField."),
        ByAdmin(ProblemCodes.OutcomeUnknown, "The answer to a new task was lost, and the organization has no field to look it up by.", "Look for the task in Salesforce: if it is not there, retry; if it is, ignore this. A Salesforce admin can install the key field so that it does not happen again."),
        ByRep(ProblemCodes.AmbiguousMatch, "Salesforce has a task with our key that somebody else created, so TaskSync does not know whether it is yours.", "Look for the task in Salesforce: if yours is not there, retry; if it is, ignore this."),
        ByRep(ProblemCodes.ManyDeleted, "Many tasks were deleted here within an hour, so TaskSync asks before it deletes them in Salesforce too. Everything else goes on.", "Delete them in Salesforce too, or restore them here."),
        new(ProblemCodes.RowSetAside, Other, "A task in Salesforce could not be stored in TaskSync, so what is new in it there does not show here. Everything else goes on.", Us, "Retry; if it happens again, report it with the words below.", RetriesItself: true),
        new(ProblemCodes.NoProgress, Other, "Whatever TaskSync sent for this task, Salesforce's answers brought it no further, so TaskSync stopped trying.", Us, "Retry; if it happens again, report it with the words below.", RetriesItself: false),
        new(ProblemCodes.OurFault, Other, "TaskSync or its database failed, so it tries again more and more rarely.", Us, "Nothing is lost; if it lasts, report it.", RetriesItself: true),
        ByAdmin(ProblemCodes.KeepsChangingBack, "Something in Salesforce keeps changing a field back after TaskSync wrote it, so TaskSync stopped writing it.", $"{AskAdmin} which automation changes the field, then retry."),
        Passing(FailureCodes.SignInPage, "Something on the way to Salesforce asked for a sign-in."),
        new("HTTP_403", AccessOrValidation, "Salesforce, or something on the way to it, refused the request.", SalesforceAdmin, $"{AskAdmin}, with the words below.", RetriesItself: false),
        new(FailureCodes.PageNotFound, Other, "Salesforce, or something on the way to it, does not know the address.", Us, "Check Salesforce:LoginUrl and Salesforce:ApiVersion.", RetriesItself: false),
    ];
}
