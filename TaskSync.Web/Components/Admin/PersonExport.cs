using TaskSync.Sync.Privacy;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Admin;

/// <summary>Everything that is known of one person as a zip file, for admins.</summary>
public static class PersonExport
{
    private const string Path = "/admin/sync/people/{personId:guid}/export.zip";

    public static void MapPersonExport(this WebApplication app) => app.MapGet(Path, ExportAsync).RequireAuthorization(Policies.Admin).RequireRateLimiting(Limits.Exports);

    /// <summary>The address of a person's file.</summary>
    public static string Url(Guid personId) => Path.Replace("{personId:guid}", personId.ToString(), StringComparison.Ordinal);

    /// <summary>The file's name, the same from the page and from the command line.</summary>
    internal static string FileName(Guid personId) => $"tasksync-person-{personId}.zip";

    private static async Task ExportAsync(Guid personId, HttpContext http, PersonalData data)
    {
        http.Response.ContentType = "application/zip";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{FileName(personId)}\"";
        if (!await data.ExportAsync(http.User.Actor()!, personId, http.Response.Body, http.RequestAborted))
        {
            http.Response.Clear();
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}
