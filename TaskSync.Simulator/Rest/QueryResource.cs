using System.Globalization;
using System.Text.RegularExpressions;
using TaskSync.Simulator.Refusals;
using TaskSync.Simulator.Soql;
using TaskSync.Simulator.Wire;

namespace TaskSync.Simulator.Rest;

/// <summary><c>/query</c>, <c>/queryAll</c> and the pages behind their locators.</summary>
internal sealed partial class QueryResource(Platform platform)
{
    private const int SmallestBatch = 200;

    public Reply Run(ApiRequest request, bool all)
    {
        if (request.Parameter("q") is not { Length: > 0 } soql)
            throw Errors.Malformed("A query string has to be specified");
        return Answer(request, platform.Cursors.Open(platform.Queries.Run(soql, request.Viewer, all), request.Viewer, PageSize(request)));
    }

    public Reply Next(ApiRequest request, string locator) =>
        Answer(request, platform.Cursors.Read(locator, request.Viewer, PageSize(request)));

    private static Reply Answer(ApiRequest request, Cursors.Page page) => Reply.Object(200, json =>
    {
        json.WriteNumber("totalSize", page.TotalSize);
        json.WriteBoolean("done", page.NextLocator is null);
        if (page.NextLocator is { } next)
            json.WriteString("nextRecordsUrl", $"/services/data/v{request.Version}/query/{next}");
        json.WriteStartArray("records");
        foreach (var row in page.Rows)
            page.Projection.Write(json, row, request.Version);
        json.WriteEndArray();
    });

    /// <summary>The page size asked for by <c>Sforce-Query-Options: batchSize=N</c>, 200 to 2,000, and never more than the org gives.</summary>
    private int PageSize(ApiRequest request)
    {
        var most = Math.Max(1, Math.Min(platform.Options.MaxPageSize, request.Exchange.PageSize ?? int.MaxValue));
        return request.Header("Sforce-Query-Options") is { } options && BatchSize().Match(options) is { Success: true } match
            && int.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out var wanted)
            ? Math.Min(Math.Max(wanted, SmallestBatch), most) : most;
    }

    [GeneratedRegex(@"batchSize\s*=\s*(\d{1,6})", RegexOptions.IgnoreCase)]
    private static partial Regex BatchSize();
}
