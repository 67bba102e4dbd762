using TaskSync.Sync.Status;
using TaskSync.Web.Security;

namespace TaskSync.Web.Components.Admin;

/// <summary>The metadata package as a file, for admins.</summary>
public static class PackageDownload
{
    public const string Path = "/admin/organizations/tasksync-salesforce.zip";

    public static void MapMetadataPackage(this WebApplication app) => app.MapGet(
        Path,
        (HttpContext http, OrganizationsQuery organizations) => organizations.WhyNoPackage is { } reason
            ? Results.Problem(reason, statusCode: StatusCodes.Status404NotFound)
            : Results.File(organizations.Package(http.User.Actor()!), "application/zip", "tasksync-salesforce.zip")).RequireAuthorization(Policies.Admin).RequireRateLimiting(Limits.Exports);
}
