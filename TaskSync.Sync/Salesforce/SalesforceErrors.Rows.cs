using static TaskSync.Sync.Salesforce.ErrorOwner;
using static TaskSync.Sync.Salesforce.FailureClass;

namespace TaskSync.Sync.Salesforce;

/// <summary>Errors of single tasks.</summary>
public static partial class SalesforceErrors
{
    private static IEnumerable<ErrorAdvice> Rows() =>
    [
        Passing("UNABLE_TO_LOCK_ROW", "Somebody is saving the same record, or one it belongs to, in Salesforce at this moment."),
        Passing("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Another task of the same batch failed; this one is sent again."),
        Passing("PROCESSING_HALTED", "Another task of the same batch failed; this one is sent again."),
        Passing("BATCH_PROCESSING_HALTED", "Another task of the same batch failed; this one is sent again."),
        new(ErrorCodes.EntityIsDeleted, Conflict, "The task was deleted in Salesforce.", Rep, "Restore it in Salesforce or from Recently deleted, if it is still needed.", RetriesItself: false),
        new(ErrorCodes.InvalidCrossReferenceKey, Conflict, "Salesforce does not know the task or a record it names any more.", Rep, "Check the task, its Person and Related to.", RetriesItself: false),
        new("MISSING_RECORD", Conflict, "Salesforce does not know the task any more.", Rep, "Check the task in Salesforce.", RetriesItself: false),
        new("ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE", Conflict, "The task was changed in Salesforce at the same moment.", Us, "Nothing to do: both changes are compared again.", RetriesItself: true),
        new(ErrorCodes.DuplicateValue, Conflict, "A value that has to be unique in Salesforce is taken already.", SalesforceAdmin, $"{AskAdmin} about the field named below.", RetriesItself: false),
        new("DUPLICATES_DETECTED", Conflict, "Salesforce thinks that the task exists already.", SalesforceAdmin, $"{AskAdmin} about the duplicate rules.", RetriesItself: false),
        ByRep("ENTITY_IS_LOCKED", "The task is locked in Salesforce, mostly by an approval.", "Wait for the approval or recall it in Salesforce, then retry."),
        ByRep("ENTITY_IS_ARCHIVED", "The task is archived in Salesforce and cannot be changed.", "Ignore this, or create a new task."),
        ByRep("RECORD_IN_USE_BY_WORKFLOW", "A workflow in Salesforce is using the task.", "Retry later."),
        ByAdmin("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "You have no access in Salesforce to the Person or Related to record of this task.", $"{AskAdmin} for access to the record, or choose another one."),
        ByAdmin("INSUFFICIENT_ACCESS_OR_READONLY", "You may not change this task in Salesforce.", $"{AskAdmin} for the right to edit tasks."),
        ByAdmin("INSUFFICIENT_ACCESS", "You may not do this in Salesforce.", $"{AskAdmin} for the right to edit tasks."),
        ByAdmin(ErrorCodes.InvalidFieldForInsertUpdate, "You may see a field of this task in Salesforce, but not change it.", $"{AskAdmin} for the right to edit the field named below."),
        ByAdmin("FIELD_NOT_UPDATABLE", "Salesforce does not let this field be changed.", $"{AskAdmin} for the right to edit the field named below."),
        ByAdmin("REQUIRED_FIELD_MISSING", "Your organization requires a field that TaskSync does not fill.", "Fill the field named below in Salesforce, or ask your Salesforce admin to give it a default."),
        ByRep("STRING_TOO_LONG", "A text is longer than Salesforce can hold.", "Shorten it, then retry."),
        ByRep("MAX_TASK_DESCRIPTION_EXCEEEDED", "The details are longer than Salesforce can hold.", "Shorten them, then retry."),
        ByRep(ErrorCodes.BadPicklistValue, "Salesforce does not offer the chosen value.", "Choose another value, then retry."),
        ByRep("FIELD_CUSTOM_VALIDATION_EXCEPTION", "A validation rule of your organization refuses the task. Its own words are below.", "Change the task as the rule asks, then retry."),
        ByAdmin("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "An automation in Salesforce (a trigger) refused the task.", $"{AskAdmin}, with the words below."),
        ByAdmin("CANNOT_EXECUTE_FLOW_TRIGGER", "A flow in Salesforce failed when the task was saved.", $"{AskAdmin}, with the words below."),
        ByAdmin("APEX_ERROR", "An automation in Salesforce failed when the task was saved.", $"{AskAdmin}, with the words below."),
        ByRep("FIELD_INTEGRITY_EXCEPTION", "The values of the task do not fit together for Salesforce; a lead cannot have a Related to record, for example.", "Change the values, then retry."),
        ByRep("FIELD_FILTER_VALIDATION_EXCEPTION", "A lookup filter of your organization refuses the chosen record.", "Choose another record, then retry."),
        ByRep("CANNOT_UPDATE_CONVERTED_LEAD", "The lead of this task was converted.", "Choose the contact instead, then retry."),
        ByAdmin("INACTIVE_OWNER_OR_USER", "The owner of the task is not an active user in Salesforce.", $"{AskAdmin} to activate the user or to hand the task over."),
        ByAdmin("STORAGE_LIMIT_EXCEEDED", "Your Salesforce organization is full.", $"{AskAdmin} for more storage."),
        ByAdmin("INVALID_SAVE_AS_ACTIVITY_FLAG", "Salesforce refused the kind of activity.", $"{AskAdmin}, with the words below."),
        ByAdmin("ENTITY_SAVE_ERROR", "Salesforce could not save the task.", $"{AskAdmin}, with the words below."),
        ByRep(ErrorCodes.UndeleteFailed, "Salesforce could not take the task out of its recycle bin; it may have been emptied.", "Create the task anew."),
    ];
}
