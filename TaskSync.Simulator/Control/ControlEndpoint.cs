using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TaskSync.Simulator.Faults;
using TaskSync.Simulator.Inside;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Control;

/// <summary>
/// <c>/simulator-control</c>: what <see cref="SimulatedOrg"/> offers, for other processes, as JSON. It has no counterpart in Salesforce
/// and no protection beyond refusing browsers of other sites.
/// </summary>
internal sealed partial class ControlEndpoint(SimulatedOrg org)
{
    public const string Root = "/simulator-control";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public Reply Run(WebRequest request)
    {
        if (request.Method != "GET" && !Page.IsOwnPost(request))
            return Answer(403, new { error = "cross-site" });
        try
        {
            return Route(request, RequestTarget.Segments(request.Path[Root.Length..]));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or JsonException or KeyNotFoundException or FormatException or System.Security.Cryptography.CryptographicException)
        {
            return Answer(400, new { error = e.Message });
        }
    }

    private Reply Route(WebRequest request, string[] path)
    {
        switch (request.Method, path)
        {
            case ("GET", ["calls"]):
                return Answer(200, new { org.Calls.Total, org.Calls.RowsCreated, org.Calls.RowsUpdated, org.Calls.RowsDeleted, org.Calls.ByKind, org.Calls.ByUser, org.Calls.Recent });
            case ("POST", ["calls", "reset"]):
                org.Calls.Reset();
                return Done();
            case ("GET", ["faults"]):
                return Answer(200, org.Faults.Rules);
            case ("GET", ["faults", "fired"]):
                return Answer(200, org.Faults.Fired);
            case ("POST", ["faults", "seed"]):
                org.Faults.UseSeed(Number(request, "seed"), double.Parse(request.Query["rate"], CultureInfo.InvariantCulture),
                    [.. (request.Query.GetValueOrDefault("kinds") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<FaultKind>)]);
                return Done();
            case ("POST", ["faults"]):
                return Answer(201, org.Faults.Add(Body<FaultRule>(request)));
            case ("POST", ["faults", var id, "release"]):
                (org.Faults.Rules.FirstOrDefault(rule => rule.Id == id) ?? throw new ArgumentException($"There is no fault {id}.")).Release();
                return Done();
            case ("DELETE", ["faults"]):
                org.Faults.Clear();
                return Done();
            case ("DELETE", ["faults", var id]):
                return org.Faults.Remove(id) ? Done() : Answer(404, new { error = "no such fault" });
            case ("GET", ["users"]):
                return Answer(200, org.Users.Select(user => new { user.Id, user.Username, user.Name, user.TimeZone, user.IsActive, user.ViewAllData }));
            case ("POST", ["users", var user, "token"]):
                return Answer(200, org.IssueToken(UserId(user)));
            case (_, ["tasks", ..]):
                return Tasks(request, path[1..]);
            case ("POST", ["org", var what]):
                return Org(request, what);
            default:
                return Answer(404, new { error = "no such control" });
        }
    }

    private Reply Tasks(WebRequest request, string[] path)
    {
        switch (request.Method, path)
        {
            case ("GET", []):
                var owner = request.Query.GetValueOrDefault("owner");
                return Answer(200, org.Tasks(owner is null ? null : UserId(owner), request.Query.GetValueOrDefault("deleted") == "true"));
            case ("POST", []):
                var create = Body<TaskRequest>(request);
                return Answer(201, org.CreateTask(UserId(create.Owner ?? throw new ArgumentException("owner is missing")), create.Values(org), create.Audit, AsUser(create.AsUser)));
            case ("GET", [var id]):
                return org.FindTask(id) is { } found ? Answer(200, found) : Answer(404, new { error = "no such task" });
            case ("PATCH", [var id]):
                var change = Body<TaskRequest>(request);
                return Answer(200, org.UpdateTask(id, change.Values(org), AsUser(change.AsUser), change.Audit));
            case ("DELETE", [var id]):
                org.DeleteTask(id, AsUser(request.Query.GetValueOrDefault("asUser")));
                return Done();
            case ("POST", [var id, var action]):
                return Act(request, id, action);
            default:
                return Answer(404, new { error = "no such control" });
        }
    }

    private Reply Act(WebRequest request, string id, string action)
    {
        switch (action)
        {
            case "undelete": return Answer(200, org.UndeleteTask(id));
            case "complete": return Answer(200, org.CompleteTask(id));
            case "archive": return Answer(200, org.Archive(id));
            case "touch": return Answer(200, org.TouchBySystem(id));
            case "reassign": return Answer(200, org.Reassign(id, UserId(request.Query["to"])));
            case "visibility": org.SetVisible(id, UserId(request.Query["user"]), request.Query["visible"] == "true"); return Done();
            case "purge": org.PurgeRecycleBin(id); return Done();
            default: return Answer(404, new { error = "no such control" });
        }
    }

    private static int Number(WebRequest request, string name) => int.Parse(request.Query[name], CultureInfo.InvariantCulture);

    /// <summary>A user by id or by username.</summary>
    private string UserId(string text) => text.Contains('@', StringComparison.Ordinal) ? org.FindUser(text).Id : text;

    private string? AsUser(string? text) => text is null ? null : UserId(text);

    private static T Body<T>(WebRequest request) => JsonSerializer.Deserialize<T>(request.Body.Span, Json) ?? throw new JsonException("A body is missing.");

    private static Reply Answer<T>(int status, T value) => new(status, JsonSerializer.SerializeToUtf8Bytes(value, Json));

    private static Reply Done() => Reply.NoContent();
}
