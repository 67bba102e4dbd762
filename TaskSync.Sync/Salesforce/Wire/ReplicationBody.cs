namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>Answers of the replication API (REST guide, "Get Updated", "Get Deleted").</summary>
internal static class ReplicationBody
{
    public static UpdatedAnswer Updated(ApiAnswer answer) => WireJson.Read(answer.Http, json => new UpdatedAnswer(
        [.. json.Object().Required("ids").Items().Select(id => TaskRows.TaskId(SalesforceId.Normalize(id.GetString() ?? "")))],
        json.Instant("latestDateCovered"),
        answer.ServerTime));

    public static DeletedAnswer Deleted(ApiAnswer answer) => WireJson.Read(answer.Http, json => new DeletedAnswer(
        [.. json.Object().Required("deletedRecords").Items().Select(row => new DeletedRecord(TaskRows.TaskId(row.Object().Id("id")), row.Instant("deletedDate")))],
        json.Instant("earliestDateAvailable"),
        json.Instant("latestDateCovered"),
        answer.ServerTime));
}
