using TaskSync.Simulator.Org;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Schema;
using TaskSync.Simulator.Setup;

namespace TaskSync.Simulator.Soql;

/// <summary>The rows a query matched, in order; for COUNT() only their number.</summary>
internal sealed record QueryResult(IReadOnlyList<Row> Rows, int TotalSize, Projection Projection);

/// <summary>Runs SOQL as one user. <c>queryAll</c> also sees the recycle bin and archived tasks, <c>query</c> neither.</summary>
internal sealed class QueryRunner(OrgStore store, SimulatorOptions options)
{
    private const int MaxOffset = 2000;
    private const int MaxQueryLength = 100_000;
    private const int MaxFieldsLimit = 200;

    public QueryResult Run(string soql, Viewer viewer, bool all)
    {
        if (soql.Length > MaxQueryLength)
            throw new ApiException(400, "QUERY_TOO_COMPLICATED", $"SOQL statements cannot be longer than {MaxQueryLength} characters.");
        var query = Parser.Parse(soql);
        var type = store.Schema.Find(query.From) ?? throw Errors.UnknownType(query.From);
        if (query.Offset > MaxOffset)
            throw new ApiException(400, "NUMBER_OUTSIDE_VALID_RANGE", $"Maximum SOQL offset allowed is {MaxOffset}");

        FieldPath Bind(FieldName name) => FieldPath.Bind(store, viewer, type, name, query.Alias, soql);
        var projection = new Projection(store, Select(query, type, viewer, Bind, soql));
        var zone = viewer.Zone;
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(store.Time.GetUtcNow(), zone).DateTime);
        var matches = query.Where is null ? _ => true : new Predicates(soql, Bind, zone, today).Compile(query.Where);
        var order = query.OrderBy.Select(item => (Path: Sortable(item, Bind, soql), item.Descending, NullsFirst: item.NullsFirst ?? !item.Descending)).ToList();

        var rows = Candidates.Of(store[type], query.Where).Where(row => Exists(row, viewer, all) && viewer.Sees(row) && matches(row)).ToList();
        if (order.Count > 0 || !IsInOrderOfCreation(rows))
            rows.Sort((a, b) => Compare(a, b, order));
        var count = Math.Min(Math.Max(0, rows.Count - query.Offset), query.Limit ?? int.MaxValue);
        if (query.IsCount)
            return new QueryResult([], count, projection);
        return new QueryResult(count == rows.Count ? rows : rows.GetRange(Math.Min(query.Offset, rows.Count), count), count, projection);
    }

    private bool Exists(Row row, Viewer viewer, bool all)
    {
        if (row.IsDeleted)
            return all && (options.QueryAllShowsForeignDeletions || viewer.SeesAll || row.Text(row.Type.LastModifiedById) == viewer.UserId);
        return all || row.Type != store.Schema.Task || !row.Is(store.Schema.Task.IsArchived);
    }

    private static IEnumerable<FieldPath> Select(SoqlQuery query, ObjectType type, Viewer viewer, Func<FieldName, FieldPath> bind, string soql)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in query.Select)
        {
            var names = item.Field is { } field ? [field] : FieldsOf(item.FieldsOf!, query, type, viewer);
            foreach (var name in names)
            {
                if (!seen.Add(name.ToString()))
                    throw FieldPath.Invalid(soql, name, $"duplicate field selected: {name}", "MALFORMED_QUERY");
                yield return bind(name);
            }
        }
    }

    private static IEnumerable<FieldName> FieldsOf(string which, SoqlQuery query, ObjectType type, Viewer viewer)
    {
        if (which is "ALL" or "CUSTOM" && query.Limit is not <= MaxFieldsLimit)
            throw Errors.Malformed($"The SOQL FIELDS function must have a LIMIT of at most {MaxFieldsLimit}");
        return viewer.Readable(type)
            .Where(field => which == "ALL" || field.Custom == (which == "CUSTOM"))
            .Select(field => new FieldName([field.Name], 0));
    }

    private static FieldPath Sortable(OrderItem item, Func<FieldName, FieldPath> bind, string soql)
    {
        var path = bind(item.Field);
        return path.Field.Filterable ? path : throw FieldPath.Invalid(soql, item.Field, $"field '{path.Field.Name}' can not be sorted in a query call", "MALFORMED_QUERY");
    }

    /// <summary>Tables mostly give their rows in that order, and sorting 50,000 for nothing takes time.</summary>
    private static bool IsInOrderOfCreation(List<Row> rows)
    {
        for (var i = 1; i < rows.Count; i++)
            if (rows[i - 1].Number > rows[i].Number)
                return false;
        return true;
    }

    private static int Compare(Row a, Row b, List<(FieldPath Path, bool Descending, bool NullsFirst)> order)
    {
        foreach (var (path, descending, nullsFirst) in order)
        {
            var (x, y) = (path.Value(a), path.Value(b));
            if (x is null || y is null)
            {
                if (x is null && y is null)
                    continue;
                return x is null == nullsFirst ? -1 : 1;
            }
            var result = ValueComparer.For(path.Field).Compare(x, y);
            if (result != 0)
                return descending ? -result : result;
        }
        return a.Number.CompareTo(b.Number);
    }
}
