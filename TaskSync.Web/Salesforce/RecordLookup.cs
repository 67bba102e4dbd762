using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Salesforce;

namespace TaskSync.Web.Salesforce;

/// <summary>Looks for contacts, leads, accounts … with the person's own connection, for the pickers of the task form.</summary>
public sealed class RecordLookup(IDbContextFactory<TaskSyncDb> databases, SalesforceApi salesforce)
{
    /// <summary>Empty when nothing matches or there is no connection.</summary>
    /// <exception cref="SalesforceCallException">Salesforce did not answer; its message can be shown.</exception>
    public async Task<IReadOnlyList<RecordHit>> SearchAsync(Guid personId, RecordKind kind, string text, CancellationToken cancellationToken)
    {
        Guid? connectionId;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            connectionId = await db.People.Where(person => person.Id == personId).Select(person => person.ConnectionId).FirstOrDefaultAsync(cancellationToken);
        }

        return connectionId is { } id ? await salesforce.SearchAsync(id, kind, text, cancellationToken) : [];
    }
}
