using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Refusals;

/// <summary>The refusals of the API, with the status, code and wording Salesforce uses.</summary>
internal static class Errors
{
    public static ApiException SessionInvalid() => new(401, "INVALID_SESSION_ID", "Session expired or invalid");

    public static ApiException UrlNotReset() => new(404, "URL_NOT_RESET", "Destination URL not reset. The URL returned from login must be set");

    public static ApiException ApiDisabledForUser() => new(403, "API_CURRENTLY_DISABLED", "API is disabled for this user");

    public static ApiException DailyLimit() => new(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");

    public static ApiException NotFound(string message = "The requested resource does not exist") => new(404, "NOT_FOUND", message);

    public static ApiException NoSuchVersion() => new(404, "UNSUPPORTED_API_VERSION", "Invalid Api version specified on URI");

    public static ApiException MethodNotAllowed(string method) =>
        new(405, "METHOD_NOT_ALLOWED", $"HTTP Method '{method}' not allowed. Allowed are HEAD,GET,POST,PATCH,DELETE");

    public static ApiException Json(string message) => new(400, "JSON_PARSER_ERROR", message);

    public static ApiException WrongValue(Field field, string value) => Json(
        $"Cannot deserialize instance of {field.TypeName} from VALUE_STRING value {value} or request may be missing a required field at [line:1, column:1]");

    public static ApiException UnknownType(string name) =>
        new(400, "INVALID_TYPE", $"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.");

    public static ApiException UnknownField(string name, string type) => new(400, "INVALID_FIELD", $"No such column '{name}' on sobject of type {type}");

    public static ApiException NotWritable(IEnumerable<string> fields)
    {
        var names = fields.ToArray();
        return new(400, "INVALID_FIELD_FOR_INSERT_UPDATE",
            $"Unable to create/update fields: {string.Join(", ", names)}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", names);
    }

    public static ApiException RequiredMissing(IEnumerable<string> fields)
    {
        var names = fields.ToArray();
        return new(400, "REQUIRED_FIELD_MISSING", $"Required fields are missing: [{string.Join(", ", names)}]", names);
    }

    public static ApiException TooLong(Field field, string value) =>
        new(400, "STRING_TOO_LONG", $"{field.Label}: data value too large: {value} (max length={field.Length})", field.Name);

    public static ApiException BadPicklistValue(Field field, string? value) =>
        new(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", $"{field.Label}: bad value for restricted picklist field: {value}", field.Name);

    public static ApiException MalformedId(Field field, string value) =>
        new(400, "MALFORMED_ID", $"{field.Label}: id value of incorrect type: {value}", field.Name);

    public static ApiException BadOwner() => new(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");

    public static ApiException InactiveOwner(string userId) =>
        new(400, "INACTIVE_OWNER_OR_USER", $"operation performed with inactive user [{SalesforceId.Short(userId)}] as owner of task");

    public static ApiException DanglingReference(string id) =>
        new(400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", $"insufficient access rights on cross-reference id: {SalesforceId.Short(id)}");

    public static ApiException LeadWithRelatedTo() =>
        new(400, "FIELD_INTEGRITY_EXCEPTION", "Related To ID: WhatId must be empty when WhoId is a lead", "WhatId");

    public static ApiException ConvertedLead() => new(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", "WhoId");

    public static ApiException DateOnSeries() =>
        new(400, "FIELD_INTEGRITY_EXCEPTION", "ActivityDate cannot be set on a recurring series", "ActivityDate");

    public static ApiException Deleted(bool is404) => new(is404 ? 404 : 400, "ENTITY_IS_DELETED", "entity is deleted");

    public static ApiException DeadId(bool asCrossReference) =>
        asCrossReference ? new(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id") : NotFound();

    public static ApiException NotEditable(bool is403) =>
        new(is403 ? 403 : 400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id");

    public static ApiException RowLocked() => new(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records");

    public static ApiException Duplicate(Field field, string existingId) =>
        new(400, "DUPLICATE_VALUE", $"duplicate value found: {field.Name} duplicates value on record with id: {SalesforceId.Short(existingId)}");

    public static ApiException Malformed(string message) => new(400, "MALFORMED_QUERY", message);

    public static ApiException TooMany(string what, int most) => new(400, "LIMIT_EXCEEDED", $"{what}: no more than {most} allowed");
}
