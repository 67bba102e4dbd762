using System.Text;
using Microsoft.AspNetCore.Http.Features;
using TaskSync.Sync.Model;
using TaskSync.Sync.Status;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Admin;

/// <summary>The runs as a CSV file, for admins.</summary>
public static class RunsExport
{
    private const string Path = "/admin/sync/runs.csv";

    public static void MapRunsExport(this WebApplication app) => app.MapGet(Path, ExportAsync).RequireAuthorization(Policies.Admin).RequireRateLimiting(Limits.Exports);

    /// <summary>The address of the file with these runs.</summary>
    public static string Url(RunFilter filter) => Path + QueryString.Create(new Dictionary<string, string?>
    {
        ["kind"] = filter.Kind?.ToString(),
        ["outcome"] = filter.Outcome?.ToString(),
        ["person"] = filter.Person,
    }.Where(pair => pair.Value is not null));

    private static async Task ExportAsync(HttpContext http, SyncStatusQuery query, string? person, SyncRunKind? kind, SyncRunOutcome? outcome)
    {
        var admin = http.User.Actor()!;

        // Asked before there is a writer: leaving one begins the answer.
        admin.DemandAdmin();
        http.Response.ContentType = "text/csv; charset=utf-8";
        http.Response.Headers.ContentDisposition = "attachment; filename=\"tasksync-runs.csv\"";
        await using var writer = new StreamWriter(http.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);
        if (http.Features.Get<IHttpBodyControlFeature>() is { } control)
        {
            // The query writes line by line; the buffer of the writer is flushed when it is full.
            control.AllowSynchronousIO = true;
        }

        await query.WriteRunsCsvAsync(admin, new RunFilter { Person = person, Kind = kind, Outcome = outcome }, writer, http.RequestAborted);
    }
}
