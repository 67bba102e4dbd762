using TaskSync.Sync.Problems;
using TaskSync.Sync.Salesforce;
using static TaskSync.Sync.Salesforce.ErrorOwner;
using static TaskSync.Sync.Salesforce.FailureClass;

namespace TaskSync.Tests.Salesforce;

public sealed class SalesforceErrorsTests
{
    [Theory]
    [InlineData("INVALID_SESSION_ID", null, Auth, Rep, false)]
    [InlineData("INVALID_SESSION_ID", "This session is not valid for use with the REST API", Auth, SalesforceAdmin, false)]
    [InlineData("INVALID_SESSION_ID", "Connected app is not attached to Agent", Auth, SalesforceAdmin, false)]
    [InlineData("API_DISABLED_FOR_ORG", null, Auth, SalesforceAdmin, false)]
    [InlineData("API_CURRENTLY_DISABLED", null, Auth, SalesforceAdmin, false)]
    [InlineData("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", Intermittent, Us, true)]
    [InlineData("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", Intermittent, Us, true)]
    [InlineData("SERVER_UNAVAILABLE", null, Intermittent, Us, true)]
    [InlineData("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", null, Intermittent, Us, true)]
    [InlineData("UNKNOWN_EXCEPTION", null, Intermittent, Us, true)]
    [InlineData("UNABLE_TO_LOCK_ROW", null, Intermittent, Us, true)]
    [InlineData("QUERY_TIMEOUT", null, Intermittent, Us, true)]
    [InlineData("REQUEST_RUNNING_TOO_LONG", null, Intermittent, Us, true)]
    [InlineData("INVALID_QUERY_LOCATOR", null, Intermittent, Us, true)]
    [InlineData("INVALID_REPLICATION_DATE", null, Intermittent, Us, true)]
    [InlineData("OPERATION_TOO_LARGE", null, AccessOrValidation, SalesforceAdmin, false)]
    [InlineData("INVALID_FIELD", null, AccessOrValidation, SalesforceAdmin, false)]
    [InlineData("INSUFFICIENT_ACCESS_OR_READONLY", null, AccessOrValidation, SalesforceAdmin, false)]
    [InlineData("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", null, AccessOrValidation, SalesforceAdmin, false)]
    [InlineData("INVALID_FIELD_FOR_INSERT_UPDATE", null, AccessOrValidation, SalesforceAdmin, false)]
    [InlineData("REQUIRED_FIELD_MISSING", null, AccessOrValidation, SalesforceAdmin, false)]
    [InlineData("FIELD_CUSTOM_VALIDATION_EXCEPTION", null, AccessOrValidation, Rep, false)]
    [InlineData("STRING_TOO_LONG", null, AccessOrValidation, Rep, false)]
    [InlineData("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", null, AccessOrValidation, Rep, false)]
    [InlineData("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "TaskTrigger: execution of AfterUpdate", AccessOrValidation, SalesforceAdmin, false)]
    [InlineData("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "TaskTrigger: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access", Intermittent, Us, true)]
    [InlineData("ENTITY_IS_DELETED", null, Conflict, Rep, false)]
    [InlineData("INVALID_CROSS_REFERENCE_KEY", null, Conflict, Rep, false)]
    [InlineData("DUPLICATE_VALUE", null, Conflict, SalesforceAdmin, false)]
    [InlineData("TXN_SECURITY_NO_ACCESS", null, AccessOrValidation, SalesforceAdmin, false)]
    [InlineData("MALFORMED_QUERY", null, Other, Us, false)]
    [InlineData("invalid_grant", "expired access/refresh token", Auth, Rep, false)]
    [InlineData("invalid_grant", "token request is already being processed", Intermittent, Us, true)]
    [InlineData("invalid_grant", "ip restricted", Auth, SalesforceAdmin, false)]
    [InlineData("invalid_grant", "inactive user", Auth, SalesforceAdmin, false)]
    [InlineData("invalid_grant", "user hasn't approved this consumer", Auth, Rep, false)]
    [InlineData("inactive_org", null, Auth, SalesforceAdmin, false)]
    [InlineData("invalid_client", null, Other, Us, true)]
    [InlineData("rate_limit_exceeded", null, Intermittent, Us, true)]
    [InlineData("invalid_app_access", null, Auth, SalesforceAdmin, false)]
    [InlineData("HTTP_503", null, Intermittent, Us, true)]
    [InlineData("HTTP_429", null, Intermittent, Us, true)]
    [InlineData("HTTP_401", null, Intermittent, Us, true)]
    [InlineData("OUTCOME_UNKNOWN", null, AccessOrValidation, SalesforceAdmin, false)]
    [InlineData("AMBIGUOUS_MATCH", null, AccessOrValidation, Rep, false)]
    [InlineData("KEEPS_CHANGING_BACK", null, AccessOrValidation, SalesforceAdmin, false)]
    [InlineData("NO_PROGRESS", null, Other, Us, false)]
    [InlineData("ROW_SET_ASIDE", null, Other, Us, true)]
    [InlineData("OUR_FAULT", null, Other, Us, true)]
    [InlineData("TIMEOUT", null, Intermittent, Us, true)]
    public void Every_error_has_a_class_an_owner_and_says_whether_it_retries(string code, string? message, FailureClass kind, ErrorOwner owner, bool retries)
    {
        var advice = SalesforceErrors.For(code, message);
        Assert.Equal((kind, owner, retries), (advice.Class, advice.Owner, advice.RetriesItself));
    }

    [Fact]
    public void Every_error_says_in_words_what_happened_and_what_to_do() => Assert.All(SalesforceErrors.All, advice =>
    {
        Assert.EndsWith(".", advice.Words);
        Assert.EndsWith(".", advice.WhatToDo);
        Assert.DoesNotContain(advice.Code, advice.Words);
        Assert.True(advice.RetriesItself || advice.Class != Intermittent, advice.Code);
    });

    [Fact]
    public void An_unknown_code_is_shown_in_full()
    {
        var advice = SalesforceErrors.For("BRAND_NEW_CODE", "something new");
        Assert.Equal(Other, advice.Class);
        Assert.Contains("BRAND_NEW_CODE", advice.Words);
        Assert.False(advice.RetriesItself);
    }

    [Fact]
    public void S9_every_code_has_words_an_owner_and_a_way_out_for_the_rep_and_an_unknown_one_is_shown_in_full()
    {
        Assert.All(SalesforceErrors.All.Select(advice => advice.Code).Append("BRAND_NEW_CODE"), code =>
        {
            var text = ProblemTexts.For(code, "Salesforce's own words");
            Assert.NotEmpty(text.Words);
            Assert.NotEmpty(text.WayOut);
            Assert.Contains(text.WhoCanFix, new[] { "You", "Your Salesforce administrator", "TaskSync" });
        });
        Assert.Contains("BRAND_NEW_CODE", ProblemTexts.For("BRAND_NEW_CODE", "").Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EXCEEDED_ID_LIMIT ENTITY_IS_ARCHIVED ENTITY_IS_LOCKED FIELD_INTEGRITY_EXCEPTION FIELD_FILTER_VALIDATION_EXCEPTION DUPLICATES_DETECTED INACTIVE_OWNER_OR_USER MALFORMED_ID STORAGE_LIMIT_EXCEEDED")]
    [InlineData("TXN_SECURITY_METERING_ERROR TXN_SECURITY_RUNTIME_ERROR TXN_SECURITY_TWO_FA_REQUIRED TXN_SECURITY_END_A_SESSION TXN_SECURITY_FAIL_CLOSE TXN_SECURITY_APEX_ERROR")]
    [InlineData("ALL_OR_NONE_OPERATION_ROLLED_BACK PROCESSING_HALTED METHOD_NOT_ALLOWED UNSUPPORTED_MEDIA_TYPE JSON_PARSER_ERROR UNSUPPORTED_API_VERSION CANNOT_EXECUTE_FLOW_TRIGGER APEX_ERROR INVALID_AUTH_HEADER INVALID_TYPE NOT_FOUND")]
    [InlineData("ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE ENTITY_SAVE_ERROR FIELD_NOT_UPDATABLE INVALID_SAVE_AS_ACTIVITY_FLAG LIMIT_EXCEEDED MAX_TASK_DESCRIPTION_EXCEEEDED MISSING_RECORD ORG_LOCKED RECORD_IN_USE_BY_WORKFLOW")]
    [InlineData("TOO_MANY_APEX_REQUESTS UNDELETE_FAILED SSO_SERVICE_DOWN ORG_IN_MAINTENANCE CLIENT_NOT_ACCESSIBLE_FOR_USER QUERY_TOO_COMPLICATED CANNOT_UPDATE_CONVERTED_LEAD BATCH_PROCESSING_HALTED")]
    [InlineData("inactive_user invalid_client_id redirect_uri_mismatch unsupported_grant_type invalid_request OAUTH_APP_BLOCKED OAUTH_APPROVAL_ERROR_GENERIC unsupported_token_type invalid_token access_denied")]
    public void Every_documented_code_is_in_the_table(string codes) =>
        Assert.All(codes.Split(' '), code => Assert.Contains(SalesforceErrors.All, advice => advice.Code == code));
}
