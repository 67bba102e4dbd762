using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Rest;

/// <summary>
/// <c>/sobjects/{type}/updated</c> and <c>/deleted</c>: the replication API. Seconds are cut off, both ends count, the start must lie
/// more than a minute before the end, and <c>latestDateCovered</c> is the start of the next call.
/// </summary>
internal sealed class ReplicationResource(Platform platform)
{
    private const int MaxIds = 600_000;
    private static readonly TimeSpan UpdatedLookBack = TimeSpan.FromDays(30);
    private static readonly TimeSpan DeletedLookBack = TimeSpan.FromDays(15);

    public Reply Updated(ApiRequest request, ObjectType type)
    {
        var (start, end, covered) = Window(request, type, UpdatedLookBack);
        var ids = platform.Store[type].ChangedSince(start)
            .TakeWhile(row => row.SystemModstamp <= end)
            .Where(row => !row.IsDeleted && request.Viewer.Sees(row))
            .Select(row => row.Id).ToList();
        DemandNotTooMany(ids.Count);
        return Reply.Object(200, json =>
        {
            json.WriteStartArray("ids");
            foreach (var id in ids)
                json.WriteStringValue(id);
            json.WriteEndArray();
            json.WriteString("latestDateCovered", SalesforceTime.Text(covered));
        });
    }

    public Reply Deleted(ApiRequest request, ObjectType type)
    {
        var (start, end, covered) = Window(request, type, DeletedLookBack);
        var earliest = platform.Store.Deletions.ClearedAt ?? CreatedDate;
        if (start < earliest)
            throw Refused($"startDate is before the earliest date available: {SalesforceTime.Text(earliest)}");
        var gone = platform.Store.Deletions.Entries
            .Where(entry => entry.Value >= start && entry.Value <= end && platform.Store.Schema.OfId(entry.Key) == type)
            .Where(entry => platform.Store.Find(entry.Key) is not { } row || request.Viewer.Sees(row))
            .OrderBy(entry => entry.Value).ToList();
        DemandNotTooMany(gone.Count);
        return Reply.Object(200, json =>
        {
            json.WriteStartArray("deletedRecords");
            foreach (var (id, at) in gone)
            {
                json.WriteStartObject();
                json.WriteString("deletedDate", SalesforceTime.Text(at));
                json.WriteString("id", id);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("earliestDateAvailable", SalesforceTime.Text(earliest));
            json.WriteString("latestDateCovered", SalesforceTime.Text(covered));
        });
    }

    private DateTimeOffset CreatedDate =>
        (DateTimeOffset)platform.Store[platform.Store.Schema.Organization].Rows.First()[platform.Store.Schema.Organization.CreatedDate]!;

    private (DateTimeOffset Start, DateTimeOffset End, DateTimeOffset Covered) Window(ApiRequest request, ObjectType type, TimeSpan lookBack)
    {
        if (!type.Replicateable)
            throw new ApiException(400, "INVALID_TYPE_FOR_OPERATION", $"sObject type '{type.Name}' is not replicable");
        var (start, end) = (Moment(request, "start").ToMinute(), Moment(request, "end").ToMinute());
        var now = platform.Store.Time.GetUtcNow();
        if (end - start <= TimeSpan.FromMinutes(1))
            throw Refused("endDate must be at least one minute greater than startDate");
        if (start < CreatedDate)
            throw Refused("startDate before org replication enabled date");
        if (start <= now - lookBack)
            throw Refused($"startDate cannot be more than {lookBack.Days} days ago");
        // A transaction that has not committed holds the covered time back to where it began: its rows will bear older stamps.
        DateTimeOffset[] covered = [end, now.ToMinute(), .. platform.Store.OpenSince is { } open ? new[] { open } : []];
        return (start, end, covered.Min());
    }

    private static DateTimeOffset Moment(ApiRequest request, string name)
    {
        var text = request.Parameter(name) ?? throw new ApiException(400, "MISSING_ARGUMENT", $"Required argument '{name}' is missing");
        return SalesforceTime.TryParseMoment(text, out var moment) ? moment
            : throw new ApiException(400, "MALFORMED_QUERY", $"Invalid value for argument '{name}': {text}");
    }

    private static void DemandNotTooMany(int count)
    {
        if (count >= MaxIds)
            throw new ApiException(400, "EXCEEDED_ID_LIMIT", $"Exceeded maximum of {MaxIds} ids");
    }

    private static ApiException Refused(string message) => new(400, "INVALID_REPLICATION_DATE", message);
}
