using Microsoft.EntityFrameworkCore;
using TaskSync.Sync.Data;
using TaskSync.Sync.Model;
using TaskSync.Sync.Salesforce;
using TaskSync.Sync.Signals;

namespace TaskSync.Sync.Engine.Pull;

/// <summary>Names of people and records that a row named by id only, read with the rep's own token: a reader may see names that the rep may not.</summary>
public sealed class RelatedNames(IDbContextFactory<TaskSyncDb> databases, SalesforceApi api, ChangeFeed feed)
{
    /// <summary>Looks the names up, 200 tasks a call. A name that cannot be had now is shown as an id until the task is read again.</summary>
    public async Task FillAsync(SyncContext context, IReadOnlyCollection<string> salesforceIds, CancellationToken cancellationToken)
    {
        if (salesforceIds.Count == 0)
        {
            return;
        }

        IReadOnlyList<RemoteTask> rows;
        try
        {
            rows = await api.TasksByIdAsync(context.Caller, ApiPurpose.Read, salesforceIds, cancellationToken);
        }
        catch (Exception e) when (e is SalesforceCallException or SyncStoppedException)
        {
            // The task itself is in; a name is not worth an outage, nor an end to what a reader does for others.
            return;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var row in rows.Where(r => r.WhoName is not null || r.WhatName is not null))
        {
            var (who, what) = (row.Values[TaskField.Person], row.Values[TaskField.RelatedTo]);
            var task = db.Tasks.Where(t => t.PersonId == context.Person.Id && t.Link!.SalesforceId == row.Id);

            // Not an edit: the revision stays.
            await task.Where(t => t.WhoId == who && t.WhoName == null).ExecuteUpdateAsync(set => set.SetProperty(t => t.WhoName, row.WhoName), cancellationToken);
            await task.Where(t => t.WhatId == what && t.WhatName == null).ExecuteUpdateAsync(set => set.SetProperty(t => t.WhatName, row.WhatName), cancellationToken);
        }

        feed.Publish(context.Person.Id);
    }
}
