using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Salesforce;

/// <summary>The schemas that are in the database, one for each connection.</summary>
internal sealed class StoredSchemas(IDbContextFactory<TaskSyncDb> databases, SyncDoorbell doorbell, TimeProvider time)
{
    /// <summary>What was read last, and when (UTC), as the caller has just seen it or as it is stored; null when nothing ever was.</summary>
    public async Task<(OrgSchema Schema, DateTimeOffset? ReadAt, string OrganizationId)?> FindAsync(Caller caller, CancellationToken cancellationToken)
    {
        var (json, readAt, organization) = caller.JustRead?.TakeSchema() is { } c ? (c.SchemaJson, c.SchemaReadAt, c.OrganizationId) : await ReadAsync(caller.ConnectionId, cancellationToken);
        return json is null ? null : (OrgSchema.FromJson(json), readAt, organization);
    }

    /// <summary>Stores what was read.</summary>
    /// <returns>What is used from now on.</returns>
    public async Task<OrgSchema> StoreAsync(Guid connectionId, OrgSchema schema)
    {
        var (stored, grew) = await databases.TransactAsync(db => StoreAsync(db, connectionId, schema), CancellationToken.None);
        if (grew)
        {
            // It reads alone from now on, whoever has just asked for the schema.
            doorbell.Ring(connectionId);
        }

        return stored;
    }

    private async Task<(string? Json, DateTimeOffset? ReadAt, string OrganizationId)> ReadAsync(Guid connectionId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var stored = await db.Connections.Where(c => c.Id == connectionId).Select(c => new { c.SchemaJson, c.SchemaReadAt, c.OrganizationId }).SingleOrDefaultAsync(cancellationToken);
        return (stored?.SchemaJson, stored?.SchemaReadAt, stored?.OrganizationId ?? "");
    }

    private async Task<(OrgSchema Stored, bool Grew)> StoreAsync(TaskSyncDb db, Guid connectionId, OrgSchema schema)
    {
        var now = time.GetUtcNow();
        var known = await db.Connections.Where(c => c.Id == connectionId).Select(c => new { c.SchemaJson, c.OrganizationId }).SingleOrDefaultAsync();
        var before = known?.SchemaJson is { } former ? OrgSchema.FromJson(former) : null;
        if (before?.Key == KeyPlace.CallObject && schema is { Key: KeyPlace.KeyField, CanUseCallObject: true }
            && (await db.Links.AsNoTracking().Where(l => l.ConnectionId == connectionId && l.UnknownUntil > now).ToListAsync()).Any(l => l.Attempts.Any(a => a.Kind == WriteKind.Create)))
        {
            // The key field was installed while the outcome of a create that bears its key in CallObject is unknown: every read has to go on showing CallObject,
            // or the row would come in as a second task (S5). The field is used from the next reading on that finds no such create, and at once where
            // CallObject was hidden: then the row is known by what is in it.
            schema = schema with { Key = KeyPlace.CallObject };
        }

        var json = schema.ToJson();
        await db.Connections.Where(c => c.Id == connectionId)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.SchemaJson, json).SetProperty(c => c.SchemaReadAt, now));
        if (before is null || !Grew(before, schema))
        {
            return (schema, false);
        }

        // What was edited on either side while the field was hidden shows in no feed: a sweep of its own compares every link.
        await Following.LeaveAsync(db, known!.OrganizationId, [connectionId], CancellationToken.None);
        await db.Cursors.Where(c => c.ConnectionId == connectionId).ExecuteUpdateAsync(set => set.SetProperty(c => c.SweptAt, default(DateTimeOffset)));
        return (schema, true);
    }

    private static bool Grew(OrgSchema before, OrgSchema after) =>
        ((after.Readable & ~before.Readable) | (after.Updateable & ~before.Updateable)) != TaskFields.None;
}
