using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Sync.Tasks;

/// <summary>A person with the connection in use: what nearly every read begins with, in one query.</summary>
internal sealed record Rep(Person Person, Connection? Connection)
{
    /// <summary>What the org allows, or what a new org allows while there is no connection.</summary>
    public OrgSchema Schema { get; } = Connection?.Schema ?? OrgSchema.Default;

    public RepTime Time(DateTimeOffset now) => RepTime.At(now, Person.TimeZone, Connection?.UserTimeZone, Person.BrowserTimeZone);

    /// <summary>Whether tasks created now go to Salesforce.</summary>
    public bool IsSyncing => Person.SyncEnabled && Connection is not null;

    /// <summary>Whether Salesforce can be asked now.</summary>
    public bool CanCall => Connection is { State: ConnectionState.Active };

    /// <summary>Where a record is shown in Salesforce (Lightning Experience); null without a connection.</summary>
    public string? Url(string? recordId) => recordId is null || Connection is null ? null
        : $"{Connection.InstanceUrl.TrimEnd('/')}/lightning/r/{(SalesforceId.TypeOf(recordId) is { } type ? type + "/" : "")}{recordId}/view";
}

internal static class RepQueries
{
    /// <summary>Null when there is no such person. Not tracked.</summary>
    public static async Task<Rep?> LoadRepAsync(this TaskSyncDb db, Guid personId, CancellationToken cancellationToken)
    {
        var row = await db.People.AsNoTracking()
            .Where(p => p.Id == personId)
            .LeftJoin(db.Connections.AsNoTracking(), p => p.ConnectionId, c => c.Id, (p, c) => new { Person = p, Connection = c })
            .FirstOrDefaultAsync(cancellationToken);
        return row is null ? null : new Rep(row.Person, row.Connection);
    }

    /// <summary>The connection that reads changes for this one: that of the organization's reader while it follows it, else its own.</summary>
    public static async Task<Guid> ReaderOfAsync(this TaskSyncDb db, Connection connection, CancellationToken cancellationToken) =>
        await db.Readers.Where(r => r.OrganizationId == connection.OrganizationId && db.Cursors.Any(c => c.ConnectionId == connection.Id && c.FollowsReader))
            .Select(r => (Guid?)r.ConnectionId).FirstOrDefaultAsync(cancellationToken) ?? connection.Id;
}
