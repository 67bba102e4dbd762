using TaskSync.Sync.Model;

namespace TaskSync.Sync.Salesforce;

/// <summary>
/// Salesforce's Task object as one connection sees it. Every method takes the connection, uses its own token (refreshed once on 401),
/// counts the call and either returns a whole, checked answer or throws <see cref="SalesforceCallException"/>.
/// </summary>
public sealed class SalesforceApi
{
    /// <summary>Tasks that meet a condition composed with <see cref="Soql"/>.</summary>
    /// <param name="connectionId">Whose token.</param>
    /// <param name="purpose">What the call is counted as; Import may take 120 s, others 30 s.</param>
    /// <param name="where">The condition without the word WHERE.</param>
    /// <param name="orderBy">Without the words ORDER BY; null for any order.</param>
    /// <param name="includeDeleted">queryAll: rows in the recycle bin and archived rows too.</param>
    /// <param name="cancellationToken">Stops waiting; a call under way may still be counted.</param>
    public Task<TaskPage> QueryTasksAsync(
        Guid connectionId, ApiPurpose purpose, string where, string? orderBy, bool includeDeleted, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>The page after <see cref="TaskPage.NextPage"/>. INVALID_QUERY_LOCATOR after two days: query again.</summary>
    public Task<TaskPage> NextTasksAsync(Guid connectionId, ApiPurpose purpose, string nextPage, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>How many live tasks meet a condition.</summary>
    public Task<int> CountTasksAsync(Guid connectionId, ApiPurpose purpose, string where, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Tasks by id, deleted and archived ones included. One that is absent is not visible to this user, or purged.</summary>
    public Task<IReadOnlyList<RemoteTask>> TasksByIdAsync(
        Guid connectionId, ApiPurpose purpose, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Tasks by idempotency key, deleted and archived ones included (S5). Fails with NO_KEY_FIELD where the org has no place for keys.</summary>
    public Task<IReadOnlyList<RemoteTask>> TasksByKeyAsync(
        Guid connectionId, ApiPurpose purpose, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Up to 2,000 tasks in one call (REST guide, "Get Records with POST Using sObject Collections"). Null where not readable or deleted; names of related records are not part of the answer.</summary>
    public Task<IReadOnlyDictionary<string, RemoteTask?>> RetrieveAsync(
        Guid connectionId, ApiPurpose purpose, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>getUpdated. Start at most 30 days back and more than a minute before end; seconds are cut off by Salesforce.</summary>
    public Task<UpdatedAnswer> UpdatedAsync(Guid connectionId, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>getDeleted. Start at most 15 days back and more than a minute before end.</summary>
    public Task<DeletedAnswer> DeletedAsync(Guid connectionId, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Plain inserts, never upserts (S5); at most 200. Results in request order.</summary>
    public Task<IReadOnlyList<WriteOutcome>> CreateAsync(Guid connectionId, IReadOnlyList<NewTask> tasks, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Writes only the changed fields; at most 200. Results in request order.</summary>
    public Task<IReadOnlyList<WriteOutcome>> UpdateAsync(Guid connectionId, IReadOnlyList<TaskChange> changes, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Puts tasks into the recycle bin; at most 200. Results in request order; Gone means that it was gone already.</summary>
    public Task<IReadOnlyList<WriteOutcome>> DeleteAsync(Guid connectionId, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Takes tasks out of the recycle bin (SOAP undelete, there is no REST verb); at most 200. Results in request order.</summary>
    public Task<IReadOnlyList<UndeleteOutcome>> UndeleteAsync(Guid connectionId, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Reads what the org's Task object looks like to this user and stores it with the connection. Two API calls.</summary>
    public Task<OrgSchema> ReadSchemaAsync(Guid connectionId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Records whose name contains the text, for the pickers of the task form; at most 10 of each type, none for empty text. One API call.</summary>
    public Task<IReadOnlyList<RecordHit>> SearchAsync(Guid connectionId, RecordKind kind, string text, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Salesforce's clock (UTC, whole seconds), from an address that needs no token and counts against no limit.</summary>
    public Task<DateTimeOffset> ServerTimeAsync(Guid connectionId, CancellationToken cancellationToken) => throw new NotImplementedException();
}
