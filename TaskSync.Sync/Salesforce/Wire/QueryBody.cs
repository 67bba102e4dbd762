using System.Text.RegularExpressions;
using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce.Wire;

/// <summary>Answers that list tasks: query, queryAll, their next pages, and retrieve (REST guide, "Query", "sObject Collections").</summary>
internal static partial class QueryBody
{
    /// <summary>Longest path that is kept.</summary>
    private const int LongestPath = 400;

    public static TaskPage Page(ApiAnswer answer, string? keyName) => WireJson.Read(answer.Http, json =>
    {
        var total = json.Object().Number("totalSize");
        var next = json.Flag("done") ? null : json.Text("nextRecordsUrl");
        if (total < 0 || (next is not null && !IsNextPage(next)))
        {
            throw new FormatException("The page does not fit together.");
        }

        return new TaskPage([.. json.Required("records").Items().Select(row => TaskRows.Read(row, keyName))], total, next, answer.ServerTime);
    });

    public static int Count(ApiAnswer answer) => WireJson.Read(answer.Http, json => json.Object().Number("totalSize"));

    /// <summary>One slot per id asked for, in order; null where it is not readable.</summary>
    public static IReadOnlyDictionary<string, RemoteTask?> Slots(ApiAnswer answer, IReadOnlyList<string> ids, string? keyName) => WireJson.Read(answer.Http, json =>
    {
        var slots = json.Items().Select(row => row.ValueKind == System.Text.Json.JsonValueKind.Null ? null : TaskRows.Read(row, keyName)).ToList();
        if (slots.Count != ids.Count || slots.Where((task, i) => task is not null && task.Id != ids[i]).Any())
        {
            throw new FormatException("The slots are not those asked for.");
        }

        return ids.Zip(slots).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
    });

    /// <summary>Whether a path is a next page: below /services/data/ of the same instance, so that it cannot lead a token elsewhere.</summary>
    public static bool IsNextPage(string path) => path.Length <= LongestPath && NextPage().IsMatch(path);

    [GeneratedRegex(@"^/services/data/v\d{1,3}\.\d/(query|queryAll)/[A-Za-z0-9_-]+\z")]
    private static partial Regex NextPage();
}
