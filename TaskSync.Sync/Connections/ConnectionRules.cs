using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Connections;

/// <summary>Who may be connected as whom (F9). Asked inside the transaction that connects, so that what it says still holds when that commits.</summary>
public sealed class ConnectionRules(IOptions<SalesforceOptions> options)
{
    /// <summary>Why the person may not be connected as this user, null when nothing speaks against it.</summary>
    public async Task<ConnectResult.Refused?> WhyNotAsync(TaskSyncDb db, Guid personId, SalesforceIdentity identity, CancellationToken cancellationToken)
    {
        if (await WhyNotOrganizationAsync(db, identity, cancellationToken) is { } refused)
        {
            return refused;
        }

        if (await db.People.AnyAsync(p => p.Id == personId && p.RemovedAt != null, cancellationToken))
        {
            return new ConnectResult.Refused(ConnectRefusal.PersonRemoved, "An admin removed you from TaskSync. If that is a mistake, ask to be let in again.");
        }

        // Who the other person is, is not told.
        var isInUse = await db.Connections.AnyAsync(
            c => c.OrganizationId == identity.OrganizationId && c.UserId == identity.UserId && c.PersonId != personId && c.Kind == ConnectionKind.Rep && c.State <= ConnectionState.NeedsReconnect,
            cancellationToken);
        return isInUse
            ? new ConnectResult.Refused(
                ConnectRefusal.InUse,
                $"Another person in TaskSync is already connected as the Salesforce user {identity.Username}. One Salesforce user can be connected by one person only. Sign in as your own user, or have the other person disconnect first.")
            : null;
    }

    /// <summary>Why nobody may be connected with this organization, null when it is allowed.</summary>
    public async Task<ConnectResult.Refused?> WhyNotOrganizationAsync(TaskSyncDb db, SalesforceIdentity identity, CancellationToken cancellationToken)
    {
        var allowed = await AllowedAsync(db, cancellationToken);
        return allowed.Count == 0 || allowed.Contains(identity.OrganizationId) ? null : new ConnectResult.Refused(
            ConnectRefusal.OrganizationNotAllowed,
            $"TaskSync may not be connected with the Salesforce organization \"{identity.OrganizationName}\". Sign in to your company's organization, or ask your admin to allow this one.");
    }

    /// <summary>The admin's list, else the organization that was connected first; empty when there was none.</summary>
    private async Task<HashSet<string>> AllowedAsync(TaskSyncDb db, CancellationToken cancellationToken)
    {
        if (options.Value.AllowedOrganizations.Count > 0)
        {
            return [.. options.Value.AllowedOrganizations.Select(SalesforceId.Normalize)];
        }

        // Ids begin with the time they were made; databases order them differently, so they are ordered here.
        var known = await db.Connections.Select(c => new { c.Id, c.OrganizationId }).ToListAsync(cancellationToken);
        return known.MinBy(c => c.Id)?.OrganizationId is { } first ? [first] : [];
    }
}
