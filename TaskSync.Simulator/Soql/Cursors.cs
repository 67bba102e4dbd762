using System.Globalization;
using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;

namespace TaskSync.Simulator.Soql;

/// <summary>
/// Query locators. A cursor is a snapshot of the matching ids; the rows of later pages are read when the page is asked for.
/// It belongs to the user who opened it and lives for two days.
/// </summary>
internal sealed class Cursors(OrgStore store)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(2);
    private const int Remembered = 1000;

    private readonly Dictionary<string, Cursor> _cursors = new(StringComparer.Ordinal);
    private long _number;

    /// <summary>One page: its rows, and the locator of the next page or null when it was the last.</summary>
    public sealed record Page(IReadOnlyList<Row> Rows, int TotalSize, string? NextLocator, Projection Projection);

    public Page Open(QueryResult result, Viewer viewer, int pageSize)
    {
        if (result.Rows.Count <= pageSize)
            return new Page(result.Rows, result.TotalSize, null, result.Projection);
        var id = SalesforceId.Create("01g", store.Instance, ++_number);
        if (_cursors.Count >= Remembered)
            _cursors.Remove(_cursors.MinBy(c => c.Value.OpenedAt).Key);
        _cursors[id] = new Cursor(viewer.UserId, store.Time.GetUtcNow(), [.. result.Rows.Select(row => row.Id)], result.Projection);
        return new Page([.. result.Rows.Take(pageSize)], result.TotalSize, Locator(id, pageSize), result.Projection);
    }

    /// <summary>The page at a locator like <c>01gWs0…-2000</c>, or INVALID_QUERY_LOCATOR.</summary>
    public Page Read(string locator, Viewer viewer, int pageSize)
    {
        var dash = locator.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0 || !int.TryParse(locator.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            || !_cursors.TryGetValue(locator[..dash], out var cursor) || cursor.UserId != viewer.UserId
            || store.Time.GetUtcNow() - cursor.OpenedAt > Lifetime || from >= cursor.Ids.Count)
            throw new ApiException(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
        var rows = cursor.Ids.Skip(from).Take(pageSize).Select(store.Find).OfType<Row>().ToList();
        var next = from + pageSize < cursor.Ids.Count ? Locator(locator[..dash], from + pageSize) : null;
        return new Page(rows, cursor.Ids.Count, next, cursor.Projection);
    }

    /// <summary>Makes every open cursor invalid.</summary>
    public void ExpireAll() => _cursors.Clear();

    private static string Locator(string id, int at) => string.Create(CultureInfo.InvariantCulture, $"{id}-{at}");

    private sealed record Cursor(string UserId, DateTimeOffset OpenedAt, IReadOnlyList<string> Ids, Projection Projection);
}
